"""Transactions at once, in orders drawn from a seed: nothing is lost, and both sides agree.

A small sample of what ``make drill`` steps through. Each difference is printed with the order that
shows it again: ``python -m drills interleavings --replay ORDER``.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from drills.interleavings import worlds
from drills.interleavings.explore import Found, Steppers, do
from drills.interleavings.jobs import Job
from drills.interleavings.orders import Order, Part
from drills.server import use

SEED = 8
LONGEST = 60


@pytest.fixture(scope="module")
def steppers(template: str, django_db_blocker: Any) -> Iterator[Steppers]:
    """Databases in the middle of an upgrade, in which Tandem's own actions work too."""
    before = connections.databases["default"]["NAME"]
    with worlds.world(template, worlds.MIDWAY) as midway, django_db_blocker.unblock():
        steppers = Steppers({worlds.MIDWAY: midway})
        try:
            yield steppers
        finally:
            steppers.close()
            use(before)


@pytest.mark.parametrize(
    ("parts", "orders"),
    [
        ("batch+adds_session:s5*", 20),
        ("batch+updates_one_adds_to_other:s6,s5+adds_session:s6", 10),
        ("enrols_s:Maths+touches_student:s1", 10),
        ("changes_subject:s1+enrols_rc:Botany", 10),
        ("transfer:s1+edits_session:s1", 10),
        ("pair:s1+changes_tutor:s1", 10),
    ],
)
def test_in_whatever_order(steppers: Steppers, parts: str, orders: int) -> None:
    """What is not in Tandem is noted; and after what is still to do, both sides say the same."""
    found = run(steppers, Job(worlds.MIDWAY, tuple(map(Part.parse, parts.split("+"))), orders))
    assert found.orders > 1
    assert found.differences == {}


def test_a_connection_killed_between_two_statements(steppers: Steppers) -> None:
    """Whether it is the backfill's or the old application's."""
    parts = Part("batch"), Part("adds_two_sessions:s5")
    found = run(steppers, Job(worlds.MIDWAY, parts, 8, kills=True))
    assert found.kills > 0
    assert found.differences == {}


def test_a_wait_is_held_until_it_times_out_or_released_before(steppers: Steppers) -> None:
    """An order says which of the two: it is the old write that waits for a batch in mid work.

    On a busy machine the release may come late now and then.
    """
    order = "midway batch+adds_session:s5 A18 B"
    held = steppers.run(Order.parse(f"{order} B? A"))
    assert (held.errors, held.waited > 0, held.timed_out > 0) == ({}, True, True)
    released = (steppers.run(Order.parse(f"{order} A")) for _ in range(20))
    assert any((one.waited > 0, one.timed_out) == (True, 0) for one in released)


def test_a_row_that_is_lost_is_found_out(steppers: Steppers) -> None:
    """Where Tandem lacks a session and no note says so, both the oracle and verify tell."""
    stepper = steppers.on(worlds.MIDWAY)
    worlds.put_back(stepper.control)
    stepper.control.execute("SET session_replication_role = replica")
    stepper.control.execute("DELETE FROM lessons_session WHERE id = 's1 past'")
    stepper.control.execute("RESET session_replication_role")
    told = stepper.aftermath.differences(Order.parse("midway touches_student:s1 A"))
    assert told == [
        "neither there nor noted: Session s1 past of s1: missing in Tandem",
        "left at the end: Session s1 past of s1: missing in Tandem",
    ]


def run(steppers: Steppers, job: Job) -> Found:
    """Run the orders of a job."""
    stepper = steppers.on(job.world)
    steps = [stepper.steps(part.name, inside=part.inside) for part in job.parts]
    return do(steppers, job, steps, SEED, time.time() + LONGEST)
