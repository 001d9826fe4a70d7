"""Connections of the old application keep plans that its triggers made while Tandem was empty."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg

from tandem.upgrade.live.backfill import backfill as backfilling
from tests.upgrade.live.steering import QUIET, Live, connected
from tests.upgrade.live.test_crash import many
from tests.upgrade.old_databases import change, session, student, tutor

GROWING = (
    "people_student", "relationships_tutorstudent", "relationships_relationshipevent",
    "relationships_primaryperiod", "lessons_session",
)  # fmt: skip
FIRST, HOUR = datetime(2020, 1, 1, tzinfo=UTC), timedelta(hours=1)
EXPLAINED = {
    "client_min_messages": "log",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_nested_statements": "on",
}
WRITES = (
    """UPDATE "Student" SET year = '11' WHERE id = 's00001'""",
    """UPDATE "Session" SET notes = 'done' WHERE id = 'x1'""",
    """INSERT INTO "Session" (id, "studentId", "startTime", "endTime", "updatedAt")
    SELECT gen_random_uuid()::text, 's00001', starts, starts + interval '1 hour', now()
    FROM (SELECT now() + count(*) * interval '1 day' AS starts FROM "Session") next""",
)


def test_no_write_reads_a_whole_table(live: Live) -> None:
    """Planned when the tables were empty, and known to be; right when they are full."""
    many(live, 400)
    live.expand()
    change(live.url, f"TRUNCATE {', '.join(GROWING)} CASCADE")
    with connected(live.url) as old_application:
        old_application.execute(f"VACUUM (ANALYZE) {', '.join(GROWING)}".encode())
        for _ in range(8):  # a plan is kept from the sixth time on
            write(old_application)
        assert scans(old_application) > 0, "the counting works: VACUUM and the check below scan"
        live.backfill()
        before = scans(old_application)
        for _ in range(8):
            write(old_application)
        assert scans(old_application) == before
    live.in_step()


def test_a_large_statement_before_the_backfill_is_linear(live: Live) -> None:
    """Each note is looked up for its student, not held against all students of the statement."""
    count = 400
    many(live, count)
    live.expand()
    with connected(live.url) as old_application:
        old_application.execute("VACUUM (ANALYZE)")
        for _ in range(8):  # the list of notes is as good as empty when the plans are made
            write(old_application)
        dropped = rows_dropped(old_application, """UPDATE "Session" SET notes = 'all'""")
        assert dropped < 20 * count, f"{dropped} rows were looked at and dropped"
    live.backfill()
    live.in_step()


def test_a_tutor_of_very_many_sessions_holds_no_batch(live: Live) -> None:
    """Whether one clashes is looked up by its hour, not held against all that the tutor held."""
    students, lessons = 150, 40
    held = (
        session(f"x{n}-{m}", f"s{n:03}", f"{FIRST + (n * lessons + m) * HOUR:%Y-%m-%d %H:%M}")
        for n in range(students)
        for m in range(lessons)
    )
    live.fill(tutor("t"), *(student(f"s{n:03}", "t") for n in range(students)), *held).expand()
    with connected(live.url) as connection:
        dropped = rows_dropped(connection, lambda: backfilling(connection, progress=QUIET))
    assert dropped < 50 * students * lessons, f"{dropped} rows were looked at and dropped"
    live.in_step()


def rows_dropped(connection: psycopg.Connection, work: str | Callable[[], object]) -> int:
    """Return how many rows a statement, with all that its triggers do, looked at in vain.

    Or all statements that ``work`` sends over the connection.
    """
    plans: list[str] = []
    connection.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    connection.execute("LOAD 'auto_explain'")
    for setting, value in EXPLAINED.items():
        connection.execute(f"SET {setting} = {value}".encode())
    connection.execute(work.encode()) if isinstance(work, str) else work()
    assert any("lessons_session" in plan for plan in plans), "what triggers do is explained, too"
    found = re.findall(r"Rows Removed by (?:Join )?Filter: (\d+)", "\n".join(plans))
    return sum(map(int, found))


def write(old_application: psycopg.Connection) -> None:
    for statement in WRITES:
        old_application.execute(statement.encode())


def scans(connection: psycopg.Connection) -> int:
    """Return how often any of the tables was read whole, this connection's reading included."""
    connection.execute("SELECT pg_stat_force_next_flush()")
    row = connection.execute(
        "SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE relname = ANY (%s)", [list(GROWING)]
    ).fetchone()
    assert row
    return int(row[0])
