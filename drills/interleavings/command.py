"""``python -m drills interleavings``: step through orders for some minutes, or replay one."""

import argparse
import time
from contextlib import ExitStack

from rich.console import Console

from drills.interleavings import report, worlds
from drills.interleavings.explore import Found, Steppers, explore
from drills.interleavings.orders import Order
from drills.interleavings.run import Outcome
from drills.server import empty_tandem

TRIES = 5


def main(options: argparse.Namespace) -> int:
    """Return 1 where any order shows a difference, else 0."""
    console = Console()
    with ExitStack() as stack:
        empty = stack.enter_context(empty_tandem())
        templates = {name: stack.enter_context(worlds.world(empty, name)) for name in worlds.ALL}
        if options.replay:
            return _replay(console, templates, options.replay)
        return _explore(console, templates, options)


def _explore(console: Console, templates: dict[str, str], options: argparse.Namespace) -> int:
    total, begun = Found(), time.monotonic()
    for job, found in explore(
        templates, seed=options.seed, seconds=60 * options.minutes, only=options.only
    ):
        total.add(found)
        for order, texts in list(found.differences.items())[:1]:
            console.print(f"{order} | {texts[0]}", markup=False, highlight=False, soft_wrap=True)
        del job
    report.show(console, total, time.monotonic() - begun)
    return 1 if total.differences else 0


def _replay(console: Console, templates: dict[str, str], texts: list[str]) -> int:
    steppers, differing = Steppers(templates), 0
    try:
        for text in texts:
            outcome = _run(steppers, Order.parse(text))
            differing += bool(outcome.differences)
            console.print(
                report.replayed(outcome.order, outcome.differences),
                markup=False, highlight=False, soft_wrap=True,
            )  # fmt: skip
    finally:
        steppers.close()
    return 1 if differing else 0


def _run(steppers: Steppers, order: Order) -> Outcome:
    """Run an order; again, where nothing differs: on a busy machine a wait may end too early."""
    outcome = steppers.run(order)
    for _ in range(TRIES - 1):
        if not outcome.differences:
            outcome = steppers.run(order)
    return outcome
