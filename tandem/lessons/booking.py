"""A booking is tried first, in one round trip, and explained afterwards only if it failed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone
from psycopg import sql

from tandem.kit.ids import new_id
from tandem.kit.named_sql import NamedStatements, Query, all_of, fetch_rows_of_last
from tandem.kit.time import business_days
from tandem.lessons import rules
from tandem.lessons.instances import COLUMNS, sessions_of
from tandem.lessons.models import LONGEST_SESSION, Session
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of, scope_values

BOOKING = NamedStatements(Path(__file__).with_name("booking.sql"))
DAY = timedelta(days=1)
WHOLE_SESSION = COLUMNS.as_string(None)
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
    if role_of(viewer) not in MAY_BOOK:
        return None
    asked = booking_queries(
        viewer,
        now=now,
        tutor_student_id=tutor_student_id,
        starts_at=starts_at,
        ends_at=ends_at,
        series_id=series_id,
        fields=fields,
    )
    booked = sessions_of(fetch_rows_of_last(asked))
    return booked[0] if booked else None


def booking_queries(
    viewer: Viewer,
    *,
    now: datetime,
    tutor_student_id: str,
    starts_at: datetime,
    ends_at: datetime,
    series_id: str | None,
    fields: Mapping[str, Any],
    columns: str = WHOLE_SESSION,
    also: str = "true",
    values: Mapping[str, Any] | None = None,
    actor_id: str | None = None,
) -> list[Query]:
    """Return what tries a booking, to be sent together in one transaction.

    The last returns ``columns`` of what was written, or no row. ``also`` is a further condition,
    and ``values`` are its own. ``actor_id`` is who books, where the viewer's account was not read.
    """
    role = role_of(viewer)
    starts_at, ends_at = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    first_open_day, last_open_day = business_days(starts_at, ends_at)
    given = {
        **(values or {}),
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
        "first_open_day": first_open_day,
        "last_open_day": last_open_day,
        "series_id": series_id,
        "actor_id": viewer.account.pk if viewer.account else actor_id,
        "now": now,
        "written_at": timezone.now(),
    }
    return [Query(statement, given) for statement in _statements(role, columns, also)]


@cache
def _statements(role: Role, columns: str, also: str) -> tuple[str, ...]:
    may_book = MAY_BOOK[role]
    here = all_of([may_book, sql.SQL(also)])
    return (
        BOOKING.compose("lock_tutor_of_relationship", may_book=may_book),
        BOOKING.compose("lock_student_of_relationship", may_book=may_book),
        BOOKING.compose("book", may_book=here, columns=sql.SQL(columns)),
    )
