"""What stands against a transfer, an end and a corrected day: dates, receivers and sessions."""

from collections.abc import Mapping
from datetime import date

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.language import ngettext
from tandem.kit.time import day_in_words
from tandem.relationships.rules import RelationshipState


def check_none_before(sessions: Mapping[str, date], on: date) -> None:
    """Refuse a start that would leave sessions (id -> day) outside the relationship."""
    if sessions:
        raise ConflictError(
            "sessions_before",
            ngettext(
                "{number} session lies before {on}, on {first}. Choose that day or an earlier "
                "one, or move it where it is only planned.",
                "{number} sessions lie before {on}, the first on {first}. Choose that day or an "
                "earlier one, or move what is only planned.",
                len(sessions),
            ).format(
                number=len(sessions),
                on=day_in_words(on),
                first=day_in_words(min(sessions.values())),
            ),
            {"sessions": list(sessions)},
        )


def check_none_held_after(held: Mapping[str, date], on: date) -> None:
    """Refuse an end that would leave sessions that were held (id -> day) outside."""
    if held:
        raise ConflictError(
            "held_after",
            ngettext(
                "{number} session was held after {on}, on {last}. Choose that day or a later one.",
                "{number} sessions were held after {on}, the last on {last}. Choose that day or a "
                "later one.",
                len(held),
            ).format(number=len(held), on=day_in_words(on), last=day_in_words(max(held.values()))),
            {"sessions": list(held)},
        )


def check_receiver(standing: RelationshipState, receiver: str) -> None:
    """Refuse a transfer to the tutor who has the student already."""
    if standing.tutor == receiver:
        raise invalid("to_tutor", _("The student is with this tutor already."))


def check_transfer_date(standing: RelationshipState, on: date) -> None:
    """Refuse a transfer dated before the relationship started."""
    if on < standing.started_on:
        raise invalid(
            "date",
            _("It started on {started_on}, so cannot move before.").format(
                started_on=day_in_words(standing.started_on)
            ),
        )
