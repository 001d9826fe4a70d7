"""What the old side was never shown is written down when it is made, never inferred from clocks.

While Tandem is alone (before the old tables are joined, and after a rollback) a trigger on each of
its tables that the old side would be shown keeps the ids of new rows. A backfill shows them, and
empties the list. So a row that Tandem has and the old side has not was either never shown, and is
in the list, or was deleted there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR, Table
from tandem.upgrade.mapping.terms import literal

RECORDING = "tandem_unshown"
NEW_TABLES = {
    TUTOR: "people_tutor",
    STUDENT: "people_student",
    SESSION: "lessons_session",
    CONNECTION: "relationships_tutorstudent",
}
UNSHOWN_LIST = "upgrade_unshownrow"
ALL_SHOWN = f"DELETE FROM {UNSHOWN_LIST}"


@dataclass(frozen=True)
class Install:
    """The triggers of one table: the table, and the statements, in one short transaction."""

    table: str
    statements: tuple[str, ...]
    lock: str = "SHARE ROW EXCLUSIVE"


def recording(table: str) -> Iterator[str]:
    """Yield what begins to list the new rows of a table of Tandem's."""
    yield from no_recording(table)
    yield (
        f"CREATE TRIGGER {RECORDING} AFTER INSERT ON {table} FOR EACH ROW"
        f" EXECUTE FUNCTION tandem_list_unshown()"
    )


def recording_beside(table: str) -> str:
    """SQL: begin to list new rows of Tandem's while they are shown still; what is shown is listed no more."""
    return (
        f"CREATE OR REPLACE TRIGGER {RECORDING} AFTER INSERT ON {table} FOR EACH ROW"
        " WHEN (current_setting('tandem.quiet', true) IS DISTINCT FROM 'on')"
        f" EXECUTE FUNCTION tandem_list_unshown()"
    )


def no_recording(table: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS {RECORDING} ON {table}"


def record_everything() -> Iterator[str]:
    """Yield SQL that lists what Tandem holds before it was ever joined to an old side."""
    for table in NEW_TABLES.values():
        yield (
            f"INSERT INTO {UNSHOWN_LIST} (table_name, row_id) SELECT {literal(table)}, id FROM {table}"
            " ON CONFLICT DO NOTHING"
        )


def was_shown(old: OldSide, table: Table) -> str:
    """SQL: the old side was shown the row ``there``.

    A student, where the old side asks for a tutor: once somebody taught them.
    """
    shown = _not_listed(table, "there.id") if table in NEW_TABLES else "true"
    if table is STUDENT:
        links = f"r.student_id = there.id AND {_not_listed(CONNECTION, 'r.id')}"
        taught = f"EXISTS (SELECT FROM relationships_tutorstudent r WHERE {links})"
        return f"({shown} OR {taught})" if has_place_untaught(old) else taught
    return shown


def has_place_untaught(old: OldSide) -> bool:
    """Tell whether the old side has a place for a student whom nobody ever taught."""
    return not old.cell(STUDENT, "tutorId").not_null


def _not_listed(table: Table, row_id: str) -> str:
    return (
        f"NOT EXISTS (SELECT FROM {UNSHOWN_LIST} unshown WHERE unshown.row_id = {row_id}"
        f" AND unshown.table_name = {literal(NEW_TABLES[table])})"
    )
