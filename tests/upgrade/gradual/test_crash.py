"""A command that is killed at any point, run again, reaches the same end; two never run at once."""

import random
import signal
import time
from pathlib import Path

import psycopg
import pytest

from tandem.kit.database_url import parse_database_url
from tandem.upgrade.backup import restore
from tandem.upgrade.gradual.lock import only_upgrade
from tests.upgrade.gradual.rows import write
from tests.upgrade.gradual.steering import Live, command, run_command
from tests.upgrade.old_databases import database, query, session, student, tutor


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
    while live.one("SELECT phase FROM upgrade_gradualupgrade")["phase"] == "expanded" and kills < 4:
        process = run_command(live.url, "backfill")
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
    live.rollback()
    with psycopg.connect(live.url) as connection:
        connection.execute(
            "TRUNCATE people_tutor, people_student, people_subject, upgrade_gradualupgrade CASCADE"
        )
    live.join()
    assert image(live) == found


def _is_at_work(live: Live) -> bool:
    return live.one("SELECT cursor FROM upgrade_gradualupgrade")["cursor"] is not None


def test_killing_the_last_step(live: Live, tmp_path: Path) -> None:
    """Whenever it dies, the old tables are somewhere whole, and so is the backup."""
    many(live, 50)
    live.join()
    live.verify()
    live.switch()
    live.verify()
    for wait in (0.6, 0.8, 1.0):
        process = run_command(live.url, "contract", home=tmp_path)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    status, said, _ = command(live.url, "contract", home=tmp_path)
    assert status == 0
    with database() as elsewhere:
        restore(Path(said["backup"]), elsewhere)
        assert len(query(elsewhere, """SELECT FROM "Student" """)) == 50
    assert len(live.rows("""SELECT FROM legacy_archive."Student" """)) == 50


@pytest.mark.parametrize("step", ["expand", "switch", "rollback"])
def test_killing_the_short_steps(live: Live, step: str) -> None:
    """Each is run to its end by the same command again."""
    many(live, 50)
    if step != "expand":
        live.join()
        live.verify()
    for wait in (0.55, 0.65, 0.75):
        process = run_command(live.url, step)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert command(live.url, step)[0] == 0
    if step == "rollback":
        live.join()
    elif step == "expand":
        live.backfill()
    live.in_step()


def test_the_second_upgrade_names_the_first(live: Live) -> None:
    """It stops at once with status 3, says who is at work, and changes nothing."""
    live.fill(tutor("t1"))
    with only_upgrade(parse_database_url(live.url).conninfo, "backfill"):
        begun = time.monotonic()
        status, _, said = command(live.url, "expand")
        took = time.monotonic() - begun
        assert status == 3
        assert "tandem upgrade backfill, process" in said
        assert took < 10
        assert command(live.url, "status")[1]["running"].startswith("tandem upgrade backfill")
        assert live.rows("SELECT FROM pg_namespace WHERE nspname = 'tandem_sync'") == []
    assert command(live.url, "expand")[0] == 0
