"""Which transactions are stepped through together, and in which orders: first two, then three.

All of it is a course drawn from a seed. Where time is short, what comes first counts most.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from random import Random

from drills.interleavings import worlds
from drills.interleavings.catalogue import CATALOGUE, LAST, Transaction, in_world
from drills.interleavings.orders import Deed, Order, Part, Token
from drills.interleavings.scheduler import (
    NOTES,
    SHARED,
    Places,
    Steps,
    conflicts_of,
    orders,
    switches_of,
)

OF_TWO, OF_TWO_INSIDE, OF_THREE = 30, 16, 24
LOOKED_AT = 2000
"""At most so many orders of one set of transactions are run, of so many that are looked at; the rest
counts as skipped.
"""


@dataclass(frozen=True)
class Job:
    """Transactions of one world, the most orders to run of them, and whether some are killed."""

    world: str
    parts: tuple[Part, ...]
    most: int
    kills: bool = False

    def __str__(self) -> str:
        return f"{self.world} {'+'.join(map(str, self.parts))}{' with kills' if self.kills else ''}"


# Of two, of two with halts inside, of three; each in order of rank, and at random.
WEIGHTS = (4, 2, 2, 1, 3, 1)
KILLED = 0.2
"""Of so many sets a few orders are run once more with a kill."""

Known = Mapping[tuple[str, str, bool], Steps]
"""By world, name, and whether it halts inside functions: what the steps of a transaction touch."""


def meet(known: Known, world: str, *names: str) -> bool:
    """Tell whether all of the transactions hang together by what they touch."""
    steps = [known[world, name, False] for name in names]
    conflict = conflicts_of(steps)
    linked, left = {0}, set(range(1, len(names)))
    while left:
        found = {
            n
            for n in left
            for m in linked
            if any(
                conflict((m, i), (n, j))
                for i in range(len(steps[m].footprints))
                for j in range(len(steps[n].footprints))
            )
        }
        if not found:
            return False
        linked, left = linked | found, left - found
    return True


def jobs(known: Known, seed: int, only: str = "") -> Iterator[Job]:
    """Yield what there is to do, each kind in turn; ``only`` those whose text contains a word."""
    random = Random(f"jobs {seed}")
    queues = []
    for kind in (_of_two, _of_two_inside, _of_three):
        some = [job for job in kind(known) if only in str(job)]
        random.shuffle(some)
        queues += [iter(sorted(some, key=lambda job: _rank(known, job))), iter(some)]
    yielded: set[Job] = set()
    while True:
        queue = random.choices(queues, WEIGHTS)[0]
        job = next((job for job in queue if job not in yielded), None)
        if job is None and all(next(queue, None) is None for queue in queues):
            return
        if job is not None:
            yielded.add(job)
            yield job
            if random.random() < KILLED:
                yield Job(job.world, job.parts, max(2, job.most // 4), kills=True)


def _rank(known: Known, job: Job) -> tuple[int, int]:
    """The backfill's batches come first, then what leaves a note even by itself, and what meets in
    more than one shared table: a note can be lost, a batch is long, and who waits for a subject or
    a tutor waits for somebody else's student.
    """
    batches = sum(not CATALOGUE[part.name].writes_old_side for part in job.parts)
    some = [known[job.world, part.name, False] for part in job.parts]
    written = [frozenset[str]().union(*(f.written for f in steps.footprints)) for steps in some]
    met = frozenset.intersection(*written) & SHARED - {NOTES}
    notes = sum(NOTES in tables for tables in written)
    return _later(job), -2 * batches - notes - len(met)


def _later(job: Job) -> int:
    """Those who share students come first: of three, where one links two who share none.

    What takes a new database for each order comes last.
    """
    some = [CATALOGUE[part.name] for part in job.parts]
    if any(one.rebuilds for one in some):
        return 2
    if len(some) == 2:
        return 0
    pairs = combinations([one.students for one in some], 2)
    return 0 if sum(bool(one & other) for one, other in pairs) == 2 else 1


def _worth(world: str, *some: Transaction) -> bool:
    """What is the same as in another world is looked at once; of upgrades, one runs at a time."""
    if sum(one.is_upgrade for one in some) > 1:
        return False
    if world == worlds.JOINED:
        return any(one.rebuilds for one in some)
    if world == worlds.TURNING:
        return any(one.name == "turn_days" for one in some)
    if any(one.rebuilds for one in some) and len(some) > 2:
        return False
    if world == worlds.HALF:
        return any(one.worlds == {worlds.HALF} for one in some) or not any(
            one.is_old for one in some
        )
    return True


def _of_two(known: Known) -> Iterator[Job]:
    for world in worlds.ALL:
        for one, other in combinations_with_replacement(in_world(world), 2):
            twins = all(t.students == {LAST} for t in (one, other))
            if one is other and not one.is_old:
                continue
            if not twins and _worth(world, one, other) and meet(known, world, one.name, other.name):
                few = 3 if one.rebuilds or other.rebuilds else OF_TWO
                yield Job(world, (Part(one.name), Part(other.name)), few)


def _of_two_inside(known: Known) -> Iterator[Job]:
    """One of the two also halts inside the functions that its statements call."""
    for job in _of_two(known):
        for n, part in enumerate(job.parts):
            transaction, other = CATALOGUE[part.name], CATALOGUE[job.parts[1 - n].name]
            if transaction.rebuilds or other.rebuilds:
                continue
            halting = tuple(Part(p.name, m == n) for m, p in enumerate(job.parts))
            yield Job(job.world, halting, OF_TWO_INSIDE)


def _of_three(_: Known) -> Iterator[Job]:
    """At least one of them is Tandem's."""
    for world in (worlds.MIDWAY, worlds.HALF):
        there = [one for one in in_world(world) if not one.rebuilds]
        for some in combinations(there, 3):
            if any(not one.is_old for one in some) and _worth(world, *some):
                yield Job(world, tuple(Part(one.name) for one in some), OF_THREE)


