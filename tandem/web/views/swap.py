"""Swapping the hours of two sessions of one tutor."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.lessons.models import Session
from tandem.lessons.queries import SessionFilter, sessions, visible_session
from tandem.lessons.rules import check_status
from tandem.lessons.seen import hold_sessions
from tandem.lessons.swapping import swap
from tandem.web.forms.sessions import SwapSheet
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import day
from tandem.web.views.action_page import act, student_trail
from tandem.web.views.calendar_moves import hours_said

MOST_CHOICES = 60


@form_page
def swap_session(request: PageRequest, session_id: str) -> HttpResponse:
    """Let a session and another of its tutor, chosen from the next, change places."""
    viewer = request.reader.viewer
    row = visible_session(viewer, session_id)
    check_status("swap", session_id=row.pk, status=row.status)
    options: dict[str, Any] = {"sessions": _others(request, row), "may_override": viewer.is_owner}
    form = bind_form(request, SwapSheet, row=row, **options)

    def both() -> list[str]:
        return [session_id, form.other_id()]

    done = submit(
        request,
        form,
        lambda _given: swap(requester=request.reader, session_ids=both(), **form.overridden()),
        to=lambda _done: reverse("session", args=[session_id]),
        success_message=lambda done: " ".join(
            [_("The two sessions are swapped."), *(hours_said(request, one) for one in done)]
        ),
        seen=lambda: hold_sessions(viewer, both())[session_id],
    )
    here = (reverse("session", args=[row.pk]), day(row.starts_at))
    return done or act(
        request,
        form,
        heading=_("Which session should it change places with?"),
        button=_("Swap them"),
        trail=[*student_trail(row.student), here],
        template="sessions/change.html",
        row=row,
        intro=[_("Each takes the hours of the other. If one of them cannot, neither is moved.")],
    )


def _others(request: PageRequest, row: Session) -> list[Session]:
    """Return what the tutor has planned from now on, the soonest first."""
    narrowed = SessionFilter(
        tutor_id=row.tutor_id,
        starts_from=request.reader.now,
        statuses=[Session.Status.SCHEDULED],
    )
    rows = sessions(request.reader.viewer, narrowed)[: MOST_CHOICES + 1]
    return [one for one in rows if one.pk != row.pk][:MOST_CHOICES]
