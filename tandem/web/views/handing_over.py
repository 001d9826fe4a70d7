"""Ending and transferring a relationship: first what would happen, then the deed."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, TypeVar

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.errors import ConflictError, NotFoundError, TandemError
from tandem.lessons import endings, transfers
from tandem.lessons.models import Session
from tandem.people.queries import colleagues
from tandem.people.rules import check_owner
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationships
from tandem.web.errors import STATUS
from tandem.web.forms.people import tutor_choices
from tandem.web.forms.relationships import EndSheet, TransferSheet
from tandem.web.forms.sheet import Sheet, new_key
from tandem.web.reader import PageRequest
from tandem.web.views.acting import act
from tandem.web.views.relationships import question, to_change, trail_of
from tandem.web.writing import carried_out, form_page, opened

S = TypeVar("S", bound=Sheet)
P = TypeVar("P")
LOOK_AGAIN = (
    "Something has changed since you looked, so nothing was done. This is what would happen now: "
    "look through it and confirm again."
)


@form_page
def end(request: PageRequest, relationship_id: str) -> HttpResponse:
    row = to_change(request, relationship_id)
    form = _looked_at(request, EndSheet, "on", heirs=_heirs(request, row))

    def arguments(given: dict[str, Any]) -> dict[str, Any]:
        chosen = {"on": given["on"], "next_primary": given.get("next_primary") or None}
        return {**request.reader.acting, "tutor_student_id": relationship_id, **chosen}

    plan = _plan(form, lambda given: endings.preview_end(**arguments(given)))
    mark = _mark(plan.cancelled, plan.primary and plan.primary.pk) if plan else ""
    done = _confirmed(request, form, mark) and carried_out(
        request,
        form,
        lambda given: endings.end(
            **arguments(given), reason=given["reason"], future_sessions="cancel"
        ),
        to=lambda _ending: reverse("student", args=[row.student_id]),
        said="The relationship is ended.",
    )
    return done or act(
        request,
        form,
        heading=question("When does {tutor} stop teaching {student}?", row),
        button="End it",
        trail=trail_of(row),
        template="relationships/end.html",
        plan=plan,
        mark=mark,
        form_key=new_key(request.reader.viewer.account),
    )


@form_page
def transfer(request: PageRequest, relationship_id: str) -> HttpResponse:
    viewer = request.reader.viewer
    row = to_change(request, relationship_id)
    check_owner(is_owner=viewer.is_owner, doing="move a student")
    others = colleagues(viewer).exclude(pk=row.tutor_id)
    form = _looked_at(request, TransferSheet, "to_tutor_id", tutors=tutor_choices(others))

    def arguments(given: dict[str, Any]) -> dict[str, Any]:
        names = ("to_tutor_id", "on", "future_sessions")
        chosen = {name: given[name] for name in names} | {"subject": given["subject"] or None}
        about = {"student_id": row.student_id, "tutor_student_id": relationship_id}
        return {**request.reader.acting, **about, **chosen}

    plan = _plan(form, lambda given: transfers.preview_transfer(**arguments(given)))
    mark = _mark([*plan.moved, *plan.cancelled], len(plan.clashes)) if plan else ""
    done = _confirmed(request, form, mark) and carried_out(
        request,
        form,
        lambda given: transfers.transfer(**arguments(given)),
        to=lambda _done: reverse("student", args=[row.student_id]),
        said="The student is transferred. It can be undone until the new tutor has taught.",
    )
    return done or act(
        request,
        form,
        heading=question("Who takes {student} over from {tutor}?", row),
        button="Transfer",
        trail=trail_of(row),
        template="relationships/transfer.html",
        plan=plan,
        mark=mark,
        form_key=new_key(request.reader.viewer.account),
    )


def _looked_at(request: PageRequest, sheet: type[S], begins_with: str, **options: Any) -> S:
    """Return the form as it was confirmed, or as what it would do is asked for, or fresh."""
    if request.method != "POST" and begins_with in request.GET:
        return sheet(request.GET, **options)
    return opened(request, sheet, **options)


def _plan(form: Sheet, preview: Callable[[dict[str, Any]], P]) -> P | None:
    """Return what the form would do; a refusal stands on the form."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return preview(form.given())
    except NotFoundError:
        raise
    except TandemError as refusal:
        form.refuse(refusal, STATUS.get(refusal.code, 400))
        return None


def _confirmed(request: PageRequest, form: Sheet, mark: str) -> bool:
    """Tell whether what would happen is what was looked at and confirmed."""
    if request.method != "POST" or not form.is_valid():
        return False
    if form.cleaned_data["plan"] != mark:
        form.refuse(ConflictError("changed", LOOK_AGAIN), STATUS["conflict"])
        return False
    return True


def _mark(sessions: Iterable[Session], *more: object) -> str:
    """Return a short text that is another when the plan is another."""
    parts = [session.pk for session in sessions]
    return sha256(repr([*parts, *more]).encode()).hexdigest()[:32]


def _heirs(request: PageRequest, row: TutorStudent) -> list[tuple[str, str]]:
    """Return who could be primary after ``row``, for an owner to choose from."""
    if not (request.reader.viewer.is_owner and row.is_primary):
        return []
    others = visible_relationships(request.reader.viewer).filter(
        student=row.student_id, status__in=TutorStudent.OPEN
    )
    return [
        (other.pk, f"{other.tutor}, {other.subject or 'any subject'}")
        for other in others.exclude(pk=row.pk).select_related("tutor", "subject")
    ]
