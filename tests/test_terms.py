"""Pages of terms, architecture and tables say what is there, and every table has its word."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from tests.tables_page import PAGE, page

ROOT = Path(__file__).parents[1]
TANDEM = ROOT / "tandem"
CONCEPTS = ROOT / "docs/concepts"
PLACE = re.compile(r"`([\w/]+\.(?:py|sql))`(?: `(\w+)`)?")
STEP = re.compile(r"([\w/]+\.(?:py|sql)): ([\w, ]+)\"?")


def terms() -> list[tuple[str, str | None]]:
    """Return the file and the name of each term."""
    lines = (CONCEPTS / "terms.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| term ")]
    found = [PLACE.search(line.rpartition(" | ")[2]) for line in rows]
    assert all(found), [row for row, place in zip(rows, found, strict=True) if not place]
    return [(place[1], place[2]) for place in found if place]


@pytest.mark.parametrize(("file", "name"), terms())
def test_a_term_stands_where_it_is_said_to(file: str, name: str | None) -> None:
    """The file is there, and defines what is named beside it."""
    text = (TANDEM / file).read_text(encoding="utf-8")
    assert name is None or re.search(rf"^(class|def) {name}\b", text, re.MULTILINE)


def test_every_table_has_a_term() -> None:
    """Whoever adds one says in a sentence what it is."""
    tables = {
        model.__name__ for model in apps.get_models() if model.__module__.startswith("tandem")
    }
    assert tables - {name for _, name in terms()} == set()


def architecture() -> str:
    return (CONCEPTS / "architecture.md").read_text(encoding="utf-8")


def test_the_architecture_names_files_that_are_there() -> None:
    """In its drawings and beneath them."""
    named = set(re.findall(r"(?:tandem/)?([a-z_]+(?:/[a-z_]+)*\.(?:py|sql))\b", architecture()))
    assert len(named) > 15
    assert [file for file in sorted(named) if not (TANDEM / file).exists()] == []


def test_the_drawings_name_functions_that_are_there() -> None:
    """After a colon stands what in the file is meant: a function, a class, a statement."""
    steps = STEP.findall(architecture())
    assert len(steps) > 8
    for file, names in steps:
        text = (TANDEM / file).read_text(encoding="utf-8")
        for name in names.split(", "):
            assert re.search(rf"\b{name}\b", text), (file, name)


def test_the_drawing_of_the_tables_is_up_to_date() -> None:
    """Columns, what they point to, and what the database refuses, as the models say."""
    assert PAGE.read_text(encoding="utf-8") == page()
