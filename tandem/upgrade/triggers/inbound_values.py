"""What is taken where the old side says something else, under the names of Tandem's columns."""

from collections.abc import Mapping

from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import STUDENT, TUTOR, Column, Table
from tandem.upgrade.triggers.same import ONLY_ONE, same

TAKEN_COLUMNS: Mapping[Table, Mapping[str, str]] = {
    TUTOR: {
        "user_id": "auth_subject",
        "email": "email",
        "stripe_customer_id": "stripe_customer_id",
        "phone": "phone",
        "created_at": "created_at",
        "updated_at": "updated_at",
    },
    STUDENT: {
        "full_name": "full_name",
        "year": "year",
        "active": "active",
        "email": "email",
        "phone": "phone",
        "user_id": "auth_subject",
        "parent_email": "parent_email",
        "parent_link_token": "parent_link_token",
        "created_at": "created_at",
        "updated_at": "updated_at",
    },
}
"""Of the row names of an old table those that are taken, with the columns of Tandem's."""


def as_said(old: OldSide, table: Table) -> str:
    """SQL for after SET: what the old side changed, as ``v_made`` has it; the rest as it is ``there``."""
    columns = TAKEN_COLUMNS[table]
    return ",\n      ".join(
        f"{columns[c.row_name]} = {_said(table, c, columns[c.row_name])}"
        for c in old.columns(table)
        if c.row_name in columns
    )


def _said(table: Table, column: Column, ours: str) -> str:
    """A value that only one can have is always what ``v_made`` has: that a twin had it is over by now."""
    if (table.row_name, column.row_name) in ONLY_ONE:
        return f"v_made.{ours}"
    return f"CASE WHEN {same(table, column)} THEN there.{ours} ELSE v_made.{ours} END"


def same_person(old: OldSide) -> str:
    """SQL: the students ``said`` and ``shown`` are the same, whoever teaches them what."""
    return " AND ".join(
        same(STUDENT, c) for c in old.columns(STUDENT) if c.name not in {"tutorId", "subject"}
    )
