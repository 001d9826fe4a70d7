"""The views of what the old side says, which the mapping reads."""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import TABLES, Table


def said_views(old: OldSide) -> Iterator[str]:
    """Yield a view for each known table; one that is missing is empty."""
    for table in TABLES:
        reading = old.reading.get(table.name) or _nothing(table)
        yield f"CREATE OR REPLACE VIEW {SYNC}.{table.row_name} AS\n{reading}"
    yield (
        f"CREATE OR REPLACE VIEW {SYNC}.subject AS\n"
        "SELECT lower(name) AS key, name, id FROM people_subject"
    )


def _nothing(table: Table) -> str:
    cells = ", ".join(f"NULL::{c.kind.value} AS {c.row_name}" for c in table.columns)
    return f"SELECT {cells}, NULL::jsonb AS extra, NULL::text AS read_fault WHERE false"
