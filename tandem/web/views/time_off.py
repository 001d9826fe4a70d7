"""A tutor is away: with what becomes of the lessons in these hours, and taking it back."""

from typing import Any

from django.http import HttpResponse

from tandem.insights.cover import sessions_to_cover
from tandem.insights.matching import Hours
from tandem.insights.offers import offers_for
from tandem.kit.errors import InvalidError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import zone_or_business
from tandem.lessons.time_off import add_time_off, preview_time_off, remove_time_off, time_off_of
from tandem.lessons.time_rules import check_time_off
from tandem.lessons.touched import still_ahead
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.forms.time import TimeOffSheet
from tandem.web.previews import bind_preview, plan_of, with_names, with_subjects
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import day
from tandem.web.views.action_page import act, tutor_trail
from tandem.web.views.tutor_time import clock_of, time_of, tutor_to_write
from tandem.web.warning_words import outside_hours, warned_of

STAYS = gettext_lazy(
    "What was covered, moved or cancelled stays so. To give covered lessons back, leave this and "
    "say when the tutor is back; to take all of it back, undo it under “What was done lately”."
)


@form_page
def time_off(request: PageRequest, tutor_id: str) -> HttpResponse:
    """Add time off, after a look at the lessons in it and a choice for each."""
    viewer, tutor = request.reader.viewer, tutor_to_write(request, tutor_id)
    form = bind_preview(
        request,
        TimeOffSheet,
        "first_day",
        zone=zone_or_business(tutor.time_zone),
        may_cover=viewer.is_owner,
    )
    if form.is_bound and form.is_valid() and (hours := _hours(form)):
        now = request.reader.now
        there = sessions_to_cover(viewer, tutor_id=tutor_id, hours=hours)
        touched = list(still_ahead(there, now=now))
        form.ask_about(touched, offers_for(viewer, touched, gone=hours, now=now))

    def deed(given: dict[str, Any]) -> dict[str, Any]:
        about = {"tutor_id": tutor_id, "reason": given["reason"], "decisions": form.decisions()}
        return {"requester": request.reader, **about, **form.hours()}

    done = submit(
        request,
        form,
        lambda given: add_time_off(**deed(given), expect=given["plan"]),
        to=lambda _done: time_of(tutor_id),
        success_message=lambda done: warned_of(_("The time off is saved."), done.touched.held_then),
        deed=lambda done: done.deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda given: preview_time_off(**deed(given)))
    with_subjects(plan.touched.sessions if plan else ())
    return act(
        request,
        form,
        heading=_("When is {tutor} away?").format(tutor=tutor),
        button=_("Save the time off"),
        trail=tutor_trail(tutor),
        intro=[clock_of(tutor)],
        template="tutors/time_off.html",
        plan=plan,
        clashes=with_names(plan.touched.clashes if plan else ()),
        outside=outside_hours(plan.touched.held_then) if plan else [],
        mark=fingerprint(plan.shown) if plan else "",
    )


@form_page
def end_time_off(request: PageRequest, tutor_id: str, off_id: str) -> HttpResponse:
    tutor = tutor_to_write(request, tutor_id)
    row = time_off_of(tutor.pk, off_id)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: remove_time_off(
            requester=request.reader, tutor_id=tutor_id, time_off_id=off_id
        ),
        to=lambda _done: time_of(tutor_id),
        success_message=f"{_('The time off is removed.')} {tutor}.",
    )
    return done or act(
        request,
        form,
        heading=_("Remove the time off of {tutor} from {day}?").format(
            tutor=tutor, day=day(row.starts_at)
        ),
        button=_("Remove the time off"),
        trail=tutor_trail(tutor),
        intro=[STAYS],
    )


def _hours(form: TimeOffSheet) -> Hours | None:
    """Return the hours that were typed; None where they are none, which the preview says."""
    try:
        typed = form.hours()
        check_time_off(**typed)
    except InvalidError:
        return None
    return Hours(**typed)
