"""The functions that stand in SQL files are whole, and each is said what it does."""

import re

import pytest

from tandem.upgrade.mapping.sessions import COLUMNS
from tandem.upgrade.triggers.static_functions import BEFORE_THE_VIEWS, FILES, FOLDER, statements

FUNCTION = re.compile(r"CREATE OR REPLACE FUNCTION tandem_sync\.(\w+)\(")


@pytest.mark.parametrize("name", [*BEFORE_THE_VIEWS, *FILES])
def test_each_function_says_what_it_does(name: str) -> None:
    """Above it, in words; and a line can be read without moving it sideways."""
    text = (FOLDER / f"{name}.sql").read_text()
    found = [one for one in statements(text) if FUNCTION.search(one)]
    assert found
    assert [one[:60] for one in found if not one.startswith("-- ")] == []
    assert [line for line in text.splitlines() if len(line) > 110] == []


def test_no_file_is_forgotten() -> None:
    """Each is made beside the old tables."""
    assert {path.stem for path in FOLDER.glob("*.sql")} == {*BEFORE_THE_VIEWS, *FILES}


def test_statements_end_outside_of_quotes() -> None:
    """One in a function's body or in a comment ends none; the comment above one belongs to it."""
    text = "-- One;\nCREATE FUNCTION a() AS $$\nBEGIN\n  RETURN;\nEND $$;\n\n-- Two.\nSELECT 2;\n"
    first, second = statements(text)
    assert first == "-- One;\nCREATE FUNCTION a() AS $$\nBEGIN\n  RETURN;\nEND $$"
    assert second == "-- Two.\nSELECT 2"


def test_a_made_session_has_the_columns_of_the_mapping() -> None:
    """In one order, since rows are made of them by place; two more follow."""
    text = (FOLDER / "sessions.sql").read_text()
    view = next(one for one in statements(text) if "VIEW tandem_sync.made_session" in one)
    listed = re.search(r"SELECT (.*?), group_id, false AS in_diary", view, re.DOTALL)
    assert listed
    assert tuple(re.split(r",\s+", listed[1])) == COLUMNS
