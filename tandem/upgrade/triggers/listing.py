"""How an old row is kept that fits nowhere; ``listing.sql`` lists it."""

from tandem.upgrade.legacy.shapes import Table
from tandem.upgrade.mapping.terms import literal


def whole_row(table: Table, row: str) -> str:
    """SQL: an old row as JSON under its Prisma names, unknown columns too."""
    pairs = ", ".join(f"{literal(c.name)}, {row}.{c.row_name}" for c in table.columns)
    return f"jsonb_build_object({pairs}) || coalesce({row}.extra, '{{}}')"
