"""Reports: hours taught on any days, as a page and as a file."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tandem.insights.reports import By, HoursReport, TaughtLine, hours_report
from tandem.kit.time import business_day
from tandem.web.addresses import address
from tandem.web.forms.filters import filled, said_beside
from tandem.web.forms.reports import HoursFilter
from tandem.web.lines import ANY_SUBJECT, NAME_MISSING
from tandem.web.reader import PageRequest, signed_in
from tandem.web.words import plain_number

A_DAY, A_MONTH = timedelta(days=1), relativedelta(months=1)
FORMULA = tuple("=+-@")
"""A spreadsheet calculates a cell that begins so, whoever named themselves that way."""
BAR = 100


@require_safe
@signed_in
def hours(request: PageRequest) -> HttpResponse:
    """What was taught this month, unless asked otherwise: by tutor, and for a tutor by student."""
    asked, today = _asked(request), business_day(request.reader.now)
    form = HoursFilter(asked)
    report = _report(request, form)
    longest = max((line.minutes for line in report.lines), default=0)
    context = {
        "form": form,
        "report": report,
        "lines": [_line(line, report.by, longest) for line in report.lines],
        "total": report.total,
        "kinds": _kinds(request, report.by),
        "periods": _periods(today),
        "query": _query(report),
    }
    return render(request, "reports/hours.html", context)


@require_safe
@signed_in
def hours_file(request: PageRequest) -> HttpResponse:
    """The same as CSV, in UTF-8 with the mark by which spreadsheets know it."""
    report = _report(request, HoursFilter(_asked(request)))
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"hours-by-{report.by}-{report.first_day}-to-{report.last_day}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store, private"
    answer.write("\ufeff")
    csv.writer(answer).writerows(_table(report))
    return answer


def _report(request: PageRequest, form: HoursFilter) -> HoursReport:
    with said_beside(form):
        return hours_report(request.reader.viewer, **filled(form))


def _asked(request: PageRequest) -> dict[str, Any]:
    """Return what the address asks for, completed by this month and what a reader means first."""
    today = business_day(request.reader.now)
    first = today.replace(day=1)
    by = By.TUTOR if request.reader.viewer.is_owner else By.STUDENT
    usual = {"first_day": str(first), "last_day": str(first + A_MONTH - A_DAY), "by": by}
    return {name: request.GET.get(name) or value for name, value in usual.items()}


def _table(report: HoursReport) -> Iterator[tuple[object, ...]]:
    yield report.by.title(), "Id", "Sessions", "Hours", "Minutes", "No-shows", "Cancelled"
    for line in report.lines:
        yield _cell(_name(line, report.by)), line.id or "", *_numbers(line)
    yield "Total", "", *_numbers(report.total)


def _numbers(line: TaughtLine) -> tuple[object, ...]:
    return line.sessions, plain_number(line.hours), line.minutes, line.no_shows, line.cancelled


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line in words; ``bar`` is its length, of ``BAR``."""

    name: str
    url: str
    numbers: TaughtLine
    bar: int


def _line(line: TaughtLine, by: By, longest: int) -> ReportLine:
    url = "" if by is By.SUBJECT or line.id is None else address(by, line.id)
    bar = round(BAR * line.minutes / longest) if longest else 0
    return ReportLine(_name(line, by), url, line, bar)


def _name(line: TaughtLine, by: By) -> str:
    return line.name.strip() or (ANY_SUBJECT if by is By.SUBJECT else NAME_MISSING)


def _kinds(request: PageRequest, by: By) -> list[tuple[By, str, bool]]:
    """Return what lines may stand for: a tutor has nothing to read of other tutors."""
    kinds = [kind for kind in By if request.reader.viewer.is_owner or kind is not By.TUTOR]
    return [(kind, f"By {kind}", kind is by) for kind in kinds]


def _periods(today: date) -> list[tuple[str, date, date]]:
    first, monday = today.replace(day=1), today - timedelta(days=today.weekday())
    return [
        ("This month", first, first + A_MONTH - A_DAY),
        ("Last month", first - A_MONTH, first - A_DAY),
        ("Last week", monday - timedelta(weeks=1), monday - A_DAY),
    ]


def _query(report: HoursReport) -> str:
    days = {"first_day": report.first_day, "last_day": report.last_day}
    return urlencode({**days, "by": report.by})
