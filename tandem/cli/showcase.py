"""What makes the demonstration Tandem's own: names, second tutors, a transfer, by actions."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, time, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q

from tandem.kit.errors import ConflictError
from tandem.kit.weekly import Weekly
from tandem.lessons import actions as lessons
from tandem.lessons import transfers
from tandem.lessons.availability import set_availability
from tandem.lessons.closures import add_closure
from tandem.lessons.policies import change_policy
from tandem.lessons.recording import record_held
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.time_off import add_time_off
from tandem.people import actions as people
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.people.wish_rules import Wanted
from tandem.relationships import actions as relationships
from tandem.relationships.models import TutorStudent

SHARED = 6
TODAY = (
    time(8),
    time(9, 30),
    time(11),
    time(12, 30),
    time(14),
    time(15, 30),
    time(17),
    time(18, 30),
)
"""When the tutor of the printed sign-in may have a lesson today."""
LESSONS_TODAY, HOUR = 4, timedelta(hours=1)
GROUP = 3
WEEK = [
    *(Weekly(day, time(8), time(12)) for day in range(5)),
    *(Weekly(day, time(14), time(20, 30)) for day in range(4)),
]
"""When the tutor of the printed sign-in is free."""
WAITING = (
    ("Nia Abara", "9", "Maths", "beginner", ((0, 16), (2, 16))),
    ("Yusuf Demir", "11", "Physics", "advanced", ()),
    ("Eleni Papadaki", "7", "English", "", ((3, 17),)),
)
"""Who waits for a tutor: their years, what they would like to learn, and when (weekday, hour)."""
LEVELS = ("advanced", "intermediate", "expert", "beginner")


def add_second_tutors(*, now: datetime) -> None:
    """Name the tutors, give every few students a second tutor with sessions, transfer one."""
    everybody = list(Tutor.objects.filter(legacy_fault="").order_by("created_at", "id"))
    for number, tutor in enumerate(everybody):
        _introduce(tutor, number, now=now)
    tutors = [one for one in everybody if one.subjects.exists()]
    taught = Student.objects.filter(
        legacy_fault="",
        relationships__status="active",
        relationships__legacy_fault="",
        relationships__tutor__legacy_fault="",
    )
    students = list(taught.order_by("id").distinct()[: SHARED * 2])
    for number, student in enumerate(students[:SHARED]):
        _add_second(student, tutors, number, now=now)
    if len(students) > SHARED:
        _transfer(students[SHARED], tutors, now=now)


def add_waiting(*, now: datetime) -> None:
    """Add students who have no tutor yet, so that there is somebody to find tutors for."""
    for days, (full_name, year, subject, level, hours) in enumerate(WAITING):
        came = now - timedelta(days=9 * days)
        suits = [Weekly(day, time(hour), time(hour + 1)) for day, hour in hours]
        wishes = [Wanted(subject, level, suits)]
        relationships.enrol(
            requester=Requester(None, came), full_name=full_name, year=year, wishes=wishes
        )


def shared_student() -> tuple[Student, Tutor]:
    """Return a student of two tutors, and the primary one of them; neither has a fault."""
    sound = Tutor.objects.filter(legacy_fault="").exclude(full_name="")
    led = TutorStudent.objects.filter(is_primary=True, tutor__in=sound).values("student")
    tutors = Count("relationships", filter=Q(relationships__status="active"))
    students = Student.objects.filter(pk__in=led, legacy_fault="").exclude(full_name="")
    student = students.annotate(tutors=tutors).filter(tutors__gt=1).order_by("id")[0]
    return student, sound.get(relationships__student=student, relationships__is_primary=True)


def give_today(tutor: Tutor, *, now: datetime) -> None:
    """Give a tutor lessons today with different students, as far as both are free."""
    rows = tutor.relationships.filter(status="active", legacy_fault="").order_by("id")
    given = 0
    for row, starts_at in zip(cycle(list(rows)), _today(now), strict=False):
        with suppress(ConflictError):  # somebody has a lesson then
            _give(row.pk, starts_at, now=now)
            given += 1
        if given == LESSONS_TODAY:
            return


def _today(now: datetime) -> Iterator[datetime]:
    """Yield the hours of today that are over, or still to come."""
    zone = ZoneInfo(settings.TIME_ZONE)
    for clock in TODAY:
        starts_at = datetime.combine(now.astimezone(zone).date(), clock, tzinfo=zone)
        if not starts_at <= now < starts_at + HOUR:
            yield starts_at


def _give(relationship_id: str, starts_at: datetime, *, now: datetime) -> None:
    deed: Callable[..., object] = lessons.schedule if starts_at > now else record_held
    hours = {"starts_at": starts_at, "ends_at": starts_at + HOUR}
    deed(requester=Requester(None, now), tutor_student_id=relationship_id, **hours)


def plan_a_term(student: Student, tutor: Tutor, *, now: datetime) -> None:
    """Let the tutor say when they are free, close a week, and plan weekly lessons around it.

    Families may say that they cannot come.
    """
    terms = {"free_until_hours": 24, "families_cancel": True}
    change_policy(requester=Requester(None, now), changes=terms)
    set_availability(requester=Requester(None, now), tutor_id=tutor.pk, spans=WEEK)
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    monday = today + timedelta(days=7 - today.weekday())
    closed = monday + timedelta(weeks=4)
    add_closure(
        requester=Requester(None, now),
        name="Holidays",
        starts_on=closed,
        ends_on=closed + timedelta(days=5),
        default="keep",
    )
    row = student.relationships.get(tutor=tutor, is_primary=True)
    plan_series(
        requester=Requester(None, now),
        wanted=NewSeries(
            tutor_student_id=row.pk,
            rule="FREQ=WEEKLY;COUNT=12",
            first_date=monday + timedelta(days=2),
            wall_time=time(19, 45),
            minutes=45,
            texts={"title": "Every week", "location": "Room 2"},
        ),
        leave_out=None,
    )


def send_away(but: Tutor, *, now: datetime) -> None:
    """Let another tutor be away the day after tomorrow and the day after; their lessons stay."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first = now.astimezone(zone).date() + timedelta(days=2)
    starts, ends = (
        datetime.combine(first + timedelta(days=days), time(), tzinfo=zone) for days in (0, 2)
    )
    others = Tutor.objects.filter(legacy_fault="", user=None).exclude(pk=but.pk)
    busy = Q(sessions__starts_at__gte=starts, sessions__starts_at__lt=ends)
    tutor = others.annotate(busy=Count("sessions", filter=busy)).order_by("-busy", "id")[0]
    add_time_off(
        requester=Requester(None, now),
        tutor_id=tutor.pk,
        starts_at=starts,
        ends_at=ends,
        reason="Training",
    )