def orders_of(job: Job, steps: Sequence[Steps], random: Random) -> tuple[list[Order], int]:
    """Return the orders of a job, and how many more there are."""
    every = orders(steps, random, most=LOOKED_AT)
    if len(job.parts) > 2:  # one after the other they are pairs; one around the others comes first
        every = [places for places in every if switches_of(places) >= len(job.parts)]
        every.sort(key=lambda places: (switches_of(places), places[0] != places[-1]))
    few = 3 * job.most // 4
    chosen, rest = every[:few], every[few:]
    chosen += random.sample(rest, min(len(rest), job.most - len(chosen)))
    made = [_order(job, places) for places in chosen]
    if job.kills:
        made = [_with_a_kill(order, random) for order in made]
    return made, len(every) - len(chosen)


def _order(job: Job, places: Places) -> Order:
    return Order(job.world, job.parts, tuple(Token(actor) for actor in places))


def _with_a_kill(order: Order, random: Random) -> Order:
    """Kill a connection somewhere before its last step."""
    at = random.randrange(1, len(order.tokens))
    victim = random.randrange(len(order.parts))
    kill = Token(victim, Deed.KILL)
    return Order(order.world, order.parts, (*order.tokens[:at], kill, *order.tokens[at:]))


def variants(
    order: Order, waited_at_end: Sequence[int], waited_anew: Container[int]
) -> Iterator[Order]:
    """Yield the orders in which others hold until the last step of an actor no longer waits.

    ``waited_at_end``: the actors whose last step waited while others still had some to take;
    ``waited_anew``: those who waited several times in one step.
    """
    steps = {t.actor: n for n, t in enumerate(order.tokens) if t.deed is Deed.STEP}
    holds = {t.actor for t in order.tokens if t.deed is Deed.HOLD}
    for actor in holds if all(t.deed is not Deed.HOLD_ONE_WAIT for t in order.tokens) else ():
        if actor in waited_anew and order.tokens[steps[actor] + 1].actor != actor:
            yield _with(order, steps[actor] + 1, Token(actor, Deed.HOLD_ONE_WAIT))
    for actor in waited_at_end if not holds else ():
        next_one = steps[actor] + 1
        later = [n for n in _ends_of_stretches(order.tokens) if n > next_one]
        for at in (next_one, *later[:2]):
            yield _with(order, at, Token(actor, Deed.HOLD))


def _with(order: Order, at: int, token: Token) -> Order:
    """Return an order with one token more."""
    tokens = (*order.tokens[:at], token, *order.tokens[at:])
    return Order(order.world, order.parts, tokens)


def _ends_of_stretches(tokens: Sequence[Token]) -> list[int]:
    return [n for n in range(1, len(tokens)) if tokens[n].actor != tokens[n - 1].actor]
