"""What becomes of a change of the old schema while both applications run, as `check` says."""

import re

import psycopg
import pytest

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.live.preconditions import schema_changes
from tests.cli.forked import forked
from tests.upgrade.live.joined import joined
from tests.upgrade.live.steering import Live, command, connected
from tests.upgrade.old_databases import change, connection, session, student, tutor

ROWS = (tutor("t1"), tutor("t2"), student("ana", "t1"), session("one", "ana"))
IN_TANDEM = ("lessons_session", "relationships_tutorstudent")
TOUCH = """UPDATE "Student" SET year = '12' WHERE id = 'ana'"""


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "Student" DROP COLUMN year',
        'ALTER TABLE "Session" ALTER COLUMN notes TYPE varchar(900)',
        'DROP TABLE "Session"',
    ],
)
def test_what_tandem_reads_stays_as_it_is(live: Live, statement: str) -> None:
    """The change fails, names the view that holds it, and everything goes on."""
    joined(live, *ROWS)
    with pytest.raises(psycopg.errors.Error, match=r"tandem_sync|used by a view"):
        change(live.url, statement)
    change(live.url, TOUCH)
    live.in_step()
    live.rollback()
    change(live.url, statement)


HALF = (*ROWS, connection("c", "ana", "t2"))
BACK = (
    'CREATE TABLE public."{0}" (LIKE kept."{0}" INCLUDING ALL);'
    ' INSERT INTO public."{0}" TABLE kept."{0}"'
)
KEEP = (
    'CREATE SCHEMA kept; CREATE TABLE kept."{0}" (LIKE "{0}" INCLUDING ALL);'
    ' INSERT INTO kept."{0}" TABLE "{0}"'
)


@pytest.mark.parametrize(
    ("table", "drop"),
    [
        ("Student", 'ALTER TABLE "Student" DROP COLUMN year CASCADE'),
        ("Student", 'ALTER TABLE "Student" DROP COLUMN email CASCADE'),
        ("Session", 'DROP TABLE "Session" CASCADE'),
        ("StudentTutorConnection", 'DROP TABLE "StudentTutorConnection" CASCADE'),
    ],
)
def test_what_is_dropped_with_cascade(live: Live, table: str, drop: str) -> None:
    """It goes through, for nobody can hold it. Every command says so, and no write is lost.

    After a rollback, and with what was dropped back, both sides come together again.
    """
    live.fill(*HALF, half=True)
    change(live.url, """UPDATE "Student" SET email = 'ana@x.org'""")
    live.join()
    live.verify()
    change(live.url, KEEP.format(table))
    before = live.rows("SELECT id, year, email FROM people_student ORDER BY 1")
    held = [live.rows(f"SELECT id FROM {one} ORDER BY 1") for one in IN_TANDEM]
    change(live.url, drop)
    change(live.url, """UPDATE "Tutor" SET email = 'tom@x.org' WHERE id = 't1'""")
    if table == "Student":
        change(live.url, """UPDATE "Student" SET "fullName" = 'Anna'""")
        assert ["does not exist" in why for why in live.missed()] == [True]
        with pytest.raises(psycopg.errors.UndefinedTable):
            change(live.url, "UPDATE people_student SET full_name = 'Anne'")
    dropped = (
        rf"{table}, or a column there, was dropped with CASCADE.*\n.*`tandem upgrade rollback`"
    )
    for run in (live.verify, live.backfill, *([live.switch] if not live.missed() else [])):
        with pytest.raises(UpgradeRefusedError, match=rf"{dropped}.* Nothing was changed\.$"):
            run()
    status, said, _ = command(live.url, "status")
    assert (status, said["phase"], said["missed"]) == (1, "backfilled", len(live.missed()))
    assert re.search(dropped, said["broken"])
    live.rollback()
    assert live.rows("SELECT id, year, email FROM people_student ORDER BY 1") == before
    assert [live.rows(f"SELECT id FROM {one} ORDER BY 1") for one in IN_TANDEM] == held
    if table == "Student":
        column = drop.split()[5]
        change(live.url, f'ALTER TABLE "Student" ADD {column} text')
        change(
            live.url,
            f'UPDATE "Student" s SET {column} = k.{column} FROM kept."Student" k WHERE k.id = s.id',
        )
    else:
        change(live.url, BACK.format(table))
    live.join()
    live.in_step()
    name = "Anna" if table == "Student" else "Ana"
    assert live.one("SELECT full_name FROM people_student") == {"full_name": name}
    assert live.rows("SELECT id, year, email FROM people_student ORDER BY 1") == before
    assert live.one("SELECT email FROM people_tutor WHERE id = 't1'") == {"email": "tom@x.org"}
    assert [live.rows(f"SELECT id FROM {one} ORDER BY 1") for one in IN_TANDEM] == held


