"""Sessions as instances that know the people in them, each from one row of a named statement."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from psycopg import sql

from tandem.kit.named_sql import columns_of
from tandem.lessons.models import Session
from tandem.people.models import Student, Subject, Tutor
from tandem.relationships.models import TutorStudent

COLUMNS = sql.SQL(", ").join(
    [
        columns_of(Session, "session"),
        sql.SQL("tutor.full_name, tutor.email, tutor.time_zone, student.full_name"),
        sql.SQL("relationship.subject_id, subject.name"),
    ]
)
"""What a statement selects, in which the tables are called as in ``tandem.people.scope``."""
NAMES = [field.attname for field in Session._meta.concrete_fields]  # noqa: SLF001 - documented


def sessions_of(rows: Iterable[tuple[Any, ...]]) -> list[Session]:
    """Return rows of ``COLUMNS`` as sessions; what else a tutor has waits to be asked for."""
    return [_session(row) for row in rows]


def _session(row: tuple[Any, ...]) -> Session:
    session = Session.from_db(connection.alias, NAMES, row[: len(NAMES)])
    name, email, zone, student_name, subject_id, subject = row[len(NAMES) :]
    people = {"tutor_id": session.tutor_id, "student_id": session.student_id}
    session.tutor = known(Tutor, id=session.tutor_id, full_name=name, email=email, time_zone=zone)
    session.student = known(Student, id=session.student_id, full_name=student_name)
    link = known(TutorStudent, id=session.tutor_student_id, subject_id=subject_id, **people)
    link.subject = known(Subject, id=subject_id, name=subject) if subject_id else None
    session.tutor_student = link
    return session


def known(model: Any, **columns: Any) -> Any:
    """Return an instance of which some columns are known; the others wait to be asked for."""
    return model.from_db(connection.alias, list(columns), list(columns.values()))
