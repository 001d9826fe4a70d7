"""A tutor leaves: the best plan for all of their students, looked at, changed and carried out."""

from typing import Any

from django.http import HttpResponse

from tandem.insights.leaving import successors
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons.hand_overs import hand_over, preview_hand_over
from tandem.lessons.transfer_plans import held_then, shown_in
from tandem.people.local_dates import today
from tandem.people.queries import visible_tutor
from tandem.people.rules import check_owner
from tandem.web.forms.leaving import LeavingSheet
from tandem.web.previews import bind_preview, plan_of, with_names
from tandem.web.reader import PageRequest
from tandem.web.submission import form_page, submit
from tandem.web.views.action_page import act, tutor_trail
from tandem.web.views.tutor_forms import to_tutor
from tandem.web.warning_words import outside_hours, told_of_day, warned_of

HOW = gettext_lazy(
    "Once you say from when, each student gets the tutor who is best for all together: who teaches "
    "the subject, has room, is free at the hours of all sessions, and knows the student. Choose "
    "another where you know better."
)


@form_page
def leave(request: PageRequest, tutor_id: str) -> HttpResponse:
    """Owners find who takes each student of a tutor, and move them all at one go."""
    viewer = request.reader.viewer
    check_owner(is_owner=viewer.is_owner, doing=_("move a tutor's students"))
    tutor = visible_tutor(viewer, tutor_id)
    form = bind_preview(request, LeavingSheet, "on")
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        moves = typed["future_sessions"] == "move"
        form.offer(successors(viewer, tutor, on=typed["on"], moves_sessions=moves))

    def deed(given: dict[str, Any]) -> dict[str, Any]:
        chosen = {"on": given["on"], "future_sessions": given["future_sessions"]}
        about = {"from_tutor_id": tutor_id, "takers": form.takers()}
        return {"requester": request.reader, **about, **chosen}

    done = submit(
        request,
        form,
        lambda given: hand_over(**deed(given), expect=given["plan"]),
        to=lambda _done: to_tutor(tutor),
        success_message=lambda done: warned_of(
            told_of_day(
                min(one.new.started_on for one in done),
                today(tutor, request.reader.now),
                now=_("The students are transferred. {undone}"),
                ahead=_("The transfers on {day} are set. {undone}"),
                undone=_("It can be undone until the new tutors have taught."),
            ),
            held_then(done),
        ),
        deed=lambda done: done[0].deed,
    )
    if done:
        return done
    plans = plan_of(form, lambda given: preview_hand_over(**deed(given)))
    return act(
        request,
        form,
        heading=_("Who takes each student of {tutor}?").format(tutor=tutor),
        button=_("Transfer them"),
        trail=tutor_trail(tutor),
        intro=[HOW],
        template="tutors/leave.html",
        plan=plans,
        outside=outside_hours(held_then(plans or [])),
        mark=fingerprint(shown_in(plans)) if plans else "",
        clashes=with_names(clash for plan in plans or [] for clash in plan.clashes),
    )
