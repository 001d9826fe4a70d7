"""/api/reports"""

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.responses import listed
from tandem.api.schemas.reports import (
    HoursReportAnswer,
    HoursReportOut,
    HoursTaughtOut,
    OutcomesReportAnswer,
    OutcomesReportOut,
    ReportQuery,
    SessionOutcomesOut,
)
from tandem.insights.outcomes import OutcomeLine, outcomes_report
from tandem.insights.reports import TaughtLine, hours_report

router = Router(tags=["Insights"], by_alias=True)


@router.get("/hours", response=HoursReportAnswer, summary="Read hours taught")
def read_hours(request: ApiRequest, filters: Query[ReportQuery]) -> HttpResponse:
    """For an owner everybody's, for a tutor their own. Sums are the same whatever lines stand for.

    Days are those of the business's time zone, for everybody.
    """
    found = hours_report(
        request.auth.viewer,
        first_day=filters.first_day,
        last_day=filters.last_day,
        by=filters.by,
    )
    report = HoursReportOut(
        first_day=found.first_day,
        last_day=found.last_day,
        time_zone=found.zone,
        by=found.by,
        lines=[_hours(one) for one in found.lines],
        total=_hours(found.total),
    )
    return listed(request, HoursReportAnswer(hours=report))


def _hours(line: TaughtLine) -> HoursTaughtOut:
    return HoursTaughtOut(hours=line.hours, **line._asdict())


@router.get("/outcomes", response=OutcomesReportAnswer, summary="Read what came of sessions")
def read_outcomes(request: ApiRequest, filters: Query[ReportQuery]) -> HttpResponse:
    """Held, missed, and called off for whom. Days, lines and readers are those of the hours."""
    found = outcomes_report(
        request.auth.viewer,
        first_day=filters.first_day,
        last_day=filters.last_day,
        by=filters.by,
    )
    report = OutcomesReportOut(
        first_day=found.first_day,
        last_day=found.last_day,
        time_zone=found.zone,
        by=found.by,
        lines=[_outcomes(one) for one in found.lines],
        total=_outcomes(found.total),
    )
    return listed(request, OutcomesReportAnswer(outcomes=report))


def _outcomes(line: OutcomeLine) -> SessionOutcomesOut:
    return SessionOutcomesOut(
        id=line.id,
        name=line.name,
        recorded=line.recorded,
        held=line.held,
        no_shows=line.no_shows,
        cancelled=line.cancelled,
        cancelled_by_family=line.by_family,
        cancelled_by_tutor=line.by_tutor,
        cancelled_by_business=line.by_business,
        cancelled_by_nobody_known=line.by_nobody_known,
    )
