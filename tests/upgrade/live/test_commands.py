"""The commands as a person or a program gives them: names, status, one at a time, out of turn."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tandem.kit.ids import new_id
from tandem.upgrade.backups.restore import restore
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.live.lock import only_upgrade
from tandem.upgrade.phases import COMMANDS, Phase
from tests.cli.forked import forked
from tests.upgrade.live.rows import write
from tests.upgrade.live.steering import Live, command, start_command
from tests.upgrade.old_databases import ZONE, change, owned_database, query, session, student, tutor

EVERY_COMMAND = ("expand", "backfill", "verify", "switch", "rollback", "contract")


@contextmanager
def backfill_at_work(live: Live, students: int = 300) -> Iterator[int]:
    """Yield the process number of a backfill that cannot pass the last student but one."""
    live.fill()
    write(
        live.url,
        [
            tutor("t1"),
            *(student(f"s{n:03}", "t1") for n in range(students)),
            *(
                session(f"x{n}", f"s{n:03}", 1_735_689_600_000 + n * 3_600_000)
                for n in range(students)
            ),
        ],
    )
    live.expand()
    with psycopg.connect(live.url) as other:
        other.execute('SELECT FROM "Student" WHERE id = %s FOR UPDATE', [f"s{students - 2:03}"])
        process = start_command(live.url, "backfill")
        deadline = time.monotonic() + 30
        while not live.one("SELECT cursor FROM upgrade_gradualupgrade")["cursor"]:
            assert time.monotonic() < deadline, "the backfill does not come on"
            time.sleep(0.01)
        yield process.pid
        other.rollback()
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, out + err


PATIENCE = 300
"""Seconds in which a dozen processes start on a machine that has much to do."""


def test_while_a_backfill_is_at_work(live: Live) -> None:
    """`status` tells how far it is; every other upgrade stops at once and names it."""
    with backfill_at_work(live) as process:
        here = f"tandem upgrade backfill, process {process} on {socket.gethostname().split('.')[0]}"
        others = {name: start_command(live.url, name, "--json") for name in EVERY_COMMAND}
        look = start_command(live.url, "status", "--json")
        for name, other in others.items():
            out, err = other.communicate(timeout=PATIENCE)
            assert (other.returncode, out) == (3, ""), name
            assert here in err, (name, err)
            assert "Nothing was changed" in err
        during = json.loads(look.communicate(timeout=PATIENCE)[0])
        assert live.one("SELECT phase FROM upgrade_gradualupgrade") == {"phase": "expanded"}
    assert (during["phase"], during["running"].startswith(here)) == ("expanded", True)
    assert "s000" <= during["cursor"] < "s298"
    assert during["rows"]["Student"]["old"] == 300
    assert 0 < during["rows"]["Student"]["tandem"] < 300
    assert during["rows"]["Session"]["tandem"] == during["rows"]["Student"]["tandem"]
    assert during["brought"]["lessons_session"] == during["rows"]["Session"]["tandem"]
    assert during["sessionsPerSecond"] > 0
    change(live.url, "SET session_replication_role = replica; DELETE FROM lessons_session")
    live.verify()
    after = command(live.url, "status")[1]
    assert (after["phase"], after["running"], after["missed"]) == ("backfilled", None, 0)
    assert after["brought"]["lessons_session"] == 300
    assert after["seconds"] > during["seconds"]
    assert after["rows"]["Student"] == {"old": 300, "tandem": 300}
    assert (after["differing"], after["verifiedInThisPhase"]) == (300, False)
    assert re.match(r"20\d\d-\d\d-\d\d \d\d:", after["verifiedAt"])


IN_A_BATCH = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def test_a_connection_that_is_lost_is_told_once(live: Live) -> None:
    """Of a batch that was sent whole the driver had more to say, in its own words."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana"))
    live.expand()
    with psycopg.connect(live.url) as other:
        other.execute('SELECT FROM "Student" FOR UPDATE')
        process = start_command(live.url, "backfill")
        until = time.monotonic() + PATIENCE
        while not live.rows(IN_A_BATCH):
            assert time.monotonic() < until, "the backfill waits for nobody"
            time.sleep(0.01)
        _, said = process.communicate(timeout=PATIENCE)
    lines = [line for line in said.splitlines() if not line.startswith("  ")]
    assert (process.returncode, len(lines)) == (3, 1), said
    assert lines[0].startswith("tandem: The database went away in the middle")


