"""A booking is tried first, in one round trip, and explained afterwards only if it failed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone
from psycopg import sql

from tandem.kit.ids import new_id
from tandem.kit.named_sql import NamedStatements, columns_of, fetch_rows_of_last
from tandem.lessons import rules
from tandem.lessons.models import LONGEST_SESSION, Session
from tandem.people.models import Student, Subject, Tutor
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of, scope_values
from tandem.relationships.models import TutorStudent

BOOKING = NamedStatements(Path(__file__).with_name("booking.sql"))
DAY = timedelta(days=1)
# Who may plan sessions in a relationship sees it: an owner any, a tutor their own.
MAY_BOOK = {
    Role.OWNER: sql.SQL("true"),
    Role.TUTOR: sql.SQL("relationship.tutor_id = %(viewer_tutor_id)s"),
}


def try_to_book(
    viewer: Viewer,
    *,
    now: datetime,
    tutor_student_id: str,
    starts_at: datetime,
    ends_at: datetime,
    series_id: str | None,
    fields: Mapping[str, Any],
) -> Session | None:
    """Write a session, with the tutor and the student locked, where nothing speaks against it.

    None says that something might, and nothing was written. Hours and fields have been checked.
    """
    role = role_of(viewer)
    if role not in MAY_BOOK:
        return None
    starts_at, ends_at = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    values = {
        **scope_values(viewer),
        **dict.fromkeys(rules.EDITABLE),
        **fields,
        "id": new_id(),
        "relationship_id": tutor_student_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
        # No session is longer, so what started earlier is over.
        "starts_after": starts_at - LONGEST_SESSION,
        "first_day": starts_at.date() - DAY,
        "last_day": starts_at.date() + DAY,
        "series_id": series_id,
        "now": now,
        "written_at": timezone.now(),
    }
    for row in fetch_rows_of_last(_statements(role), values):
        return _session(row)
    return None


@cache
def _statements(role: Role) -> tuple[str, ...]:
    may_book, columns = MAY_BOOK[role], columns_of(Session, "session")
    return (
        BOOKING.compose("lock_tutor_of_relationship", may_book=may_book),
        BOOKING.compose("lock_student_of_relationship", may_book=may_book),
        BOOKING.compose("book", may_book=may_book, columns=columns),
    )


def _session(row: tuple[Any, ...]) -> Session:
    """Return a row as an instance that knows the names of its people and its subject."""
    names = [field.attname for field in Session._meta.concrete_fields]  # noqa: SLF001 - documented
    session = Session.from_db(connection.alias, names, row[: len(names)])
    tutor_name, email, student_name, subject_id, subject = row[len(names) :]
    session.tutor = _known(Tutor, id=session.tutor_id, full_name=tutor_name, email=email)
    session.student = _known(Student, id=session.student_id, full_name=student_name)
    link = _known(
        TutorStudent,
        id=session.tutor_student_id,
        tutor_id=session.tutor_id,
        student_id=session.student_id,
        subject_id=subject_id,
    )
    link.subject = _known(Subject, id=subject_id, name=subject) if subject_id else None
    session.tutor_student = link
    return session


def _known(model: Any, **columns: Any) -> Any:
    """Return an instance of which some columns are known; the others wait to be asked for."""
    return model.from_db(connection.alias, list(columns), list(columns.values()))
