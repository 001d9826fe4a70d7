"""Who was not named calls no function of ours; the old application's triggers fire all the same."""

import inspect
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest

import tandem
from tandem.kit.ids import new_id
from tests.cli.forked import forked
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import (
    address_of,
    as_role,
    change,
    query,
    session,
    student,
    tutor,
)

OLD_ROLE = f"tandem_old_app_{new_id()}"
# Those of extensions belong to these. A function without an entry may be called by everybody.
OURS = """
SELECT p.oid::regprocedure::text AS name, prosecdef AS definer, proconfig AS settings,
  EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a
    WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE') AS public
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
WHERE n.nspname IN ('public', 'tandem_sync')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
"""


def functions(url: str) -> list[dict[str, Any]]:
    return query(url, OURS)


@pytest.fixture
def visitor(live: Live) -> Iterator[str]:
    """The role that the old application signs in as, on another's tables."""
    server = address_of("postgres")
    change(server, f"CREATE ROLE {OLD_ROLE} LOGIN")
    yield as_role(live.url, OLD_ROLE)
    change(live.url, f"DROP OWNED BY {OLD_ROLE}")
    change(server, f"DROP ROLE {OLD_ROLE}")


OPEN = [
    "tandem_another_program()",
    "tandem_letters_without_marks(text)",
    "tandem_name_order(text)",
    "tandem_plain_letters(text)",
]
"""Asked as whoever writes, in conditions of triggers and for indexes; they read no row."""


def test_what_migrations_made(live: Live) -> None:
    """Also those functions that no upgrade needs."""
    found = functions(live.url)
    assert {"tandem_history_is_append_only()"} <= {one["name"] for one in found}
    assert sorted(one["name"] for one in found if one["public"]) == OPEN


def test_what_the_upgrade_made(live: Live, visitor: str) -> None:
    """The old application's role writes to its tables, and cannot reach what follows it."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana"))
    live.join()
    change(live.url, 'GRANT SELECT, INSERT, UPDATE, DELETE ON "Student", "Session", "Tutor"'
           f" TO {OLD_ROLE}")  # fmt: skip
    found = functions(live.url)
    assert len(found) > 40
    assert sorted(one["name"] for one in found if one["public"]) == OPEN
    definers = [one for one in found if one["definer"]]
    assert len(definers) > 10
    for one in definers:
        assert any(s.startswith("search_path=") and s.endswith("pg_temp") for s in one["settings"])
    change(visitor, """UPDATE "Session" SET notes = 'of the old role'""")
    change(visitor, """UPDATE "Student" SET "fullName" = 'Ana R.'; DELETE FROM "Session" """)
    assert live.rows("SELECT full_name FROM people_student") == [{"full_name": "Ana R."}]
    assert live.rows("SELECT FROM lessons_session") == []
    live.in_step()
    live.verify()
    live.switch()
    assert sorted(one["name"] for one in functions(live.url) if one["public"]) == OPEN
    with pytest.raises(psycopg.Error, match="business has moved to Tandem"):
        change(visitor, """UPDATE "Student" SET year = '9'""")
    for call in ("tandem_sync.show_student('ana')", "tandem_ulid(now(), 'x')"):
        with pytest.raises(psycopg.Error, match="permission denied"):
            change(visitor, f"SELECT {call}")


def test_the_application_is_another_role(live: Live, visitor: str) -> None:
    """Migrations and upgrade are the owner's; the application sees how far it is, writes rows."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana"))
    for name in ("expand", "backfill", "verify"):
        done = forked("upgrade", name, DATABASE_URL=visitor, TANDEM_OWNER_URL=live.url)
        assert done.returncode == 0, done.stderr
    change(visitor, "UPDATE people_student SET year = '12'")
    assert live.one("""SELECT year FROM "Student" """) == {"year": "12"}
    seen = forked("upgrade", "status", "--json", DATABASE_URL=visitor, TANDEM_OWNER_URL="")
    assert json.loads(seen.stdout)["rows"]["Student"] == {"old": 1, "tandem": 1}
    for statement in (
        """UPDATE "Student" SET year = '13'""",
        "DELETE FROM tandem_sync.missed",
        "SELECT tandem_sync.show_student('ana')",
        "DROP TRIGGER tandem_sync ON people_student",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            change(visitor, statement)


TAKEN = re.compile(
    r"^from (tandem\.upgrade\.(?:live|triggers)[\w.]*) import \(?([\w, \n]+)", re.MULTILINE
)


def called_by_the_application() -> set[str]:
    """The functions of the sync that are named in what the application's own role runs.

    That is all but commands, migrations, and what commands alone run: of those modules the
    application takes single functions, which are read as well.
    """
    package = Path(tandem.__file__).parent
    texts = []
    for path in [*package.rglob("*.py"), *package.rglob("*.sql")]:
        parts = path.relative_to(package).parts
        if not {*parts} & {"migrations", "cli", "triggers", "live"}:
            texts.append(text := path.read_text())
            for module, names in TAKEN.findall(text):
                found = (getattr(import_module(module), name, None)
                         for name in re.findall(r"\w+", names))  # fmt: skip
                texts += [inspect.getsource(one) for one in found if inspect.isfunction(one)]
    return {
        name for text in texts for name in re.findall(r"(?:tandem_sync|\{SYNC\})\.(\w+)\(", text)
    }


@pytest.mark.parametrize("again", [False, True], ids=["expanded", "by the next command"])
def test_the_application_may_call_what_it_calls(live: Live, visitor: str, *, again: bool) -> None:
    """Of the sync's functions just those; also where an earlier Tandem granted less."""
    live.fill(tutor("t1"), student("ana", "t1"))
    both = {"DATABASE_URL": visitor, "TANDEM_OWNER_URL": live.url}
    assert forked("upgrade", "expand", **both).returncode == 0
    if again:
        change(live.url, f"REVOKE ALL ON ALL ROUTINES IN SCHEMA tandem_sync FROM {OLD_ROLE}")
        assert forked("user", "list", **both).returncode == 0
    called = called_by_the_application()
    assert called
    may = query(
        visitor,
        "SELECT DISTINCT proname::text AS name FROM pg_proc WHERE pronamespace ="
        " 'tandem_sync'::regnamespace AND has_function_privilege(oid, 'EXECUTE')",
    )
    assert {one["name"] for one in may} == called