NAMES = """
schema = "old school"
[tables]
Tutor = "tutors"
Student = "my pupils"
Session = "SESSIONS"
Subscription = "subscriptions"
[columns.Student]
tutorId = "tutor_id"
fullName = "Full Name"
[columns.Session]
studentId = "student_id"
startTime = "start_time"
endTime = "END_time"
updatedAt = "updated_at"
"""
RENAMED = """
CREATE SCHEMA "old school";
ALTER TABLE "Tutor" RENAME TO tutors;
ALTER TABLE "Subscription" RENAME TO subscriptions;
ALTER TABLE "Student" RENAME "tutorId" TO tutor_id;
ALTER TABLE "Student" RENAME "fullName" TO "Full Name";
ALTER TABLE "Student" RENAME TO "my pupils";
ALTER TABLE "Session" RENAME "studentId" TO student_id;
ALTER TABLE "Session" RENAME "startTime" TO start_time;
ALTER TABLE "Session" RENAME "endTime" TO "END_time";
ALTER TABLE "Session" RENAME "updatedAt" TO updated_at;
ALTER TABLE "Session" RENAME TO "SESSIONS";
ALTER TABLE tutors SET SCHEMA "old school";
ALTER TABLE subscriptions SET SCHEMA "old school";
ALTER TABLE "my pupils" SET SCHEMA "old school";
ALTER TABLE "SESSIONS" SET SCHEMA "old school";
"""


def test_other_names_from_a_file(live: Live, tmp_path: Path) -> None:
    """check, plan and expand read it; every later command remembers what it said."""
    file = tmp_path / "names.toml"
    file.write_text(NAMES, encoding="utf-8")
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana"))
    change(live.url, RENAMED)
    for name in ("plan", "expand"):
        status, _, err = command(live.url, name)
        assert (status, "--names FILE" in err) == (3, True), (name, err)
    checked = command(live.url, "check", "--names", str(file))
    assert (checked[0], checked[1]["counts"]["Student"]) == (0, 1)
    planned = command(live.url, "plan", "--names", str(file))[1]["statements"]
    locks = {one["lock"] for one in planned if one["phase"] == "switch"}
    assert any('on "old school"."my pupils"' in lock for lock in locks)
    assert command(live.url, "expand", "--names", str(file))[1]["tables"]["Student"] == "my pupils"
    file.unlink()
    for name in ("backfill", "verify", "switch", "status"):
        status, said, err = command(live.url, name)
        assert status == 0, (name, err)
    assert said["rows"]["Session"] == {"old": 1, "tandem": 1}
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        change(live.url, """UPDATE "old school"."my pupils" SET "Full Name" = 'Ana Ruiz'""")
    change(live.url, "UPDATE lessons_session SET notes = 'of Tandem'")
    assert live.one("""SELECT notes FROM "old school"."SESSIONS" """) == {"notes": "of Tandem"}
    live.in_step()
    status, said, _ = command(live.url, "contract", home=tmp_path)
    assert (status, sorted(said["tables"])) == (
        0,
        ["SESSIONS", "my pupils", "subscriptions", "tutors"],
    )
    with owned_database() as elsewhere:
        restore(Path(said["backup"]), elsewhere)
        assert query(elsewhere, """SELECT notes FROM "old school"."SESSIONS" """) == [
            {"notes": "of Tandem"}
        ]


def test_every_command_out_of_turn(live: Live, tmp_path: Path) -> None:
    """In every phase, a command that may not follow is refused and says which one may."""
    live.fill(tutor("t1")).join()
    commands: dict[str, Callable[[], object]] = {
        "expand": live.expand,
        "backfill": live.backfill,
        "switch": live.switch,
        "rollback": live.rollback,
        "contract": lambda: live.contract(tmp_path),
    }
    assert commands.keys() == COMMANDS.keys()
    refused = 0
    for phase in Phase:
        change(live.url, f"UPDATE upgrade_gradualupgrade SET phase = '{phase.value}'")
        before = live.rows("SELECT * FROM upgrade_gradualupgrade")
        for name, run in commands.items():
            if phase not in COMMANDS[name].follows:
                with pytest.raises(UpgradeRefusedError, match="Nothing was changed") as refusal:
                    run()
                advised = re.findall(r"`tandem upgrade (\w+)", str(refusal.value))
                can_follow = {one for one in COMMANDS if phase in COMMANDS[one].follows}
                if (name, phase) == ("rollback", Phase.NOT_BEGUN):
                    assert advised == []
                else:
                    assert advised[0] in can_follow | {"verify", "restore"}
                assert name not in advised
                assert live.rows("SELECT * FROM upgrade_gradualupgrade") == before
                refused += 1
    assert refused == 30


