"""Who may ask for a tutor, and who answers. Facts in, decision out; no database."""

from dataclasses import dataclass

from tandem.kit.errors import ForbiddenError
from tandem.kit.language import gettext as _


def check_asker(*, is_owner: bool, for_self: bool, teaches_now: bool) -> None:
    """A student is offered by an owner or who teaches them now; a former tutor asks for self."""
    if not (is_owner or for_self or teaches_now):
        raise ForbiddenError(
            _("You do not teach this student today, so you can only ask for yourself.")
        )


@dataclass(frozen=True)
class Request:
    """Who was asked to teach (``tutor``), and which tutor asked; None is an owner."""

    tutor: str
    asked_by: str | None


def may_answer(request: Request, *, is_owner: bool, tutor: str | None, teaches_now: bool) -> bool:
    """Tell whether an answer comes from an owner or the side that was asked.

    That side is the tutor to whom the student was offered; where a tutor asked for themselves, it
    is whoever teaches the student now.
    """
    asked_for_self = request.asked_by == request.tutor
    answers = teaches_now and tutor != request.tutor if asked_for_self else tutor == request.tutor
    return is_owner or answers


def check_answer(request: Request, *, is_owner: bool, tutor: str | None, teaches_now: bool) -> None:
    """Refuse an answer by anybody whose it is not (see ``may_answer``)."""
    if not may_answer(request, is_owner=is_owner, tutor=tutor, teaches_now=teaches_now):
        raise ForbiddenError(_("This request is not yours to answer."))
