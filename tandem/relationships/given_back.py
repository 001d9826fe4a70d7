"""Who is the primary one again once a change is taken back, and on which days. No database.

As it was before, but for what somebody decided about it since. What the mark did by itself, because
somebody ended or nobody else was there, is no decision (``FOLLOWS``).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from tandem.relationships.history import FOLLOWS, HistoryLine, after
from tandem.relationships.primaries import Choice, Period, arranged, choice_of, replay_periods
from tandem.relationships.rules import RelationshipState

DECIDING = frozenset({"made_primary", "started", "imported"})
"""Lines by which somebody may choose the primary one; others carry the mark along."""


@dataclass(frozen=True)
class Past:
    """The history of one student around a change that is taken back."""

    before: Sequence[HistoryLine]
    since: Sequence[HistoryLine]
    """The lines of the change itself, and those after it."""
    own: Collection[int]
    """Which of ``since`` are the change's own, by their place in it."""

    @property
    def decisions(self) -> list[Choice]:
        """What somebody decided about the primary one since, in order."""
        states: Mapping[str, RelationshipState] = {}
        for line in self.before:
            states = after(states, line)
        found = []
        for place, line in enumerate(self.since):
            choice = choice_of(states.get(line.relationship_id), line)
            if choice and place not in self.own and _is_decision(line):
                found.append(choice)
            states = after(states, line)
        return found


@dataclass(frozen=True)
class GivenBack:
    """The periods of a student then, in order, and those that somebody decided on since."""

    periods: Sequence[Period]
    decided: Sequence[Period]


def given_back(past: Past, now: Iterable[Period], links: Sequence[RelationshipState]) -> GivenBack:
    """Return who is primary when then, where the student's relationships are ``links`` then.

    ``now`` are the periods as they stand. Whoever took a relationship over since has its days.
    """
    before = [one for period in replay_periods(past.before) for one in _handed_on(period, links)]
    plain = arranged([*before, *now], links)
    periods = plain
    for choice in past.decisions:
        for link in _followers(choice.relationship, links):
            periods = arranged(periods, links, replace(choice, relationship=link))
    return GivenBack(periods, _other(periods, plain))


def handed_back(
    past: Past, now: Iterable[Period], links: Sequence[RelationshipState], to: Mapping[str, str]
) -> GivenBack:
    """Return the same where transfers are undone: whoever began by one has its days until then.

    ``to`` says, by the id of who gives it back, whose they are.
    """
    own = [replace(one, relationship=to.get(one.relationship, one.relationship)) for one in now]
    before = [one for period in replay_periods(past.before) for one in _handed_on(period, links)]
    periods = arranged(own, links)
    return GivenBack(periods, _other(periods, arranged([*before, *own], links)))


def choices_to(
    now: Sequence[Period], wanted: Sequence[Period], links: Sequence[RelationshipState]
) -> list[Choice]:
    """Return the choices that make the periods of ``now`` those that are ``wanted``."""
    first = min((one.starts_on for one in _other(wanted, now)), default=None)
    found: list[Choice] = []
    periods = list(now)
    for one in wanted:
        if first is None or periods == wanted or (one.ends_on or date.max) <= first:
            continue
        found.append(Choice(one.relationship, max(one.starts_on, first)))
        periods = arranged(periods, links, found[-1])
    return found


def _is_decision(line: HistoryLine) -> bool:
    return line.what in DECIDING and not FOLLOWS.keys() & line.details.keys()


def _handed_on(period: Period, links: Sequence[RelationshipState]) -> Iterator[Period]:
    for link in _followers(period.relationship, links):
        yield replace(period, relationship=link)


def _followers(link: str, links: Sequence[RelationshipState]) -> Iterator[str]:
    """Return a relationship and those that took it over, one from another."""
    following: str | None = link
    while following is not None:
        yield following
        before = following
        following = next((one.id for one in links if one.transferred_from == before), None)


def _other(periods: Iterable[Period], than: Sequence[Period]) -> list[Period]:
    """Return the parts of ``periods`` that are not so in ``than``."""
    bounds = {day for one in than for day in (one.starts_on, one.ends_on or date.max)}
    found = []
    for one in periods:
        ends = one.ends_on or date.max
        inside = {day for day in bounds if one.starts_on < day < ends}
        for start, end in pairwise(sorted({one.starts_on, ends} | inside)):
            if not any(
                two.relationship == one.relationship and two.holds_on(start) for two in than
            ):
                found.append(Period(start, None if end == date.max else end, one.relationship))
    return found
