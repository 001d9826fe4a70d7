"""The end: whatever the old database held beside the known tables is kept, and found again."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tandem.upgrade.backups.restore import restore
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.live.lock import holder, only_upgrade
from tests.upgrade.live.dying import Killer
from tests.upgrade.live.rows import typed_weight
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, owned_database, query, session, student, tutor

# What no schema of Tandem's knows: columns, tables with keys to the old ones, types, a sequence,
# views, indexes, a trigger, extensions; one table is named like Tandem's own.
MORE = """
CREATE EXTENSION citext; CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION hstore;
ALTER TABLE "Tutor" ALTER email TYPE citext;
CREATE INDEX "by name" ON "Student" USING gin ("fullName" gin_trgm_ops);
CREATE TYPE "Mood" AS ENUM ('good', 'bad day');
CREATE DOMAIN cents AS integer CHECK (value >= 0);
CREATE SEQUENCE "invoiceNumber" START 100;
ALTER TABLE "Student" ADD mood "Mood" DEFAULT 'bad day', ADD tags text[] DEFAULT '{a,"b c"}';
ALTER TABLE "Session" ADD "priceCents" cents DEFAULT 4500;
CREATE TABLE "Invoice" (
  id serial PRIMARY KEY, number bigint NOT NULL DEFAULT nextval('"invoiceNumber"'),
  "studentId" text NOT NULL REFERENCES "Student"(id) ON DELETE CASCADE, mood "Mood",
  amount cents, day date DEFAULT '2026-03-01');
CREATE INDEX "unpaid invoices" ON "Invoice" (lower("studentId")) WHERE amount > 0;
CREATE TABLE api_keys (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "tutorId" text REFERENCES "Tutor"(id) ON DELETE SET NULL, secret bytea);
CREATE VIEW "Owed" AS SELECT s.id, s."fullName", sum(i.amount) AS cents
  FROM "Student" s JOIN "Invoice" i ON i."studentId" = s.id GROUP BY s.id;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public."Invoice" ("studentId", amount) VALUES (NEW.id, 0); RETURN NULL; END $$;
CREATE TRIGGER note AFTER UPDATE ON "Student" FOR EACH ROW EXECUTE FUNCTION note();
"""
ROWS = """
INSERT INTO "Invoice" ("studentId", mood, amount) VALUES ('ana', 'good', 4500), ('ana', NULL, 90);
INSERT INTO api_keys ("tutorId", secret) VALUES ('t1', '\\xdeadbeef'), (NULL, NULL);
"""
TABLES = ("Tutor", "Student", "Session", "Subscription", "Invoice", "api_keys")
STUDENTS = """SELECT to_jsonb(s) - 'parentLinkToken' AS row FROM {}."Student" s ORDER BY id"""
"""Of a student everything is archived but the parents' link."""
OBJECTS = """
SELECT format('%s %s', relkind, relname) AS name FROM pg_class
WHERE relnamespace = '{}'::regnamespace AND relkind IN ('r', 'v', 'S', 'i')
UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace = '{}'::regnamespace
  AND typtype IN ('e', 'd')
UNION ALL SELECT 'key ' || conname FROM pg_constraint WHERE connamespace = '{}'::regnamespace
  AND contype = 'f'
UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
WHERE c.relnamespace = '{}'::regnamespace AND NOT tgisinternal ORDER BY 1
"""


def objects(url: str, schema: str) -> set[str]:
    return {row["name"] for row in query(url, OBJECTS.replace("{}", schema))}


@pytest.fixture
def wide(live: Live) -> Iterator[Live]:
    """Everything that an old database may hold, switched and verified."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana"), extra=MORE)
    change(live.url, ROWS)
    live.join()
    change(live.url, """UPDATE people_student SET year = '13'""")
    live.verify()
    live.switch()
    assert live.verify() == []
    yield live
    change(
        live.url,
        "DROP SCHEMA IF EXISTS legacy_archive CASCADE; DROP TABLE IF EXISTS api_keys CASCADE;"
        " DROP DOMAIN IF EXISTS cents CASCADE; DROP FUNCTION IF EXISTS note CASCADE;"
        ' DROP TABLE IF EXISTS "Invoice" CASCADE; DROP SEQUENCE "invoiceNumber";'
        ' DROP EXTENSION citext CASCADE; DROP INDEX IF EXISTS "by name"; DROP EXTENSION hstore',
    )


UNHURRIED = "-c idle_session_timeout=0"
"""The upgrade's connections are hurried in this test; a slow machine must not end its own."""


def holds(url: str) -> bool:
    with psycopg.connect(url, options=UNHURRIED) as connection:
        return holder(connection) is not None


def weights(url: str, schema: str) -> dict[str, Any]:
    with psycopg.connect(url) as connection:
        return {table: typed_weight(connection, schema, table) for table in TABLES}