def test_a_status_that_is_lost_for_a_while(live: Live) -> None:
    """After a rollback `status` says what is missing, and what goes if it stays so."""
    joined(live, *ROWS)
    change(live.url, 'DROP TABLE "Session" CASCADE')
    live.rollback()
    done = forked("upgrade", "status", DATABASE_URL=live.url)
    assert done.returncode == 1
    assert "rolled back, since" in done.stdout
    assert "BROKEN: The database" in done.stdout
    assert "has no table Session.\nBring that back, with all that stood in it" in done.stdout
    assert re.search(r"Session +- +1 ", done.stdout)


def test_a_column_that_is_renamed_is_no_longer_followed(live: Live) -> None:
    """The old application's write goes through and is noted; named as before, it is made up for."""
    joined(live, *ROWS)
    change(live.url, 'ALTER TABLE "Student" RENAME COLUMN id TO key')
    change(live.url, """UPDATE "Student" SET year = '12' WHERE key = 'ana'""")
    assert live.rows("SELECT FROM \"Student\" WHERE year = '12'")
    change(live.url, """DELETE FROM "Session" """)
    with pytest.raises(UpgradeRefusedError):
        live.verify()
    assert len(live.missed()) == 2
    change(live.url, 'ALTER TABLE "Student" RENAME COLUMN key TO id')
    assert live.verify() != []
    live.backfill()
    assert live.one("SELECT year FROM people_student") == {"year": "12"}
    live.in_step()


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "Student" ADD COLUMN nickname text',
        """ALTER TABLE "Student" ADD COLUMN nickname text NOT NULL DEFAULT ''""",
        'CREATE INDEX ON "Student" (year)',
        'CREATE TABLE "Badge" (id text PRIMARY KEY, "studentId" text REFERENCES "Student")',
    ],
)
def test_what_is_only_added_does_no_harm(live: Live, statement: str) -> None:
    """Writes of both sides are followed as before."""
    joined(live, *ROWS)
    change(live.url, statement)
    change(live.url, TOUCH)
    change(live.url, "UPDATE people_student SET full_name = 'Anna'")
    live.in_step()


def test_check_says_so_and_names_a_migration_that_has_not_ended(live: Live) -> None:
    """Loudly, among what has to be known; a migration that was rolled back is no news."""
    live.fill(*ROWS)
    status, said, _ = command(live.url, "check")
    assert status == 0
    assert any("FAILS" in note and "Student" in note for note in said["notes"])
    assert any("WITH CASCADE IT GOES THROUGH" in note for note in said["notes"])
    begin = """INSERT INTO "_prisma_migrations" (id, checksum, migration_name, rolled_back_at)
      VALUES ('%s', 'x', '%s', %s)"""
    change(live.url, begin % ("1", "20270101_half", "NULL"))
    change(live.url, begin % ("2", "20270102_back", "now()"))
    with connected(live.url) as database:
        found = schema_changes(database, OldSide.read(database, Names()))
    assert ["20270101_half" in note for note in found] == [False, True]
    assert "20270102_back" not in found[1]
