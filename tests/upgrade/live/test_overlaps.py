"""Which sessions cannot both be held: SQL says what Python's rule says."""

import os
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tandem.lessons.rules import Slot, overlaps
from tandem.upgrade.triggers.overlaps import overlapping

MONDAY = datetime(2027, 3, 1, tzinfo=UTC)
COLUMNS = ("id", "tutor_id", "student_id", "starts_at", "ends_at", "group_id")


@st.composite
def hours(draw: st.DrawFn) -> Slot:
    """A session of two tutors, three students and two groups, within a few hours of a Monday."""
    start = draw(st.integers(0, 6))
    return Slot(
        id=draw(st.sampled_from("abcdef")),
        tutor=draw(st.sampled_from(("t1", "t2"))),
        student=draw(st.sampled_from(("s1", "s2", "s3"))),
        starts_at=MONDAY + timedelta(minutes=30 * start),
        ends_at=MONDAY + timedelta(minutes=30 * (start + draw(st.integers(1, 4)))),
        group=draw(st.sampled_from((None, None, "g1", "g2"))),
    )


@pytest.mark.usefixtures("server")
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a slow machine is no fault
@given(st.lists(st.tuples(hours(), hours()), min_size=1, max_size=40))
def test_sql_and_python_agree_on_every_pair(pairs: list[tuple[Slot, Slot]]) -> None:
    """Two tutors, three students, groups and touching hours: the same verdict on each pair."""
    rows = sql.SQL(", ").join(
        sql.SQL("({}, ROW({})::pg_temp.hours, ROW({})::pg_temp.hours)").format(
            sql.Literal(n), _cells(one), _cells(other)
        )
        for n, (one, other) in enumerate(pairs)
    )
    columns = ", ".join(
        f"{name} {'timestamptz' if name.endswith('_at') else 'text'}" for name in COLUMNS
    )
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(f"CREATE TYPE pg_temp.hours AS ({columns})".encode())
        found = connection.execute(
            sql.SQL(
                "SELECT n, {} FROM (SELECT n, one, other"
                " FROM (VALUES {}) AS given (n, one, other)) pairs ORDER BY n"
            ).format(sql.SQL(overlapping("(one)", "(other)")), rows)
        ).fetchall()
    assert [clash for _, clash in found] == [bool(overlaps([one], [other])) for one, other in pairs]


def _cells(one: Slot) -> sql.Composed:
    values = (one.id, one.tutor, one.student, one.starts_at, one.ends_at, one.group)
    return sql.SQL(", ").join(map(sql.Literal, values))
