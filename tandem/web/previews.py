"""Wide changes are looked at before they happen, and happen only as they were looked at.

The page carries the fingerprint of what it showed (``plan``); the deed compares it in its own
transaction. So what is sent is carried out first, and only where it is refused planned again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from tandem.kit.errors import NotFoundError, TandemError
from tandem.lessons.models import Session
from tandem.lessons.queries import bring_students_and_subjects, bring_students_and_tutors
from tandem.lessons.reassign import Clash
from tandem.web.errors import STATUS
from tandem.web.forms.sheet import ActionForm
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form

ONLY_LOOKS = "only_looks"
"""What a form sends that asks what would happen: by POST, as addresses are written into logs."""

S = TypeVar("S", bound=ActionForm)
P = TypeVar("P")


def bind_preview(request: PageRequest, sheet: type[S], begins_with: str, **options: Any) -> S:
    """Return the form as it was confirmed, or as what it would do is asked for, or fresh."""
    if request.method != "POST" and begins_with in request.GET:
        return sheet(request.GET, **options)
    form = bind_form(request, sheet, **options)
    form.only_looks = ONLY_LOOKS in request.POST
    return form


def plan_of(form: ActionForm, preview: Callable[[dict[str, Any]], P]) -> P | None:
    """Return what the form would do; a refusal stands on the form.

    After a deed that was refused, what would happen now, if that can be told.
    """
    if not form.is_bound or (form.errors and not form.is_refused):
        return None
    try:
        return preview(form.given())
    except NotFoundError:
        raise
    except TandemError as refusal:
        if not form.is_refused:
            form.refuse(refusal, STATUS.get(refusal.code, 400))
        return None


def stands_in_the_way(form: ActionForm, conflicts: Sequence[object]) -> bool:
    """Tell whether there are conflicts that the form does not choose to leave out."""
    return bool(conflicts) and not form.cleaned_data["skip_conflicts"]


def with_subjects(sessions: Sequence[Session]) -> None:
    """Bring along what the lines of a preview say of each session, in three queries for all."""
    bring_students_and_subjects(sessions)


def with_names(clashes: Iterable[Clash]) -> list[Clash]:
    """Return clashes that know whose sessions they speak of, in two queries for all."""
    found = list(clashes)
    sessions = [one for clash in found for one in (clash.session, clash.busy_with) if one]
    bring_students_and_tutors(sessions)
    return found
