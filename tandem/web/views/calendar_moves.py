"""Lessons that are put elsewhere on the calendar: where, what stands against it, and back."""

from copy import copy
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from tandem.kit.dates import day_words
from tandem.kit.errors import ConflictError, NotFoundError, TandemError
from tandem.kit.language import gettext as _
from tandem.lessons.actions import preview_reschedule
from tandem.lessons.models import Session
from tandem.lessons.time_rules import OVERRIDABLE
from tandem.web.forms.sessions import HoursSheet, hours_between
from tandem.web.forms.sheet import ActionForm
from tandem.web.lines import hours_words, named
from tandem.web.reader import PageRequest
from tandem.web.warning_words import passed, warned

YEARS = range(1900, 2200)
FILTERS = ("tutor", "student", "subject", "status")
"""What lessons on the calendar are narrowed by, as its address says it."""
SHOWN_AS = ("view", "hours", *FILTERS)
"""How a calendar is shown that is gone back to; the day is that of the lesson."""


class Judged(NamedTuple):
    """What stands against a move, '' where nothing does; and whether that can be overridden.

    ``warning`` is what should be known where nothing does.

    Where it can, lessons in the same hours may still stand against it: they are looked at later.
    """

    against: str
    may_override: bool = False
    warning: str = ""


def moment_of(text: str) -> datetime | None:
    """Return the moment that an address names, None for what is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo and moment.year in YEARS else None


def hours_put(request: PageRequest, row: Session, zone: str) -> dict[str, Any]:
    """Return the hours at which a lesson was put, as somebody in ``zone`` would type them."""
    starts_at = moment_of(request.GET.get("at", ""))
    return hours_between(starts_at, starts_at + _length(row), zone) if starts_at else {}


def judged(request: PageRequest, row: Session) -> Judged | None:
    """Return what stands against putting a lesson there, as far as that was asked."""
    starts_at = moment_of(request.GET.get("at", ""))
    if starts_at is None or request.method == "POST":
        return None
    ends_at = starts_at + _length(row)
    try:
        preview_reschedule(
            requester=request.reader, session_id=row.pk, starts_at=starts_at, ends_at=ends_at
        )
    except NotFoundError:
        raise
    except TandemError as refusal:
        return Judged(str(refusal), _may_override(request, refusal))
    there = copy(row)
    there.starts_at, there.ends_at = starts_at, ends_at
    told = passed(warned("", [there]), [there], request.reader.now)
    return Judged("", warning=told.strip())


def calendar_after(request: PageRequest, form: ActionForm) -> str:
    """Return where on the calendar a lesson lies now, if that was left for it; '' where it was not.

    It is seen as it was before: by day, week or month, and narrowed as it was.
    """
    if not is_from_calendar(request) or not isinstance(form, HoursSheet):
        return ""
    return calendar_on(request, form.cleaned_data["day"])


def is_from_calendar(request: PageRequest) -> bool:
    """Tell whether the reader came from the calendar, and goes back there."""
    return request.GET.get("from") == "calendar"


def calendar_on(request: PageRequest, on: date) -> str:
    """Return the address of a day on the calendar, which is shown as it was before."""
    before = QueryDict(request.GET.get("back", ""))
    kept = {name: before[name] for name in SHOWN_AS if before.get(name)}
    return f"{reverse('calendar')}?{urlencode({**kept, 'date': on})}"


def moment_said(request: PageRequest, session: Session) -> str:
    """Return when a lesson is, as the reader's clock shows it: the day and the hours."""
    zone = ZoneInfo(request.reader.zone)
    starts, ends = session.starts_at.astimezone(zone), session.ends_at.astimezone(zone)
    return f"{day_words(starts)}, {hours_words(starts, ends)}"


def hours_said(request: PageRequest, session: Session, *together: Session) -> str:
    """Return whose lesson it is, and when, as the reader's clock shows it."""
    zone = ZoneInfo(request.reader.zone)
    starts, ends = session.starts_at.astimezone(zone), session.ends_at.astimezone(zone)
    text = (
        _("{student} and {number} more with {tutor}: {day}, {hours}.")
        if together
        else _("{student} with {tutor}: {day}, {hours}.")
    )
    return text.format(
        student=named(session.student.full_name),
        number=len(together),
        tutor=session.tutor,
        day=day_words(starts),
        hours=hours_words(starts, ends),
    )


def way_back(row: Session, form: ActionForm) -> str:
    """Return the address of the form that gives a lesson the hours it had before ``form`` moved it.

    '' where it was not moved, or lasts as long no more.
    """
    if not isinstance(form, HoursSheet):
        return ""
    hours = form.hours()
    if hours["ends_at"] - hours["starts_at"] != _length(row):
        return ""
    query = urlencode({"at": row.starts_at.isoformat(), "from": "calendar"})
    return f"{reverse('change_session', args=[row.pk, 'move'])}?{query}"


def _may_override(request: PageRequest, refusal: TandemError) -> bool:
    reason = refusal.reason if isinstance(refusal, ConflictError) else ""
    return request.reader.viewer.is_owner and reason in OVERRIDABLE


def _length(row: Session) -> timedelta:
    return row.ends_at - row.starts_at