def test_unknown_columns_and_tables_are_archived_and_restored(wide: Live, tmp_path: Path) -> None:
    """Rows, types, keys, sequences, indexes, views and triggers: in the archive and the backup."""
    before, held = weights(wide.url, "public"), objects(wide.url, "public")
    people = wide.rows(STUDENTS.format("public"))
    done = wide.contract(tmp_path)
    assert set(done.tables) == set(TABLES)
    archived = weights(wide.url, "legacy_archive")
    assert wide.rows(STUDENTS.format("legacy_archive")) == people
    assert archived.pop("Student")[0] == before["Student"][0]
    assert {t: w[:2] for t, w in archived.items()} == {
        t: w[:2] for t, w in before.items() if t != "Student"
    }
    assert wide.rows('SELECT * FROM "Owed"') == [{"id": "ana", "fullName": "Ana", "cents": 4590}]
    with owned_database() as elsewhere:
        restore(done.backup, elsewhere)
        assert weights(elsewhere, "public") == before
        found = objects(elsewhere, "public")
        assert found == {name for name in held if name in found}
        assert {"v Owed", "S invoiceNumber", "i unpaid invoices", "type Mood"} <= found
        assert {"r api_keys", "key Invoice_studentId_fkey", "trigger note", "type cents"} <= found
        assert not {name for name in found if "tandem" in name or "people_" in name}
        extensions = {
            row["extname"] for row in query(elsewhere, "SELECT extname FROM pg_extension")
        }
        assert extensions == {"plpgsql", "citext", "pg_trgm"}, "hstore is nobody's here"
        change(elsewhere, """UPDATE "Student" SET mood = 'good' WHERE id = 'ana'""")
        assert len(query(elsewhere, 'SELECT FROM "Invoice" WHERE number > 102')) == 1


def test_what_stands_in_the_way_of_dropping(wide: Live, tmp_path: Path) -> None:
    """A view that would go with the tables is named before anything is done."""
    with pytest.raises(UpgradeRefusedError, match=r'view "Owed" depends on.*without --drop'):
        wide.contract(tmp_path, drop=True)
    assert wide.one("SELECT phase FROM upgrade_gradualupgrade") == {"phase": "switched"}
    assert list(tmp_path.iterdir()) == []
    change(wide.url, 'DROP VIEW "Owed"')
    before = weights(wide.url, "public")
    done = wide.contract(tmp_path, drop=True)
    left = objects(wide.url, "public")
    assert not {f"r {table}" for table in TABLES} & left
    assert "type Mood" not in left
    with owned_database() as elsewhere:
        restore(done.backup, elsewhere)
        assert weights(elsewhere, "public") == before


def test_tables_that_tandem_does_not_know_stay_as_they_were_backed_up(
    wide: Live, tmp_path: Path
) -> None:
    """The old application may write to them after the switch, and no more once they are put away.

    Tandem works on meanwhile: the backup is of one moment, and it is proved against that.
    """
    change(wide.url, """INSERT INTO "Invoice" ("studentId", amount) VALUES ('ana', 1)""")
    name = wide.one("SELECT current_database() AS name")["name"]
    hurried = ("idle_in_transaction_session_timeout", "idle_session_timeout")
    for setting in hurried:
        change(wide.url, f"ALTER DATABASE {name} SET {setting} = '100ms'")
    over, written = threading.Event(), []

    def works() -> None:
        with psycopg.connect(wide.url, autocommit=True, options=UNHURRIED) as connection:
            while not over.wait(0.002):
                with suppress(psycopg.errors.LockNotAvailable):
                    connection.execute("UPDATE people_student SET year = year || '.'")
                    written.append(1)

    thread = threading.Thread(target=works)
    thread.start()
    try:
        with only_upgrade(wide.url, "contract"):
            done = wide.contract(tmp_path)
            assert holds(wide.url), "the lock was lost"
    finally:
        for setting in hurried:
            change(wide.url, f"ALTER DATABASE {name} RESET {setting}")
        over.set()
        thread.join()
    assert len(written) > 20
    with owned_database() as elsewhere:
        restore(done.backup, elsewhere)
        assert query(elsewhere, 'SELECT count(*) FROM "Invoice"')[0]["count"] > 3
        change(elsewhere, """INSERT INTO "Invoice" ("studentId", amount) VALUES ('ana', 1)""")


def test_going_back_from_a_last_step_that_was_killed(wide: Live, tmp_path: Path) -> None:
    """Unknown tables can be written again, and nothing of the sync is left on any table."""
    write = """INSERT INTO "Invoice" ("studentId", amount) VALUES ('ana', 1)"""
    with Killer(wide.url, tmp_path) as killer:
        assert not killer.completes("contract", 76)
    assert wide.one("SELECT phase FROM upgrade_gradualupgrade") == {"phase": "contracting"}
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="moved to Tandem"):
        change(wide.url, write)
    wide.rollback()
    change(wide.url, write)
    assert wide.rows("SELECT FROM pg_trigger WHERE tgname ~ '^tandem_(sync|read)'") == []
