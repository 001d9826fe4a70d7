"""Taking a mistaken end back, after a look at what that does."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.lessons import reopening
from tandem.web.forms.relationships import PlanSheet
from tandem.web.previews import with_subjects
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act
from tandem.web.views.relationships import question, to_change, trail_of
from tandem.web.warning_words import outside_hours, pair_named, warned


@form_page
def reopen(request: PageRequest, relationship_id: str) -> HttpResponse:
    """Let a relationship go on that was ended by mistake."""
    row = to_change(request, relationship_id)
    deed: dict[str, Any] = {"requester": request.reader, "tutor_student_id": relationship_id}
    form = bind_form(request, PlanSheet)
    done = submit(
        request,
        form,
        lambda given: reopening.reopen(**deed, expect=given["plan"]),
        to=lambda _done: reverse("student", args=[row.student_id]),
        success_message=lambda done: warned(
            f"{_('The end is taken back.')} {pair_named(row)}", done.restored
        ),
    )
    if done:
        return done
    plan = reopening.preview_reopen(**deed)
    with_subjects(plan.restored)
    form.let_carry("plan", fingerprint(plan.shown))
    return act(
        request,
        form,
        heading=question(_("Does {tutor} go on teaching {student}?"), row),
        button=_("Take the end back"),
        trail=trail_of(row),
        template="relationships/reopen.html",
        plan=plan,
        outside=outside_hours((one, one.tutor_id) for one in plan.restored),
    )
