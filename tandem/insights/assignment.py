"""The best assignment of many who look for somebody to those who could be taken: numbers only.

Each seeker takes one option or stays without, each taker has so many places and is in one place at
a time, and the sum of the costs is as small as it can be. It is a linear program, solved by HiGHS.

Most options are never worth a look where there are many, so the program begins with the cheapest of
each seeker and takes in what its prices call for until nothing is left that could be better
("column generation", Dantzig and Wolfe 1960). Where hours overlap in ways that leave halves, whole
numbers are searched for among all options that could still be part of the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FIRST_LOOK = 8
"""So many options of each seeker the program begins with."""
MORE = 4
"""So many options of each seeker are taken in at once."""
HALF = 0.5
PRIMAL = 4
"""HiGHS's own number for the primal simplex method."""
BARELY = 1e-6
"""What is nearer to nothing than this is nothing; costs are whole numbers."""


@dataclass(frozen=True)
class Options:
    """Who could take whom, an entry for each option: all arrays are of one length.

    ``seekers`` and ``takers`` are positions from 0. ``costs`` are whole numbers, smaller is better.
    ``starts`` and ``ends`` are the hours that the taker is kept for, in seconds from any moment;
    where both are 0 it is for no hours.
    """

    seekers: Ints
    takers: Ints
    costs: Ints
    starts: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.seekers)


@dataclass(frozen=True)
class Takers:
    """What each taker can take: ``places`` (None is no limit) and what each further one costs.

    ``steps[t]`` are the costs of the first, the second and so on that ``t`` takes, never falling;
    beyond them each costs as much as the last. Empty is nothing.
    """

    places: Sequence[int | None]
    steps: Sequence[Sequence[int]] = field(default_factory=list)


def best_assignment(options: Options, takers: Takers, without: Sequence[int]) -> list[int]:
    """Return the positions of the options to take, rising; the sum of costs is the least there is.

    ``without[s]`` is what it costs that seeker ``s`` stays without. Among equally good ones the
    same is returned for the same input.
    """
    if not len(options) or not without:
        return []
    program = _Program(options, takers, np.asarray(without, dtype=np.int64))
    return program.solved()


