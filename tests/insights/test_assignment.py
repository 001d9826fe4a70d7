"""The best assignment is as good as the best of all that there are, and holds every bound."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.insights import assignment
from tandem.insights.assignment import Options, Takers, best_assignment

HOURS = [(0, 0), (0, 60), (30, 90), (60, 120), (0, 120)]
Row = tuple[int, int, int, tuple[int, int]]
OPTION = st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 90), st.sampled_from(HOURS))
PLACES = st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=3, max_size=3)
STEPS = st.lists(st.lists(st.integers(0, 30), max_size=3).map(sorted), min_size=3, max_size=3)
WITHOUT = st.lists(st.integers(50, 150), min_size=5, max_size=5)


@contextmanager
def looking_at_first(number: int) -> Iterator[None]:
    """Begin with so few options, and take so few in at once."""
    before = assignment.FIRST_LOOK, assignment.MORE
    assignment.FIRST_LOOK = assignment.MORE = number
    try:
        yield
    finally:
        assignment.FIRST_LOOK, assignment.MORE = before


def arrays(rows: list[Row]) -> Options:
    """Return options of (seeker, taker, cost, (starts, ends))."""
    columns = [(seeker, taker, cost, *hours) for seeker, taker, cost, hours in rows]
    table = np.array(columns, dtype=np.int64).reshape(-1, 5)
    return Options(*(table[:, at].copy() for at in range(5)))


def cost_of(
    chosen: list[int],
    rows: list[Row],
    places: list[int | None],
    steps: list[list[int]],
    without: list[int],
) -> int | None:
    """Return the sum of costs, or None where a bound does not hold."""
    picked = [rows[at] for at in chosen]
    if len({one[0] for one in picked}) < len(picked):
        return None
    total = sum(without) + sum(cost - without[seeker] for seeker, _, cost, _ in picked)
    for taker, most in enumerate(places):
        mine = [one for one in picked if one[1] == taker]
        if most is not None and len(mine) > most:
            return None
        for at, (_, _, _, (starts, ends)) in enumerate(mine):
            if any(starts < o[3][1] and o[3][0] < ends for o in mine[:at]):
                return None
        dear = steps[taker]
        total += sum(dear[min(k, len(dear) - 1)] for k in range(len(mine) if dear else 0))
    return total


@given(st.lists(OPTION, max_size=9), PLACES, STEPS, WITHOUT)
@settings(max_examples=300, deadline=None)
def test_it_is_the_best_of_all(
    rows: list[Row], places: list[int | None], steps: list[list[int]], without: list[int]
) -> None:
    chosen = best_assignment(arrays(rows), Takers(places, steps), without)
    every = [
        [at for at, taken in enumerate(mask) if taken] for mask in product([0, 1], repeat=len(rows))
    ]
    costs = [
        cost for one in every if (cost := cost_of(one, rows, places, steps, without)) is not None
    ]
    assert cost_of(chosen, rows, places, steps, without) == min(costs)


@given(st.lists(OPTION, max_size=9), PLACES, STEPS, WITHOUT)
@settings(max_examples=200, deadline=None)
def test_it_looks_at_few_options_first_and_at_what_is_better_then(
    rows: list[Row], places: list[int | None], steps: list[list[int]], without: list[int]
) -> None:
    whole = best_assignment(arrays(rows), Takers(places, steps), without)
    with looking_at_first(1):
        little_by_little = best_assignment(arrays(rows), Takers(places, steps), without)
    of = (rows, places, steps, without)
    assert cost_of(little_by_little, *of) == cost_of(whole, *of)


def test_hours_that_leave_halves_are_decided_in_whole_numbers() -> None:
    # One could come at 0 or at 60, another only from 30 to 90: halves of all three would be best.
    rows = [(0, 0, 10, (0, 60)), (0, 0, 10, (60, 120)), (1, 0, 9, (30, 90))]
    with looking_at_first(1):
        assert best_assignment(arrays(rows), Takers([None]), [100, 100]) == [2]


def test_nobody_to_take_anybody() -> None:
    assert best_assignment(arrays([]), Takers([None]), [100]) == []
    assert best_assignment(arrays([(0, 0, 1, (0, 0))]), Takers([0]), [100]) == []


def test_the_same_is_found_again() -> None:
    rows = [(seeker, taker, 10, (0, 0)) for seeker in range(4) for taker in range(3)]
    found = [best_assignment(arrays(rows), Takers([2, 2, 2]), [100] * 4) for _ in range(3)]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 4
