"""Small one-tutor databases, made as the older application left them, and brought over."""

import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tandem.kit.ids import new_id
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.sources import open_source
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace.replacement import Replaced, replace
from tests.upgrade.asking import asked, forget

LEGACY = Path(__file__).parents[1] / "legacy"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONE = "Europe/London"
Row = tuple[str, dict[str, Any]]
COPY = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
"""Files are copied as they are, in half of the time in which their pages are written to a log."""

# What half_migrated.sql does to PostgreSQL, done to the text of the SQLite schema.
HALF_IN_SQLITE = """
ALTER TABLE "Tutor" ADD COLUMN "phone" TEXT;
ALTER TABLE "Student" ADD COLUMN "userId" TEXT;
ALTER TABLE "Student" ADD COLUMN "email" TEXT;
ALTER TABLE "Student" ADD COLUMN "phone" TEXT;
ALTER TABLE "Student" ADD COLUMN "bio" TEXT;
CREATE TABLE "Parent" (
  "id" TEXT NOT NULL PRIMARY KEY, "userId" TEXT NOT NULL, "email" TEXT NOT NULL, "phone" TEXT,
  "fullName" TEXT NOT NULL, "studentId" TEXT NOT NULL, "createdAt" DATETIME NOT NULL,
  "updatedAt" DATETIME NOT NULL);
CREATE TABLE "StudentTutorConnection" (
  "id" TEXT NOT NULL PRIMARY KEY, "studentId" TEXT NOT NULL, "tutorId" TEXT NOT NULL,
  "subject" TEXT NOT NULL, "status" TEXT NOT NULL DEFAULT 'pending', "requestMessage" TEXT,
  "responseMessage" TEXT, "startDate" DATETIME, "endDate" DATETIME,
  "createdAt" DATETIME NOT NULL, "updatedAt" DATETIME NOT NULL);
ALTER TABLE "Session" ADD COLUMN "tutorId" TEXT;
ALTER TABLE "Session" ADD COLUMN "connectionId" TEXT;
ALTER TABLE "Session" ADD COLUMN "title" TEXT;
ALTER TABLE "Session" ADD COLUMN "subject" TEXT NOT NULL DEFAULT 'General';
ALTER TABLE "Session" ADD COLUMN "status" TEXT NOT NULL DEFAULT 'scheduled';
ALTER TABLE "Session" ADD COLUMN "location" TEXT;
ALTER TABLE "Session" ADD COLUMN "meetingLink" TEXT;
"""
OPTIONAL = ("tutorId", "subject", "year", "parentLinkToken")


def ms(text: str) -> int:
    """Return the Unix milliseconds of a UTC moment such as ``2026-03-02 16:00``."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)


MADE = {"createdAt": ms("2026-01-05 09:00"), "updatedAt": ms("2026-02-01 09:00:00.250")}


def tutor(key: str, **more: Any) -> Row:
    return "Tutor", {"id": key, "userId": f"user-{key}", "email": f"{key}@x.org", **MADE, **more}


def student(key: str, taught_by: str | None, **more: Any) -> Row:
    facts = {"tutorId": taught_by, "fullName": key.title(), "subject": "Maths", "year": "10"}
    return "Student", {"id": key, **facts, "parentLinkToken": f"token-{key}", **MADE, **more}


def session(key: str, of: str, start: Any = "2026-03-02 16:00", **more: Any) -> Row:
    """Return an hour with a student; a moment given as plain text stands for milliseconds."""
    begins = ms(start) if isinstance(start, str) else start
    times = {"startTime": begins, "endTime": begins + 3_600_000}
    return "Session", {"id": key, "studentId": of, **times, **MADE, **more}


def connection(key: str, of: str, to: str, **more: Any) -> Row:
    facts = {"studentId": of, "tutorId": to, "subject": "Maths", "status": "active"}
    return "StudentTutorConnection", {"id": key, **facts, **MADE, **more}


def subscription(key: str, of: str) -> Row:
    """Return a tutor's payment plan that runs to December."""
    stripe = {"stripeCustomerId": "c1", "stripeSubId": "s1"}
    facts = {"tutorId": of, "status": "active", "currentPeriodEnd": ms("2026-12-01 00:00")}
    return "Subscription", {"id": key, **stripe, **facts, **MADE}


