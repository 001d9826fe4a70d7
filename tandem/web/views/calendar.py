"""The calendar: a day, a week or a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tandem.insights import calendar
from tandem.insights.calendar import Choice, Lesson
from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _
from tandem.kit.time import day_starts, local_date
from tandem.lessons.closures import closures_within
from tandem.people.queries import Viewer
from tandem.web.calendar_page import (
    Column,
    Wanted,
    columns_of_tutors,
    columns_of_week,
    hour_labels,
)
from tandem.web.forms.calendar import CalendarFilter, statuses_of
from tandem.web.forms.filters import filled, said_beside
from tandem.web.lines import named
from tandem.web.methods import require_safe
from tandem.web.numbered_pages import numbered_page
from tandem.web.reader import PageRequest, signed_in, wants_fragment
from tandem.web.views.calendar_moves import FILTERS

A_DAY = timedelta(days=1)
MOST_IN_AN_HOUR, MOST_IN_A_CELL, MOST_TUTORS = 3, 3, 8
FARTHEST = (date(1900, 2, 8), date(2200, 11, 24))


@dataclass(frozen=True)
class Asked:
    """What is asked for: the days that are shown around ``on``, and what they are narrowed to.

    ``tutors`` are those that are named, None where nobody is; ``one`` is the only one shown.
    """

    viewer: Viewer
    view: str
    on: date
    dates: Sequence[date]
    days: calendar.Days
    all_tutors: Sequence[Choice]
    subjects: Sequence[str]
    tutors: Sequence[Choice] | None
    typed: dict[str, Any]

    @property
    def one(self) -> str:
        """The id of the one tutor that is shown, '' where there are several."""
        if not self.viewer.is_owner:
            return self.viewer.tutor_id or ""
        return self.tutors[0].id if self.tutors and len(self.tutors) == 1 else ""

    @property
    def tutor_ids(self) -> list[str] | None:
        return None if self.tutors is None else [tutor.id for tutor in self.tutors]

    def narrowed(self) -> dict[str, Any]:
        """Return the values that lessons are narrowed by."""
        return {
            "tutor_ids": self.tutor_ids,
            "words": self.typed["student"],
            "subject": self.typed["subject"],
            "statuses": statuses_of(self.typed["status"]),
        }


@require_safe
@signed_in
def calendar_page(request: PageRequest) -> HttpResponse:
    """A day, a week or a month of lessons, as they lie where the reader is."""
    form = CalendarFilter(request.GET)
    with said_beside(form):
        asked = _asked(request, filled(form))
    lay_out = {"day": _day, "week": _week, "month": _month}[asked.view]
    context = {"form": form, "asked": asked, **_around(request, asked), **lay_out(request, asked)}
    template = "calendar/body.html" if wants_fragment(request) else "calendar/calendar.html"
    return render(request, template, context)


@require_safe
@signed_in
def old_week(request: PageRequest) -> HttpResponse:
    """Lead on from where the week was; what it was narrowed to stays."""
    given = request.GET.copy()
    if day := given.pop("day", None):
        given["date"] = day[-1]
    query = f"?{given.urlencode()}" if given else ""
    return HttpResponseRedirect(reverse("calendar") + query)


def _asked(request: PageRequest, typed: dict[str, Any]) -> Asked:
    reader = request.reader
    view, on = typed["view"] or "week", typed["date"] or local_date(reader.now, reader.zone)
    if not FARTHEST[0] <= on <= FARTHEST[1]:
        raise invalid(
            "date",
            _("Choose a day from {first:%Y} to {last:%Y}.").format(
                first=FARTHEST[0], last=FARTHEST[1]
            ),
        )
    dates = _dates(view, on)
    borders = [day_starts(day, reader.zone) for day in (*dates, dates[-1] + A_DAY)]
    days = list(pairwise(borders))
    tutors, subjects = calendar.choices(reader.viewer, days)
    named_ones = tutors_named(typed["tutor"], tutors) if reader.viewer.is_owner else None
    return Asked(reader.viewer, view, on, dates, days, tutors, subjects, named_ones, typed)


def _dates(view: str, on: date) -> list[date]:
    """Return the days that are shown: whole weeks, from Monday, but for a day."""
    if view == "day":
        return [on]
    first, last = (on, on) if view == "week" else (on.replace(day=1), _last_of_month(on))
    monday = first - first.weekday() * A_DAY
    return [monday + n * A_DAY for n in range((last - monday).days // 7 * 7 + 7)]


def _last_of_month(on: date) -> date:
    return (on.replace(day=28) + 4 * A_DAY).replace(day=1) - A_DAY


def tutors_named(text: str, tutors: Sequence[Choice]) -> list[Choice] | None:
    """Return the tutors that were named: by id, by the whole name, or by words in it.

    None where nobody was.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return None
    whole = [one for one in tutors if text.strip() == one.id or wanted == one.name.casefold()]
    words = wanted.split()
    return whole or [one for one in tutors if all(word in one.name.casefold() for word in words)]


