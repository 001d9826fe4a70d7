"""Who covers: what an absence leaves, or one session."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.insights.best_cover import best_covers
from tandem.insights.cover import cover_candidates, sessions_to_cover
from tandem.insights.matching import Hours
from tandem.insights.offers import held_together
from tandem.kit.errors import invalid
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.lessons.cover import (
    Cover,
    bring_people,
    cover_all,
    held_then,
    preview_cover,
    shown_in,
)
from tandem.lessons.models import Session
from tandem.lessons.queries import visible_session
from tandem.lessons.rules import check_status
from tandem.lessons.time_off import time_off_of
from tandem.people.rules import check_owner
from tandem.web.forms.time import CoverSheet
from tandem.web.previews import bind_preview, plan_of, with_names
from tandem.web.reader import PageRequest
from tandem.web.submission import form_page, submit
from tandem.web.templatetags.tandem import day
from tandem.web.views.action_page import Trail, act, student_trail, tutor_trail
from tandem.web.views.tutor_time import time_of
from tandem.web.warning_words import outside_hours, warned

MOST_AT_ONCE = 60


@form_page
def cover_absence(request: PageRequest, tutor_id: str, off_id: str) -> HttpResponse:
    """Who takes each session that a tutor's time off leaves."""
    viewer = request.reader.viewer
    check_owner(is_owner=viewer.is_owner, doing=_("find cover"))
    row = time_off_of(tutor_id, off_id)
    tutor = row.tutor
    left = sessions_to_cover(viewer, tutor_id=tutor_id, hours=Hours(row.starts_at, row.ends_at))
    return _cover(
        request,
        list(left[:MOST_AT_ONCE]),
        heading=_("Who covers for {tutor}?").format(tutor=tutor),
        trail=tutor_trail(tutor),
        to=time_of(tutor_id),
    )


@form_page
def cover_session(request: PageRequest, session_id: str) -> HttpResponse:
    """Who takes one session."""
    viewer = request.reader.viewer
    row = visible_session(viewer, session_id)
    check_owner(is_owner=viewer.is_owner, doing=_("find cover"))
    check_status("cover", session_id=row.pk, status=row.status)
    here = reverse("session", args=[row.pk])
    return _cover(
        request,
        [row],
        heading=_("Who covers for {tutor}?").format(tutor=row.tutor),
        trail=[*student_trail(row.student), (here, day(row.starts_at))],
        to=here,
    )


def _cover(
    request: PageRequest, rows: Sequence[Session], *, heading: str, trail: Trail, to: str
) -> HttpResponse:
    candidates = cover_candidates(request.reader.viewer, rows)
    # Of a group each is chosen by itself here, but the best is one for all of it.
    best = best_covers(held_together(rows), candidates)
    form = bind_preview(
        request, CoverSheet, "look", sessions=rows, candidates=candidates, best=best
    )

    def chosen() -> dict[str, Any]:
        if not (choices := form.choices()):
            raise invalid("nobody", _("Nobody is chosen yet, so nothing would happen."))
        return {"requester": request.reader, "choices": choices}

    def carry_out(given: dict[str, Any]) -> list[Cover]:
        form.check_all_are_here()
        return cover_all(**chosen(), expect=given["plan"])

    done = submit(
        request,
        form,
        carry_out,
        to=lambda _done: to,
        success_message=lambda done: warned(_("It is covered."), [one.session for one in done]),
        deed=lambda done: done[0].deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda _given: preview_cover(**chosen())) or []
    bring_people(plan)
    return act(
        request,
        form,
        heading=heading,
        button=_("Let them cover"),
        trail=trail,
        template="cover.html",
        plan=plan,
        outside=outside_hours(held_then(plan)),
        mark=fingerprint(shown_in(plan)),
        clashes=with_names(clash for one in plan for clash in one.clashes),
    )
