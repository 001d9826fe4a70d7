"""The page about what is held says of each table what the classes say."""

from pathlib import Path

from tandem.insights.personal_data import TABLES
from tandem.insights.personal_data.classes import TableClass

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "personal-data.md"
TOLD = {
    (True, True): "students and tutors",
    (True, False): "students",
    (False, True): "tutors",
    (False, False): "no export",
}


def row(name: str, table: TableClass) -> str:
    """Return a table's line on the page."""
    told = TOLD[bool(table.student), bool(table.tutor)]
    return f"| `{name}` | {table.name} | {told} | {table.kept} |"


def test_the_page_names_every_table_as_it_is_classed() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line.startswith("| `")]
    assert told == [row(name, table) for name, table in TABLES.items()]
