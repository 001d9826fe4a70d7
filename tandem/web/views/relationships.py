"""One relationship: its page, and every simple change of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tandem.insights.overview import answerable, request_of, withdrawable
from tandem.insights.relationships import can_move_end, can_undo
from tandem.insights.rows import relationship_row
from tandem.kit.errors import NotFoundError
from tandem.people.rules import check_owner
from tandem.relationships import actions, rules
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationship
from tandem.relationships.steps import lock_link
from tandem.web.forms.relationships import (
    AcceptSheet,
    DatedSheet,
    DeclineSheet,
    JustSure,
    NotesSheet,
    PauseSheet,
    SubjectSheet,
)
from tandem.web.forms.sheet import Sheet
from tandem.web.previews import with_subjects
from tandem.web.reader import PageRequest, signed_in
from tandem.web.templatetags.tandem import first_name
from tandem.web.views.acting import act, student_trail
from tandem.web.writing import carried_out, form_page, opened


@dataclass(frozen=True)
class Verb:
    """A change of a relationship: its question ({tutor}, {student}), its form, its action."""

    question: str
    button: str
    said: str
    sheet: type[Sheet]
    action: Callable[..., TutorStudent]
    intro: str = ""
    initial: Callable[[TutorStudent], dict[str, Any]] = lambda _row: {}
    owners: bool = False
    answers: bool = False


VERBS = {
    "subject": Verb(
        "What does {tutor} teach {student}?", "Change the subject", "The subject is changed.",
        SubjectSheet, actions.change_subject, "Sessions stay as they are.",
        lambda row: {"subject": row.subject.name if row.subject else ""},
    ),
    "pause": Verb(
        "Pause {tutor} teaching {student}?", "Pause", "The relationship is paused.",
        PauseSheet, actions.pause,
        "Planned sessions stay planned; new ones can be planned once it goes on.",
    ),
    "resume": Verb(
        "Does {tutor} go on teaching {student}?", "Resume", "The relationship goes on.",
        DatedSheet, actions.resume,
    ),
    "primary": Verb(
        "Make {tutor} {student}’s primary tutor?", "Make primary", "The primary tutor is changed.",
        DatedSheet, actions.make_primary, "The one who is primary now goes on as a further tutor.",
        owners=True,
    ),
    "notes": Verb(
        "What should be known about {tutor} and {student}?", "Save", "The notes are saved.",
        NotesSheet, actions.annotate, initial=lambda row: {"notes": row.notes},
    ),
    "accept": Verb(
        "Should {tutor} teach {student}?", "Accept", "The request is accepted.",
        AcceptSheet, actions.accept, answers=True,
    ),
    "decline": Verb(
        "Decline {tutor} for {student}?", "Decline", "The request is declined.",
        DeclineSheet, actions.decline, answers=True,
    ),
}  # fmt: skip


@require_safe
@signed_in
def relationship(request: PageRequest, relationship_id: str) -> HttpResponse:
    """What one relationship is, and what can be done about it."""
    viewer = request.reader.viewer
    row = visible_relationship(viewer, relationship_id)
    own = row.tutor_id == viewer.tutor_id
    asked = request_of(viewer, row.pk) if row.status == "pending" else None
    context = {
        "row": row,
        "trail": student_trail(row.student),
        "changes": viewer.is_owner or own,
        "answers": asked is not None and answerable(viewer, asked),
        "withdraws": asked is not None and withdrawable(viewer, asked),
        "can_undo": viewer.is_owner and can_undo(row),
        "state": relationship_row(row, viewer.day).status,
        "ends_later": can_move_end(row, viewer.day),
    }
    return render(request, "relationships/relationship.html", context)


@form_page
def change(request: PageRequest, relationship_id: str, verb: str) -> HttpResponse:
    """Carry out one of ``VERBS``."""
    if verb not in VERBS:
        raise NotFoundError("page", verb)
    asked = VERBS[verb]
    row = to_change(request, relationship_id, asked)
    form = opened(request, asked.sheet, initial=asked.initial(row), row=row)
    done = carried_out(
        request,
        form,
        lambda given: asked.action(
            **request.reader.acting, tutor_student_id=relationship_id, **given
        ),
        # Who declines a student may not see them any more.
        to=lambda _row: reverse(
            "home" if asked.answers else "student", args=[] if asked.answers else [row.student_id]
        ),
        said=asked.said,
        lock=lambda: lock_link(request.reader.viewer, relationship_id)[0],
    )
    return done or act(
        request,
        form,
        heading=question(asked.question, row),
        button=asked.button,
        trail=trail_of(row),
        intro=[asked.intro] if asked.intro else [],
    )


def to_change(request: PageRequest, relationship_id: str, verb: Verb | None = None) -> TutorStudent:
    """Return a relationship that the reader may change."""
    viewer = request.reader.viewer
    row = visible_relationship(viewer, relationship_id)
    if verb and verb.owners:
        check_owner(is_owner=viewer.is_owner, doing="choose the primary tutor")
    if not (verb and verb.answers):
        rules.check_teacher(is_owner=viewer.is_owner, is_own=row.tutor_id == viewer.tutor_id)
    return row


def question(words: str, row: TutorStudent) -> str:
    """Return a question about the two people of a relationship."""
    return words.format(tutor=row.tutor, student=first_name(row.student))


def trail_of(row: TutorStudent) -> list[tuple[str, str]]:
    """Return the way to a relationship."""
    here = reverse("relationship", args=[row.pk])
    return [*student_trail(row.student), (here, f"with {row.tutor}")]


@form_page
def undo(request: PageRequest, relationship_id: str) -> HttpResponse:
    """Undo the transfer that began a relationship, after a look at what that does."""
    from tandem.lessons import undo as undoing  # noqa: PLC0415 - the view has the same name

    row = visible_relationship(request.reader.viewer, relationship_id)
    plan = undoing.preview_undo(**request.reader.acting, tutor_student_id=relationship_id)
    with_subjects(plan.moved)
    form = opened(request, JustSure)
    done = carried_out(
        request,
        form,
        lambda _given: undoing.undo_transfer(
            **request.reader.acting, tutor_student_id=relationship_id
        ),
        to=lambda _plan: reverse("student", args=[row.student_id]),
        said="The transfer is undone.",
    )
    return done or act(
        request,
        form,
        heading=question("Give {student} back?", row),
        button="Undo the transfer",
        trail=trail_of(row),
        template="relationships/undo.html",
        plan=plan,
    )