def _around(request: PageRequest, asked: Asked) -> dict[str, Any]:
    """Return what stands around the days: where one can go, and what one can choose."""
    month = {"before": asked.on.replace(day=1) - A_DAY, "after": _last_of_month(asked.on) + A_DAY}
    step = {"day": A_DAY, "week": 7 * A_DAY}.get(asked.view)
    beside = {"before": asked.on - step, "after": asked.on + step} if step else month
    tutor_name = asked.tutors[0].name if asked.tutors and asked.one else asked.typed["tutor"]
    narrowed = _narrowed(asked)
    return {
        **beside,
        "today": local_date(request.reader.now, request.reader.zone),
        "views": CalendarFilter.VIEWS,
        "tutor_name": tutor_name,
        "filtered": bool(narrowed),
        "filters": urlencode(narrowed),
        "back": urlencode(_shown_as(asked)),
    }


def _say_where_to_plan(columns: Sequence[Column], asked: Asked) -> None:
    """Write into each column where its hours lead; that of one tutor names them itself."""
    path, narrowed = reverse("calendar_plan"), _narrowed(asked)
    back = urlencode(_shown_as(asked))
    for column in columns:
        tutor = {"tutor": column.tutor_id} if column.tutor_id else {}
        column.plan = f"{path}?{urlencode({'back': back, **narrowed, **tutor})}&at="


def _shown_as(asked: Asked) -> dict[str, str]:
    """Return what an address says of how the calendar is shown, whatever its day."""
    hours = {"hours": asked.typed["hours"]} if asked.typed["hours"] else {}
    return {"view": asked.view, **hours, **_narrowed(asked)}


def _narrowed(asked: Asked) -> dict[str, str]:
    return {name: asked.typed[name] for name in FILTERS if asked.typed[name]}


def _week(request: PageRequest, asked: Asked) -> dict[str, Any]:
    lessons = calendar.lessons_of_days(
        asked.viewer, asked.days, asked.narrowed(), groups="by_hour", most=MOST_IN_AN_HOUR
    )
    wanted = _wanted(request, asked, lessons, [asked.one] if asked.one else [])
    axis, columns = columns_of_week(wanted, asked.dates)
    _say_where_to_plan(columns, asked)
    return {"columns": columns, "labels": hour_labels(axis, wanted.clock(asked.on)), "axis": axis}


def _day(request: PageRequest, asked: Asked) -> dict[str, Any]:
    """A column for each tutor; where there are many, only for those with lessons, in parts."""
    if asked.viewer.is_owner:
        found = asked.all_tutors if asked.tutors is None else asked.tutors
        active = [one for one in found if one.active or one.busy]
        listed = active if len(active) <= MOST_TUTORS else [one for one in active if one.busy]
    else:
        listed = [one for one in asked.all_tutors if one.id == asked.viewer.tutor_id]
    part = numbered_page(request, len(listed), MOST_TUTORS)
    shown = listed[part.first : part.first + MOST_TUTORS]
    ids = [one.id for one in shown]
    narrowed = {**asked.narrowed(), "tutor_ids": ids}
    lessons = calendar.lessons_of_days(
        asked.viewer, asked.days, narrowed, groups="by_hour", most=MOST_IN_AN_HOUR * MOST_TUTORS
    )
    wanted = _wanted(request, asked, lessons, ids)
    axis, columns = columns_of_tutors(wanted, asked.on, [(one.id, one.name) for one in shown])
    _say_where_to_plan(columns, asked)
    labels = hour_labels(axis, wanted.clock(asked.on))
    return {"columns": columns, "labels": labels, "axis": axis, "part": part}


class MonthDay(NamedTuple):
    """A day of a month: how many lessons it has, and the first of them."""

    date: date
    inside: bool
    number: int
    lessons: list[tuple[str, str, Lesson]]
    more: int
    closed: str


def _month(request: PageRequest, asked: Asked) -> dict[str, Any]:
    lessons = calendar.lessons_of_days(
        asked.viewer, asked.days, asked.narrowed(), groups="by_day", most=MOST_IN_A_CELL
    )
    closed, zone = _closed(asked), ZoneInfo(request.reader.zone)
    by_day: dict[date, list[Lesson]] = {day: [] for day in asked.dates}
    for one in lessons:
        by_day[one.starts_at.astimezone(zone).date()].append(one)
    days = []
    for day, some in by_day.items():
        number = some[0].number if some else 0
        lines = [
            (f"{one.starts_at.astimezone(zone):%H:%M}", named(one.student_name), one)
            for one in some
        ]
        inside = day.month == asked.on.month
        days.append(MonthDay(day, inside, number, lines, number - len(some), closed.get(day, "")))
    return {"days": days, "weekdays": asked.dates[:7]}


def _wanted(
    request: PageRequest, asked: Asked, lessons: Sequence[Lesson], free_of: Sequence[str]
) -> Wanted:
    """Put together what is laid out; weeks are stated for the tutors ``free_of``."""
    of_day = asked.view == "day"
    return Wanted(
        zone=request.reader.zone,
        now=request.reader.now,
        lessons=lessons,
        free=calendar.stated_weeks(asked.viewer, free_of),
        away=calendar.away_in(asked.viewer, asked.days, free_of if of_day else asked.tutor_ids),
        closed=_closed(asked),
        names_tutor=not asked.one,
        elapsed=of_day,
        all_hours=asked.typed["hours"] == "all",
    )


def _closed(asked: Asked) -> dict[date, str]:
    """Return the days on which the business is closed, each with why."""
    first, last = asked.dates[0], asked.dates[-1]
    rows = closures_within(asked.viewer, first, last)
    return {
        day: row.name for row in rows for day in asked.dates if row.starts_on <= day < row.ends_on
    }
