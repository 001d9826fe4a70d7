"""A tutor's time: the week, and who covers what an absence leaves."""

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
from tandem.kit.time import zone_or_business
from tandem.lessons.availability import availability_of, set_availability
from tandem.lessons.cover import bring_people, cover_all, held_then, preview_cover, shown_in
from tandem.lessons.models import Session
from tandem.lessons.queries import visible_session
from tandem.lessons.rules import check_status
from tandem.lessons.seen import hold_tutor
from tandem.lessons.time_off import time_off_of
from tandem.people.models import Tutor
from tandem.people.queries import visible_tutor
from tandem.people.rules import check_owner, check_tutor_editor
from tandem.web.forms.time import CoverSheet, WeekSheet
from tandem.web.previews import bind_preview, plan_of, with_names
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import day, zone_name
from tandem.web.views.action_page import Trail, act, student_trail, tutor_trail
from tandem.web.warning_words import outside_hours, warned

MOST_AT_ONCE = 60


@form_page
def week(request: PageRequest, tutor_id: str) -> HttpResponse:
    """The lines are the whole week: a time that is emptied is no longer free."""
    tutor = tutor_to_write(request, tutor_id)
    rows = list(availability_of(tutor.pk))
    form = bind_form(request, WeekSheet, row=tutor, week=rows)
    done = submit(
        request,
        form,
        lambda _given: set_availability(
            requester=request.reader, tutor_id=tutor_id, spans=form.spans()
        ),
        to=lambda _done: time_of(tutor_id),
        success_message=f"{_('The week is saved.')} {tutor}.",
        seen=lambda: hold_tutor(request.reader.viewer, tutor_id),
    )
    return done or act(
        request,
        form,
        heading=_("When is {tutor} free every week?").format(tutor=tutor),
        button=_("Save"),
        trail=tutor_trail(tutor),
        intro=[
            clock_of(tutor),
            _("Empty both times of a line to take it out. Until midnight is until 00:00."),
        ],
        template="tutors/week.html",
    )


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

    done = submit(
        request,
        form,
        lambda given: cover_all(**chosen(), expect=given["plan"]),
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


def tutor_to_write(request: PageRequest, tutor_id: str) -> Tutor:
    """Return a tutor whose time the reader may write."""
    viewer = request.reader.viewer
    tutor = visible_tutor(viewer, tutor_id)
    check_tutor_editor(is_owner=viewer.is_owner, is_self=tutor.pk == viewer.tutor_id)
    return tutor


def time_of(tutor_id: str) -> str:
    """Return the address of a tutor's time."""
    return f"{reverse('tutor', args=[tutor_id])}#time"


def clock_of(tutor: Tutor) -> str:
    """Return the sentence that says whose clock it is."""
    return _("Times are in {zone}, where {tutor} is.").format(
        zone=zone_name(zone_or_business(tutor.time_zone)), tutor=tutor
    )
