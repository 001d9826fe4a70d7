"""What lists can be narrowed by: each filter's condition, put into a statement only when given."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import sql

from tandem.kit.plain_letters import plain_letters, plain_letters_of
from tandem.people.days import holds_on, state_on, state_then, turned_between

SPECIAL = re.compile(r"[\\%_]")
Filters = Mapping[str, sql.Composable]


@dataclass(frozen=True)
class RelationshipFilter:
    """What relationships are narrowed to. ``subject`` is a name, whatever its case."""

    tutor_id: str | None = None
    student_id: str | None = None
    subject: str | None = None
    statuses: tuple[str, ...] = ()
    as_of: date | None = None
    updated_since: datetime | None = None


@dataclass(frozen=True)
class StudentFilter:
    """What students are narrowed to: those with a relationship like ``link``, and a text."""

    link: RelationshipFilter = RelationshipFilter()
    updated_since: datetime | None = None
    q: str = ""


@dataclass(frozen=True)
class TutorFilter:
    """What tutors are narrowed to. ``subject`` is the name of one that they teach."""

    student_id: str | None = None
    subject: str | None = None
    updated_since: datetime | None = None
    q: str = ""


TURNED = turned_between("relationship", "turned_after", "turned_until")
"""What the day alone has made something else since: nobody wrote it."""
RELATIONSHIP_FILTERS: Filters = {
    "tutor_id": sql.SQL("relationship.tutor_id = %(link_tutor_id)s"),
    "student_id": sql.SQL("relationship.student_id = %(link_student_id)s"),
    "subject": sql.SQL("upper(subject.name) = upper(%(link_subject)s)"),
    "statuses": sql.SQL("{} = ANY(%(link_statuses)s)").format(state_on("relationship", "day")),
    # The dates alone decide who taught whom on a day.
    "as_of": holds_on("relationship", "link_as_of"),
    "updated_since": sql.SQL("(relationship.updated_at >= %(link_updated_since)s OR {})").format(
        TURNED
    ),
    "changed_since": sql.SQL("(relationship.updated_at >= %(updated_since)s OR {})").format(TURNED),
}
"""Of relationships, and of what a student's relationship is like; values begin with ``link_``."""
FILTERS_THEN: Filters = {
    **RELATIONSHIP_FILTERS,
    "statuses": sql.SQL("{} = ANY(%(link_statuses)s)").format(state_then("relationship", "day")),
}
"""The same as of a day that is over."""


def _has_words(name: str) -> sql.Composable:
    return sql.SQL("{} LIKE ALL (%(q)s::text[])").format(plain_letters_of(name))


STUDENTS_CALLED = sql.SQL(
    "(student.id IN (SELECT named.id FROM people_student named WHERE {letters} LIKE %(longest)s"
    " AND (%(others)s::text[] = '{{}}' OR {letters} LIKE ALL (%(others)s::text[])))"
    " OR (({reached}) AND ({email} OR {parent_email} OR student.id IN ("
    "SELECT child.student_id FROM people_guardian guardian"
    " JOIN people_guardianstudent child ON child.guardian_id = guardian.id"
    " WHERE {guardian} OR {guardian_email}))))"
)


def students_called(reached: sql.Composable) -> sql.Composable:
    """Return the condition that a student has the words of ``q``.

    Who is found by an address or a guardian is told them: ``reached`` is the scope of that. Names
    are asked for by themselves, as ``longest`` is, for the sake of their index.
    """
    return STUDENTS_CALLED.format(
        reached=reached,
        letters=plain_letters_of("named.full_name"),
        email=_has_words("student.email"),
        parent_email=_has_words("student.parent_email"),
        guardian=_has_words("guardian.full_name"),
        guardian_email=_has_words("guardian.email"),
    )


SESSION_FILTERS: Filters = {
    "id": sql.SQL("session.id = %(id)s"),
    "tutor_id": sql.SQL("session.tutor_id = %(tutor_id)s"),
    "student_id": sql.SQL("session.student_id = %(student_id)s"),
    "tutor_student_id": sql.SQL("session.tutor_student_id = %(tutor_student_id)s"),
    "starts_from": sql.SQL("session.starts_at >= %(starts_from)s"),
    "starts_before": sql.SQL("session.starts_at < %(starts_before)s"),
    "statuses": sql.SQL("session.status = ANY(%(statuses)s)"),
    "group": sql.SQL("session.group_id = %(group)s"),
    "updated_since": sql.SQL("session.updated_at >= %(updated_since)s"),
    "subject": sql.SQL("upper(subject.name) = upper(%(subject)s)"),
}
TUTOR_FILTERS: Filters = {
    "id": sql.SQL("tutor.id = %(id)s"),
    "subject": sql.SQL(
        "tutor.id IN (SELECT taught.tutor_id FROM people_tutorsubject taught"
        " JOIN people_subject subject ON subject.id = taught.subject_id"
        " WHERE upper(subject.name) = upper(%(subject)s))"
    ),
    "updated_since": sql.SQL("tutor.updated_at >= %(updated_since)s"),
    "q": sql.SQL("({} OR {})").format(_has_words("tutor.full_name"), _has_words("tutor.email")),
}


def patterns_of(text: str) -> list[str]:
    """Return a pattern for each word of ``text``: of what has it somewhere, in plain letters."""
    words = SPECIAL.sub(r"\\\g<0>", plain_letters(text)).split()
    return [f"%{word}%" for word in words]


def longest_first(patterns: Sequence[str]) -> tuple[str, list[str]]:
    """Return the pattern that fewest have, as far as its length tells ('%' of none); the others."""
    longest, *others = sorted(patterns, key=len, reverse=True) or ["%"]
    return longest, others