def write_sqlite(path: Path, rows: Iterable[Row], *, half: bool = False, extra: str = "") -> Path:
    """Make a SQLite file of the old schema; ``extra`` is SQL that runs before the rows come."""
    schema = (LEGACY / "one_tutor.sqlite.sql").read_text(encoding="utf-8")
    if half:
        for name in OPTIONAL:
            at = schema.index('CREATE TABLE "Student"')
            schema = schema[:at] + schema[at:].replace(
                f'"{name}" TEXT NOT NULL', f'"{name}" TEXT', 1
            )
        schema += HALF_IN_SQLITE
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(schema + extra)
        for table, row in rows:
            marks, columns = ", ".join("?" * len(row)), ", ".join(f'"{name}"' for name in row)
            database.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', [*row.values()])
    return path


def write_postgres(url: str, rows: Iterable[Row], *, half: bool = False, extra: str = "") -> str:
    """Fill the empty database at ``url`` with the old schema and rows; return ``url``."""
    files = ["one_tutor.sql", *(["half_migrated.sql"] if half else [])]
    with psycopg.connect(url) as database:
        for text in (*((LEGACY / file).read_text(encoding="utf-8") for file in files), extra):
            run(database, text)
        for table, row in rows:
            insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join([sql.Placeholder()] * len(row)),
            )
            database.execute(insert, [_for_postgres(name, value) for name, value in row.items()])
    return url


def _for_postgres(name: str, value: Any) -> Any:
    is_moment = isinstance(value, int) and re.search("At$|Time$|Date$|End$", name)
    return (EPOCH + timedelta(milliseconds=value)).replace(tzinfo=None) if is_moment else value


def run(database: psycopg.Connection[Any], statement: str) -> None:
    """Run statements that a test spells out."""
    database.execute(sql.SQL(statement))


def change(url: str, statement: str) -> None:
    """Run statements on a database and commit."""
    with psycopg.connect(url) as database:
        run(database, statement)


def query(url: str, statement: str) -> list[dict[str, Any]]:
    """Return rows as dictionaries; moments come in UTC."""
    return asked(url, lambda database: database.execute(sql.SQL(statement)).fetchall())


def by_id(url: str, table: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in query(url, f"SELECT * FROM {table}")}


def bring(
    old: Path | str,
    target: str,
    folder: Path,
    *,
    names: Names | None = None,
    progress: Progress | None = None,
    connect: Callable[..., psycopg.Connection[Any]] = psycopg.connect,
) -> Replaced:
    """Bring an old database over to ``target`` as the command would."""
    with (
        open_source(str(old), names or Names()) as source,
        connect(target, autocommit=True) as database,
    ):
        return replace(
            database,
            source,
            zone=ZONE,
            now=NOW,
            backup_folder=folder,
            progress=progress or Progress(quiet=True),
        )


def address_of(name: str) -> str:
    """Return the address of another database on the server of the tests."""
    address, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{address[: address.rindex('/')]}/{name}?{query}"


@contextmanager
def database(template: str = "template0", settings: Iterable[str] = ()) -> Iterator[str]:
    """Make a database on the server of the tests, yield its address, drop it."""
    name = f"tandem_test_{new_id()}"
    forget(template)
    with psycopg.connect(address_of("postgres"), autocommit=True) as server:
        server.execute(COPY.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            for setting in settings:
                run(server, f"ALTER DATABASE {name} SET {setting}")
            yield address_of(name)
        finally:
            forget(name)
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def owned_database() -> Iterator[str]:
    """Make a database that a role owns who can do nothing else; yield that role's address."""
    role = f"tandem_owner_{new_id()}"
    with database() as url:
        name = url.partition("?")[0].rpartition("/")[2]
        change(url, f"CREATE ROLE {role} LOGIN; ALTER DATABASE {name} OWNER TO {role}")
        try:
            yield as_role(url, role)
        finally:
            change(
                url, f"ALTER DATABASE {name} OWNER TO CURRENT_USER; DROP OWNED BY {role} CASCADE"
            )
            change(url, f"DROP ROLE {role}")


def as_role(url: str, role: str) -> str:
    """Return the address of the same database for another role; the tests' server trusts all."""
    assert "user=tandem" in url
    return url.replace("user=tandem", f"user={role}")
