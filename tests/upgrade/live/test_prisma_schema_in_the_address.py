"""The old tables lie in the schema that the address names as Prisma does; Tandem's do not."""

from pathlib import Path

import pytest

from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import change, session, student, tutor

SCHOOL = """CREATE SCHEMA school;
DO $$ DECLARE one regclass; kind regtype; BEGIN
  FOR one IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND relname ~ '^[A-Z]'
  LOOP EXECUTE format('ALTER TABLE %s SET SCHEMA school', one); END LOOP;
  FOR kind IN SELECT oid FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
  LOOP EXECUTE format('ALTER TYPE %s SET SCHEMA school', kind); END LOOP;
END $$"""
NAMED = "schema=school&connection_limit=5"


def with_schema(url: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{NAMED}"


@pytest.mark.parametrize("half", [False, True])
def test_the_whole_way_with_the_old_applications_own_address(
    live: Live, tmp_path: Path, *, half: bool
) -> None:
    live.fill(tutor("t1"), student("ana", "t1"), session("x", "ana"), half=half)
    change(live.url, SCHOOL)
    url = with_schema(live.url)
    assert command(url, "check")[1]["counts"]["Student"] == 1
    planned = command(url, "plan")[1]["statements"]
    assert any('"school"."Student"' in one["lock"] for one in planned if one["phase"] == "switch")
    for name in ("expand", "backfill", "verify"):
        status, said, err = command(url, name)
        assert status == 0, (name, err)
    change(live.url, """UPDATE school."Session" SET notes = 'of the old one'""")
    assert live.one("SELECT notes FROM lessons_session") == {"notes": "of the old one"}
    home = """SELECT relnamespace::regnamespace::text AS home FROM pg_class
      WHERE relname = 'people_tutor'"""
    assert live.rows(home) == [{"home": "public"}]
    for name in [
        "switch",
        "verify",
        "rollback",
        "expand",
        "backfill",
        "verify",
        "switch",
        "verify",
    ]:
        status, said, err = command(url, name)
        assert status == 0, (name, err)
    status, said, err = command(url, "contract", home=tmp_path)
    assert (status, "Student" in said["tables"]) == (0, True), err


def test_an_address_that_names_another_schema(live: Live) -> None:
    """Where no old tables are, that is said with the schema that was looked in."""
    live.fill(tutor("t1"))
    change(live.url, "CREATE SCHEMA school")
    status, _, err = command(with_schema(live.url), "expand")
    told = " ".join(err.split())
    assert (status, 'schema "school"' in told) == (3, True), err
    assert "host" not in told, (
        "the database's name says which; how it is reached is nobody's question"
    )
