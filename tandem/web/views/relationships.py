"""One relationship: its page, and every simple change of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.insights.overview import answerable, request_of, withdrawable
from tandem.insights.relationships import can_move_end, can_remove, can_reopen, can_undo
from tandem.kit.errors import NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons import corrections
from tandem.lessons.queries import visible_series
from tandem.lessons.seen import hold_relationship
from tandem.lessons.transfer_plans import held_then
from tandem.people.local_dates import today
from tandem.people.queries import told_reasons
from tandem.people.rules import check_owner
from tandem.relationships import actions, requests, rules
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationship
from tandem.web.forms.relationships import (
    AcceptSheet,
    AtOnceSheet,
    ConfirmForm,
    DatedSheet,
    DeclineSheet,
    NotesSheet,
    PauseSheet,
    PlanSheet,
    StartSheet,
    SubjectSheet,
)
from tandem.web.forms.sheet import ActionForm
from tandem.web.methods import require_safe
from tandem.web.previews import with_subjects
from tandem.web.reader import PageRequest, signed_in
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import first_name
from tandem.web.views.action_page import act, student_trail
from tandem.web.warning_words import outside_hours, pair_named, warned_of


@dataclass(frozen=True)
class Verb:
    """A change of a relationship: its question ({tutor}, {student}), its form, its action."""

    question: str
    button: str
    said: str
    sheet: type[ActionForm]
    action: Callable[..., TutorStudent | None]
    intro: str = ""
    initial: Callable[[TutorStudent], dict[str, Any]] = lambda _row: {}
    owners_doing: str = ""
    """What only an owner may do; '' where its tutor may, too."""
    answers: bool = False
    danger: bool = False


VERBS = {
    "subject": Verb(
        gettext_lazy("What does {tutor} teach {student}?"),
        gettext_lazy("Change the subject"),
        gettext_lazy("The subject is changed."),
        SubjectSheet,
        actions.change_subject,
        gettext_lazy("Sessions stay as they are."),
        lambda row: {"subject": row.subject.name if row.subject else ""},
    ),
    "pause": Verb(
        gettext_lazy("Pause {tutor} teaching {student}?"),
        gettext_lazy("Pause"),
        gettext_lazy("The relationship is paused."),
        PauseSheet,
        actions.pause,
        gettext_lazy("Planned sessions stay planned; new ones can be planned once it goes on."),
    ),
    "resume": Verb(
        gettext_lazy("Does {tutor} go on teaching {student}?"),
        gettext_lazy("Resume"),
        gettext_lazy("The relationship goes on."),
        AtOnceSheet,
        actions.resume,
    ),
    "primary": Verb(
        gettext_lazy("Make {tutor} {student}’s primary tutor?"),
        gettext_lazy("Make primary"),
        gettext_lazy("The primary tutor is changed."),
        DatedSheet,
        actions.make_primary,
        gettext_lazy("The one who is primary now goes on as a further tutor."),
        owners_doing=gettext_lazy("choose the primary tutor"),
    ),
    "start": Verb(
        gettext_lazy("When did {tutor} begin to teach {student}?"),
        gettext_lazy("Save the start"),
        gettext_lazy("The start is corrected."),
        StartSheet,
        corrections.correct_start,
        gettext_lazy(
            "For a day that was entered wrongly. Sessions stay as they are. Where it began with a "
            "transfer, the one before ends on the same day."
        ),
        lambda row: {"started_on": row.started_on},
        owners_doing=gettext_lazy("correct the start of a relationship"),
    ),
    "remove": Verb(
        gettext_lazy("Was it a mistake that {tutor} teaches {student}?"),
        gettext_lazy("Remove the pairing"),
        gettext_lazy(
            "The pairing is removed. If its tutor has seen the parents’ link, make a new one."
        ),
        ConfirmForm,
        corrections.remove,
        gettext_lazy(
            "It goes as if it had never been; only the history tells of it. One with sessions "
            "cannot be removed: end it instead."
        ),
        owners_doing=gettext_lazy("remove a relationship"),
        danger=True,
    ),
    "notes": Verb(
        gettext_lazy("What should be known about {tutor} and {student}?"),
        gettext_lazy("Save"),
        gettext_lazy("The notes are saved."),
        NotesSheet,
        actions.annotate,
        initial=lambda row: {"notes": row.notes},
    ),
    "accept": Verb(
        gettext_lazy("Should {tutor} teach {student}?"),
        gettext_lazy("Accept"),
        gettext_lazy("The request is accepted."),
        AcceptSheet,
        requests.accept,
        answers=True,
    ),
    "decline": Verb(
        gettext_lazy("Decline {tutor} for {student}?"),
        gettext_lazy("Decline"),
        gettext_lazy("The request is declined."),
        DeclineSheet,
        requests.decline,
        answers=True,
    ),
}


@require_safe
@signed_in
def relationship(request: PageRequest, relationship_id: str) -> HttpResponse:
    """What one relationship is, and what can be done about it on the day where its tutor is."""
    viewer = request.reader.viewer
    row = visible_relationship(viewer, relationship_id)
    own, day = row.tutor_id == viewer.tutor_id, today(row.tutor, request.reader.now)
    asked = request_of(viewer, row.pk) if row.status == "pending" else None
    context = {
        "row": row,
        "trail": student_trail(row.student),
        "changes": viewer.is_owner or own,
        "tells_why": told_reasons(viewer, row.tutor_id),
        "answers": asked is not None and answerable(viewer, asked),
        "withdraws": asked is not None and withdrawable(viewer, asked),
        "can_undo": viewer.is_owner and can_undo(row),
        "can_reopen": viewer.is_owner and can_reopen(row),
        "can_remove": viewer.is_owner and can_remove(row),
        "state": state_of(row).on(day),
        "can_plan": row.status == "active" and state_of(row).on(day) in {"active", "planned"},
        "series": visible_series(viewer, tutor_student_id=row.pk),
        "ends_ahead": state_of(row).ends_after(day),
        "ends_later": can_move_end(row, day),
    }
    return render(request, "relationships/relationship.html", context)


@form_page
def change(request: PageRequest, relationship_id: str, verb: str) -> HttpResponse:
    """Carry out one of ``VERBS``."""
    if verb not in VERBS:
        raise NotFoundError("page", verb)
    asked = VERBS[verb]
    row = to_change(request, relationship_id, asked)
    form = bind_form(request, asked.sheet, initial=asked.initial(row), row=row)
    done = submit(
        request,
        form,
        lambda given: asked.action(
            requester=request.reader, tutor_student_id=relationship_id, **given
        ),
        # Who declines a student may not see them any more.
        to=lambda _row: reverse(
            "home" if asked.answers else "student", args=[] if asked.answers else [row.student_id]
        ),
        success_message=f"{asked.said} {pair_named(row)}",
        seen=lambda: hold_relationship(request.reader.viewer, relationship_id),
    )
    return done or act(
        request,
        form,
        heading=question(asked.question, row),
        button=asked.button,
        trail=trail_of(row),
        intro=[asked.intro] if asked.intro else [],
        danger=asked.danger,
    )


def to_change(request: PageRequest, relationship_id: str, verb: Verb | None = None) -> TutorStudent:
    """Return a relationship that the reader may change."""
    viewer = request.reader.viewer
    row = visible_relationship(viewer, relationship_id)
    if verb and verb.owners_doing:
        check_owner(is_owner=viewer.is_owner, doing=verb.owners_doing)
    if not (verb and verb.answers):
        rules.check_teacher(is_owner=viewer.is_owner, is_own=row.tutor_id == viewer.tutor_id)
    return row


def question(words: str, row: TutorStudent) -> str:
    """Return a question about the two people of a relationship."""
    return words.format(tutor=row.tutor, student=first_name(row.student))


def trail_of(row: TutorStudent) -> list[tuple[str, str]]:
    """Return the way to a relationship."""
    here = reverse("relationship", args=[row.pk])
    return [*student_trail(row.student), (here, _("with {tutor}").format(tutor=row.tutor))]


@form_page
def undo(request: PageRequest, relationship_id: str) -> HttpResponse:
    """Undo the transfer that began a relationship, after a look at what that does."""
    from tandem.lessons import undo as undoing  # noqa: PLC0415 - the view has the same name

    row = visible_relationship(request.reader.viewer, relationship_id)
    what: dict[str, Any] = {"requester": request.reader, "tutor_student_id": relationship_id}
    form = bind_form(request, PlanSheet)
    done = submit(
        request,
        form,
        lambda given: undoing.undo_transfer(**what, expect=given["plan"]),
        to=lambda _plan: reverse("student", args=[row.student_id]),
        success_message=lambda plan: warned_of(
            f"{_('The transfer is undone.')} {pair_named(row)}", held_then([plan])
        ),
    )
    if done:
        return done
    plan = undoing.preview_undo(**what)
    with_subjects(plan.moved)
    form.let_carry("plan", fingerprint(plan.shown))
    return act(
        request,
        form,
        heading=question(_("Give {student} back?"), row),
        button=_("Undo the transfer"),
        trail=trail_of(row),
        template="relationships/undo.html",
        plan=plan,
        outside=outside_hours(held_then([plan])),
    )
