"""Which sessions an absence leaves without a tutor, and who could cover each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from tandem.insights.best_cover import wish_of
from tandem.insights.many_facts import Everybody, read_everybody
from tandem.insights.matching import Hours
from tandem.insights.rules import Facts, Match, rank_cover
from tandem.kit.language import gettext as _
from tandem.lessons.models import Session, TimeOff
from tandem.lessons.queries import in_hours, visible_sessions, with_people
from tandem.people.queries import Viewer
from tandem.people.rules import check_owner


def sessions_to_cover(viewer: Viewer, *, tutor_id: str, hours: Hours) -> QuerySet[Session]:
    """Return what a tutor has scheduled in these hours, by start, with the people in it."""
    there = in_hours(hours.starts_at, hours.ends_at)
    rows = visible_sessions(viewer).filter(there, tutor=tutor_id, status=Session.Status.SCHEDULED)
    return with_people(rows)


class LessonLeft(NamedTuple):
    """A lesson that an absence leaves without a tutor, as it is named."""

    id: str
    starts_at: datetime
    student_name: str


def time_off_ahead(*, tutor_id: str, now: datetime) -> QuerySet[TimeOff]:
    """Return a tutor's time off that is not over."""
    return TimeOff.objects.filter(tutor=tutor_id, ends_at__gt=now).order_by("starts_at", "id")


def absences(
    viewer: Viewer, *, tutor_id: str, now: datetime
) -> list[tuple[TimeOff, list[LessonLeft]]]:
    """Return a tutor's time off that is not over, each with the sessions in it; one query."""
    starts_at: Any = OuterRef("starts_at")
    ends_at: Any = OuterRef("ends_at")
    left = (
        visible_sessions(viewer)
        .filter(in_hours(starts_at, ends_at), tutor=tutor_id)
        .filter(status=Session.Status.SCHEDULED)
        .values(told=JSONObject(id="pk", starts_at="starts_at", name="student__full_name"))
    )
    rows: Any = time_off_ahead(tutor_id=tutor_id, now=now).annotate(left=ArraySubquery(left))
    return [(off, [_lesson_left(one) for one in off.left]) for off in rows]


def _lesson_left(told: Mapping[str, str]) -> LessonLeft:
    starts_at = datetime.fromisoformat(told["starts_at"])
    return LessonLeft(told["id"], starts_at, told["name"])


def cover_candidates(viewer: Viewer, sessions: Sequence[Session]) -> dict[str, list[Match]]:
    """Return, for each session (by id, with its people), who could cover it, best first.

    Owners only. As many queries for one session as for many.
    """
    check_owner(is_owner=viewer.is_owner, doing=_("find cover"))
    if not sessions:
        return {}
    students = list({one.student_id for one in sessions})
    taught = {one.tutor_student.subject for one in sessions}
    subjects = [subject for subject in taught if subject]
    spans = [Hours(one.starts_at, one.ends_at) for one in sessions]
    everybody = read_everybody(viewer, students, subjects, spans)
    return {one.pk: rank_cover(_facts(everybody, one), wish_of(one)) for one in sessions}


def _facts(everybody: Everybody, session: Session) -> Iterator[Facts]:
    """Return what is known of who might cover: somebody else, whom nothing keeps."""
    hours = Hours(session.starts_at, session.ends_at)
    known = everybody.facts_of_free(session.student_id, session.tutor_student.subject, hours)
    return (facts for facts in known if facts.id != session.tutor_id)
