"""What lists can be narrowed by: each filter's condition, put into a statement only when given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import sql

from tandem.people.days import holds_on, state_on, state_then, turned_between

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
STUDENTS_CALLED = sql.SQL(
    "(upper(student.full_name) LIKE upper(%(q)s) OR (({reached}) AND"
    " (upper(student.email) LIKE upper(%(q)s) OR upper(student.parent_email) LIKE upper(%(q)s)"
    " OR student.id IN (SELECT child.student_id FROM people_guardian guardian"
    " JOIN people_guardianstudent child ON child.guardian_id = guardian.id"
    " WHERE upper(guardian.full_name) LIKE upper(%(q)s)"
    " OR upper(guardian.email) LIKE upper(%(q)s)))))"
)
"""Who is found by an address or a guardian is told them: ``reached`` is the scope of that."""
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
    "q": sql.SQL(
        "(upper(tutor.full_name) LIKE upper(%(q)s) OR upper(tutor.email) LIKE upper(%(q)s))"
    ),
}


def like_pattern(text: str) -> str:
    """Return the pattern of what has ``text`` somewhere in it."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"
