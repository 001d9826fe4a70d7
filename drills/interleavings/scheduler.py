"""Which orders of some transactions can differ, and which of those come first. No database.

Two steps that touch nothing of each other may change places without anybody noticing; orders that
become equal so are one (a Mazurkiewicz trace), and one of them is run. Orders with few switches from
one transaction to another come first: what goes wrong at all mostly goes wrong with few.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

Places = tuple[int, ...]
"""An order: which transaction takes each step."""
MOST_ORDERS = 20_000


@dataclass(frozen=True)
class Footprint:
    """What one step reads and writes, or locks: names of tables."""

    read: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()

    def __or__(self, other: "Footprint") -> "Footprint":
        return Footprint(self.read | other.read, self.written | other.written)

    def meets(self, other: "Footprint") -> frozenset[str]:
        """Return the tables by which one may notice the other."""
        return (
            (self.written & other.written)
            | (self.written & other.read)
            | (self.read & other.written)
        )


@dataclass(frozen=True)
class Steps:
    """One transaction: the footprint of each step, and the students it is about (empty: of all)."""

    footprints: Sequence[Footprint]
    students: frozenset[str] = field(default_factory=frozenset)


# What belongs to no student.
SHARED = frozenset({
    "Tutor", "people_tutor", "people_subject", "people_tutorsubject", "missed",
    "upgrade_gradualupgrade",
})  # fmt: skip
Conflicts = Callable[[tuple[int, int], tuple[int, int]], bool]
"""Whether two steps, each (transaction, number), cannot change places."""


def conflicts_of(transactions: Sequence[Steps]) -> Conflicts:
    """Return who conflicts with whom. Steps of one transaction always do."""
    known: dict[tuple[tuple[int, int], tuple[int, int]], bool] = {}

    def conflict(one: tuple[int, int], other: tuple[int, int]) -> bool:
        if one[0] == other[0]:
            return True
        if (one, other) not in known:
            known[one, other] = known[other, one] = _meet(transactions, one, other)
        return known[one, other]

    return conflict


def _meet(transactions: Sequence[Steps], one: tuple[int, int], other: tuple[int, int]) -> bool:
    mine, theirs = transactions[one[0]], transactions[other[0]]
    met = _step(mine, one[1]).meets(_step(theirs, other[1]))
    apart = mine.students and theirs.students and not mine.students & theirs.students
    return bool(met & SHARED if apart else met)


def _step(steps: Steps, number: int) -> Footprint:
    return steps.footprints[number] if number < len(steps.footprints) else Footprint()


def blocks_of(transactions: Sequence[Steps], conflict: Conflicts) -> list[list[int]]:
    """Return how many steps of each transaction go together: none of a block but the first meets
    a step of anybody else.
    """
    everything = [[(t, n) for n in range(len(steps.footprints))] for t, steps in enumerate(transactions)]
    found = []
    for own in everything:
        others = [step for steps in everything if steps is not own for step in steps]
        blocks: list[int] = []
        for step in own:
            if not blocks or any(conflict(step, other) for other in others):
                blocks.append(0)
            blocks[-1] += 1
        found.append(blocks)
    return found


def orders(transactions: Sequence[Steps], random: Random, *, most: int = MOST_ORDERS) -> list[Places]:
    """Return the orders that differ, those with few switches first, at most so many.

    Where there are more, the rest is a sample.
    """
    conflict = conflicts_of(transactions)
    blocks = blocks_of(transactions, conflict)
    found: dict[Places, Places] = {}
    for switches in range(len(transactions) - 1, sum(map(len, blocks))):
        fresh = list(_with_switches(blocks, switches, random, most - len(found)))
        before = len(found)
        for places in fresh:
            found.setdefault(normal_form(places, conflict), places)
        if len(found) >= most or (not fresh and before):
            break
    return list(found.values())[:most]


def _with_switches(
    blocks: Sequence[Sequence[int]], switches: int, random: Random, most: int
) -> Iterator[Places]:
    """Yield orders of whole blocks with exactly so many switches, in an order drawn at random."""
    left = 4 * most  # many are equal to others

    def go(done: tuple[int, ...], last: int, more: int, so_far: Places) -> Iterator[Places]:
        nonlocal left
        if left <= 0:
            return
        if all(n == len(own) for n, own in zip(done, blocks, strict=True)):
            if more == 0:
                left -= 1
                yield so_far
            return
        choices = [t for t, own in enumerate(blocks) if t != last and done[t] < len(own)]
        random.shuffle(choices)
        for t in choices if more > 0 or last < 0 else ():
            rest = range(done[t] + 1, len(blocks[t]) + 1)
            for end in random.sample(rest, len(rest)):
                steps = sum(blocks[t][done[t] : end])
                after = (*done[:t], end, *done[t + 1 :])
                yield from go(after, t, more - (last >= 0), so_far + (t,) * steps)

    yield from go((0,) * len(blocks), -1, switches, ())


def normal_form(places: Places, conflict: Conflicts) -> Places:
    """Return the first, by the alphabet, of all orders that nobody can tell from this one."""
    numbers = [0] * (max(places, default=-1) + 1)
    steps = []
    for actor in places:
        steps.append((actor, numbers[actor]))
        numbers[actor] += 1
    result: list[tuple[int, int]] = []
    for step in steps:
        at = len(result)
        while at and not conflict(result[at - 1], step):
            at -= 1
        # It may stand anywhere from ``at`` on: before the first that comes later in the alphabet.
        while at < len(result) and result[at][0] <= step[0]:
            at += 1
        result.insert(at, step)
    return tuple(actor for actor, _ in result)


def switches_of(places: Places) -> int:
    """Return how often another transaction goes on."""
    return sum(one != other for one, other in pairwise(places))
