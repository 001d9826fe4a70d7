"""The backup brings the old database back, equal row for row, schema and all."""

import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tandem.upgrade.backups.restore import restore
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.server_programs import program_for
from tests.upgrade.old_databases import (
    bring,
    change,
    connection,
    database,
    owned_database,
    query,
    session,
    student,
    tutor,
    write_postgres,
    write_sqlite,
)

ROWS = [tutor("ben"), student("ana", "ben"), session("s", "ana", notes="a\r\nb\\ 'c' 😀 ")]
MORE = """
CREATE EXTENSION citext;
ALTER TABLE "Tutor" ALTER email TYPE citext;
CREATE TYPE "Mood" AS ENUM ('good', 'bad');
CREATE TABLE "Diary" (id serial PRIMARY KEY, mood "Mood"[], at timestamptz, raw bytea, more jsonb);
INSERT INTO "Diary" (mood, raw, more) VALUES ('{good,bad}', '\\x00ff', '{"a": [1, null]}');
ALTER TABLE "Student" ADD COLUMN "shoe size" numeric(4, 1) DEFAULT 38.5 CHECK ("shoe size" > 0);
INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ('1', 'c', '20240101_init');
CREATE VIEW busy AS SELECT "studentId", count(*) FROM "Session" GROUP BY 1;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
COMMENT ON TABLE "Diary" IS 'Dear diary';
"""


def dumped(url: str, schema: str | None = None) -> str:
    """Return pg_dump's text of a database, but for the key that it makes up each time."""
    with psycopg.connect(url) as server:
        program = program_for("pg_dump", server.info.server_version)
    only = [f'--schema="{schema}"'] if schema else []
    done = subprocess.run(
        [program, "--no-owner", *only, url], capture_output=True, text=True, check=True
    )
    return "\n".join(line for line in done.stdout.splitlines() if "restrict " not in line)


def dump_of(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as file:
        return list(file.iterdump())


def test_sqlite(target: str, tmp_path: Path) -> None:
    """A restored SQLite file dumps as the old one does, what Tandem does not know included."""
    more = "CREATE TABLE other (a, b BLOB); INSERT INTO other VALUES (1.5, x'00ff');"
    old = write_sqlite(tmp_path / "old.sqlite", ROWS, extra=more)
    done = bring(old, target, tmp_path / "backups")
    restore(done.backup.path, str(tmp_path / "back.sqlite"))
    assert dump_of(tmp_path / "back.sqlite") == dump_of(old)
    assert any("INSERT INTO \"other\" VALUES(1.5,X'00FF')" in line for line in dump_of(old))


def test_postgres(target: str, tmp_path: Path) -> None:
    """A restored PostgreSQL database dumps as the old one: types, views, tables, extensions."""
    elsewhere = (
        'CREATE SCHEMA "ext s"; CREATE EXTENSION hstore SCHEMA "ext s";'
        ' ALTER TABLE "Tutor" ADD facts "ext s".hstore;'
    )
    with database() as old, owned_database() as back:
        rows = [*ROWS, connection("c", "ana", "ben")]
        write_postgres(old, rows, half=True, extra=MORE + elsewhere)
        restore(bring(old, target, tmp_path).backup.path, back)
        assert dumped(back) == dumped(old)
        assert "20240101_init" in dumped(back)


def test_another_schema(old: str, target: str, tmp_path: Path) -> None:
    """A database in a schema of its own comes back in that schema, and the rest is not taken."""
    write_postgres(old, ROWS, extra=MORE)
    change(old, 'ALTER SCHEMA public RENAME TO "Old school"; CREATE SCHEMA public')
    change(old, "CREATE TABLE public.unrelated (id int)")
    done = bring(old, target, tmp_path, names=Names(schema="Old school"))
    with owned_database() as back:
        restore(done.backup.path, back)
        assert dumped(back, "Old school") == dumped(old, "Old school")
        assert "unrelated" not in dumped(back)


def test_restore_never_overwrites(old: str, target: str, tmp_path: Path) -> None:
    """A database that holds tables is left alone."""
    write_postgres(old, ROWS)
    done = bring(old, target, tmp_path)
    with owned_database() as there:
        write_postgres(there, ROWS)
        with pytest.raises(
            UpgradeRefusedError, match=r"holds public\.Session, .*Nothing was written"
        ):
            restore(done.backup.path, there)
        assert [row["id"] for row in query(there, 'SELECT id FROM "Session"')] == ["s"]


@pytest.mark.parametrize(
    ("made", "named"),
    [
        ('CREATE TABLE public."Diary" (id serial PRIMARY KEY)', r"public\.Diary\."),
        ("CREATE TABLE shop.invoice (id bigint GENERATED ALWAYS AS IDENTITY)", r"shop\.invoice\."),
        ("CREATE TABLE shop.a (id int); CREATE VIEW shop.b AS TABLE shop.a", "shop.a, shop.b"),
        ("CREATE MATERIALIZED VIEW shop.c AS SELECT 1; CREATE SEQUENCE shop.d", "shop.c, shop.d"),
    ],
)
def test_restore_never_comes_beside_others(
    old: str, target: str, tmp_path: Path, made: str, named: str
) -> None:
    """In whatever schema another program's tables lie: they are named, and nothing is written."""
    write_postgres(old, ROWS)
    done = bring(old, target, tmp_path)
    with owned_database() as there:
        change(there, f"CREATE SCHEMA shop; {made}")
        before = dumped(there)
        with pytest.raises(UpgradeRefusedError, match=named) as refusal:
            restore(done.backup.path, there)
        assert "CREATE DATABASE old OWNER" in str(refusal.value)
        assert dumped(there) == before


def test_an_extension_is_nobodys_data(old: str, target: str, tmp_path: Path) -> None:
    """A server's template may bring some: what belongs to them is in nobody's way."""
    write_postgres(old, ROWS)
    done = bring(old, target, tmp_path)
    with owned_database() as there:
        mighty = re.sub(r"user=\w+", "user=tandem", there)
        change(mighty, "CREATE EXTENSION pg_stat_statements")
        restore(done.backup.path, there)
        assert [row["id"] for row in query(there, 'SELECT id FROM "Session"')] == ["s"]