def plan_a_group(student: Student, tutor: Tutor, *, now: datetime) -> None:
    """Plan weekly lessons of three further students of the tutor, taught together."""
    sound = tutor.relationships.filter(status="active", legacy_fault="", student__legacy_fault="")
    others = sound.exclude(student=student).exclude(student__full_name="")
    first, *together = [one.pk for one in others.order_by("id")[:GROUP]]
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    plan_series(
        requester=Requester(None, now),
        wanted=NewSeries(
            tutor_student_id=first,
            together=tuple(together),
            rule="FREQ=WEEKLY;COUNT=12",
            first_date=today + timedelta(days=10 - today.weekday()),
            wall_time=time(19, 30),
            minutes=60,
            texts={"title": "Exam group", "location": "Room 1"},
        ),
        leave_out=None,
    )


def _introduce(tutor: Tutor, number: int, *, now: datetime) -> None:
    """Give a tutor the name in the address, which is all that the older application knew."""
    name = " ".join(
        part.rstrip("0123456789").title() for part in tutor.email.split("@")[0].split(".")
    )
    people.update_tutor(
        requester=Requester(None, now),
        tutor_id=tutor.pk,
        changes={"full_name": name, "capacity": _room(tutor) + 3 + number % 4},
    )
    subjects = [row.subject.name for row in tutor.subjects.select_related("subject")]
    people.set_subjects(
        requester=Requester(None, now),
        tutor_id=tutor.pk,
        subjects=[Taught(name, LEVELS[(number + n) % 4]) for n, name in enumerate(subjects)],
    )


def _room(tutor: Tutor) -> int:
    return tutor.relationships.filter(status__in=("active", "paused")).count()


def _another(student: Student, tutors: list[Tutor]) -> Tutor:
    """Return a tutor who never taught the student, the one with most room."""
    known = set(student.relationships.values_list("tutor_id", flat=True))
    return min((tutor for tutor in tutors if tutor.pk not in known), key=_room)


def _add_second(student: Student, tutors: list[Tutor], number: int, *, now: datetime) -> None:
    tutor = _another(student, tutors)
    subject = tutor.subjects.select_related("subject").order_by("subject__name")[0]
    row = relationships.pair(
        requester=Requester(None, now),
        tutor_id=tutor.pk,
        student_id=student.pk,
        subject=subject.subject.name,
    )
    _schedule(row.pk, number, now=now)


def _schedule(relationship_id: str, number: int, *, now: datetime) -> None:
    for starts_at in _quiet_hours(now, number):
        lessons.schedule(
            requester=Requester(None, now),
            tutor_student_id=relationship_id,
            starts_at=starts_at,
            ends_at=starts_at + HOUR,
        )


def _quiet_hours(now: datetime, number: int) -> list[datetime]:
    """Three early mornings, an hour at which nobody of the sample has a session."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first = now.astimezone(zone).date() + timedelta(days=1 + number)
    return [
        datetime.combine(first + timedelta(weeks=week), time(7), tzinfo=zone) for week in range(3)
    ]


def _transfer(student: Student, tutors: list[Tutor], *, now: datetime) -> None:
    """Transfer a student; the next lessons are with the new tutor."""
    row = student.relationships.get(is_primary=True)
    done = transfers.transfer(
        requester=Requester(None, now),
        student_id=student.pk,
        tutor_student_id=row.pk,
        to_tutor_id=_another(student, tutors).pk,
        on=now.astimezone(ZoneInfo(settings.TIME_ZONE)).date(),
        future_sessions="cancel",
    )
    _schedule(done.new.pk, SHARED, now=now)
