"""Servers and databases that are not as Tandem would have them: a sentence says what to do."""

import pytest

from tests.cli.forked import forked
from tests.upgrade.live.steering import command
from tests.upgrade.old_databases import (
    ZONE,
    as_role,
    change,
    database,
    owned_database,
    query,
    session,
    student,
    tutor,
    write_postgres,
)

ROWS = (tutor("t1"), student("ana", "t1", fullName=" "), session("one", "ana"))
pytestmark = pytest.mark.usefixtures("server")
LOOKER = "tandem_onlooker"
TABLES = "SELECT relname FROM pg_class WHERE relname ~ '^(people|django)_' AND relkind = 'r'"


def test_a_verification_before_the_beginning_makes_nothing() -> None:
    """There is nothing to compare yet: no table of Tandem's comes to the old application's."""
    with database() as url:
        write_postgres(url, ROWS)
        status, said, told = command(url, "verify")
        assert (status, said) == (3, None)
        assert "There is nothing to verify" in told
        assert query(url, TABLES) == []


@pytest.mark.parametrize("style", ["SQL, DMY", "German"])
def test_dates_are_read_whatever_their_style(style: str) -> None:
    with database(settings=[f"datestyle = '{style}'"]) as url:
        write_postgres(url, ROWS)
        for name in ("expand", "backfill", "verify", "status"):
            status, _, told = command(url, name)
            assert status == 0, (name, told)


@pytest.mark.parametrize("where", ["nowhere", "pg_catalog"])
def test_no_schema_for_the_tables(where: str) -> None:
    """`check` names it, and `expand` and `serve` say it in a sentence."""
    with owned_database() as url:
        write_postgres(url, ROWS)
        change(url, f"ALTER ROLE CURRENT_USER SET search_path = {where}")
        status, said, _ = command(url, "check")
        assert status == 1
        assert any("search_path" in reason for reason in said["blockers"])
        status, _, told = command(url, "expand")
        assert status == 3
        assert "search_path" in told
        assert "Traceback" not in told


def test_a_database_that_can_only_be_read() -> None:
    with database() as url:
        write_postgres(url, ROWS)
        name = url.partition("?")[0].rpartition("/")[2]
        change(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        for name in ("check", "expand"):
            status, _, told = command(url, name)
            assert status == 3, told
            assert "can only be read" in told
            assert "Traceback" not in told


def test_what_was_not_looked_for_is_not_denied() -> None:
    """A role that may not go on is not told that there are no faults, nor that it can."""
    with database() as url:
        write_postgres(url, ROWS)
        change(
            url,
            f"CREATE ROLE {LOOKER} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {LOOKER}",
        )
        done = forked("upgrade", "check", DATABASE_URL=as_role(url, LOOKER), TANDEM_TIME_ZONE=ZONE)
        change(url, f"DROP OWNED BY {LOOKER}; DROP ROLE {LOOKER}")
    said = " ".join(done.stdout.split())
    assert "In the way" in said
    assert "Faults were not looked for" in said
    assert "No faults" not in said
    assert "You can go on" not in said


def test_a_schema_that_the_address_does_not_name() -> None:
    """Whoever has the old tables elsewhere learns how to say where."""
    with database() as url:
        write_postgres(url, ROWS)
        change(url, 'CREATE SCHEMA school; ALTER TABLE "Student" SET SCHEMA school')
        status, _, told = command(url, "check")
    assert status == 3
    assert "?schema=NAME" in told


def test_a_column_renamed_after_the_beginning() -> None:
    """Nobody is sent for a file of names that the command would not take. `status` still looks."""
    with database() as url:
        write_postgres(url, ROWS)
        for name in ("expand", "backfill"):
            assert command(url, name)[0] == 0
        change(url, 'ALTER TABLE "Session" RENAME COLUMN notes TO remarks')
        for name in ("status", "verify", "backfill"):
            status, said, told = command(url, name)
            assert status == (1 if name == "status" else 3), name
            told = said["broken"] if name == "status" else told
            assert "lacks notes" in told
            assert "--names" not in told
            assert "Take that change back" in told
            assert "tandem upgrade rollback" in told
