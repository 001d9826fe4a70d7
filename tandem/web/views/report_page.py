"""What every report has: days and people to choose, lines in an order, a page of them, a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta
from django.http import HttpResponse

from tandem.insights.reports import By
from tandem.insights.terms import this_term
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.web.addresses import address
from tandem.web.forms.filters import filled
from tandem.web.forms.reports import ReportFilter
from tandem.web.numbered_pages import numbered_page
from tandem.web.reader import PageRequest
from tandem.web.sorting import DOWN, Column, heads_of
from tandem.web.spreadsheets import as_csv
from tandem.web.views.suggestions import students_of, tutors_of

A_DAY, A_MONTH, A_YEAR = timedelta(days=1), relativedelta(months=1), relativedelta(years=1)
BAR = 100
BY_KIND = {
    By.TUTOR: gettext_lazy("By tutor"),
    By.STUDENT: gettext_lazy("By student"),
    By.SUBJECT: gettext_lazy("By subject"),
}
HEAD_BY_KIND = {
    By.TUTOR: gettext_lazy("Tutor"),
    By.STUDENT: gettext_lazy("Student"),
    By.SUBJECT: gettext_lazy("Subject"),
}
ON_A_PAGE = 200
"""So many lines are read at once; sums and the file are of all."""


class Line(Protocol):
    """A line of a report: of a tutor, a student or a subject."""

    @property
    def id(self) -> str | None: ...
    @property
    def name(self) -> str: ...


class Report(Protocol):
    """A report of any kind."""

    @property
    def first_day(self) -> date: ...
    @property
    def last_day(self) -> date: ...
    @property
    def by(self) -> By: ...
    @property
    def total(self) -> Line: ...


Filter = TypeVar("Filter", bound=ReportFilter)
AnyLine = TypeVar("AnyLine", bound=Line)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line in words; ``bar`` is its length, of ``BAR``."""

    name: str
    url: str
    numbers: Line
    bar: int


def form_of(request: PageRequest, filter_class: type[Filter]) -> Filter:
    """Return what the address asks for, completed by this month and what a reader means first."""
    viewer = request.reader.viewer
    first = viewer.day.replace(day=1)
    by = By.TUTOR if viewer.is_owner else By.STUDENT
    usual = {"first_day": str(first), "last_day": str(first + A_MONTH - A_DAY), "by": by}
    asked = {**usual, **{name: value for name, value in request.GET.items() if value}}
    tutors = tutors_of(viewer, active=False) if viewer.is_owner else None
    return filter_class(asked, tutors=tutors, students=students_of(viewer))


def asked_of(form: ReportFilter) -> dict[str, Any]:
    """Return what a report is asked for: its days, what lines stand for, whose sessions count."""
    asked = filled(form)
    return {
        **{name: asked[name] for name in ("first_day", "last_day", "by")},
        "tutor_id": asked.get("tutor", ""),
        "student_id": asked["student"],
        "subject": asked["subject"],
    }


def sort_of(form: ReportFilter) -> str:
    """Return the order that was asked for."""
    return str(form.cleaned_data["sort"])


def sorted_lines(lines: list[AnyLine], sort: str) -> list[AnyLine]:
    """Return the lines by a column; equal ones by name, as they come."""
    key, falls = sort.removeprefix(DOWN), sort.startswith(DOWN)
    if key == "name":
        return lines[::-1] if falls else lines
    return sorted(lines, key=attrgetter(key), reverse=falls)


def page_context(
    request: PageRequest,
    form: ReportFilter,
    report: Report,
    *,
    lines: Sequence[Line],
    columns: Sequence[Column],
    bar: str,
) -> dict[str, Any]:
    """Return what the template of a report knows.

    ``lines`` are all, in order; the bar under each name shows its number ``bar``.
    """
    part = numbered_page(request, len(lines), ON_A_PAGE)
    longest = max((getattr(line, bar) for line in lines), default=0) or 1
    named = [columns[0]._replace(label=HEAD_BY_KIND[report.by]), *columns[1:]]
    return {
        "form": form,
        "report": report,
        "by_words": BY_KIND[report.by],
        "names": form.names(),
        "part": part,
        "lines": [
            ReportLine(
                name_of(line, report.by),
                _url(line, report.by),
                line,
                round(BAR * getattr(line, bar) / longest),
            )
            for line in lines[part.first : part.last]
        ],
        "total": report.total,
        "heads": heads_of(named, sort_of(form)),
        "kinds": _kinds(request, report.by),
        "periods": _periods(request),
        "query": _query(request, report),
    }


def file_answer(report: Report, what: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return rows as a CSV file."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{what}-by-{report.by}-{report.first_day}-to-{report.last_day}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store, private"
    answer.write(as_csv(rows))
    return answer


def name_of(line: Line, by: By) -> str:
    """Return what a line is called; a subject or an imported name may be missing."""
    return line.name.strip() or (_("Any subject") if by is By.SUBJECT else _("Name missing"))


def _url(line: Line, by: By) -> str:
    return "" if by is By.SUBJECT or line.id is None else address(by, line.id)


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


def _query(request: PageRequest, report: Report) -> str:
    """Return the query of the file: what the page asks, with the days that it shows."""
    asked = {name: value for name, value in request.GET.items() if value and name != "page"}
    days = {"first_day": report.first_day, "last_day": report.last_day}
    return urlencode({**asked, **days, "by": report.by})
