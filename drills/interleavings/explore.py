"""Works through jobs in several processes until time is up."""

import multiprocessing
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random

from drills.interleavings import process, worlds
from drills.interleavings.catalogue import CATALOGUE, in_world
from drills.interleavings.jobs import Job, Known, jobs, orders_of, variants
from drills.interleavings.orders import Order
from drills.interleavings.run import Outcome
from drills.interleavings.scheduler import Steps
from drills.interleavings.stepper import Stepper
from drills.server import name_of, use

PROCESSES = 6
"""More than cores: whoever waits for a lock costs nothing."""
VARIANTS = 2
"""So many times a job's orders at most are run, with those that hold where others go first."""


@dataclass
class Found:
    """What was run, of one job or of all; differences by the order that shows them."""

    jobs: int = 0
    orders: int = 0
    skipped: int = 0
    waited: int = 0
    timed_out: int = 0
    kills: int = 0
    differences: dict[str, list[str]] = field(default_factory=dict)

    def add(self, other: "Found") -> None:
        """Add what another job found."""
        for name in ("jobs", "orders", "skipped", "waited", "timed_out", "kills"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.differences.update(other.differences)

    def take(self, outcome: Outcome) -> None:
        """Add what became of one order."""
        self.orders += 1
        self.waited += outcome.waited
        self.timed_out += outcome.timed_out
        self.kills += outcome.kills
        if outcome.differences:
            self.differences[str(outcome.order)] = outcome.differences


class Steppers:
    """A stepper on a copy of each world that is asked for; made anew where one is spent."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._templates = templates
        self._kept: dict[str, tuple[Stepper, ExitStack]] = {}
        self._in_use = ""

    def on(self, world: str) -> Stepper:
        """Return the stepper of a world, and have Tandem's own actions work there."""
        if world not in self._kept:
            stack = ExitStack()
            url = stack.enter_context(worlds.copy_of(self._templates[world]))
            made = Stepper(url, world)
            stack.callback(made.close)
            self._kept[world] = made, stack
        stepper, _ = self._kept[world]
        if self._in_use != stepper.url:
            use(name_of(stepper.url))
            for other, _ in self._kept.values():
                other.forget_tandem()
            self._in_use = stepper.url
        return stepper

    def run(self, order: Order) -> Outcome:
        """Run one order. A database whose triggers it took away is thrown away."""
        stepper = self.on(order.world)
        try:
            outcome = stepper.run(order)
        except Exception:
            self.forget(order.world)
            raise
        if any(CATALOGUE[part.name].rebuilds for part in order.parts):
            self.forget(order.world)
        return outcome

    def forget(self, world: str) -> None:
        """Drop the database of a world."""
        _, stack = self._kept.pop(world)
        stack.close()
        self._in_use = ""

    def close(self) -> None:
        """Drop every database."""
        for world in list(self._kept):
            self.forget(world)


def do(steppers: Steppers, job: Job, steps: Sequence[Steps], seed: int, deadline: float) -> Found:
    """Run the orders of a job, and what their waits suggest, until the deadline.

    ``steps`` is what each of its transactions touches.
    """
    chosen, skipped = orders_of(job, steps, Random(f"{seed} {job}"))
    found = Found(jobs=1, skipped=skipped)
    while chosen:
        if time.time() > deadline:
            found.skipped += len(chosen)
            break
        outcome = steppers.run(order := chosen.pop(0))
        found.take(outcome)
        further = list(variants(order, outcome.waited_at_end, outcome.waited_anew))
        room = VARIANTS * job.most - found.orders - len(chosen)
        chosen = further[: max(0, room)] + chosen
        found.skipped += len(further[max(0, room) :])
    return found


def known_steps(steppers: Steppers) -> Known:
    """Return what every transaction touches in every world it belongs to."""
    known: dict[tuple[str, str, bool], Steps] = {}
    for world in worlds.ALL:
        for one in in_world(world):
            for inside in (False, True):
                known[world, one.name, inside] = steppers.on(world).steps(one.name, inside=inside)
            if one.rebuilds:
                steppers.forget(world)
    return known


def explore(
    templates: Mapping[str, str],
    *,
    seed: int,
    seconds: float,
    only: str = "",
    processes: int = PROCESSES,
) -> Iterator[tuple[Job, Found]]:
    """Yield each job with what it found, until time is up."""
    deadline = time.time() + seconds
    steppers = Steppers(templates)
    try:
        known = known_steps(steppers)
    finally:
        steppers.close()
    to_do = jobs(known, seed, only)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, process.begin, (dict(templates),)) as pool:
        under_way: dict[Future[Found], Job] = {}
        while True:
            while len(under_way) < processes + 2 and time.time() < deadline:
                if (job := next(to_do, None)) is None:
                    break
                steps = [known[job.world, part.name, part.inside] for part in job.parts]
                under_way[pool.submit(process.do, job, steps, seed, deadline)] = job
            if not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                yield under_way.pop(future), future.result()
