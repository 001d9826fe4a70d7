"""Reports for any range of days: who taught how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import sql

from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _
from tandem.kit.named_sql import NamedStatements, all_of, fetch_all
from tandem.kit.time import day_starts, zone_or_business
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of, scope_values

REPORTS = NamedStatements(Path(__file__).with_name("reports.sql"))
FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)
A_DAY = timedelta(days=1)


class By(StrEnum):
    """What the lines of a report stand for."""

    TUTOR = "tutor"
    STUDENT = "student"
    SUBJECT = "subject"


class _Parts(NamedTuple):
    who: str
    names: str
    name: str


PARTS = {
    By.TUTOR: _Parts(
        "session.tutor_id", "people_tutor", "coalesce(nullif(named.full_name, ''), named.email)"
    ),
    By.STUDENT: _Parts("session.student_id", "people_student", "named.full_name"),
    By.SUBJECT: _Parts("relationship.subject_id", "people_subject", "named.name"),
}


class TaughtLine(NamedTuple):
    """What was taught by a tutor, to a student or of a subject; ``id`` is None for any subject.

    ``sessions`` were held and took ``minutes``; ``no_shows`` and ``cancelled`` were not.
    """

    id: str | None
    name: str
    sessions: int
    minutes: int
    no_shows: int
    cancelled: int

    @property
    def hours(self) -> float:
        """The minutes as hours, to two digits."""
        return round(self.minutes / 60, 2)


NARROWED = {
    "tutor_id": sql.SQL("session.tutor_id = %(tutor_id)s"),
    "student_id": sql.SQL("session.student_id = %(student_id)s"),
    "subject": REPORTS["of_subject"],
}
"""What is counted may be narrowed to one tutor, one student, one subject (by its name)."""
NOTHING = TaughtLine(None, "", 0, 0, 0, 0)


@dataclass(frozen=True)
class HoursReport:
    """What was taught from the first day to the last, both included, as they lie in ``zone``."""

    first_day: date
    last_day: date
    zone: str
    by: By
    lines: list[TaughtLine]

    @property
    def total(self) -> TaughtLine:
        """All lines together, without an id or a name; the same whatever they stand for."""
        numbers = zip(*(line[2:] for line in self.lines), strict=True)
        return TaughtLine(None, "", *map(sum, numbers)) if self.lines else NOTHING


def hours_report(
    viewer: Viewer, *, first_day: date, last_day: date, by: By, **narrowed: str
) -> HoursReport:
    """Return what an owner's tutors, or a tutor, taught on these days in the business's zone.

    One zone for everybody, so that an owner and a tutor read the same sums. Lines are by name.
    ``narrowed`` has values for words of ``NARROWED``; '' narrows nothing.
    InvalidError for a last day before the first, and for days before 1900 or after 2200.
    """
    asked = counted_sessions(viewer, first_day, last_day, narrowed)
    statement = _statement(role_of(viewer), by, asked.narrowed)
    lines = fetch_all(statement, asked.values, TaughtLine, planned_anew=True)
    return HoursReport(first_day, last_day, asked.zone, by, lines)


class CountedSessions(NamedTuple):
    """What a report's statement is asked with, and the words of ``NARROWED`` that it has."""

    zone: str
    values: Mapping[str, Any]
    narrowed: frozenset[str]


def counted_sessions(
    viewer: Viewer, first_day: date, last_day: date, narrowed: Mapping[str, str]
) -> CountedSessions:
    """Return of which sessions a report of these days is, or refuse the days."""
    check_days(first_day, last_day)
    zone = zone_or_business("")
    given = {name: value for name, value in narrowed.items() if value}
    days = {"starts": day_starts(first_day, zone), "ends": day_starts(last_day + A_DAY, zone)}
    return CountedSessions(zone, {**scope_values(viewer), **given, **days}, frozenset(given))


def check_days(first_day: date, last_day: date) -> None:
    """Refuse a range that ends before it begins, or that no calendar here knows."""
    if last_day < first_day:
        raise invalid("last_day", _("The last day is before the first. Exchange the two."))
    for name, day in (("first_day", first_day), ("last_day", last_day)):
        if not FIRST <= day <= LAST:
            raise invalid(name, _("Choose a day from 1900 to 2200."))


@cache
def _statement(role: Role, by: By, given: frozenset[str]) -> str:
    return REPORTS.compose(
        "hours_taught",
        **fragments_of(role, by, given),
        minutes_held=REPORTS["minutes_held"],
    )


def fragments_of(role: Role, by: By, given: frozenset[str]) -> dict[str, sql.Composable]:
    """Return what the statement of a report has words for: whose sessions count, by what."""
    parts = PARTS[by]
    return {
        "who": sql.SQL(parts.who),
        "names": sql.Identifier(parts.names),
        "name": sql.SQL(parts.name),
        "taught": all_of([_taught(role), *(NARROWED[name] for name in sorted(given))]),
    }


def _taught(role: Role) -> sql.Composable:
    """Return which sessions count: an owner's are everybody's, a tutor's those that they taught."""
    if role is Role.TUTOR:
        return REPORTS["taught_by_viewer"]
    return sql.SQL("true" if role is Role.OWNER else "false")
