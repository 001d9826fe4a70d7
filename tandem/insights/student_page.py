"""Everything about one student, as far as somebody may see it, in one round trip."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from psycopg import sql

from tandem.insights.list_statements import RELATIONSHIP_COLUMNS, RELATIONSHIP_ORDER
from tandem.insights.page_rows import (
    HistoryLine,
    Mark,
    SessionOnPage,
    StudentCard,
)
from tandem.insights.pages import PAGES
from tandem.insights.rows import RelationshipRow
from tandem.kit.errors import NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.named_sql import NamedStatements, Query, fetch_rows_of_each
from tandem.lessons.queries import MOST_MARKS
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of, scope, scope_values

STUDENT_PAGE = NamedStatements(Path(__file__).with_name("student_page.sql"))
MOST_HISTORY, NEAREST = 100, 5


@dataclass(frozen=True)
class FaultyRelationship:
    """A relationship and what is wrong with it as it was imported, or ''."""

    row: RelationshipRow
    legacy_fault: str


@dataclass
class WithTutor:
    """The sessions with one tutor: those ahead (soonest first) and those held (newest first).

    The numbers count all of them; the lists hold the nearest few.
    """

    tutor_id: str
    tutor_name: str
    ahead: list[SessionOnPage] = field(default_factory=list)
    held: list[SessionOnPage] = field(default_factory=list)
    number_ahead: int = 0
    number_held: int = 0

    @property
    def number(self) -> int:
        return self.number_ahead + self.number_held

    @property
    def has_more(self) -> bool:
        """Whether there are sessions beyond those listed."""
        return self.number > len(self.ahead) + len(self.held)


@dataclass
class Line:
    """The marks with one tutor in one subject, the oldest first."""

    title: str
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True)
class StudentPage:
    """A student, who teaches them, and what was and is to come.

    ``by_tutor`` begins with the tutor met last, ``history`` with what happened last. Where there
    are several ``lines`` of marks, the first has all of them together.
    """

    student: StudentCard
    relationships: list[FaultyRelationship]
    by_tutor: list[WithTutor]
    lines: list[Line]
    history: list[HistoryLine]


def student_page(viewer: Viewer, student_id: str, *, now: datetime) -> StudentPage:
    """Return what a page shows of a student, or raise NotFoundError."""
    values = {
        **scope_values(viewer),
        "student_id": student_id,
        "of_id": student_id,
        "day": viewer.day,
        "now": now,
        "nearest": NEAREST,
        "most_marks": MOST_MARKS,
        "most_history": MOST_HISTORY,
        "sees_addresses": viewer.is_owner,
    }
    statements = _statements(role_of(viewer))
    found = fetch_rows_of_each([Query(statement, values) for statement in statements])
    cards, nearest, marks, history = found
    if not cards:
        raise NotFoundError("student", student_id)
    width = len(StudentCard._fields)
    return StudentPage(
        student=StudentCard._make(cards[0][:width]),
        relationships=_relationships(row[width:] for row in cards),
        by_tutor=_by_tutor(nearest),
        lines=lines_of(Mark._make(row) for row in reversed(marks)),
        history=[HistoryLine._make(row) for row in history],
    )


def history_of(kind: Literal["student", "tutor"]) -> dict[str, sql.Composable]:
    """Return what the statement ``history`` has words for: of whom it tells, and no more."""
    column = sql.Identifier(f"{kind}_id")
    return {"of": sql.Literal(kind), "of_column": column, "beside": sql.SQL("")}


@cache
def _statements(role: Role) -> tuple[str, ...]:
    fragments = {
        "students": scope(role, "students"),
        "told": scope(role, "reached"),
        "relationships": scope(role, "relationships"),
        "removed": scope(role, "removed"),
        "sessions": scope(role, "sessions"),
        "relationship": RELATIONSHIP_COLUMNS,
        "order": RELATIONSHIP_ORDER,
        "columns": PAGES["session_columns"],
        "tables": PAGES["session_tables"],
        **history_of("student"),
    }
    names = ("student_card", "nearest_sessions", "marks", "history")
    return tuple(STUDENT_PAGE.compose(name, **fragments) for name in names)


def _relationships(rows: Iterable[tuple[Any, ...]]) -> list[FaultyRelationship]:
    links = [FaultyRelationship(RelationshipRow._make(link), fault) for fault, *link in rows]
    return [one for one in links if one.row.id is not None]


def _by_tutor(rows: Iterable[tuple[Any, ...]]) -> list[WithTutor]:
    """The newest comes first."""
    found: dict[str, WithTutor] = {}
    for is_ahead, number, *columns in rows:
        row = SessionOnPage._make(columns)
        with_tutor = found.setdefault(row.tutor_id, WithTutor(row.tutor_id, row.tutor_name))
        if is_ahead:
            with_tutor.ahead.insert(0, row)
            with_tutor.number_ahead = number
        else:
            with_tutor.held.append(row)
            with_tutor.number_held = number
    return list(found.values())


def lines_of(marks: Iterable[Mark]) -> list[Line]:
    """Return the marks, the oldest first, by relationship; of several, one of all comes first."""
    lines: dict[str, Line] = {}
    every = Line(_("All lessons"))
    for mark in marks:
        title = f"{mark.tutor_name}, {mark.subject}" if mark.subject else mark.tutor_name
        lines.setdefault(mark.tutor_student_id, Line(title)).marks.append(mark)
        every.marks.append(mark)
    return [every, *lines.values()] if len(lines) > 1 else list(lines.values())
