"""The facts by which tutors are matched to a student, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from tandem.insights.rules import Facts, LeftOut, Match, Wish, rank
from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _
from tandem.kit.time import zone_or_business
from tandem.kit.weekly import Weekly
from tandem.lessons import rules as lesson_rules
from tandem.lessons.models import Availability, Session, TimeOff
from tandem.lessons.queries import in_hours
from tandem.lessons.stated_hours import lies_outside
from tandem.lessons.steps import TAKES_TIME
from tandem.people.days import holding_from
from tandem.people.models import Student, Subject, Tutor, TutorSubject
from tandem.people.queries import Viewer, colleagues, visible_student
from tandem.people.rules import check_owner
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import most_places


@dataclass(frozen=True)
class Hours:
    """The hours in which lessons are wanted; the end is not included."""

    starts_at: datetime
    ends_at: datetime


class Lasting(Protocol):
    """What has a beginning and an end: hours, a session, time off."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


def meet(one: Lasting, other: Lasting) -> bool:
    """Tell whether two share any time; where one ends as the other begins they do not."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def matches(
    viewer: Viewer,
    *,
    student_id: str,
    subject: str = "",
    level: str = "",
    hours: Hours | None = None,
) -> tuple[list[Match], list[LeftOut]]:
    """Return the active tutors who fit, best first, and those who do not, each with why.

    Owners only, because it tells how much everybody works. ``subject`` is a name. InvalidError
    for a subject that nobody has named before, or for a level without a subject.
    """
    student = visible_student(viewer, student_id)
    return matches_for(viewer, student, subject=subject, level=level, hours=hours)


def matches_for(
    viewer: Viewer,
    student: Student,
    *,
    subject: str = "",
    level: str = "",
    hours: Hours | None = None,
) -> tuple[list[Match], list[LeftOut]]:
    """Do as ``matches`` does, for who has read the student already."""
    check_owner(is_owner=viewer.is_owner, doing=_("match tutors to a student"))
    if hours is not None:
        lesson_rules.check_hours(hours.starts_at, hours.ends_at)
    wanted = _subject(subject, level)
    wish = Wish(wanted.name if wanted else "", level, at_hours=hours is not None)
    return rank(_facts(viewer, student.pk, wanted, hours), wish)


def _subject(name: str, level: str) -> Subject | None:
    if not name.strip():
        if level:
            raise invalid("level", _("A level is a level of a subject: name one."))
        return None
    found = Subject.objects.filter(name__iexact=name.strip()).first()
    if found is None:
        raise invalid("subject", _("There is no subject {strip!r}.").format(strip=name.strip()))
    return found


def _facts(
    viewer: Viewer, student_id: str, subject: Subject | None, hours: Hours | None
) -> list[Facts]:
    taught = (
        TutorSubject.objects.filter(subject=subject) if subject else TutorSubject.objects.none()
    )
    levels = dict(taught.values_list("tutor", "level"))
    teaching = most_places(viewer.day)
    held = counts(Session.objects.filter(student=student_id, status=Session.Status.COMPLETED))
    already, later = _paired(viewer, student_id, subject)
    busy, away, available = _at(hours) if hours else (set(), set(), {})
    return [
        Facts(
            id=tutor.pk,
            name=str(tutor),
            level=levels.get(tutor.pk),
            capacity=tutor.capacity,
            teaching=teaching.get(tutor.pk, 0),
            teaches_already=tutor.pk in already,
            is_to_teach=tutor.pk in later,
            held=held.get(tutor.pk, 0),
            busy=tutor.pk in busy,
            away=tutor.pk in away,
            free=free_at(available.get(tutor.pk), tutor, hours) if hours else None,
        )
        for tutor in colleagues(viewer)
    ]


def _paired(viewer: Viewer, student_id: str, subject: Subject | None) -> tuple[set[str], set[str]]:
    """Return who teaches a student this subject now, or any that holds it; and who is to."""
    paired = TutorStudent.objects.filter(holding_from(viewer.day), student=student_id)
    if subject is not None:
        paired = paired.filter(Q(subject=subject) | Q(subject=None))
    now: set[str] = set()
    later: set[str] = set()
    for row in paired:
        is_now = state_of(row).on(viewer.day) in TutorStudent.OPEN
        (now if is_now else later).add(row.tutor_id)
    return now, later


def counts(rows: QuerySet[TutorStudent] | QuerySet[Session]) -> dict[str, int]:
    """Return how many rows each tutor has."""
    counted = rows.order_by().values("tutor").annotate(number=Count("pk"))
    return dict(counted.values_list("tutor", "number"))


def _at(hours: Hours) -> tuple[set[str], set[str], dict[str, list[Availability]]]:
    """Return who has a session, who is away, and when everybody said they are free."""
    then = {"starts_at__lt": hours.ends_at, "ends_at__gt": hours.starts_at}
    there = in_hours(hours.starts_at, hours.ends_at)
    sessions = Session.objects.filter(there, status__in=TAKES_TIME, legacy_fault="")
    busy = set(sessions.values_list("tutor", flat=True))
    away = set(TimeOff.objects.filter(**then).values_list("tutor", flat=True))
    available: dict[str, list[Availability]] = {}
    for row in Availability.objects.all():
        available.setdefault(row.tutor_id, []).append(row)
    return busy, away, available


def free_at(available: Sequence[Availability] | None, tutor: Tutor, hours: Hours) -> bool | None:
    """Tell whether a tutor's week holds the hours; None where none was stated.

    One time that holds them says so at once; whether several do that touch, ``lies_outside`` says.
    """
    if available is None:
        return None
    zone = ZoneInfo(zone_or_business(tutor.time_zone))
    starts, ends = hours.starts_at.astimezone(zone), hours.ends_at.astimezone(zone)
    begins_in = [
        row
        for row in available
        if row.weekday == starts.weekday() and row.starts <= starts.time() < row.ends
    ]
    same_day = ends.date() == starts.date()
    if not begins_in or (same_day and any(ends.time() <= row.ends for row in begins_in)):
        return bool(begins_in)
    week = [Weekly(row.weekday, row.starts, row.ends) for row in available]
    return not lies_outside(week, tutor.time_zone, (hours.starts_at, hours.ends_at))
