"""/api/reports"""

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.responses import listed
from tandem.api.schemas.reports import (
    HoursReportAnswer,
    HoursReportOut,
    HoursReportQuery,
    HoursTaughtOut,
)
from tandem.insights.reports import TaughtLine, hours_report

router = Router(tags=["Insights"], by_alias=True)


@router.get("/hours", response=HoursReportAnswer, summary="Read hours taught")
def read_hours(request: ApiRequest, filters: Query[HoursReportQuery]) -> HttpResponse:
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
        lines=[_line(one) for one in found.lines],
        total=_line(found.total),
    )
    return listed(request, HoursReportAnswer(hours=report))


def _line(line: TaughtLine) -> HoursTaughtOut:
    return HoursTaughtOut(hours=line.hours, **line._asdict())
