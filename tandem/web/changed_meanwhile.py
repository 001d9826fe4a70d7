"""Who changed what a form shows, after it was opened: oneself at another window, or somebody else.

It is known as far as histories go: of people from what the database records, of sessions from
theirs, of a letter's text from itself. Of a relationship it is not, since its notes have none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tandem.kit.language import gettext_lazy
from tandem.lessons.history import last_actor_of_sessions
from tandem.lessons.models import LetterText, Session
from tandem.people.changes import last_actor
from tandem.people.models import Guardian, LearningWish, Student, Tutor

BY_ANOTHER = gettext_lazy(
    "Somebody else changed this while you were writing. Nothing of yours is saved yet: it is all "
    "below, with what is saved now beside it. Send it again to save yours."
)
BY_ONESELF = gettext_lazy(
    "You changed this in another window since you opened it here. Nothing of what you wrote here "
    "is saved yet: it is all below, with what is saved now beside it. Send it again to save it."
)
BY_SOMEBODY = gettext_lazy(
    "This was changed since you opened it. Nothing of what you wrote is saved yet: it is all "
    "below, with what is saved now beside it. Send it again to save it."
)


class Changing(Protocol):
    """A row that knows when it was last changed."""

    updated_at: datetime


@dataclass
class Sessions:
    """Several sessions of which one form is; ``updated_at`` is when the last was changed."""

    ids: Sequence[str]
    updated_at: datetime


def changed_meanwhile(row: Changing, account_id: str | None) -> str:
    """Return the sentence for the account whose form is of what ``row`` was before."""
    who = _changed_by(row)
    if who is None:
        return str(BY_SOMEBODY)
    return str(BY_ONESELF if who == account_id else BY_ANOTHER)


def _changed_by(row: Changing) -> str | None:
    """Return the id of the account that changed a row last; None where nobody knows."""
    match row:
        case Student() | Tutor() | Guardian():
            return last_actor(row.pk, row=row)
        case LearningWish():
            return last_actor(row.student_id, row=row)
        case Session():
            return last_actor_of_sessions([row.pk])
        case Sessions():
            return last_actor_of_sessions(row.ids)
        case LetterText():
            return row.updated_by_id
    return None
