"""Which sessions an absence leaves without a tutor, and who could cover each."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import QuerySet

from tandem.insights.best_cover import wish_of
from tandem.insights.many_facts import Everybody, read_everybody
from tandem.insights.matching import Hours, meet
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


def absences(
    viewer: Viewer, *, tutor_id: str, now: datetime
) -> list[tuple[TimeOff, list[Session]]]:
    """Return a tutor's time off that is not over, each with the sessions in it; two queries."""
    ahead = list(
        TimeOff.objects.filter(tutor=tutor_id, ends_at__gt=now).order_by("starts_at", "id")
    )
    if not ahead:
        return []
    whole = Hours(ahead[0].starts_at, max(off.ends_at for off in ahead))
    left = list(sessions_to_cover(viewer, tutor_id=tutor_id, hours=whole))
    return [(off, [one for one in left if meet(off, one)]) for off in ahead]


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
