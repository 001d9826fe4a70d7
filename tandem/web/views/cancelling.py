"""Calling a lesson off, after a look at what it means; and the policy that says so."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons import actions
from tandem.lessons.cancelling import CancelPlan, preview_cancel
from tandem.lessons.cancelling_rules import Terms
from tandem.lessons.policies import change_policy, current_terms, visible_policy
from tandem.lessons.queries import visible_session
from tandem.lessons.seen import hold_session
from tandem.people.rules import check_owner
from tandem.web.cancel_words import cancel_sentences, policy_sentence
from tandem.web.forms.cancelling import CancelSheet, PolicySheet
from tandem.web.previews import plan_of
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import day
from tandem.web.views.action_page import act, last_change, settings_trail, student_trail
from tandem.web.views.back_to_today import undo_of_state
from tandem.web.views.calendar_moves import hours_said

OF_THE_OTHERS = gettext_lazy(
    "What the tutor or the business cancels is never charged. What the policy makes of a "
    "cancellation is shown before it is confirmed, and kept with it."
)


@form_page
def cancel_session(request: PageRequest, session_id: str) -> HttpResponse:
    """Call one lesson off, once it was shown what becomes of it by who asks."""
    viewer = request.reader.viewer
    row = visible_session(viewer, session_id)
    here = reverse("session", args=[row.pk])
    terms = current_terms()
    form = bind_form(request, CancelSheet, row=row, reason_required=terms.reason_required)
    done = submit(
        request,
        form,
        lambda given: actions.cancel(
            requester=request.reader,
            session_id=session_id,
            cancelling=form.cancelling(),
            expect=given["plan"],
        ),
        to=lambda _done: here,
        success_message=lambda done: (
            f"{_('The session is cancelled.')} {hours_said(request, done)}"
        ),
        seen=lambda: hold_session(viewer, session_id),
        deed=lambda _done: undo_of_state(request, row, "cancel"),
    )
    if done:
        return done
    plan = _looked(request, form, session_id, terms)
    return act(
        request,
        form,
        heading=_("Cancel this session?"),
        button=_("Cancel the session"),
        trail=[*student_trail(row.student), (here, day(row.starts_at))],
        template="sessions/change.html",
        row=row,
        intro=cancel_sentences(plan) if plan else [],
        danger=True,
    )


def _looked(
    request: PageRequest, form: CancelSheet, session_id: str, terms: Terms
) -> CancelPlan | None:
    """Return what it would mean now, and let the form carry that; None where it cannot be."""

    def look() -> CancelPlan:
        return preview_cancel(requester=request.reader, session_id=session_id, terms=terms)

    plan = plan_of(form, lambda _given: look()) if form.is_bound and form.is_refused else look()
    if plan:
        form.let_carry("plan", fingerprint(plan.shown))
    return plan


@form_page
def cancellation_policy(request: PageRequest) -> HttpResponse:
    """Until when families cancel free: for whoever works here to read, for owners to change."""
    policy = visible_policy(request.reader.viewer)
    terms = policy.terms
    if request.method == "POST":
        check_owner(
            is_owner=request.reader.viewer.is_owner, doing=_("change the policy of cancelling")
        )
    if not request.reader.viewer.is_owner:
        return render(request, "sessions/policy.html", {"sentence": policy_sentence(terms)})
    form = bind_form(request, PolicySheet, initial=vars(terms))
    done = submit(
        request,
        form,
        lambda given: change_policy(requester=request.reader, changes=given),
        to=lambda _row: reverse("cancellation_policy"),
        success_message=_("The policy is saved. What was decided before stays."),
    )
    return done or act(
        request,
        form,
        heading=_("When do families cancel free?"),
        button=_("Save"),
        trail=settings_trail(),
        intro=[policy_sentence(terms), OF_THE_OTHERS, *last_change(policy)],
    )