def test_a_refusal_of_the_command_line(live: Live) -> None:
    """Before anything was begun, a command says what to begin with, with status 3."""
    live.fill(tutor("t1"))
    for name in ("backfill", "contract"):
        status, said, err = command(live.url, name)
        assert (status, said) == (3, None)
        assert "egin with `tandem upgrade expand`" in err
        assert "Traceback" not in err
    assert live.rows("SELECT FROM pg_namespace WHERE nspname = 'tandem_sync'") == []


def test_what_is_said_at_the_end_of_each(live: Live) -> None:
    """What this run did, in numbers that agree with their nouns, and the next step."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana"))

    def said(name: str) -> str:
        done = forked("upgrade", name, DATABASE_URL=live.url, TANDEM_TIME_ZONE=ZONE)
        return " ".join((done.stdout + done.stderr).split())

    before = said("verify")
    assert "tandem upgrade replace --from URL" in before
    assert "tandem upgrade expand" in before
    said("expand")
    assert "1 student and 1 session were brought over" in said("backfill")
    again = said("backfill")
    assert "brought over before" in again
    assert "1 student" not in again
    assert "Next: when Tandem is to take over, tandem upgrade switch" in said("verify")
    change(live.url, "SET tandem.quiet = 'on'; UPDATE lessons_session SET notes = 'otherwise'")
    differing = said("verify")
    assert "1 row differs from" in differing
    assert "Next: tandem upgrade backfill, then verify" in differing
    change(
        live.url,
        "INSERT INTO tandem_sync.missed (source_table, source_id, operation, why)"
        " VALUES ('Session', 'one', 'update', 'a rule')",
    )
    assert "1 write to catch up with" in said("status")


def test_times_are_those_of_the_business(live: Live) -> None:
    """With its zone, whatever zone the server or the database has, known to Python or not."""
    live.fill(tutor("t1")).join()
    live.verify()
    name = live.one("SELECT current_database() AS name")["name"]
    change(
        live.url,
        "UPDATE upgrade_gradualupgrade SET phase_since = '2026-07-01T23:30Z',"
        f" verified_at = '2026-12-01T23:30Z'; ALTER DATABASE {name} SET timezone = '<+03>-3'",
    )
    done = forked("upgrade", "status", DATABASE_URL=live.url, TANDEM_TIME_ZONE="Europe/Berlin")
    assert "backfilled, since 2026-07-02 01:30 (Europe/Berlin)." in done.stdout
    assert "Last verified 2026-12-02 00:30 (Europe/Berlin):" in done.stdout
    assert done.stderr == ""
    since = r"since 20\d\d-\S+ \d\d:\d\d \(Europe/London\)\. Nothing"
    with only_upgrade(live.url, "backfill"), pytest.raises(UpgradeRefusedError, match=since):
        only_upgrade(live.url, "verify").__enter__()


@pytest.mark.parametrize("goes_on", [False, True], ids=["rollback", "contract"])
def test_what_comes_next_clears_up_after_a_killed_contract(
    live: Live, tmp_path: Path, *, goes_on: bool
) -> None:
    """Its backup was not finished, and its scratch role can do nothing more: neither stays."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana")).join()
    live.verify()
    live.switch()
    live.verify()
    made = tmp_path / "one-tutor-1.dump"
    partial, kept = tmp_path / "one-tutor-1.dump.partial", tmp_path / "one-tutor-2.dump.partial"
    for path in (made, partial, kept):
        path.write_text("rows")
    (oid,) = live.rows("SELECT oid FROM pg_database WHERE datname = current_database()")
    role = f"tandem_scratch_{oid['oid']}_{new_id()}"
    change(
        live.url,
        f"CREATE ROLE {role}; UPDATE upgrade_gradualupgrade SET phase = 'contracting',"
        f" backup = '{made}'",
    )
    if goes_on:
        live.contract(tmp_path)
    else:
        live.rollback()
    assert live.rows(f"SELECT FROM pg_roles WHERE rolname = '{role}'") == []
    assert (made.exists(), partial.exists(), kept.exists()) == (True, False, not goes_on)


def test_a_verification_against_another_database(live: Live, tmp_path: Path) -> None:
    """That is for what was brought over at once; it is not said that nothing came."""
    live.fill(tutor("t1"), student("ana", "t1")).join()
    status, _, told = command(live.url, "verify", "--from", str(tmp_path / "old.sqlite"))
    assert status == 3
    assert "Run `tandem upgrade verify` without `--from`" in told


def test_a_gentle_backfill_brings_all(live: Live) -> None:
    """As any other; it only takes longer."""
    live.fill(tutor("t1"), *(student(f"s{n}", "t1") for n in range(120)))
    live.expand()
    status, done, _ = command(live.url, "backfill", "--gently")
    assert (status, done["brought"]["people_student"]) == (0, 120)
    live.in_step()
