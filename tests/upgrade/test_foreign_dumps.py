"""A dump of somebody else's database is data: its rows are compared, and nothing of it is run."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tandem.upgrade.backups.scratch_database import scratch_database
from tandem.upgrade.errors import UpgradeRefusedError
from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import (
    address_of,
    as_role,
    change,
    database,
    query,
    session,
    student,
    tutor,
    write_postgres,
)
from tests.upgrade.test_bad_input import said

ROWS = [tutor("ben"), student("ana", "ben"), session("s", "ana")]
# Where it lies it does nothing; wherever it is restored it makes a superuser.
HOSTILE = """
CREATE FUNCTION strike(anyelement) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
  IF current_database() <> '{home}' THEN
    EXECUTE 'CREATE ROLE tandem_struck_' || md5(clock_timestamp()::text) || ' SUPERUSER';
  END IF; RETURN true; END $$;
CREATE FUNCTION strikes() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM public.strike(1); RETURN NEW; END $$;
CREATE FUNCTION strikes_always() RETURNS event_trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM public.strike(1); END $$;
CREATE FUNCTION strike_number(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
  'SELECT $1 WHERE public.strike($1)';
CREATE DOMAIN struck AS integer CHECK (public.strike(value));
CREATE TYPE mood AS ENUM ('good', 'b,"ad');
CREATE FUNCTION strike_mood(mood) RETURNS json LANGUAGE sql IMMUTABLE AS
  'SELECT ''1''::json WHERE public.strike(1)';
CREATE CAST (mood AS json) WITH FUNCTION strike_mood(mood);
CREATE OPERATOR ### (RIGHTARG = integer, FUNCTION = strike_number);
ALTER TABLE "Student" ADD "odd (,"")" integer DEFAULT public.strike_number(7) CHECK (### 1 > 0),
  ADD worth struck DEFAULT 3, ADD feels mood DEFAULT 'good', ADD "often" mood[] DEFAULT '{{good}}',
  ADD "said, it ;" text DEFAULT E'a;b\\\\)''(' NOT NULL CHECK (public.strike(1)),
  ADD twice integer GENERATED ALWAYS AS (public.strike_number(2)) STORED;
CREATE INDEX struck ON "Student" (public.strike_number(worth));
CREATE TRIGGER struck BEFORE INSERT ON "Session" FOR EACH ROW EXECUTE FUNCTION strikes();
ALTER TABLE "Session" ENABLE ALWAYS TRIGGER struck;
CREATE TABLE diary (id integer, at timestamptz, n numeric(4, 1)) PARTITION BY LIST (id);
CREATE TABLE diary_1 PARTITION OF diary FOR VALUES IN (1);
INSERT INTO diary VALUES (1, '2026-03-01 10:00+02', 38.5);
CREATE RULE struck AS ON INSERT TO "Subscription" DO ALSO SELECT public.strike(1);
CREATE MATERIALIZED VIEW struck_view AS SELECT public.strike(1);
CREATE EVENT TRIGGER struck ON ddl_command_start EXECUTE FUNCTION strikes_always();
"""
STRUCK = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'tandem_struck_%'"


def hostile(url: str) -> str:
    """SQL: what an old database may hold to do harm elsewhere."""
    return HOSTILE.format(home=url.partition("?")[0].rpartition("/")[2])


@pytest.fixture(autouse=True)
def nothing_ran() -> Iterator[None]:
    yield
    struck = query(address_of("postgres"), STRUCK)
    for one in struck:
        change(address_of("postgres"), f"DROP ROLE {one['rolname']}")
    assert struck == []


@pytest.fixture
def live(template: str) -> Iterator[Live]:
    with database(template) as url:
        yield Live(url)


@pytest.fixture
def old_and_hostile(old: str) -> Iterator[str]:
    yield write_postgres(old, ROWS, extra=hostile(old))
    change(old, "DROP EVENT TRIGGER struck")


def test_the_backup_of_a_replacement(old_and_hostile: str, target: str, tmp_path: Path) -> None:
    """It is compared with Tandem, to the row."""
    folder = ("--backup-folder", tmp_path)
    status, complaints, _ = said(
        "upgrade", "replace", "--from", old_and_hostile, *folder, DATABASE_URL=target
    )
    assert status == 0, complaints
    status, complaints, output = said("upgrade", "verify", DATABASE_URL=target)
    assert (status, "No difference" in output) == (0, True), (complaints, output)


def test_the_backup_of_the_last_step(live: Live, tmp_path: Path) -> None:
    """It is proved by a comparison of every table, those too that Tandem does not know."""
    live.fill(*ROWS, extra=hostile(live.url))
    try:
        live.join()
        live.verify()
        live.switch()
        live.verify()
        status, found, told = command(live.url, "contract", home=tmp_path)
        assert status == 0, told
        assert {"diary", "diary_1", "Student"} <= set(found["tables"])
    finally:
        change(live.url, "DROP EVENT TRIGGER struck")


def test_a_dump_comes_back_as_its_owner_alone(
    old_and_hostile: str, target: str, tmp_path: Path
) -> None:
    """Functions come back with a database; so they come to no address that may do anything."""
    said(
        "upgrade", "replace", "--from", old_and_hostile, "--backup-folder", tmp_path,
        DATABASE_URL=target,
    )  # fmt: skip
    (dump,) = tmp_path.glob("*.dump")
    status, (sentence,), _ = said("upgrade", "restore", dump, "--to", address_of("postgres"))
    assert status == 3
    assert "The role tandem may do anything on that server" in sentence
    assert "CREATE ROLE old_owner" in sentence


def test_the_role_that_reads_has_no_rights(target: str) -> None:
    """It is gone with its database."""
    from tandem.upgrade.backups.scratch_database import scratch_database  # noqa: PLC0415 - see below

    rights = "rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
    with scratch_database(target) as address, psycopg.connect(address) as connection:
        found = connection.execute(
            f"SELECT {rights} FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert found == (False,) * 5
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY (SELECT 1) TO PROGRAM 'true'")
    left = "SELECT rolname AS name FROM pg_roles UNION SELECT datname FROM pg_database"
    (database,) = query(target, "SELECT oid FROM pg_database WHERE datname = current_database()")
    mine = f"tandem_scratch_{database['oid']}_"
    assert [row["name"] for row in query(target, left) if row["name"].startswith(mine)] == []


def test_a_role_named_for_it(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the owner may make no role, another is named; a superuser is none to read as."""
    server = address_of("postgres")
    change(server, "DROP ROLE IF EXISTS tandem_reader; CREATE ROLE tandem_reader LOGIN")
    try:
        monkeypatch.setenv("TANDEM_SCRATCH_URL", server)
        with pytest.raises(UpgradeRefusedError, match="is a superuser"), scratch_database(target):
            pass
        monkeypatch.setenv("TANDEM_SCRATCH_URL", as_role(server, "tandem_reader"))
        with pytest.raises(UpgradeRefusedError, match="may not make databases"):
            scratch_database(target).__enter__()
        change(server, "ALTER ROLE tandem_reader CREATEDB")
        with scratch_database(target) as address, psycopg.connect(address) as connection:
            assert connection.info.user == "tandem_reader"
    finally:
        change(server, "DROP ROLE tandem_reader")
