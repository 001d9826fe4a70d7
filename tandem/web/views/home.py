"""What needs me? The first page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.insights.dashboard import TaughtHours
from tandem.insights.overview import AwayNow, answerable, diary, requests
from tandem.insights.page_rows import SessionOnPage
from tandem.kit.language import gettext as _
from tandem.kit.time import local_date, span_in_words
from tandem.web.addresses import address
from tandem.web.charts import bars
from tandem.web.dashboard_cache import counted
from tandem.web.first_steps import first_steps
from tandem.web.lines import SCHEDULED, SessionLine, SessionShown
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, PageRequester, signed_in
from tandem.web.words import TRENDS, plain_number

MOST_SESSIONS = 40
MOST_WAITING = 10
MOST_HOURS = 8
MOST_FURTHER_HOURS = 100
A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AwayLine:
    """Who is away, from when to when in words, and their sessions that stand then."""

    tutor: str
    tutor_url: str
    when: str
    sessions: int
    sessions_url: str
    cover_url: str
    """Where an owner finds who takes them; '' for others, and where none stands."""


@require_safe
@signed_in
def home(request: PageRequest) -> HttpResponse:
    reader = request.reader
    found = counted(request)
    numbers = found.numbers
    faulty = sum(n for name, n in numbers.counts.items() if name.startswith("faulty_"))
    seen = diary(reader.viewer, zone=reader.zone, now=reader.now, most=MOST_SESSIONS)
    whom = "student, tutor" if reader.viewer.is_owner else "student"
    shown_today = SessionShown(
        reader.now, whom, dated=False, records=True, next_at=_next_start(seen.today, reader.now)
    )
    shown_before = SessionShown(reader.now, "student, tutor", records=True)
    waiting = [
        (row, answerable(reader.viewer, row)) for row in requests(reader.viewer, most=MOST_WAITING)
    ]
    context = {
        "steps": first_steps(reader.viewer, numbers),
        "numbers": numbers,
        "counted_at": found.at if found.at != reader.now else None,
        "attention": faulty + found.undecided,
        "diary": seen,
        "today": [shown_today.line(row) for row in seen.today],
        "unrecorded_lines": [shown_before.line(row) for row in seen.unrecorded],
        "unrecorded": max(numbers.counts["past_still_scheduled"], len(seen.unrecorded)),
        "cannot_come": [_called_off(shown_before, row) for row in seen.cannot_come],
        "requests": waiting,
        "trends": [(label, numbers.trends[name]) for name, label in TRENDS.items()],
        "statuses": _statuses(numbers.week, numbers.month),
        "hours": [_hours_line(row) for row in numbers.hours[:MOST_HOURS]],
        "more_hours": [_hours_line(row) for row in numbers.hours[MOST_HOURS:MOST_FURTHER_HOURS]],
        "hours_left": len(numbers.hours[MOST_FURTHER_HOURS:]),
        "bars": bars(numbers.weeks),
        "away": [_away_line(reader, one, number) for one, number in seen.away],
    }
    return render(request, "home.html", context)


def _next_start(today: Sequence[SessionOnPage], now: datetime) -> datetime | None:
    """Return when the next of today's lessons begins, None where none is to come."""
    ahead = (row.starts_at for row in today if row.status == SCHEDULED and row.starts_at > now)
    return min(ahead, default=None)


def _called_off(shown: SessionShown, row: SessionOnPage) -> SessionLine:
    """Return a lesson to which a family cannot come, with why and nothing else beside it."""
    line = shown.line(row._replace(status="cancelled"))
    return replace(line, mark="", texts=[replace(one, label=_("Why")) for one in line.texts])


def _away_line(reader: PageRequester, one: AwayNow, number: int) -> AwayLine:
    zone, covers = reader.zone, number and reader.viewer.is_owner
    first, last = local_date(one.starts_at, zone), local_date(one.ends_at - A_MOMENT, zone)
    asked = urlencode(
        {"tutor": one.tutor_id, "starts_from": first, "starts_until": last, "status": "scheduled"}
    )
    return AwayLine(
        one.tutor_name,
        address("tutor", one.tutor_id),
        span_in_words(one.starts_at, one.ends_at, zone),
        number,
        f"{reverse('sessions')}?{asked}",
        reverse("cover_absence", args=[one.tutor_id, one.id]) if covers else "",
    )


def _statuses(week: Mapping[str, int], month: Mapping[str, int]) -> list[tuple[str, int, int]]:
    return [(status, week[status], month[status]) for status in week]


@dataclass(frozen=True, slots=True)
class HoursLine:
    """What a tutor taught of one subject, in words."""

    tutor: str
    tutor_url: str
    subject: str
    sessions: str
    hours: str


def _hours_line(row: TaughtHours) -> HoursLine:
    return HoursLine(
        tutor=row.tutor_name,
        tutor_url=address("tutor", row.tutor_id),
        subject=row.subject or _("Any subject"),
        sessions=str(row.sessions),
        hours=plain_number(row.hours),
    )
