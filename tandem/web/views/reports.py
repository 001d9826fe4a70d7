"""Reports: hours taught on any days, as a page and as a file."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta
from django.http import HttpResponse
from django.shortcuts import render

from tandem.insights.reports import By, HoursReport, TaughtLine, hours_report
from tandem.insights.terms import this_term
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.web.addresses import address
from tandem.web.forms.filters import filled, said_beside
from tandem.web.forms.reports import COLUMNS, HoursFilter
from tandem.web.methods import require_safe
from tandem.web.numbered_pages import numbered_page
from tandem.web.reader import PageRequest, signed_in
from tandem.web.sorting import DOWN, Column, heads_of
from tandem.web.views.suggestions import students_of, tutors_of

A_DAY, A_MONTH, A_YEAR = timedelta(days=1), relativedelta(months=1), relativedelta(years=1)
FORMULA = tuple("=+-@")
"""A spreadsheet calculates a cell that begins so, whoever named themselves that way."""
BAR = 100
BY_KIND = {
    By.TUTOR: gettext_lazy("By tutor"),
    By.STUDENT: gettext_lazy("By student"),
    By.SUBJECT: gettext_lazy("By subject"),
}
TAUGHT_BY_KIND = {
    By.TUTOR: gettext_lazy("Hours taught by tutor"),
    By.STUDENT: gettext_lazy("Hours taught by student"),
    By.SUBJECT: gettext_lazy("Hours taught by subject"),
}
HEAD_BY_KIND = {
    By.TUTOR: gettext_lazy("Tutor"),
    By.STUDENT: gettext_lazy("Student"),
    By.SUBJECT: gettext_lazy("Subject"),
}
ON_A_PAGE = 200
"""So many lines are read at once; sums and the file are of all."""


@require_safe
@signed_in
def hours(request: PageRequest) -> HttpResponse:
    """What was taught this month, unless asked otherwise: by tutor, and for a tutor by student."""
    form = _form(request)
    report, lines = _report(request, form)
    part = numbered_page(request, len(lines), ON_A_PAGE)
    longest = max((line.minutes for line in lines), default=0)
    context = {
        "form": form,
        "report": report,
        "by_words": BY_KIND[report.by],
        "caption": TAUGHT_BY_KIND[report.by],
        "names": form.names(),
        "part": part,
        "lines": [_line(line, report.by, longest) for line in lines[part.first : part.last]],
        "total": report.total,
        "heads": heads_of(_columns(report.by), _sort(form)),
        "kinds": _kinds(request, report.by),
        "periods": _periods(request),
        "query": _query(request, report),
    }
    return render(request, "reports/hours.html", context)


@require_safe
@signed_in
def hours_file(request: PageRequest) -> HttpResponse:
    """The same as CSV, in UTF-8 with the mark by which spreadsheets know it."""
    report, lines = _report(request, _form(request))
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"hours-by-{report.by}-{report.first_day}-to-{report.last_day}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store, private"
    answer.write("\ufeff")
    csv.writer(answer).writerows(_table(report, lines))
    return answer


def _form(request: PageRequest) -> HoursFilter:
    """Return what the address asks for, completed by this month and what a reader means first."""
    viewer = request.reader.viewer
    first = viewer.day.replace(day=1)
    by = By.TUTOR if viewer.is_owner else By.STUDENT
    usual = {"first_day": str(first), "last_day": str(first + A_MONTH - A_DAY), "by": by}
    asked = {**usual, **{name: value for name, value in request.GET.items() if value}}
    tutors = tutors_of(viewer, active=False) if viewer.is_owner else None
    return HoursFilter(asked, tutors=tutors, students=students_of(viewer))


def _report(request: PageRequest, form: HoursFilter) -> tuple[HoursReport, list[TaughtLine]]:
    """Return what was asked for, and its lines in the order that was asked for."""
    with said_beside(form):
        asked = filled(form)
        days = {name: asked[name] for name in ("first_day", "last_day", "by")}
        report = hours_report(
            request.reader.viewer,
            **days,
            tutor_id=asked.get("tutor", ""),
            student_id=asked["student"],
            subject=asked["subject"],
        )
    return report, _sorted(report.lines, _sort(form))


def _columns(by: By) -> list[Column]:
    return [COLUMNS[0]._replace(label=HEAD_BY_KIND[by]), *COLUMNS[1:]]


def _sort(form: HoursFilter) -> str:
    return str(form.cleaned_data["sort"])


def _sorted(lines: list[TaughtLine], sort: str) -> list[TaughtLine]:
    """Return the lines by a column; equal ones by name, as they come."""
    key, falls = sort.removeprefix(DOWN), sort.startswith(DOWN)
    if key == "name":
        return lines[::-1] if falls else lines
    return sorted(lines, key=attrgetter(key), reverse=falls)


def _table(report: HoursReport, lines: list[TaughtLine]) -> Iterator[tuple[object, ...]]:
    yield report.by.title(), "Id", "Sessions", "Hours", "Minutes", "No-shows", "Cancelled"
    for line in lines:
        yield _cell(_name(line, report.by)), line.id or "", *_numbers(line)
    yield "Total", "", *_numbers(report.total)


def _numbers(line: TaughtLine) -> tuple[object, ...]:
    return line.sessions, f"{line.hours:.10g}", line.minutes, line.no_shows, line.cancelled


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
    return line.name.strip() or (_("Any subject") if by is By.SUBJECT else _("Name missing"))


def _kinds(request: PageRequest, by: By) -> list[tuple[By, str, bool]]:
    """Return what lines may stand for: a tutor has nothing to read of other tutors."""
    kinds = [kind for kind in By if request.reader.viewer.is_owner or kind is not By.TUTOR]
    return [(kind, BY_KIND[kind], kind is by) for kind in kinds]


def _periods(request: PageRequest) -> list[tuple[str, date, date]]:
    today = request.reader.viewer.day
    first, year, monday = today.replace(day=1), today.replace(month=1, day=1), _monday(today)
    term = this_term(request.reader.viewer)
    return [
        (_("Last week"), monday - timedelta(weeks=1), monday - A_DAY),
        (_("This month"), first, first + A_MONTH - A_DAY),
        (_("Last month"), first - A_MONTH, first - A_DAY),
        *([(_("This term"), *term)] if term else []),
        (_("This year"), year, year + A_YEAR - A_DAY),
        (_("Last year"), year - A_YEAR, year - A_DAY),
    ]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _query(request: PageRequest, report: HoursReport) -> str:
    """Return the query of the file: what the page asks, with the days that it shows."""
    asked = {name: value for name, value in request.GET.items() if value and name != "page"}
    days = {"first_day": report.first_day, "last_day": report.last_day}
    return urlencode({**asked, **days, "by": report.by})
