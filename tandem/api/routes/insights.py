"""/api/dashboard, /api/matches and /api/free"""

from datetime import UTC

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api import reads
from tandem.api.access import ApiRequest
from tandem.api.responses import listed
from tandem.api.schemas.insights import (
    DashboardAnswer,
    FreeAnswer,
    FreeOut,
    FreeQuery,
    LeftOutOut,
    MatchAnswer,
    MatchOut,
    MatchQuery,
)
from tandem.insights.free_time import free_time
from tandem.insights.matching import Hours, matches
from tandem.insights.rules import LeftOut, Match
from tandem.insights.waiting import wishes_of
from tandem.kit.errors import invalid
from tandem.kit.named_sql import run_read

router = Router(tags=["Insights"], by_alias=True)


@router.get("/dashboard", response=DashboardAnswer, summary="Read the dashboard")
def read_dashboard(request: ApiRequest) -> HttpResponse:
    """Each student is counted once, however many tutors there are."""
    caller = request.auth
    payload, _ = run_read(reads.dashboard(caller.viewer, caller.now))
    return listed(request, payload)


@router.get("/free", response=FreeAnswer, summary="Find when people could meet")
def find_free_time(request: ApiRequest, filters: Query[FreeQuery]) -> HttpResponse:
    """For an owner and the tutor.

    In the tutor's week, without either one's sessions, the tutor's time off and closed days.
    """
    found = free_time(
        request.auth.viewer,
        tutor_id=filters.tutor_id,
        student_id=filters.student_id,
        within=Hours(filters.from_, filters.to),
        minutes=filters.minutes,
        buffer=filters.buffer,
    )
    spans = [
        FreeOut(from_=one.starts_at.astimezone(UTC), to=one.ends_at.astimezone(UTC))
        for one in found.hours
    ]
    return listed(request, FreeAnswer(free=spans, stated=found.is_stated))


@router.get("/matches", response=MatchAnswer, summary="Find tutors for a student")
def find_matches(request: ApiRequest, filters: Query[MatchQuery]) -> HttpResponse:
    """Owners only. The best comes first; who is left out comes with the reason."""
    subject, level = _wanted(request, filters)
    fitting, left_out = matches(
        request.auth.viewer,
        student_id=filters.student_id,
        subject=subject,
        level=level,
        hours=_hours(filters),
    )
    return listed(
        request,
        MatchAnswer(
            subject=subject,
            level=level,
            matches=[match_out(one) for one in fitting[: filters.limit]],
            matches_total=len(fitting),
            left_out=[_left_out(one) for one in left_out[: filters.limit]],
            left_out_total=len(left_out),
        ),
    )


def _wanted(request: ApiRequest, filters: MatchQuery) -> tuple[str, str]:
    """Return the subject and level that were asked for, else those that are wished for."""
    level = filters.level or ""
    viewer = request.auth.viewer
    if not viewer.is_owner or filters.model_fields_set & {"subject", "level"}:
        return filters.subject, level
    wished = wishes_of(viewer, [filters.student_id]).get(filters.student_id)
    return (wished[0].subject.name, wished[0].level) if wished else ("", level)


def _hours(filters: MatchQuery) -> Hours | None:
    if filters.from_ is None and filters.to is None:
        return None
    if filters.from_ is None or filters.to is None:
        raise invalid("to" if filters.to is None else "from", "Give both from and to, or neither.")
    return Hours(filters.from_, filters.to)


def match_out(one: Match) -> MatchOut:
    """Return a tutor who fits."""
    return MatchOut(
        tutor_id=one.facts.id,
        full_name=one.facts.name,
        level=one.facts.level,  # type: ignore[arg-type]  # a constraint holds the levels
        room=one.facts.room,
        sessions_with_student=one.facts.held,
        reasons=list(one.reasons),
    )


def _left_out(one: LeftOut) -> LeftOutOut:
    return LeftOutOut(tutor_id=one.facts.id, full_name=one.facts.name, reason=one.reason)
