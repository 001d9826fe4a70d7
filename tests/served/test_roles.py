"""The application has rows to do with: who takes it over gets neither tables nor server."""

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

import tandem
from tandem.kit.ids import new_id
from tests.cli.forked import forked
from tests.kit.embedded_server import new_home
from tests.served.people import PASSWORD
from tests.served.site import People, Site, served
from tests.upgrade.old_databases import address_of, as_role, change, database, query

OWNER, APPLICATION = f"tandem_owner_{new_id()}", f"tandem_app_{new_id()}"
BEYOND = (
    "CREATE TABLE mine (id int)",
    "ALTER TABLE people_student ADD mine int",
    "TRUNCATE people_student CASCADE",
    "DROP TABLE serving_heartbeat",
    "ALTER TABLE relationships_relationshipevent DISABLE TRIGGER ALL",
    "SELECT tandem_ulid(now(), 'x')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "CREATE ROLE mine SUPERUSER",
    "SELECT pg_read_file('/etc/passwd')",
)


@pytest.fixture(scope="module")
def site(peopled: tuple[str, People], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose tables belong to one role, none a superuser, and which works as another."""
    name, people = peopled
    server = address_of("postgres")
    with database(name) as url:
        for role in (OWNER, APPLICATION):
            change(server, f"CREATE ROLE {role} LOGIN")
        give_away(url)
        owner, application = as_role(url, OWNER), as_role(url, APPLICATION)
        try:
            with served(
                application, people, tmp_path_factory.mktemp("roles"), TANDEM_OWNER_URL=owner
            ) as site:
                yield site
        finally:
            change(url, f"REASSIGN OWNED BY {OWNER} TO CURRENT_USER")
            change(url, f"DROP OWNED BY {OWNER}, {APPLICATION} CASCADE")
            change(server, f"DROP ROLE {OWNER}, {APPLICATION}")


def give_away(url: str) -> None:
    """Let the owner have what a superuser made for the test, as a business's own would be."""
    name = url.partition("?")[0].rpartition("/")[2]
    statements = query(url, f"""
        SELECT format('ALTER TABLE %I OWNER TO {OWNER}', relname) AS one FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        UNION ALL SELECT format('ALTER ROUTINE %s OWNER TO {OWNER}', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname ~ '^tandem_'""")  # fmt: skip
    for statement in statements:
        change(url, statement["one"])
    change(url, f"ALTER SEQUENCE tandem_writes OWNER TO {OWNER}")
    change(url, f"ALTER DATABASE {name} OWNER TO {OWNER}")


def test_it_does_its_work(site: Site) -> None:
    """Pages, the API and what the database makes of them, without a single failure."""
    assert site.query("SELECT current_user") == [(APPLICATION,)]
    ana = f"/api/students/{site.id('ana')}"
    assert site.ask("PATCH", ana, {"year": "9"}).status == 200
    assert site.ask("GET", f"/parent/{site.people.parent_link}", who=None).status == 200
    assert site.ask("POST", f"{ana}/parent-link", {"lastDay": "2199-01-31"}).status == 200
    known = site.query("SELECT last_day::text, opened_on FROM people_parentlink")
    assert known == [("2199-01-31", None)]
    new = {"fullName": "Dora Lind", "parentEmail": "dora@example.org"}
    assert site.ask("POST", "/api/students", new).status in {201, 422}
    assert site.ask("DELETE", f"/api/tutors/{site.id('ben')}").status < 500
    browser = site.browser()
    status, page = browser.send("/accounts/login/", login="oona@tandem.example", password=PASSWORD)
    assert (status, "Sign out" in page) == (200, True)
    for path in ("/", "/students", "/attention", "/upgrade", f"/students/{site.id('ana')}"):
        status, _ = browser.get(path)
        assert status in {200, 404}, path
    assert "Traceback" not in site.words()
    assert "permission denied" not in site.words()


def test_it_moves_an_end_that_lies_ahead(site: Site) -> None:
    """Who was the primary one until then is so until the other day, which the database arranges."""
    row = site.query(
        "SELECT id FROM relationships_tutorstudent WHERE is_primary AND ended_on IS NULL LIMIT 1"
    )[0][0]
    today = site.query("SELECT tandem_today()")[0][0]
    for days in (10, 20):
        ends = (today + timedelta(days=days)).isoformat()
        body = {"date": ends, "futureSessions": "cancel"}
        ended = site.ask("POST", f"/api/tutor-students/{row}/end", body)
        assert ended.status == 200, ended.body
        last = site.query(
            "SELECT max(ends_on)::text FROM relationships_primaryperiod"
            f" WHERE tutor_student_id = '{row}'"
        )
        assert last == [(ends,)]
    assert site.ask("POST", f"/api/tutor-students/{row}/reopen", {}).status == 200


def test_it_may_call_what_it_calls(site: Site) -> None:
    """Each function of the database that the application's own statements name."""
    package = Path(tandem.__file__).parent
    called = {
        name
        for path in package.rglob("*")
        if path.suffix in {".py", ".sql"} and not {*path.parts} & {"migrations", "upgrade", "cli"}
        for name in re.findall(r"\b(tandem_[a-z_]+)\(", path.read_text())
    } | {"tandem_make_guardians"}
    refused = site.query(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND NOT has_function_privilege(oid, 'EXECUTE')"
    )
    assert called & {name for (name,) in refused} == set()
    assert site.query("SELECT tandem_make_guardians('nobody')") == [(0,)]


def test_it_may_leave_out_what_the_database_makes(site: Site) -> None:
    """By hand, as the application's role: the functions of the defaults are its to call."""
    made = site.query(
        "INSERT INTO people_subject (name) VALUES ('Chess') RETURNING length(id), tandem_today()"
        " = (SELECT (now() AT TIME ZONE name)::date FROM people_businesszone)"
    )
    assert made == [(26, True)]


@pytest.mark.parametrize("statement", BEYOND)
def test_and_can_do_no_more(site: Site, statement: str) -> None:
    """Not to the tables, to their history, to other roles or to the machine."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        site.query(statement)


def test_new_tables_are_the_owners(site: Site) -> None:
    """A migration that is missing is applied by the owner, and its rows are granted."""
    owner = as_role(site.database.replace(f"user={APPLICATION}", "user=tandem"), OWNER)
    change(
        owner,
        "DROP TABLE web_sentform; DELETE FROM django_migrations"
        " WHERE app = 'web' OR app = 'upgrade' AND name >= '0007'",
    )
    done = forked("user", "list", DATABASE_URL=site.database, TANDEM_OWNER_URL=owner)
    assert done.returncode == 0, done.stderr
    assert site.query("SELECT count(*) FROM web_sentform") == [(0,)]
    assert site.query("SELECT tableowner FROM pg_tables WHERE tablename = 'web_sentform'") == [
        (OWNER,)
    ]


def test_the_doctor_says_as_whom(site: Site) -> None:
    """One role for all is told of, and a superuser; neither is a fault."""
    for url, what in (
        (site.database, f"{APPLICATION}, who reads and writes rows and no more"),
        (site.database.replace(APPLICATION, OWNER), f"{OWNER}, who owns the tables"),
        (site.database.replace(APPLICATION, "tandem"), "tandem, a superuser"),
    ):
        assert what in forked("doctor", DATABASE_URL=url).stdout


def test_the_server_that_tandem_brings(tmp_path: Path) -> None:
    """Its application is no superuser either, and backs up, restores and works all the same."""
    with new_home() as first, new_home() as second:
        comes_back(first, second, str(tmp_path / "all.dump"))


def comes_back(first: Path, second: Path, file: str) -> None:
    home: dict[str, Any] = {"TANDEM_HOME": str(first), "DATABASE_URL": ""}
    done = forked("user", "create", "--email", "o@x.org", "--owner", "--password-stdin",
                  given="a long enough secret", **home)  # fmt: skip
    assert done.returncode == 0, done.stderr
    ask = (
        "import os, psycopg; c = psycopg.connect(os.environ['DATABASE_URL'])\n"
        'print(*c.execute("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user"))\n'
        "print(*c.execute('SELECT email FROM people_account'))\n"
        "c.execute('CREATE TABLE mine (id int)')"
    )
    done = forked("database", "run", "--", sys.executable, "-c", ask, **home)
    assert "('tandem_app', False)" in done.stdout, done.stderr
    assert "('o@x.org',)" in done.stdout
    assert "permission denied for schema public" in done.stderr
    assert forked("database", "backup", file, **home).returncode == 0
    home["TANDEM_HOME"] = str(second)
    done = forked("database", "restore", file, **home)
    assert done.returncode == 0, done.stderr
    assert "o@x.org" in forked("user", "list", **home).stdout
