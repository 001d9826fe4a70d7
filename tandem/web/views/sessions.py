"""Sessions: the list, the week, and the page of one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tandem.insights import pages
from tandem.insights.page_rows import Away, Named, SessionOnPage
from tandem.insights.pages import Part
from tandem.kit.errors import NotFoundError
from tandem.kit.time import day_starts, local_date
from tandem.lessons.queries import visible_session
from tandem.lessons.rules import ALLOWED, is_recordable
from tandem.web.addresses import address
from tandem.web.forms.filters import filled
from tandem.web.forms.sessions import SessionsFilter, WeekFilter
from tandem.web.lines import SCHEDULED, SESSION_WORDS, SessionShown, hours_words, named
from tandem.web.paging import page_of_rows
from tandem.web.reader import PageRequest, signed_in

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
MOST_IN_A_WEEK = 300
FARTHEST = (date(1900, 1, 8), date(2999, 12, 1))


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
    asked = filled(form)
    shown = asked["day"] or _today(request)
    if not FARTHEST[0] <= shown <= FARTHEST[1]:
        raise NotFoundError("week", str(shown))
    monday = shown - timedelta(days=shown.weekday())
    starts, ends = day_starts(monday, reader.zone), day_starts(monday + A_WEEK, reader.zone)
    tutor_id = tutor.id if tutor else None
    narrowed = {"tutor_id": tutor_id, "starts_from": starts, "starts_before": ends}
    part = Part(None, MOST_IN_A_WEEK + 1)
    rows = [row for _, row in pages.sessions(reader.viewer, part, narrowed)]
    away = pages.away_between(reader.viewer, starts, ends, tutor_id=tutor_id)
    context = {
        "tutor": tutor,
        "monday": monday,
        "sunday": monday + A_WEEK - A_DAY,
        "before": monday - A_WEEK,
        "after": monday + A_WEEK,
        "today": _today(request),
        "days": _by_day(monday, rows[:MOST_IN_A_WEEK], away),
        "more": len(rows) > MOST_IN_A_WEEK,
        "number": len(rows),
    }
    return render(request, "sessions/week.html", context)


@require_safe
@signed_in
def session(request: PageRequest, session_id: str) -> HttpResponse:
    """One session, and what can be done about it."""
    row = visible_session(request.reader.viewer, session_id)
    can = {verb.replace(" ", "_"): row.status in states for verb, states in ALLOWED.items()}
    has_begun = is_recordable(row.starts_at, request.reader.now)
    context = {"row": row, "can": can, "has_begun": has_begun}
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


def _by_day(
    monday: date, rows: list[SessionOnPage], away: list[Away]
) -> list[tuple[date, list[Slot], list[Away]]]:
    days: dict[date, list[Slot]] = {monday + timedelta(days=n): [] for n in range(7)}
    for row in rows:
        start = timezone.localtime(row.starts_at)
        days[start.date()].append(_slot(row, start))
    return [
        (day, slots, [off for off in away if _touches(off, day)]) for day, slots in days.items()
    ]


def _touches(off: Away, day: date) -> bool:
    """Tell whether somebody is away for some of a day; the end itself is not included."""
    last = timezone.localtime(off.ends_at - timedelta(microseconds=1)).date()
    return timezone.localtime(off.starts_at).date() <= day <= last
