"""A tutor is back early: what others cover in the rest of the time off goes back to them."""

from typing import Any

from django.http import HttpResponse

from tandem.kit.errors import InvalidError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import local_date, zone_or_business
from tandem.lessons.end_absence import covered_for, end_absence, preview_end_absence
from tandem.lessons.models import Session, TimeOff
from tandem.lessons.queries import sessions_whoever_sees
from tandem.lessons.time_off import time_off_of
from tandem.web.forms.absence import BackSheet
from tandem.web.previews import bind_preview, plan_of, with_subjects
from tandem.web.reader import PageRequest
from tandem.web.submission import form_page, submit
from tandem.web.views.action_page import act, tutor_trail
from tandem.web.views.tutor_time import clock_of, time_of, tutor_to_write
from tandem.web.warning_words import outside_hours, warned_of

AN_OWNER_DECIDES = gettext_lazy("What others cover stays with them; an owner can give it back.")


@form_page
def back_early(request: PageRequest, tutor_id: str, off_id: str) -> HttpResponse:
    """End time off sooner, after a look at the lessons that go back."""
    viewer, tutor = request.reader.viewer, tutor_to_write(request, tutor_id)
    row = time_off_of(tutor.pk, off_id)
    zone = zone_or_business(tutor.time_zone)
    today = local_date(max(request.reader.now, row.starts_at), zone)
    form = bind_preview(request, BackSheet, "back_on", zone=zone, initial={"back_on": today})
    if viewer.is_owner and form.is_bound and form.is_valid():
        form.ask_about(_covered(request, form, row))

    def deed(_given: dict[str, Any]) -> dict[str, Any]:
        about = {"tutor_id": tutor_id, "time_off_id": off_id, "ends_at": form.moment()}
        return {
            "requester": request.reader,
            **about,
            "gives_back": viewer.is_owner,
            "keep": form.kept(),
        }

    done = submit(
        request,
        form,
        lambda given: end_absence(**deed(given), expect=given["plan"]),
        to=lambda _done: time_of(tutor_id),
        success_message=lambda done: warned_of(
            _("The time off ends early."), done.giving_back.held_then
        ),
        deed=lambda done: done.deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda given: preview_end_absence(**deed(given)))
    with_subjects([*plan.sessions, *plan.kept] if plan else ())
    return act(
        request,
        form,
        heading=_("When is {tutor} back?").format(tutor=tutor),
        button=_("End the time off"),
        trail=tutor_trail(tutor),
        intro=[clock_of(tutor), *([] if viewer.is_owner else [AN_OWNER_DECIDES])],
        template="tutors/back.html",
        tutor=tutor,
        plan=plan,
        outside=outside_hours(plan.giving_back.held_then) if plan else [],
        mark=fingerprint(plan.shown) if plan else "",
    )


def _covered(request: PageRequest, form: BackSheet, row: TimeOff) -> list[Session]:
    """Return the lessons that could go back; none where the moment is none, which is said."""
    try:
        back = max(form.moment(), row.starts_at)
    except InvalidError:
        return []
    homes = covered_for(row.tutor_id, back, row.ends_at, request.reader.now)
    return list(sessions_whoever_sees([*homes]))
