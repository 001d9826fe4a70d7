"""Who waits for a tutor, since when, and what they would like to learn or last learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from tandem.insights.matching import Hours
from tandem.kit.errors import InvalidError
from tandem.kit.language import gettext as _
from tandem.kit.plain_letters import name_order
from tandem.kit.time import moment_at_wall_time, zone_or_business
from tandem.kit.weekly import Weekly
from tandem.people.days import taking_a_place
from tandem.people.models import LearningWish, Student
from tandem.people.queries import Viewer, visible_students
from tandem.people.rules import check_owner
from tandem.people.wish_rules import hours_of
from tandem.people.wishes import visible_wishes
from tandem.relationships.models import TutorStudent
from tandem.relationships.wishes import open_wishes

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits, for what and since when; without a wish, the subject that they had last.

    ``subject`` is a name, '' any; ``wish`` is the id of the wish, '' without one.
    """

    student: Student
    since: date
    subject: str = ""
    level: str = ""
    hours: tuple[Weekly, ...] = ()
    wish: str = ""

    @property
    def key(self) -> str:
        """Tell two wishes of one student apart."""
        return self.wish or self.student.pk


def waiting_students(viewer: Viewer, *, most: int) -> tuple[list[Waiting], int]:
    """Return at most so many lines of who waits, the longest first, and how many students wait.

    Owners only. There is a line for each wish that nobody fulfils yet, of who is taught something
    else too, and one for each student without a tutor who has no such wish. Who was asked for, so
    that an answer is awaited, does not wait here. Four queries.

    Students without a tutor wait since the end of what they had last, or since they were added;
    others since their wish was made.
    """
    check_owner(is_owner=viewer.is_owner, doing=_("look for tutors"))
    placed = TutorStudent.objects.filter(
        taking_a_place(viewer.day) | Q(status=TutorStudent.Status.PENDING)
    )
    rows = visible_students(viewer).filter(active=True).exclude(pk__in=placed.values("student"))
    students = list(rows.order_by("created_at", "id"))
    last = _last_taught([one.pk for one in students])
    untaught = {one.pk: _waiting(one, last) for one in students}
    wishes = list(open_wishes(visible_wishes(viewer), viewer.day))
    found = [_wished(one, untaught.get(one.student_id)) for one in wishes]
    wished = {one.student_id for one in wishes}
    found += [one for pk, one in untaught.items() if pk not in wished]
    found.sort(key=_order)
    return found[:most], len(wished | untaught.keys())


def wishes_of(viewer: Viewer, student_ids: Sequence[str]) -> dict[str, list[LearningWish]]:
    """Return what nobody fulfils yet of these students, the oldest wish first. Owners only."""
    found: dict[str, list[LearningWish]] = {}
    rows = open_wishes(visible_wishes(viewer), viewer.day).filter(student__in=student_ids)
    for one in rows.order_by("created_at", "id"):
        found.setdefault(one.student_id, []).append(one)
    return found


def next_hours(wanted: Sequence[Weekly], first: date) -> tuple[Hours, ...]:
    """Return when wanted hours come first from a day on, by the clock of the business.

    An hour that the clock leaves out on that day is looked for a week later.
    """
    return tuple(_next(one, first) for one in wanted)


def _next(one: Weekly, first: date) -> Hours:
    on = first + timedelta(days=(one.weekday - first.weekday()) % 7)
    try:
        return _hours_on(one, on)
    except InvalidError:
        return _hours_on(one, on + WEEK)


def _hours_on(one: Weekly, on: date) -> Hours:
    zone = zone_or_business("")
    starts, ends = (
        moment_at_wall_time(datetime.combine(on, at), zone, field="hours")
        for at in (one.starts, one.ends)
    )
    return Hours(starts, ends)


def _order(one: Waiting) -> tuple[date, str, str, str]:
    return one.since, name_order(one.student.full_name), one.student.pk, one.subject.lower()


def _wished(wish: LearningWish, untaught: Waiting | None) -> Waiting:
    since = untaught.since if untaught else _local_day(wish.created_at)
    return Waiting(
        wish.student, since, wish.subject.name, wish.level, hours_of(wish.hours), wish.pk
    )


def _last_taught(student_ids: list[str]) -> Mapping[str, TutorStudent]:
    """Return the relationship of each that ended last; a cover is none."""
    regular = TutorStudent.objects.filter(
        student__in=student_ids, kind=TutorStudent.Kind.REGULAR, ended_on__isnull=False
    )
    rows = regular.exclude(status=TutorStudent.Status.DECLINED).select_related("subject")
    return {row.student_id: row for row in rows.order_by("ended_on", "id")}


def _local_day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(zone_or_business(""))).date()


def _waiting(student: Student, last: Mapping[str, TutorStudent]) -> Waiting:
    came = _local_day(student.created_at)
    row = last.get(student.pk)
    if row is None or row.ended_on is None:
        return Waiting(student, came)
    return Waiting(student, max(came, row.ended_on), row.subject.name if row.subject else "")
