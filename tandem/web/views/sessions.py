"""Sessions: the list, and the page of one."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render

from tandem.insights import pages
from tandem.insights.orders import SESSION_ORDERS
from tandem.kit.errors import NotFoundError
from tandem.kit.time import day_starts, local_date
from tandem.lessons.cancelling_rules import LATE
from tandem.lessons.cover_rules import may_remove
from tandem.lessons.former_links import links_by_id
from tandem.lessons.group_records import held_with
from tandem.lessons.history import history_of_session, outcome_told
from tandem.lessons.models import Session, SessionEvent, SessionSeries
from tandem.lessons.queries import one_series, visible_session
from tandem.lessons.rules import ALLOWED, is_recordable
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.web.forms.filters import filled
from tandem.web.forms.sessions import SessionsFilter
from tandem.web.lines import SessionShown
from tandem.web.methods import require_safe
from tandem.web.paging import page_of_rows
from tandem.web.reader import PageRequest, signed_in
from tandem.web.views.joining import nobody_else, who_may_join
from tandem.web.views.suggestions import students_of, tutors_of
from tandem.web.words import session_event_sentence

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
MOST_IN_A_DAY = 40
FARTHEST = (date(1900, 1, 8), date(2200, 12, 24))


@require_safe
@signed_in
def session_list(request: PageRequest) -> HttpResponse:
    """Everything from today on, unless asked otherwise."""
    reader = request.reader
    form = SessionsFilter(
        request.GET,
        tutors=tutors_of(reader.viewer, active=False),
        students=students_of(reader.viewer),
    )
    asked = filled(form)
    order, last = SESSION_ORDERS[asked["sort"]], asked["starts_until"]
    first = asked["starts_from"] or (None if last or order.falls else _today(request))
    narrowed = {
        "tutor_id": asked["tutor"] or None,
        "student_id": asked["student"] or None,
        "starts_from": day_starts(first, reader.zone) if first else None,
        "starts_before": day_starts(last + A_DAY, reader.zone) if last else None,
        "statuses": [asked["status"]] if asked["status"] else None,
    }
    page = page_of_rows(
        lambda part: pages.sessions(reader.viewer, part, narrowed),
        request.GET.get("page", ""),
        newest_first=order.falls,
        by_moment=True,
    )
    shown = SessionShown(reader.now, names=_names(request))
    is_all = not (page.before or page.after)
    number = len(page.rows) if is_all else pages.sessions_total(reader.viewer, narrowed)
    context = {"form": form, "first": first, "last": last, "page": page, "number": number}
    context["most"] = pages.MOST_COUNTED
    context["latest_first"] = order.falls
    context["lines"] = [shown.line(row) for row in page.rows]
    return render(request, "sessions/list.html", context)


@require_safe
@signed_in
def session(request: PageRequest, session_id: str) -> HttpResponse:
    """One session, and what can be done about it."""
    row = visible_session(request.reader.viewer, session_id)
    can = {verb.replace(" ", "_"): row.status in states for verb, states in ALLOWED.items()}
    is_owner = request.reader.viewer.is_owner
    can["delete"] &= may_remove(state_of(row.tutor_student), is_owner=is_owner)
    has_begun = is_recordable(row.starts_at, request.reader.now)
    lines = history_of_session(request.reader.viewer, session_id)
    links = links_by_id(line.details.get("to") for line in lines)
    history = [(line, session_event_sentence(line, _taker(line, links))) for line in lines]
    off = [one for one in history if one[0].what == SessionEvent.What.CANCELLED]
    can["join"] = row.status == Session.Status.SCHEDULED and row.ends_at > request.reader.now
    context = {"row": row, "can": can, "has_begun": has_begun, "history": history, "cancelled": ""}
    together = held_with(request.reader.viewer, session_id) if row.group else []
    context["together"] = together
    context["series"] = _series_of(request, row)
    if can["join"] and not who_may_join(request, row, together):
        context["nobody_else"] = nobody_else(row.tutor)
    if off and row.status == Session.Status.CANCELLED:
        line, context["cancelled"] = off[-1]
        can["delete"] &= outcome_told(line) not in LATE
    return render(request, "sessions/session.html", context)


def _taker(line: SessionEvent, links: Mapping[str, TutorStudent]) -> str:
    link = links.get(line.details.get("to", ""))
    return str(link.tutor) if link else ""


def _series_of(request: PageRequest, row: Session) -> SessionSeries | None:
    """Return the weekly lessons that a session is one of, where the reader may see them."""
    if row.series_id is None:
        return None
    with suppress(NotFoundError):  # who covers it alone
        return one_series(request.reader.viewer, row.series_id)
    return None


def _names(request: PageRequest) -> str:
    """Say whom a line names: a tutor knows who holds their own."""
    return "student, tutor" if request.reader.viewer.is_owner else "student"


def _today(request: PageRequest) -> date:
    return local_date(request.reader.now, request.reader.zone)
