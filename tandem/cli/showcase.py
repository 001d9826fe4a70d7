"""What makes the demonstration Tandem's own: names, second tutors, a transfer, by actions."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q

from tandem.lessons import actions as lessons
from tandem.lessons import transfers
from tandem.people import actions as people
from tandem.people.models import Student, Tutor
from tandem.people.rules import Taught
from tandem.relationships import actions as relationships

SHARED = 6
LEVELS = ("advanced", "intermediate", "expert", "beginner")


def add_second_tutors(*, now: datetime) -> None:
    """Name the tutors, give every few students a second tutor with sessions, transfer one."""
    tutors = list(Tutor.objects.filter(legacy_fault="").order_by("created_at", "id"))
    for number, tutor in enumerate(tutors):
        _introduce(tutor, number, now=now)
    taught = Student.objects.filter(
        legacy_fault="", relationships__status="active", relationships__legacy_fault=""
    )
    students = list(taught.order_by("id").distinct()[: SHARED * 2])
    for number, student in enumerate(students[:SHARED]):
        _add_second(student, tutors, number, now=now)
    if len(students) > SHARED:
        _transfer(students[SHARED], tutors, now=now)


def shared_student() -> tuple[Student, Tutor]:
    """Return a student of two tutors, and the primary one of them."""
    student = (
        Student.objects.annotate(
            tutors=Count("relationships", filter=Q(relationships__status="active"))
        )
        .filter(tutors__gt=1)
        .order_by("id")[0]
    )
    return student, Tutor.objects.get(
        relationships__student=student, relationships__is_primary=True
    )


def _introduce(tutor: Tutor, number: int, *, now: datetime) -> None:
    """Give a tutor the name in the address, which is all that the older application knew."""
    name = " ".join(
        part.rstrip("0123456789").title() for part in tutor.email.split("@")[0].split(".")
    )
    people.update_tutor(
        actor=None,
        now=now,
        tutor_id=tutor.pk,
        changes={"full_name": name, "capacity": _room(tutor) + 3 + number % 4},
    )
    subjects = [row.subject.name for row in tutor.subjects.select_related("subject")]
    people.set_subjects(
        actor=None,
        now=now,
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
    subject = tutor.subjects.select_related("subject").first()
    row = relationships.pair(
        actor=None,
        now=now,
        tutor_id=tutor.pk,
        student_id=student.pk,
        subject=subject.subject.name if subject else "",
    )
    for starts_at in _quiet_hours(now, number):
        lessons.schedule(
            actor=None,
            now=now,
            tutor_student_id=row.pk,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
        )


def _quiet_hours(now: datetime, number: int) -> list[datetime]:
    """Three early mornings, an hour at which nobody of the sample has a session."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first = now.astimezone(zone).date() + timedelta(days=1 + number)
    return [
        datetime.combine(first + timedelta(weeks=week), time(7), tzinfo=zone) for week in range(3)
    ]


def _transfer(student: Student, tutors: list[Tutor], *, now: datetime) -> None:
    row = student.relationships.get(is_primary=True)
    transfers.transfer(
        actor=None,
        now=now,
        student_id=student.pk,
        tutor_student_id=row.pk,
        to_tutor_id=_another(student, tutors).pk,
        on=now.astimezone(ZoneInfo(settings.TIME_ZONE)).date(),
        future_sessions="cancel",
    )
