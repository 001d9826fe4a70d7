"""Which relationship of a student is the primary one, on which days. No database.

``tandem_arrange_primaries`` keeps the table by the same rule, whoever writes: what holds on a day
as it stood stays, who is chosen has all their days from the one on which it counts, and days
without anybody go to who has the mark, or else to the oldest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words
from tandem.relationships.history import HistoryLine, after
from tandem.relationships.rules import OPEN, RelationshipState

OPENING = frozenset({"started", "transferred_in", "imported"})
"""What a relationship begins with: there its mark counts from its first day."""


@dataclass(frozen=True, order=True)
class Period:
    """The days from ``starts_on`` up to, not on, ``ends_on`` (None: no end)."""

    starts_on: date
    ends_on: date | None
    relationship: str

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day < (self.ends_on or date.max)


@dataclass(frozen=True)
class Choice:
    """A relationship that is the primary one on all its days from ``since`` on."""

    relationship: str
    since: date


def arranged(
    before: Iterable[Period], standings: Iterable[RelationshipState], choice: Choice | None = None
) -> list[Period]:
    """Return the periods of one student after a change: in order, those that adjoin as one.

    ``standings`` are the student's relationships as they are now, those with a fault left out
    unless they have the mark.
    """
    periods = list(before)
    holding = sorted(
        (one for one in standings if _ever_holds(one)),
        key=lambda one: (not one.is_primary, one.started_on, one.id),
    )
    days = {date.max}
    days |= {one.started_on for one in holding} | {_end(one) for one in holding}
    days |= {one.starts_on for one in periods} | {one.ends_on or date.max for one in periods}
    days |= {choice.since} if choice else set()
    held: list[Period] = []
    for starts, ends in pairwise(sorted(days)):
        if (who := _primary_on(starts, holding, periods, choice)) is not None:
            held.append(Period(starts, None if ends == date.max else ends, who))
    return _joined(held)


def replay_periods(history: Iterable[HistoryLine]) -> list[Period]:
    """Return the periods of the student whose history it is, oldest line first."""
    states: dict[str, RelationshipState] = {}
    periods: list[Period] = []
    for line in history:
        choice = choice_of(states.get(line.relationship_id), line)
        states = after(states, line)
        periods = arranged(periods, states.values(), choice)
    return periods


def choice_of(before: RelationshipState | None, line: HistoryLine) -> Choice | None:
    """Return what a line says of who is primary from when on; ``before`` is its relationship."""
    given = line.details.get("primary_since")
    if given is not None:
        return Choice(line.relationship_id, date.fromisoformat(given))
    changes: Mapping[str, object] = line.details.get("set", {})
    if not changes.get("is_primary") or (before is not None and before.is_primary):
        return None
    if line.what in OPENING and "started_on" in changes:
        return Choice(line.relationship_id, date.fromisoformat(str(changes["started_on"])))
    return Choice(line.relationship_id, line.on_date)


def already_primary(tutor: str, student: str, since: date) -> ConflictError:
    """Return why nobody is made the primary one who is so from ``since`` on anyway."""
    return ConflictError(
        "already_primary",
        _(
            "{tutor} is {student}’s primary tutor from {day} on already, so there is nothing to "
            "decide. Nothing was changed."
        ).format(tutor=tutor, student=student, day=day_in_words(since)),
        {"date": since.isoformat()},
    )


def _ever_holds(one: RelationshipState) -> bool:
    return one.kind == "regular" and one.status in OPEN and one.started_on < _end(one)


def _end(one: RelationshipState) -> date:
    return date.max if one.ended_on is None or one.is_end_doubtful else one.ended_on


def _primary_on(
    day: date,
    holding: Sequence[RelationshipState],
    periods: Sequence[Period],
    choice: Choice | None,
) -> str | None:
    here = [one.id for one in holding if one.started_on <= day < _end(one)]
    if choice is not None and choice.since <= day and choice.relationship in here:
        return choice.relationship
    kept = [one.relationship for one in periods if one.holds_on(day) and one.relationship in here]
    return next(iter([*kept, *here]), None)


def _joined(periods: Iterable[Period]) -> list[Period]:
    joined: list[Period] = []
    for one in periods:
        if joined and (joined[-1].relationship, joined[-1].ends_on) == (
            one.relationship,
            one.starts_on,
        ):
            joined[-1] = Period(joined[-1].starts_on, one.ends_on, one.relationship)
        else:
            joined.append(one)
    return joined
