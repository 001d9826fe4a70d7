"""Which orders of some transactions can differ, and which of those come first. No database.

Two steps that touch nothing of each other may change places without anybody noticing; orders that
become equal so are one (a Mazurkiewicz trace), and one of them is run. Orders with few switches
from one transaction to another come first: what goes wrong at all mostly goes wrong with few.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import islice, pairwise, permutations
from operator import or_
from random import Random

SHORT = 16
"""Orders of so many blocks at most are looked through for one with fewer switches."""
Places = tuple[int, ...]
"""An order: which transaction takes each step."""


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


NOTES = "missed"
# What belongs to no student.
SHARED = frozenset({
    "Tutor", "people_tutor", "people_subject", "people_tutorsubject", NOTES,
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
    """Rows of students apart are other rows; but who looks for notes takes those of anybody."""
    mine, theirs = transactions[one[0]], transactions[other[0]]
    prints = _step(mine, one[1]), _step(theirs, other[1])
    met = prints[0].meets(prints[1])
    apart = mine.students and theirs.students and not mine.students & theirs.students
    takes_notes = any(NOTES in footprint.read for footprint in prints)
    return bool(met & SHARED if apart and not takes_notes else met)


def _step(steps: Steps, number: int) -> Footprint:
    return steps.footprints[number] if number < len(steps.footprints) else Footprint()


def blocks_of(transactions: Sequence[Steps]) -> list[list[int]]:
    """Return how many steps of each transaction go together: none of a block but the first meets
    a step of anybody else.
    """
    conflict = conflicts_of(transactions)
    every = [[(t, n) for n in range(len(steps.footprints))] for t, steps in enumerate(transactions)]
    found = []
    for own in every:
        others = [step for steps in every if steps is not own for step in steps]
        blocks: list[int] = []
        for step in own:
            if not blocks or any(conflict(step, other) for other in others):
                blocks.append(0)
            blocks[-1] += 1
        found.append(blocks)
    return found


def _joined(steps: Steps, blocks: Sequence[int]) -> Steps:
    """Return a transaction whose steps are whole blocks."""
    prints = iter(steps.footprints)
    joined = [reduce(or_, islice(prints, size)) for size in blocks]
    return Steps(joined, steps.students)


def orders(transactions: Sequence[Steps], random: Random, *, most: int) -> list[Places]:
    """Return the orders that differ, few switches first; of more than ``most``, a sample."""
    blocks = blocks_of(transactions)
    lengths = list(map(len, blocks))
    conflict = conflicts_of(list(map(_joined, transactions, blocks)))
    found = list(islice(_normal_forms(lengths, conflict), most + 1))
    if len(found) > most:
        found = _sample(lengths, conflict, random, most)
    if sum(lengths) <= SHORT:
        found = [_with_few_switches(places, conflict, len(lengths)) for places in found]
    random.shuffle(found)
    found.sort(key=switches_of)
    return [_in_steps(places, blocks) for places in found]


def _normal_forms(lengths: Sequence[int], conflict: Conflicts) -> Iterator[Places]:
    """Yield the normal form of every order: no step stands behind one of a later letter that it
    could change places with.
    """
    so_far: list[tuple[int, int]] = []

    def may_follow(step: tuple[int, int]) -> bool:
        for before in reversed(so_far):
            if conflict(before, step):
                return True
            if before[0] > step[0]:
                return False
        return True

    def go(done: list[int]) -> Iterator[Places]:
        if sum(done) == sum(lengths):
            yield tuple(actor for actor, _ in so_far)
        for actor, length in enumerate(lengths):
            step = (actor, done[actor])
            if done[actor] < length and may_follow(step):
                so_far.append(step)
                done[actor] += 1
                yield from go(done)
                done[actor] -= 1
                so_far.pop()

    yield from go([0] * len(lengths))


def _sample(lengths: Sequence[int], conflict: Conflicts, random: Random, most: int) -> list[Places]:
    """Draw orders, half of them with few switches."""
    found: dict[Places, Places] = {}
    for number in range(2 * most):
        places = _drawn(lengths, random, few=number % 2 == 0)
        found.setdefault(normal_form(places, conflict), places)
        if len(found) == most:
            break
    return list(found.values())


def _drawn(lengths: Sequence[int], random: Random, *, few: bool) -> Places:
    """Draw one order; with ``few`` switches, whoever goes on often goes on to the end."""
    left, places = list(lengths), tuple[int, ...]()
    while any(left):
        actor = random.choice([t for t, n in enumerate(left) if n])
        many = random.choice([left[actor], random.randint(1, left[actor])]) if few else 1
        places += (actor,) * many
        left[actor] -= many
    return places


def _in_steps(places: Places, blocks: Sequence[Sequence[int]]) -> Places:
    """Spell an order of blocks out in steps."""
    sizes = list(map(iter, blocks))
    return tuple(actor for actor in places for _ in range(next(sizes[actor])))


def _with_few_switches(places: Places, conflict: Conflicts, actors: int) -> Places:
    """Return an order that nobody can tell from this one, and in which others go on less often."""
    forms = (normal_form(places, conflict, letters) for letters in permutations(range(actors)))
    return min(forms, key=switches_of)


def normal_form(
    places: Places, conflict: Conflicts, alphabet: Sequence[int] | None = None
) -> Places:
    """Return the first, by the alphabet, of all orders that nobody can tell from this one."""
    rank = alphabet or range(max(places, default=-1) + 1)
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
        while at < len(result) and rank[result[at][0]] <= rank[step[0]]:
            at += 1
        result.insert(at, step)
    return tuple(actor for actor, _ in result)


def switches_of(places: Places) -> int:
    """Return how often another transaction goes on."""
    return sum(one != other for one, other in pairwise(places))
