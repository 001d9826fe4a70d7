"""Names of a foreign catalogue are names: no markup, no terminal's commands, no end of a quote."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tandem.kit.ids import new_id
from tests.upgrade.old_databases import (
    address_of,
    change,
    query,
    run,
    session,
    student,
    tutor,
    write_postgres,
    write_sqlite,
)
from tests.upgrade.test_bad_input import refusal, said

ROWS = [tutor("ben"), student("ana", "ben"), session("s", "ana")]
LOUD = '"[bold red]x[/]"'
RINGING = '"ring\x1b]0;title\x07"'
MORE = f"""
CREATE TABLE {LOUD} (id text); CREATE TABLE {RINGING} (id text);
ALTER TABLE "Student" ADD COLUMN "[/red] :smile:" text;
"""


def check(old: Path | str, target: str) -> str:
    status, complaints, output = said("upgrade", "check", "--from", old, DATABASE_URL=target)
    assert status == 0, complaints
    return output


def test_names_are_no_markup(old: str, target: str, tmp_path: Path) -> None:
    """They are printed as they are, and what would speak to the terminal in escapes."""
    for source in (
        write_sqlite(tmp_path / "old.sqlite", ROWS, extra=MORE),
        write_postgres(old, ROWS, extra=MORE),
    ):
        output = check(source, target)
        assert "[bold red]x[/]" in output
        assert "Student.[/red] :smile:" in output
        assert r"ring\x1b]0;title\x07" in output
        assert "\x1b" not in output


def test_names_in_complaints(capsys: pytest.CaptureFixture[str], old: str) -> None:
    """Where a database is refused, what it holds is named all the same."""
    change(old, f"CREATE TABLE {LOUD} (id text); CREATE TABLE {RINGING} (id text)")
    reason, _, instead = refusal(capsys, "upgrade", "check", "--from", old).splitlines()
    assert reason.endswith("it has no table Tutor, Student, Session.")
    assert instead == r"Its tables: [bold red]x[/], ring\x1b]0;title\x07."


@contextmanager
def without_an_encoding() -> Iterator[str]:
    """An old database that never asked which encoding its text had."""
    name = f"tandem_bytes_{new_id()}"  # two tests may want one at the same time
    with psycopg.connect(address_of("postgres"), autocommit=True) as server:
        run(
            server,
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII'"
            " LOCALE_PROVIDER libc LOCALE 'C'",
        )
        try:
            yield write_postgres(address_of(name), ROWS)
        finally:
            run(server, f"DROP DATABASE {name} WITH (FORCE)")


def test_damaged_text(target: str, tmp_path: Path) -> None:
    """Where bytes are no UTF-8, table, column and row are named, and nothing is brought."""
    damage = r"""UPDATE "Student" SET "fullName" = convert_from('\x416ee9', 'SQL_ASCII')"""
    with without_an_encoding() as old:
        change(old, damage)
        for command in (("check",), ("replace", "--backup-folder", tmp_path)):
            name, *options = command
            status, (sentence,), _ = said(
                "upgrade", name, "--from", old, *options, DATABASE_URL=target
            )
            assert status == 3
            assert "column fullName of Student, in the row ana" in sentence
            assert r"An\xe9" in sentence
    assert query(target, "SELECT FROM people_student") == []
    assert list(tmp_path.iterdir()) == []


def test_damaged_names(target: str, tmp_path: Path) -> None:
    """A catalogue whose names are no UTF-8 is refused in a sentence."""
    file = write_sqlite(tmp_path / "old.sqlite", ROWS, extra="CREATE TABLE abXYcd (id)")
    file.write_bytes(file.read_bytes().replace(b"abXYcd", b"ab\xe9\xffcd"))
    with closing(sqlite3.connect(file)) as opened:
        opened.text_factory = bytes
        assert any(b"\xe9" in row[0] for row in opened.execute("SELECT name FROM sqlite_master"))
    status, (sentence,), _ = said("upgrade", "check", "--from", file, DATABASE_URL=target)
    assert status == 3
    assert r"a name that is no UTF-8 (ab\xe9\xffcd)" in sentence
    with without_an_encoding() as old:
        with psycopg.connect(old, client_encoding="SQL_ASCII") as connection:
            connection.execute(b'CREATE TABLE "ab\xe9" (id text)')
        status, (sentence,), _ = said("upgrade", "check", "--from", old, DATABASE_URL=target)
        assert status == 3
        assert "a name that is no UTF-8" in sentence
