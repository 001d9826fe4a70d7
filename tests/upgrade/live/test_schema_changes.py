"""What becomes of a change of the old schema while both applications run, as `check` says."""

import psycopg
import pytest

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.live.preconditions import schema_changes
from tests.upgrade.live.joined import joined
from tests.upgrade.live.steering import Live, command, connected
from tests.upgrade.old_databases import change, session, student, tutor

ROWS = (tutor("t1"), tutor("t2"), student("ana", "t1"), session("one", "ana"))
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
    begin = """INSERT INTO "_prisma_migrations" (id, checksum, migration_name, rolled_back_at)
      VALUES ('%s', 'x', '%s', %s)"""
    change(live.url, begin % ("1", "20270101_half", "NULL"))
    change(live.url, begin % ("2", "20270102_back", "now()"))
    with connected(live.url) as connection:
        found = schema_changes(connection, OldSide.read(connection, Names()))
    assert ["20270101_half" in note for note in found] == [False, True]
    assert "20270102_back" not in found[1]
