"""The functions of the sync stand in SQL files: whole, said what they do, and in no other place."""

import re

import pytest

from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import TABLES
from tandem.upgrade.mapping.sessions import RULED
from tandem.upgrade.triggers.fragments import fragments
from tandem.upgrade.triggers.sql_files import (
    BEFORE_THE_VIEWS,
    FILES,
    FOLDER,
    FOR_EACH_STATEMENT,
    RUN_BY_ITSELF,
    WORD,
    filled,
    statements,
)
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.old_databases import ZONE

FUNCTION = re.compile(r"CREATE OR REPLACE FUNCTION tandem_sync\.([\w{}]+)\(")
EVERY_FILE = (*BEFORE_THE_VIEWS, *FILES, FOR_EACH_STATEMENT)
OF_EACH_STATEMENT = {"function", "table", "operation", "rows"}


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text()


@pytest.mark.parametrize("name", EVERY_FILE)
def test_each_function_says_what_it_does(name: str) -> None:
    """Above it, in words; and a line can be read without moving it sideways."""
    text = text_of(name)
    found = [one for one in statements(text) if FUNCTION.search(one)]
    assert found
    assert [one[:60] for one in found if not one.startswith("-- ")] == []
    assert [line for line in text.splitlines() if len(line) > 110] == []


def test_no_file_is_forgotten() -> None:
    """Each is made beside the old tables."""
    assert {path.stem for path in FOLDER.glob("*.sql")} == {*EVERY_FILE, RUN_BY_ITSELF}


def test_no_function_is_written_in_python() -> None:
    """Beside views, triggers and rules of one expression, Python holds what the files ask for."""
    holders = [path.name for path in FOLDER.glob("*.py") if "plpgsql" in path.read_text()]
    assert holders == []


@pytest.mark.parametrize("half", [False, True])
def test_every_function_of_a_database_stands_in_a_file(live: Live, *, half: bool) -> None:
    """But for rules of one expression; and what a file has is there, but for absent connections."""
    live.fill(half=half)
    live.expand()
    there = {row["name"] for row in live.rows(PROCEDURAL)}
    files = [name for name in EVERY_FILE if half or not name.endswith("connections")]
    named = {name for file in files for name in FUNCTION.findall(text_of(file))}
    named |= {
        f"{table.row_name}_{operation}"
        for table in TABLES
        for operation in ("insert", "update", "delete", "truncate")
    }
    assert there <= named
    assert len(there) > 90
    if half:
        written = {row["name"] for row in live.rows(PROCEDURAL.replace("= 'plpgsql'", "<> 'c'"))}
        assert named - written == {"{function}"}


PROCEDURAL = """SELECT proname AS name FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE pronamespace = 'tandem_sync'::regnamespace AND lanname = 'plpgsql'"""


def test_every_fragment_is_asked_for(live: Live) -> None:
    """What the files ask for is known, and nothing else is made."""
    live.fill(half=True)
    with connected(live.url) as connection:
        old = OldSide.read(connection, Names())
    made = fragments(old, ZONE, "public").keys() | OF_EACH_STATEMENT
    asked = {word for name in EVERY_FILE for word in WORD.findall(text_of(name)) if word}
    assert asked == made


def test_a_comment_may_name_a_fragment() -> None:
    """It stays as it is: a fragment of two lines would end the comment."""
    assert filled("-- ``{word}``\nSELECT {word}", {"word": "1\n"}) == "-- ``{word}``\nSELECT 1\n"


def test_statements_end_outside_of_quotes() -> None:
    """One in a function's body or in a comment ends none; the comment above one belongs to it."""
    text = "-- One;\nCREATE FUNCTION a() AS $$\nBEGIN\n  RETURN;\nEND $$;\n\n-- Two.\nSELECT 2;\n"
    first, second = statements(text)
    assert first == "-- One;\nCREATE FUNCTION a() AS $$\nBEGIN\n  RETURN;\nEND $$"
    assert second == "-- Two.\nSELECT 2"


def test_a_made_session_has_the_columns_of_the_mapping() -> None:
    """In one order, since rows are made of them by place; two more follow."""
    view = next(one for one in statements(text_of("sessions")) if "VIEW tandem_sync.made" in one)
    listed = re.search(
        r"SELECT (.*?), \{session_kept\}, group_id,\s+false AS in_diary", view, re.DOTALL
    )
    assert listed
    assert tuple(re.split(r",\s+", listed[1])) == RULED
