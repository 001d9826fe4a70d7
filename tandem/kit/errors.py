"""The tree of refusals. A rule or an action raises one; each skin turns it into HTTP once.

Its sentence is said in the language that is spoken when it is raised: on a page its reader's, and
everywhere else English.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field of the input; ``field`` is the model's word for it."""

    field: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", str(self.message))


class TandemError(Exception):
    """Something that Tandem refuses. ``str()`` of it is a sentence for the person who asked."""

    code = "error"


@dataclass(eq=False)
class NotFoundError(TandemError):
    """There is no such thing, or none that the person who asks may see."""

    kind: str
    id: str
    code = "not-found"

    def __str__(self) -> str:
        return f"There is no {self.kind} {self.id!r} that you can see."


@dataclass(eq=False)
class InvalidError(TandemError):
    """The input cannot be right whatever the state of the database is."""

    errors: Sequence[FieldError]
    code = "invalid"

    def __str__(self) -> str:
        return " ".join(error.message for error in self.errors)


@dataclass(eq=False)
class ConflictError(TandemError):
    """The input is well formed, but the present state of the database does not allow it.

    ``reason`` is a stable word for programs; ``details`` hold ids, never another person's data.
    """

    reason: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    code = "conflict"

    def __post_init__(self) -> None:
        self.message = str(self.message)

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class ForbiddenError(TandemError):
    """The person may see this, but not do that to it."""

    message: str
    code = "forbidden"

    def __post_init__(self) -> None:
        self.message = str(self.message)

    def __str__(self) -> str:
        return self.message


def invalid(field_name: str, message: str) -> InvalidError:
    """Return the refusal of a single field."""
    return InvalidError([FieldError(field_name, message)])
