"""What the events of relationships tell: the state of each, line by line. No database."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

from tandem.relationships.rules import OPEN, RelationshipState


class HistoryLine(Protocol):
    """What ``replay`` reads of an event."""

    @property
    def relationship_id(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def on_date(self) -> date: ...
    @property
    def details(self) -> Any: ...


DATES = ("started_on", "ended_on")
FOLLOWS: Mapping[str, bool] = {"follows": True}
"""What the details say of a mark that nobody chose: somebody ended, or nobody else was there."""


def replay(history: Iterable[HistoryLine]) -> dict[str, RelationshipState]:
    """Return the present state of each relationship from the events of its student, in order.

    Every event's details hold under ``set`` what it changed: the opening one everything. A new
    primary takes the mark from the one before it. One that was removed is not in it.
    """
    states: dict[str, RelationshipState] = {}
    for line in history:
        states = after(states, line)
    return states


def decided_on(history: Iterable[HistoryLine], relationship: str, day: date) -> str | None:
    """Return what was decided by a day, active or paused, from the lines in their order.

    The last line of a day up to it that says so counts, else the one with which it began; None
    where none says it.
    """
    lines = [
        (line.on_date, _status_set(line))
        for line in history
        if line.relationship_id == relationship
    ]
    said = [(on, status) for on, status in lines if status in OPEN]
    by_then = [status for on, status in said if on <= day]
    return by_then[-1] if by_then else next((status for _, status in said), None)


def _status_set(line: HistoryLine) -> str:
    return str(line.details.get("set", {}).get("status", ""))


def after(
    states: Mapping[str, RelationshipState], line: HistoryLine
) -> dict[str, RelationshipState]:
    """Return the states after one more line."""
    pk = line.relationship_id
    if line.details.get("removed"):
        return {key: state for key, state in states.items() if key != pk}
    changes = _dated(line.details.get("set", {}))
    before = states.get(pk)
    now = _as_decided(
        replace(before, **changes) if before else RelationshipState(id=pk, **changes), before
    )
    others = _without_primary(states, now.student) if changes.get("is_primary") else {}
    return {**states, **others, pk: now}


def _as_decided(now: RelationshipState, before: RelationshipState | None) -> RelationshipState:
    """Return what a line leaves of what was decided.

    Lines of earlier versions said ``ended`` together with the date, which alone says so now.
    """
    if now.status != "ended" or now.ended_on is None:
        return now
    return replace(now, status=before.status if before and before.status in OPEN else "active")


def _dated(changes: Mapping[str, Any]) -> dict[str, Any]:
    dates = {name: date.fromisoformat(changes[name]) for name in DATES if changes.get(name)}
    return {**changes, **dates}


def _without_primary(
    states: Mapping[str, RelationshipState], student: str
) -> dict[str, RelationshipState]:
    return {
        key: replace(state, is_primary=False)
        for key, state in states.items()
        if state.student == student and state.is_primary
    }
