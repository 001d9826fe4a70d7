"""/api/dashboard and /api/matches"""

from collections.abc import Mapping

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.answers import answer
from tandem.api.render import session_json
from tandem.api.schemas.insights import (
    Attention,
    Change,
    Changes,
    DashboardAnswer,
    DashboardOut,
    HoursOut,
    LeftOutOut,
    MatchAnswer,
    MatchOut,
    MatchQuery,
    RelationshipCounts,
    SessionCounts,
    StudentCounts,
)
from tandem.insights.dashboard import Dashboard, Trend, dashboard, sessions_of_today
from tandem.insights.matching import Hours, matches
from tandem.insights.periods import Span
from tandem.insights.rules import LeftOut, Match
from tandem.kit.errors import invalid

router = Router(tags=["Insights"], by_alias=True)


@router.get("/dashboard", response=DashboardAnswer, summary="Read the dashboard")
def read_dashboard(request: ApiRequest) -> HttpResponse:
    """Each student is counted once, however many tutors there are."""
    caller = request.auth
    found = dashboard(caller.viewer, now=caller.now)
    today = sessions_of_today(caller.viewer, found.calendar)
    shown = _shown(found).model_dump(by_alias=True)
    return answer({"dashboard": {**shown, "today": [session_json(one) for one in today]}})


@router.get("/matches", response=MatchAnswer, summary="Find tutors for a student")
def find_matches(request: ApiRequest, filters: Query[MatchQuery]) -> HttpResponse:
    """Owners only. The best comes first; who is left out comes with the reason."""
    fitting, left_out = matches(
        request.auth.viewer,
        student_id=filters.student_id,
        subject=filters.subject,
        level=filters.level or "",
        hours=_hours(filters),
    )
    return answer(
        MatchAnswer(
            matches=[_match(one) for one in fitting[: filters.limit]],
            matches_total=len(fitting),
            left_out=[_left_out(one) for one in left_out[: filters.limit]],
            left_out_total=len(left_out),
        )
    )


def _hours(filters: MatchQuery) -> Hours | None:
    if filters.from_ is None and filters.to is None:
        return None
    if filters.from_ is None or filters.to is None:
        raise invalid("to" if filters.to is None else "from", "Give both from and to, or neither.")
    return Hours(filters.from_, filters.to)


def _match(one: Match) -> MatchOut:
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


def _shown(found: Dashboard) -> DashboardOut:
    counts = found.counts
    return DashboardOut(
        time_zone=found.calendar.zone,
        students=StudentCounts(
            total=counts["students"], active=counts["active"], taught=counts["taught"]
        ),
        relationships=RelationshipCounts(**found.relationships),
        week=_sessions(found.calendar.week, found.week),
        month=_sessions(found.calendar.month, found.month),
        hours=[HoursOut(**vars(one)) for one in found.hours],
        changes=Changes(**{name: _change(one) for name, one in found.trends.items()}),
        today=[],
        needs_attention=Attention(
            faults=sum(number for name, number in counts.items() if name.startswith("faulty_")),
            past_still_scheduled=counts["past_still_scheduled"],
            students_without_tutor=counts["students_without_tutor"],
            requests=counts["requests"],
        ),
    )


def _sessions(span: Span, counts: Mapping[str, int]) -> SessionCounts:
    return SessionCounts(from_=span.starts, to=span.ends, **counts)


def _change(trend: Trend) -> Change:
    return Change(this_month=trend.this_month, month_before=trend.month_before, change=trend.change)
