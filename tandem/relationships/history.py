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


def replay(history: Iterable[HistoryLine]) -> dict[str, RelationshipState]:
    """Return the present state of each relationship from the events of its student, in order.

    Every event's details hold under ``set`` what it changed: the opening one everything. A new
    primary takes the mark from the one before it. One that was removed is not in it.
    """
    states: dict[str, RelationshipState] = {}
    for line in history:
        states = after(states, line)
    return states


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
