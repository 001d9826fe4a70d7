"""Reports for any range of days: what came of the sessions."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from tandem.insights.reports import REPORTS, By, counted_sessions, fragments_of
from tandem.kit.named_sql import fetch_all
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of


class OutcomeLine(NamedTuple):
    """What came of the sessions of a tutor, a student or a subject (``id`` None: any subject).

    Of those that were called off, for whom: of ``by_nobody_known`` that was not written down.
    """

    id: str | None
    name: str
    held: int
    no_shows: int
    by_family: int
    by_tutor: int
    by_business: int
    by_nobody_known: int

    @property
    def recorded(self) -> int:
        """All sessions of which is known what came of them."""
        return sum(self[2:])

    @property
    def cancelled(self) -> int:
        """Those that were called off, for whomever."""
        return sum(self[4:])


NOTHING = OutcomeLine(None, "", 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class OutcomesReport:
    """What came of the sessions from the first day to the last, both included, in ``zone``."""

    first_day: date
    last_day: date
    zone: str
    by: By
    lines: list[OutcomeLine]

    @property
    def total(self) -> OutcomeLine:
        """All lines together, without an id or a name; the same whatever they stand for."""
        numbers = zip(*(line[2:] for line in self.lines), strict=True)
        return OutcomeLine(None, "", *map(sum, numbers)) if self.lines else NOTHING


def outcomes_report(
    viewer: Viewer, *, first_day: date, last_day: date, by: By, **narrowed: str
) -> OutcomesReport:
    """Return what came of the sessions of an owner's tutors, or of a tutor, on these days.

    Days, lines and what is refused are those of ``reports.hours_report``.
    """
    asked = counted_sessions(viewer, first_day, last_day, narrowed)
    statement = _statement(role_of(viewer), by, asked.narrowed)
    lines = fetch_all(statement, asked.values, OutcomeLine, planned_anew=True)
    return OutcomesReport(first_day, last_day, asked.zone, by, lines)


@cache
def _statement(role: Role, by: By, given: frozenset[str]) -> str:
    return REPORTS.compose("outcomes", **fragments_of(role, by, given))