class _Program:
    """The linear program: a row for each seeker, each taker, and each hour of a taker."""

    def __init__(self, options: Options, takers: Takers, without: Ints) -> None:
        self.options = options
        self.worth = (options.costs - without[options.seekers]).astype(np.float64)
        self.seekers, self.takers = len(without), len(takers.places)
        self.first_hour, self.last_hour, hours = _hour_rows(options)
        self.rows = self.seekers + self.takers + hours
        self.solver = highspy.Highs()  # type: ignore[no-untyped-call] # ships so
        self.solver.setOptionValue("output_flag", False)
        # An interior point first: of the large program a simplex method makes ten times as much.
        self.solver.setOptionValue("solver", "ipm")
        self.taken_in = np.zeros(len(options), dtype=bool)
        self.columns: list[Ints] = []
        self._add_rows(takers)
        self.step_columns = self._add_steps(takers)

    def solved(self) -> list[int]:
        """Return the positions of the options to take."""
        self._take_in(self._cheapest())
        self._run()
        while len(better := self._left_out(self._reduced_costs(), below=-BARELY, most=MORE)):
            self._take_in(better)
            # What is there stays possible, so the primal method goes on from it.
            self.solver.setOptionValue("solver", "simplex")
            self.solver.setOptionValue("presolve", "off")
            self.solver.setOptionValue("simplex_strategy", PRIMAL)
            self._run()
        if np.abs(self._values() % 1).clip(max=0.5).max(initial=0) > BARELY:
            self._search_whole_numbers()
        taken = np.concatenate(self.columns)[self._values() > HALF]
        return sorted(int(one) for one in taken)

    def _add_rows(self, takers: Takers) -> None:
        upper = np.ones(self.rows)
        for at, places in enumerate(takers.places):
            has_steps = at < len(takers.steps) and takers.steps[at]
            no_limit = highspy.kHighsInf if places is None else float(places)
            upper[self.seekers + at] = 0.0 if has_steps else no_limit
        lower = np.full(self.rows, -highspy.kHighsInf)
        nothing = np.array([], dtype=np.int32)
        self.solver.addRows(self.rows, lower, upper, 0, nothing, nothing, np.array([]))

    def _add_steps(self, takers: Takers) -> int:
        """Let each place that a taker gives cost what its step says; return how many columns."""
        added = 0
        for at, steps in enumerate(takers.steps):
            places = takers.places[at]
            row = np.array([self.seekers + at], dtype=np.int32)
            kept = [*steps] if places is None else [*steps][:places]
            for step, cost in enumerate(kept):
                is_last = step == len(steps) - 1
                left = highspy.kHighsInf if places is None else float(places - step)
                most = left if is_last else 1.0
                self.solver.addCol(float(cost), 0.0, most, 1, row, np.array([-1.0]))
                added += 1
        return added

    def _cheapest(self) -> Ints:
        # Of equally cheap ones each seeker begins with others, or all would begin with the same.
        scattered = (self.options.seekers * 2_654_435_761 + self.options.takers * 40_503) % 65_521
        order = np.lexsort((scattered, self.worth, self.options.seekers))
        return order[_place_within(self.options.seekers[order]) < FIRST_LOOK]

    def _take_in(self, which: Ints) -> None:
        """Add a column for each of these options, with its row of the seeker, taker and hours."""
        options, first = self.options, self.first_hour[which]
        hours = self.last_hour[which] - first
        lengths = 2 + hours
        begins = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        rows = np.empty(int(lengths.sum()), dtype=np.int64)
        rows[begins] = options.seekers[which]
        rows[begins + 1] = self.seekers + options.takers[which]
        within = np.arange(int(hours.sum())) - np.repeat(np.cumsum(hours) - hours, hours)
        base = self.seekers + self.takers
        rows[np.repeat(begins + 2, hours) + within] = base + np.repeat(first, hours) + within
        number = len(which)
        self.solver.addCols(
            number,
            self.worth[which],
            np.zeros(number),
            np.full(number, highspy.kHighsInf),
            len(rows),
            begins.astype(np.int32),
            rows.astype(np.int32),
            np.ones(len(rows)),
        )
        self.taken_in[which] = True
        self.columns.append(which)

    def _left_out(self, reduced: Floats, *, below: float, most: int) -> Ints:
        """Return options left out whose reduced cost is under ``below``, few of each seeker."""
        found = np.nonzero((reduced < below) & ~self.taken_in)[0]
        found = found[np.lexsort((reduced[found], self.options.seekers[found]))]
        return found[_place_within(self.options.seekers[found]) < most]

    def _reduced_costs(self) -> Floats:
        prices = np.asarray(self.solver.getSolution().row_dual)
        base = self.seekers + self.takers
        sums = np.concatenate([[0.0], np.cumsum(prices[base:])])
        reduced: Floats = (
            self.worth
            - prices[self.options.seekers]
            - prices[self.seekers + self.options.takers]
            - (sums[self.last_hour] - sums[self.first_hour])
        )
        return reduced

    def _search_whole_numbers(self) -> None:
        """Solve in whole numbers, with every option that could still be part of the best.

        Whole numbers cost at least what the program without that wish costs, and an option adds at
        least its reduced cost to it: one that adds more than a plan costs that is known already is
        part of nothing better.
        """
        bound, reduced = self._objective(), self._reduced_costs()
        self.solver.setOptionValue("presolve", "choose")
        self.solver.setOptionValue("solver", "choose")
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        self.solver.setOptionValue("mip_abs_gap", HALF)
        self._run_in_whole_numbers()
        gap = self._objective() - bound
        more = self._left_out(reduced, below=gap + BARELY, most=len(self.options))
        if len(more):
            self._take_in(more)
            self._run_in_whole_numbers()

    def _run_in_whole_numbers(self) -> None:
        columns = np.arange(self.step_columns, self.solver.getNumCol(), dtype=np.int32)
        whole = np.full(len(columns), highspy.HighsVarType.kInteger)
        self.solver.changeColsIntegrality(len(columns), columns, whole)
        self._run()

    def _objective(self) -> float:
        return float(self.solver.getInfo().objective_function_value)

    def _run(self) -> None:
        self.solver.run()
        status = self.solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"The best assignment was not found: {status.name}")

    def _values(self) -> Floats:
        values: Floats = np.asarray(self.solver.getSolution().col_value, dtype=np.float64)
        of_options: Floats = np.asarray(values[self.step_columns :])
        return of_options


def _place_within(groups: Ints) -> Ints:
    """Return the place of each entry among its neighbours of the same group, from 0."""
    at = np.arange(len(groups))
    begins = np.concatenate([[True], groups[1:] != groups[:-1]]) if len(groups) else at > 0
    return at - np.maximum.accumulate(np.where(begins, at, 0))


def _hour_rows(options: Options) -> tuple[Ints, Ints, int]:
    """Return the first row of each option's hours and the one after the last, and how many rows.

    A taker has a row for each moment at which an option of theirs begins: those that hold the
    moment meet there, and any that meet at all do so where the later one begins.
    """
    first, last = np.zeros(len(options), dtype=np.int64), np.zeros(len(options), dtype=np.int64)
    keeps = np.nonzero(options.ends > options.starts)[0]
    keeps = keeps[np.argsort(options.takers[keeps], kind="stable")]
    rows = 0
    of_takers = np.nonzero(np.diff(options.takers[keeps]))[0] + 1
    for mine in np.split(keeps, of_takers):
        moments = np.unique(options.starts[mine])
        first[mine] = rows + np.searchsorted(moments, options.starts[mine])
        last[mine] = rows + np.searchsorted(moments, options.ends[mine])
        rows += len(moments)
    return first, last, rows
