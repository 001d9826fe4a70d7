"""A command that is killed at any point, run again, reaches the same end."""

import itertools
import random
import signal
import time
from pathlib import Path

import psycopg

from tandem.upgrade.backups.restore import restore
from tests.upgrade.live.dying import Killer
from tests.upgrade.live.rows import write
from tests.upgrade.live.steering import Live, begin_command, command
from tests.upgrade.old_databases import change, owned_database, query, session, student, tutor


def many(live: Live, students: int = 2000) -> None:
    """Fill the old tables with a few students' worth of work."""
    live.fill()
    write(
        live.url,
        [
            *(tutor(f"t{n}") for n in range(20)),
            *(student(f"s{n:05}", f"t{n % 20}") for n in range(students)),
            *(
                session(f"x{n}", f"s{n % students:05}", f"2025-{1 + n // students:02}-01 10:00")
                for n in range(students * 3)
            ),
        ],
    )


def image(live: Live) -> list[list[tuple[object, ...]]]:
    """Return all that a backfill brings, without what depends on when it ran."""
    queries = (
        "SELECT id, full_name, updated_at FROM people_student ORDER BY 1",
        "SELECT id, tutor_id, started_on, status FROM relationships_tutorstudent ORDER BY 1",
        "SELECT relationship_id, what FROM relationships_relationshipevent ORDER BY 1",
        "SELECT id, tutor_student_id, starts_at, status FROM lessons_session ORDER BY 1",
    )
    return [[tuple(row.values()) for row in live.rows(query)] for query in queries]


def test_killing_a_backfill_at_random_points(live: Live) -> None:
    """Killed again and again it goes on from its cursor, and ends where an undisturbed one does."""
    many(live)
    live.expand()
    chance, kills = random.Random(3), 0
    while live.one("SELECT phase FROM upgrade_gradualupgrade")["phase"] == "expanded" and kills < 3:
        process = begin_command(live.url, "backfill")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and process.poll() is None and not _is_at_work(live):
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
    assert command(live.url, "backfill")[0] == 0
    live.in_step()
    found = image(live)
    assert [len(rows) for rows in found] == [2000, 2000, 2000, 6000]
    assert found == _without_kills(live)


def _without_kills(live: Live) -> object:
    """Do it again, from the beginning, undisturbed; return what Tandem then holds."""
    live.rollback()
    with psycopg.connect(live.url) as connection:
        connection.execute(
            "TRUNCATE people_tutor, people_student, people_subject, upgrade_gradualupgrade,"
            " relationships_relationshipevent, lessons_sessionevent CASCADE"
        )
    live.join()
    return image(live)


def _is_at_work(live: Live) -> bool:
    return _cursor(live) is not None


def _cursor(live: Live) -> object:
    return live.one("SELECT cursor FROM upgrade_gradualupgrade")["cursor"]


def test_killing_a_backfill_at_many_statements(live: Live, tmp_path: Path) -> None:
    """Before its first batch, in and between batches, and between the last one and its end."""
    many(live, 300)
    live.expand()
    with Killer(live.url, tmp_path) as killer:
        reached = set()
        for statements in itertools.count(1, 4):  # more each time, until all students are brought
            assert not killer.completes("backfill", statements)
            reached.add(cursor := _cursor(live))
            if cursor == "s00299":
                break
        assert len(reached) > 3, "killed before the first batch, after the last, and between"
        before = killer.kills
        for statements in itertools.count(1, 3):  # what is left is the end
            if killer.completes("backfill", statements):
                break
        assert killer.kills > before + 8
    assert live.one("SELECT phase FROM upgrade_gradualupgrade") == {"phase": "backfilled"}
    live.in_step()
    found = image(live)
    assert [len(rows) for rows in found] == [300, 300, 300, 900]
    assert found == _without_kills(live)


def test_killing_the_short_steps_at_many_statements(live: Live, tmp_path: Path) -> None:
    """Expand, switch and rollback: whenever one dies, the old application works on or is told why.

    Until it is run to its end by the same command again.
    """
    many(live, 20)
    with Killer(live.url, tmp_path) as killer:
        _until_complete(live, killer, "expand")
        live.backfill()
        assert live.verify() == []
        _until_complete(live, killer, "switch")
        live.in_step()
        _until_complete(live, killer, "rollback")
        _until_complete(live, killer, "expand")
        _until_complete(live, killer, "rollback")
        assert killer.kills > 40
    assert live.rows("SELECT FROM pg_namespace WHERE nspname = 'tandem_sync'") == []
    live.join()
    live.in_step()


def _until_complete(live: Live, killer: Killer, command: str) -> None:
    for statements in itertools.count(1, 5):
        is_complete = killer.completes(command, statements)
        try:
            change(live.url, f"""UPDATE "Session" SET notes = '{command} {statements}'""")
        except psycopg.errors.ReadOnlySqlTransaction:
            assert command in {"switch", "rollback"}
        if is_complete:
            return


def test_killing_the_last_step(live: Live, tmp_path: Path) -> None:
    """Whenever it dies, the old tables are somewhere whole, and so is the backup."""
    many(live, 50)
    live.join()
    live.verify()
    live.switch()
    live.verify()
    process = begin_command(live.url, "contract", home=tmp_path)
    while not _scratch(live) and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(live.rows("""SELECT FROM "Student" """)) == 50
    with Killer(live.url, tmp_path) as killer:
        for statements in (2, 30, 60, 100):  # tried, backed up, put away
            assert not killer.completes("contract", statements)
            assert len(live.rows("""SELECT FROM "Student" """)) == 50
    status, said, _ = command(live.url, "contract", home=tmp_path)
    assert status == 0
    with owned_database() as elsewhere:
        restore(Path(said["backup"]), elsewhere)
        assert len(query(elsewhere, """SELECT FROM "Student" """)) == 50
    assert len(live.rows("""SELECT FROM legacy_archive."Student" """)) == 50
    assert _scratch(live) == [], "what a killed process left holds people's records"
    assert [*tmp_path.rglob("*.partial")] == [], "so does what it had begun to write"


def _scratch(live: Live) -> list[dict[str, object]]:
    """Return the scratch databases of this database that there are, and the roles made for them."""
    return live.rows(
        "SELECT name FROM (SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles)"
        " AS there (name) WHERE name LIKE 'tandem_scratch_'"
        " || (SELECT oid FROM pg_database WHERE datname = current_database()) || '%'"
    )
