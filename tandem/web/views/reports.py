"""Reports: hours taught on any days, and what came of the sessions, as pages and as files."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render

from tandem.insights.outcomes import OutcomeLine, OutcomesReport, outcomes_report
from tandem.insights.reports import By, HoursReport, TaughtLine, hours_report
from tandem.kit.language import gettext_lazy
from tandem.web.charts import outcome_bars
from tandem.web.forms.filters import said_beside
from tandem.web.forms.reports import (
    HOURS_COLUMNS,
    OUTCOME_COLUMNS,
    HoursFilter,
    OutcomesFilter,
)
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, signed_in
from tandem.web.shares import OUTCOMES, UNKNOWN, share_of
from tandem.web.views.report_page import (
    asked_of,
    file_answer,
    form_of,
    name_of,
    page_context,
    sort_of,
    sorted_lines,
)

TAUGHT_BY_KIND = {
    By.TUTOR: gettext_lazy("Hours taught by tutor"),
    By.STUDENT: gettext_lazy("Hours taught by student"),
    By.SUBJECT: gettext_lazy("Hours taught by subject"),
}
OUTCOMES_BY_KIND = {
    By.TUTOR: gettext_lazy("What came of the sessions, by tutor"),
    By.STUDENT: gettext_lazy("What came of the sessions, by student"),
    By.SUBJECT: gettext_lazy("What came of the sessions, by subject"),
}
OUTCOME_HEADS = (
    "Held",
    "No-shows",
    "Cancelled by the family",
    "Cancelled by the tutor",
    "Cancelled by the business",
    "Cancelled, not known by whom",
)


@require_safe
@signed_in
def hours(request: PageRequest) -> HttpResponse:
    """What was taught this month, unless asked otherwise: by tutor, and for a tutor by student."""
    form = form_of(request, HoursFilter)
    report, lines = _hours(request, form)
    context = page_context(request, form, report, lines=lines, columns=HOURS_COLUMNS, bar="minutes")
    caption = TAUGHT_BY_KIND[report.by]
    return render(request, "reports/hours.html", {**context, "caption": caption})


@require_safe
@signed_in
def hours_file(request: PageRequest) -> HttpResponse:
    """The same as a file."""
    report, lines = _hours(request, form_of(request, HoursFilter))
    return file_answer(report, "hours", _hours_table(report, lines))


@require_safe
@signed_in
def outcomes(request: PageRequest) -> HttpResponse:
    """What came of the sessions of the same days: held, missed, or cancelled and by whom."""
    form = form_of(request, OutcomesFilter)
    report, lines = _outcomes(request, form)
    total = report.total
    columns = [one for one in OUTCOME_COLUMNS if one.key != UNKNOWN or total.by_nobody_known]
    context = page_context(request, form, report, lines=lines, columns=columns, bar="recorded")
    more = {
        "caption": OUTCOMES_BY_KIND[report.by],
        "shows_unknown": bool(total.by_nobody_known),
        "chart": outcome_bars(total),
    }
    return render(request, "reports/outcomes.html", {**context, **more})


@require_safe
@signed_in
def outcomes_file(request: PageRequest) -> HttpResponse:
    """The same as a file."""
    report, lines = _outcomes(request, form_of(request, OutcomesFilter))
    return file_answer(report, "outcomes", _outcomes_table(report, lines))


def _hours(request: PageRequest, form: HoursFilter) -> tuple[HoursReport, list[TaughtLine]]:
    """Return what was asked for, and its lines in the order that was asked for."""
    with said_beside(form):
        report = hours_report(request.reader.viewer, **asked_of(form))
    return report, sorted_lines(report.lines, sort_of(form))


def _outcomes(
    request: PageRequest, form: OutcomesFilter
) -> tuple[OutcomesReport, list[OutcomeLine]]:
    with said_beside(form):
        report = outcomes_report(request.reader.viewer, **asked_of(form))
    return report, sorted_lines(report.lines, sort_of(form))


def _hours_table(report: HoursReport, lines: list[TaughtLine]) -> Iterator[tuple[object, ...]]:
    yield report.by.title(), "Id", "Sessions", "Hours", "Minutes", "No-shows", "Cancelled"
    for line in lines:
        yield name_of(line, report.by), line.id or "", *_hours_numbers(line)
    yield "Total", "", *_hours_numbers(report.total)


def _hours_numbers(line: TaughtLine) -> tuple[object, ...]:
    return line.sessions, f"{line.hours:.10g}", line.minutes, line.no_shows, line.cancelled


def _outcomes_table(
    report: OutcomesReport, lines: list[OutcomeLine]
) -> Iterator[tuple[object, ...]]:
    shares = (word for head in OUTCOME_HEADS for word in (head, f"{head}, %"))
    yield report.by.title(), "Id", "Sessions", *shares
    for line in lines:
        yield name_of(line, report.by), line.id or "", *_outcome_numbers(line)
    yield "Total", "", *_outcome_numbers(report.total)


def _outcome_numbers(line: OutcomeLine) -> Iterator[object]:
    yield line.recorded
    for name in OUTCOMES:
        number = getattr(line, name)
        yield number
        yield f"{share_of(number, line.recorded):.1f}"
