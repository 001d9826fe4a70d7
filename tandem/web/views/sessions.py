"""Sessions: the list, the week, and the page of one."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tandem.insights.cover import away_between
from tandem.insights.matching import Hours
from tandem.kit.errors import NotFoundError
from tandem.kit.time import day_starts, local_date
from tandem.lessons.models import Session, TimeOff
from tandem.lessons.queries import SessionFilter, sessions, visible_session
from tandem.lessons.rules import ALLOWED
from tandem.people.models import Tutor
from tandem.people.queries import visible_tutor
from tandem.web.forms.filters import filled
from tandem.web.forms.sessions import SessionsFilter, WeekFilter
from tandem.web.paging import page_of
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
    rows = sessions(
        reader.viewer,
        SessionFilter(
            tutor_id=tutor.pk if tutor else None,
            starts_from=day_starts(first, reader.zone) if first else None,
            starts_before=day_starts(last + A_DAY, reader.zone) if last else None,
            statuses=[asked["status"]] if asked["status"] else (),
        ),
    )
    page = page_of(rows, "starts_at", request.GET.get("page", ""))
    return render(
        request, "sessions/list.html", {"form": form, "tutor": tutor, "first": first, "page": page}
    )


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
    narrowed = SessionFilter(
        tutor_id=tutor.pk if tutor else None,
        starts_from=day_starts(monday, reader.zone),
        starts_before=day_starts(monday + A_WEEK, reader.zone),
    )
    rows = list(sessions(reader.viewer, narrowed)[: MOST_IN_A_WEEK + 1])
    away = away_between(
        reader.viewer,
        Hours(day_starts(monday, reader.zone), day_starts(monday + A_WEEK, reader.zone)),
        tutor_id=tutor.pk if tutor else None,
    )
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
    over = row.starts_at <= request.reader.now
    return render(request, "sessions/session.html", {"row": row, "can": can, "over": over})


def _tutor(request: PageRequest) -> Tutor | None:
    """Return the tutor whose sessions alone are asked for: a choice among all would be too long."""
    tutor_id = request.GET.get("tutor")
    return visible_tutor(request.reader.viewer, tutor_id) if tutor_id else None


def _today(request: PageRequest) -> date:
    return local_date(request.reader.now, request.reader.zone)


def _by_day(
    monday: date, rows: list[Session], away: list[TimeOff]
) -> list[tuple[date, list[Session], list[TimeOff]]]:
    days: dict[date, list[Session]] = {monday + timedelta(days=n): [] for n in range(7)}
    for row in rows:
        days[timezone.localtime(row.starts_at).date()].append(row)
    return [
        (day, sessions_of_day, [off for off in away if _touches(off, day)])
        for day, sessions_of_day in days.items()
    ]


def _touches(off: TimeOff, day: date) -> bool:
    """Tell whether somebody is away for some of a day; the end itself is not included."""
    last = timezone.localtime(off.ends_at - timedelta(microseconds=1)).date()
    return timezone.localtime(off.starts_at).date() <= day <= last
