"""What a look at a wide change says, and the deed that has to do just that."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tandem.lessons.models import Session
from tandem.people.requester import Requester
from tests.cast import NOW

OWN: dict[str, Any] = {"requester": Requester(None, NOW)}
ON = date(2026, 11, 16)
Changed = Mapping[str, Mapping[str, Any]]
"""Id of a session -> the columns that the deed gives other values, and which; ``GONE``: it goes."""
GONE: Mapping[str, Any] = {"gone": True}


@dataclass(frozen=True)
class Look:
    """What a preview showed: its fingerprint, what becomes of sessions, and which are made.

    A new one is named by its student's id and its start.
    """

    expect: str
    sessions: Changed
    made: frozenset[tuple[str, datetime]] = frozenset()


@dataclass(frozen=True)
class Wide:
    """A wide change: the look, and the deed with the fingerprint of a look."""

    look: Callable[[], Look]
    act: Callable[[str], Any]


def each(rows: Iterable[Session], **columns: Any) -> Changed:
    """Return sessions that all get these values."""
    return {row.pk: columns for row in rows}


def gone(rows: Iterable[Session]) -> Changed:
    """Return sessions that go."""
    return {row.pk: GONE for row in rows}


def as_it_is(rows: Iterable[Session]) -> Changed:
    """Return sessions with the hours and the title that they have in a plan."""
    return {
        one.pk: {"starts_at": one.starts_at, "ends_at": one.ends_at, "title": one.title}
        for one in rows
    }


def new(rows: Iterable[Session]) -> frozenset[tuple[str, datetime]]:
    """Return sessions that are made."""
    return frozenset((one.student_id, one.starts_at) for one in rows)


def done(wide: Wide) -> Any:
    """Do what was looked at, and return what it returns."""
    return wide.act(wide.look().expect)
