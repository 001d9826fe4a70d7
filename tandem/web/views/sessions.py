"""Sessions: the list, the week, and the page of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tandem.insights import pages
from tandem.insights.page_rows import Away, Named, SessionOnPage
from tandem.kit.errors import invalid
from tandem.kit.time import day_starts, local_date
from tandem.lessons.cancelling_rules import LATE
from tandem.lessons.closures import visible_closures
from tandem.lessons.history import history_of_session, outcome_told
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.queries import visible_session
from tandem.lessons.rules import ALLOWED, is_recordable
from tandem.people.queries import Viewer
from tandem.web.addresses import address
from tandem.web.forms.filters import filled, said_beside
from tandem.web.forms.sessions import SessionsFilter, WeekFilter
from tandem.web.lines import SCHEDULED, SESSION_WORDS, SessionShown, hours_words, named
from tandem.web.paging import page_of_rows
from tandem.web.reader import PageRequest, signed_in
from tandem.web.words import session_event_sentence

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
MOST_IN_A_DAY = 40
FARTHEST = (date(1900, 1, 8), date(2200, 12, 24))


@require_safe
@signed_in
def session_list(request: PageRequest) -> HttpResponse:
    """Everything from today on, unless asked otherwise."""
    reader = request.reader
    form, tutor = SessionsFilter(request.GET), _tutor(request)
    asked = filled(form)
    first = asked["starts_from"] or (None if asked["starts_until"] else _today(request))
    last = asked["starts_until"]
    narrowed = {
        "tutor_id": tutor.id if tutor else None,
        "starts_from": day_starts(first, reader.zone) if first else None,
        "starts_before": day_starts(last + A_DAY, reader.zone) if last else None,
        "statuses": [asked["status"]] if asked["status"] else None,
    }
    page = page_of_rows(
        lambda part: pages.sessions(reader.viewer, part, narrowed),
        request.GET.get("page", ""),
        by_moment=True,
    )
    shown = SessionShown(reader.now, names=_names(request))
    context = {"form": form, "tutor": tutor, "first": first, "page": page}
    context["lines"] = [shown.line(row) for row in page.rows]
    return render(request, "sessions/list.html", context)


@require_safe
@signed_in
def week(request: PageRequest) -> HttpResponse:
    """Seven days from a Monday, as they lie where the reader is."""
    reader = request.reader
    form, tutor = WeekFilter(request.GET), _tutor(request)
    with said_beside(form):
        shown = _week_of(filled(form)["day"] or _today(request))
    monday = shown - timedelta(days=shown.weekday())
    tutor_id = tutor.id if tutor else None
    borders = [day_starts(monday + n * A_DAY, reader.zone) for n in range(8)]
    rows = pages.sessions_of_days(
        reader.viewer, list(pairwise(borders)), most=MOST_IN_A_DAY, tutor_id=tutor_id
    )
    away = pages.away_between(reader.viewer, borders[0], borders[-1], tutor_id=tutor_id)
    context = {
        "tutor": tutor,
        "monday": monday,
        "sunday": monday + A_WEEK - A_DAY,
        "before": monday - A_WEEK,
        "after": monday + A_WEEK,
        "today": _today(request),
        "days": _by_day(monday, rows, away, _closed(reader.viewer, monday)),
    }
    return render(request, "sessions/week.html", context)


@require_safe
@signed_in
def session(request: PageRequest, session_id: str) -> HttpResponse:
    """One session, and what can be done about it."""
    row = visible_session(request.reader.viewer, session_id)
    can = {verb.replace(" ", "_"): row.status in states for verb, states in ALLOWED.items()}
    has_begun = is_recordable(row.starts_at, request.reader.now)
    lines = history_of_session(request.reader.viewer, session_id)
    history = [(line, session_event_sentence(line)) for line in lines]
    off = [one for one in history if one[0].what == SessionEvent.What.CANCELLED]
    context = {"row": row, "can": can, "has_begun": has_begun, "history": history, "cancelled": ""}
    if off and row.status == Session.Status.CANCELLED:
        line, context["cancelled"] = off[-1]
        can["delete"] &= outcome_told(line) not in LATE
    return render(request, "sessions/session.html", context)


def _tutor(request: PageRequest) -> Named | None:
    """Return the tutor whose sessions alone are asked for: a choice among all would be too long."""
    tutor_id = request.GET.get("tutor")
    return pages.tutor_name(request.reader.viewer, tutor_id) if tutor_id else None


def _names(request: PageRequest) -> str:
    """Say whom a line names: a tutor knows who holds their own."""
    return "student, tutor" if request.reader.viewer.is_owner else "student"


def _today(request: PageRequest) -> date:
    return local_date(request.reader.now, request.reader.zone)


def _week_of(day: date) -> date:
    first, last = FARTHEST
    if first <= day <= last:
        return day
    raise invalid("day", f"Choose a day from {first:%Y} to {last:%Y}.")


@dataclass(frozen=True, slots=True)
class Slot:
    """A session in the week: when, with whom, and how it stands unless it is only planned."""

    status: str
    url: str
    hours: str
    student: str
    subject: str
    tutor: str
    mark: str


def _slot(row: SessionOnPage, start: datetime) -> Slot:
    return Slot(
        status=row.status,
        url=address("session", row.id),
        hours=hours_words(start, timezone.localtime(row.ends_at)),
        student=named(row.student_name),
        subject=row.subject or "",
        tutor=row.tutor_name,
        mark="" if row.status == SCHEDULED else SESSION_WORDS[row.status],
    )


@dataclass(slots=True)
class Day:
    """A day of the week: its first sessions, how many ``more`` it has, who is away; why closed."""

    date: date
    slots: list[Slot]
    away: list[Away]
    closed: str = ""
    more: int = 0


def _closed(viewer: Viewer, monday: date) -> dict[date, str]:
    """Return the days of a week on which the business is closed, each with why."""
    week = [monday + n * A_DAY for n in range(7)]
    rows = visible_closures(viewer).filter(starts_on__lte=week[-1], ends_on__gt=monday)
    return {day: row.name for row in rows for day in week if row.starts_on <= day < row.ends_on}


def _by_day(
    monday: date,
    rows: list[tuple[int, SessionOnPage]],
    away: list[Away],
    closed: Mapping[date, str],
) -> list[Day]:
    dates = [monday + n * A_DAY for n in range(7)]
    days = {
        day: Day(day, [], [off for off in away if _touches(off, day)], closed.get(day, ""))
        for day in dates
    }
    for number, row in rows:
        start = timezone.localtime(row.starts_at)
        day = days[start.date()]
        day.slots.append(_slot(row, start))
        day.more = number - len(day.slots)
    return list(days.values())


def _touches(off: Away, day: date) -> bool:
    """Tell whether somebody is away for some of a day; the end itself is not included."""
    last = timezone.localtime(off.ends_at - timedelta(microseconds=1)).date()
    return timezone.localtime(off.starts_at).date() <= day <= last
