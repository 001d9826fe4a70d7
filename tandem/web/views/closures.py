"""Days on which the business is closed: which there are, closing more, opening again."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.insights.matching import Hours
from tandem.insights.offers import offers_for
from tandem.kit.errors import InvalidError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import zone_or_business
from tandem.lessons.closures import (
    CLOSE,
    add_closure,
    closures_ahead,
    hours_of,
    preview_closure,
    remove_closure,
    sessions_on,
    visible_closure,
)
from tandem.lessons.closures import new_closure as new_closure_of
from tandem.lessons.touched import still_ahead
from tandem.people.rules import check_owner
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.forms.time import ClosureSheet
from tandem.web.methods import require_safe
from tandem.web.previews import bind_preview, plan_of, with_names, with_subjects
from tandem.web.reader import PageRequest, signed_in
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import Trail, act, settings_trail
from tandem.web.warning_words import outside_hours, warned_of

A_DAY = timedelta(days=1)
MOST_SHOWN = 100
OPENED_AGAIN = gettext_lazy(
    "Lessons can be planned on these days again. What was cancelled stays cancelled; undoing the "
    "closure under “What was done” plans it again."
)


@require_safe
@signed_in
def closures(request: PageRequest) -> HttpResponse:
    """Those that are not over yet, each with what is planned on its days all the same."""
    viewer = request.reader.viewer
    rows = closures_ahead(viewer)
    lines = [(row, row.ends_on - A_DAY, sessions_on(viewer, row).count()) for row in rows]
    context = {"lines": lines, "zone": zone_or_business("")}
    return render(request, "closures/closures.html", context)


@require_safe
@signed_in
def closure(request: PageRequest, closure_id: str) -> HttpResponse:
    """What is planned on the days of one closure."""
    viewer = request.reader.viewer
    row = visible_closure(viewer, closure_id)
    sessions = list(sessions_on(viewer, row)[: MOST_SHOWN + 1])
    context = {
        "row": row,
        "last_day": row.ends_on - A_DAY,
        "trail": _trail(),
        "sessions": sessions[:MOST_SHOWN],
        "more": len(sessions) > MOST_SHOWN,
    }
    return render(request, "closures/closure.html", context)


@form_page
def new_closure(request: PageRequest) -> HttpResponse:
    """Close the business on days, after a look at what is planned on them."""
    check_owner(is_owner=request.reader.viewer.is_owner, doing=CLOSE)
    form = bind_preview(request, ClosureSheet, "first_day")

    if form.is_bound and form.is_valid():
        _ask(request, form)

    def deed() -> dict[str, Any]:
        return {"requester": request.reader, **form.closure(), "decisions": form.decisions()}

    done = submit(
        request,
        form,
        lambda given: add_closure(**deed(), expect=given["plan"]),
        to=lambda _plan: reverse("closures"),
        success_message=lambda done: warned_of(
            _("The business is closed on these days."), done.touched.held_then
        ),
        deed=lambda plan: plan.deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda _given: preview_closure(**deed()))
    with_subjects(plan.touched.sessions if plan else ())
    return act(
        request,
        form,
        heading=_("When is the business closed?"),
        button=_("Close it"),
        trail=_trail(),
        template="closures/new.html",
        plan=plan,
        clashes=with_names(plan.touched.clashes if plan else ()),
        outside=outside_hours(plan.touched.held_then) if plan else [],
        mark=fingerprint(plan.shown) if plan else "",
    )


def _ask(request: PageRequest, form: ClosureSheet) -> None:
    """Ask about each lesson on the days that were typed; wrong days the preview refuses."""
    viewer, now = request.reader.viewer, request.reader.now
    try:
        closure = new_closure_of(**form.closure())
    except InvalidError:
        return
    touched = list(still_ahead(sessions_on(viewer, closure), now=now))
    form.ask_about(touched, offers_for(viewer, touched, gone=Hours(*hours_of(closure)), now=now))


@form_page
def open_again(request: PageRequest, closure_id: str) -> HttpResponse:
    """Take a closure back; what was called off stays so."""
    viewer = request.reader.viewer
    check_owner(is_owner=viewer.is_owner, doing=CLOSE)
    row = visible_closure(viewer, closure_id)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: remove_closure(requester=request.reader, closure_id=closure_id),
        to=lambda _done: reverse("closures"),
        success_message=_("The business is open on these days again."),
    )
    return done or act(
        request,
        form,
        heading=_("Open again: {name}?").format(name=row.name),
        button=_("Open again"),
        trail=_trail(),
        intro=[OPENED_AGAIN],
    )


def _trail() -> Trail:
    return [*settings_trail(), (reverse("closures"), _("Closed days"))]
