"""What a calendar shows: lessons, who is free or away, and of whom lessons can be planned.

Each is one statement, from ``calendar.sql``, and starts from what the viewer may see. Of busy days
only the first lessons are fetched; how many there are is counted by the database.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from psycopg import sql

from tandem.insights.filters import SESSION_FILTERS, longest_first, patterns_of
from tandem.kit.named_sql import NamedStatements, all_of, fetch_all, fetch_rows
from tandem.kit.plain_letters import by_plain_letters
from tandem.people.days import teaches_on
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of, scope, scope_values

CALENDAR = NamedStatements(Path(__file__).with_name("calendar.sql"))
STATEMENTS_KEPT = 512
MOST_PAIRINGS = 50
Groups = Literal["by_hour", "by_day"]
Days = Sequence[tuple[datetime, datetime]]
"""Each day as when it starts and when it is over; they follow each other."""
STUDENT = "student.full_name"
TUTOR = "coalesce(nullif(tutor.full_name, ''), tutor.email)"
WHOM = f"concat_ws(' ', student.full_name, {TUTOR}, subject.name)"


FILTERS = {
    "tutor_ids": sql.SQL("session.tutor_id = ANY(%(tutor_ids)s)"),
    "words": by_plain_letters(CALENDAR["student_called"], STUDENT),
    "subject": CALENDAR["of_subject"],
    "statuses": SESSION_FILTERS["statuses"],
}
PAIRING_FILTERS = {
    "relationship_id": sql.SQL("relationship.id = %(relationship_id)s"),
    "decided": sql.SQL("relationship.status = %(decided)s"),
    "tutor_ids": sql.SQL("relationship.tutor_id = ANY(%(tutor_ids)s)"),
    "student_words": by_plain_letters(CALENDAR["pairing_of_student"], STUDENT),
    "subject": sql.SQL("upper(subject.name) = upper(%(subject)s)"),
    "words": by_plain_letters(CALENDAR["pairing_called"], WHOM),
}
BEGINS_SO_FIRST = by_plain_letters(CALENDAR["begins_so"], STUDENT)


class Lesson(NamedTuple):
    """A lesson, with the start of its day and how many lessons that day has in all."""

    day: datetime
    number: int
    id: str
    tutor_id: str
    tutor_name: str
    student_name: str
    subject: str | None
    starts_at: datetime
    ends_at: datetime
    status: str


class Choice(NamedTuple):
    """A tutor or a subject that a calendar can be narrowed to."""

    kind: str
    id: str
    name: str
    active: bool
    busy: bool


class Free(NamedTuple):
    """A tutor is free on a weekday (Monday is 0), on the clock of ``zone`` ('': the business's)."""

    tutor_id: str
    weekday: int
    starts: time
    ends: time
    zone: str


class AwayTutor(NamedTuple):
    """A tutor is away from one moment up to another."""

    tutor_id: str
    tutor_name: str
    starts_at: datetime
    ends_at: datetime


class PairingChoice(NamedTuple):
    """A relationship of which a lesson can be planned; ``zone`` is the tutor's ('': business's)."""

    id: str
    tutor_name: str
    student_name: str
    subject: str | None
    zone: str


def lessons_of_days(
    viewer: Viewer, days: Days, narrowed: Mapping[str, Any], *, groups: Groups, most: int
) -> list[Lesson]:
    """Return the first ``most`` lessons of each hour or of each whole day, by start.

    ``narrowed`` has values for words of ``FILTERS``; ``words`` is text that names a student.
    """
    given = _given(narrowed, "words")
    starts, ends = ([day[side] for day in days] for side in (0, 1))
    values = {**given, "starts": starts, "ends": ends}
    values["longest"], values["others"] = longest_first(given.get("words", []))
    statement = _lessons(role_of(viewer), frozenset(given), groups)
    return fetch_all(statement, {**scope_values(viewer), **values, "most": most}, Lesson)


def choices(viewer: Viewer, days: Days) -> tuple[list[Choice], list[str]]:
    """Return the tutors that the viewer sees, by name, and the names of subjects."""
    values = {**scope_values(viewer), "first": days[0][0], "last": days[-1][1]}
    found = fetch_all(_choices(role_of(viewer)), values, Choice)
    tutors = [one for one in found if one.kind == "tutor"]
    return tutors, [one.name for one in found if one.kind == "subject"]


def stated_weeks(viewer: Viewer, tutor_ids: Collection[str]) -> list[Free]:
    """Return when these tutors are free every week: of all for an owner, for a tutor their own."""
    seen = [one for one in tutor_ids if viewer.is_owner or one == viewer.tutor_id]
    return fetch_all(CALENDAR.compose("availability"), {"tutor_ids": seen}, Free) if seen else []


def away_in(viewer: Viewer, days: Days, tutor_ids: Collection[str] | None) -> list[AwayTutor]:
    """Return who is away: of ``tutor_ids`` (None: everybody) for an owner, themselves for a tutor.

    500 at most.
    """
    whose = tutor_ids if viewer.is_owner else [viewer.tutor_id]
    condition = "true" if whose is None else "away.tutor_id = ANY(%(tutor_ids)s)"
    statement = CALENDAR.compose("away", whose=sql.SQL(condition))
    values = {"first": days[0][0], "last": days[-1][1], "tutor_ids": whose and list(whose)}
    return fetch_all(statement, values, AwayTutor)


def pairings_to_plan(
    viewer: Viewer,
    narrowed: Mapping[str, Any],
    *,
    on: date,
    is_past: bool = False,
    most: int = MOST_PAIRINGS,
) -> list[PairingChoice]:
    """Return the first relationships, by student, of which the viewer may plan lessons on a day.

    Where ``words`` are given, students whose names begin so come before the others.

    ``narrowed`` has values for words of ``PAIRING_FILTERS``. What ``is_past`` may have been held in
    a relationship that is paused by now.
    """
    given = _given(narrowed, "words", "student_words") | ({} if is_past else {"decided": "active"})
    own = {} if viewer.is_owner else {"tutor_ids": [viewer.tutor_id]}
    given = {**given, **own}
    statement = _pairings(role_of(viewer), frozenset(given))
    rows = fetch_rows(statement, {**scope_values(viewer), **given, "on": on, "most": most})
    return list(map(PairingChoice._make, rows))


def _given(narrowed: Mapping[str, Any], *texts: str) -> dict[str, Any]:
    given = {name: value for name, value in narrowed.items() if value not in (None, "")}
    return {name: patterns_of(value) if name in texts else value for name, value in given.items()}


@lru_cache(STATEMENTS_KEPT)
def _lessons(role: Role, given: frozenset[str], groups: Groups) -> str:
    chosen = [condition for name, condition in FILTERS.items() if name in given]
    conditions = all_of([scope(role, "sessions"), *chosen])
    return CALENDAR.compose("lessons", conditions=conditions, groups=CALENDAR[groups])


@lru_cache(STATEMENTS_KEPT)
def _choices(role: Role) -> str:
    return CALENDAR.compose("choices", tutors=scope(role, "tutors"))


@lru_cache(STATEMENTS_KEPT)
def _pairings(role: Role, given: frozenset[str]) -> str:
    chosen = [condition for name, condition in PAIRING_FILTERS.items() if name in given]
    teaches = teaches_on("relationship", "on")
    return CALENDAR.compose(
        "pairings",
        conditions=all_of([scope(role, "relationships"), teaches, *chosen]),
        first=BEGINS_SO_FIRST if "words" in given else sql.SQL(""),
    )
