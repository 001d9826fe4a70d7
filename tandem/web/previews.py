"""Wide changes are looked at before they happen, and happen only as they were looked at."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from django.db.models import prefetch_related_objects

from tandem.kit.errors import ConflictError, NotFoundError, TandemError
from tandem.lessons.models import Session
from tandem.web.errors import STATUS
from tandem.web.forms.sheet import Sheet
from tandem.web.reader import PageRequest
from tandem.web.writing import opened

S = TypeVar("S", bound=Sheet)
P = TypeVar("P")
LOOK_AGAIN = (
    "Something has changed since you looked, so nothing was done. This is what would happen now: "
    "look through it and confirm again."
)


def looked_at(request: PageRequest, sheet: type[S], begins_with: str, **options: Any) -> S:
    """Return the form as it was confirmed, or as what it would do is asked for, or fresh."""
    if request.method != "POST" and begins_with in request.GET:
        return sheet(request.GET, **options)
    return opened(request, sheet, **options)


def plan_of(form: Sheet, preview: Callable[[dict[str, Any]], P]) -> P | None:
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


def with_subjects(sessions: Sequence[Session]) -> None:
    """Bring along what the lines of a preview say of each session, in two queries for all."""
    prefetch_related_objects(sessions, "tutor_student__subject")


def confirmed(request: PageRequest, form: Sheet, mark: str) -> bool:
    """Tell whether what would happen is what was looked at and confirmed."""
    if request.method != "POST" or not form.is_valid():
        return False
    if form.cleaned_data["plan"] != mark:
        form.refuse(ConflictError("changed", LOOK_AGAIN), STATUS["conflict"])
        return False
    return True


def mark_of(sessions: Iterable[Session], *more: object) -> str:
    """Return a short text that is another when the plan is another."""
    parts = [session.pk for session in sessions]
    return sha256(repr([*parts, *more]).encode()).hexdigest()[:32]
