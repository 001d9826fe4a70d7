"""UnlinkedLegacyRow: what no new row can hold is kept whole, with the reason."""

from tandem.upgrade.legacy.shapes import (
    CONNECTION,
    PARENT,
    SESSION,
    STUDENT,
    SUBSCRIPTION,
    TUTOR,
    Table,
)
from tandem.upgrade.mapping.sessions import PLACED
from tandem.upgrade.mapping.terms import Facts, Rows, literal


def unlinked_rows(facts: Facts) -> Rows:
    """The reason is one of: no_student, no_tutor, no_relationship, unreadable_date."""
    missing_end = "CASE WHEN {0}.id IS NULL THEN '{1}' END"
    student = f"LEFT JOIN {facts.old(STUDENT)} student ON student.id = old.student_id"
    tutor = f"LEFT JOIN {facts.old(TUTOR)} tutor ON tutor.id = old.tutor_id"
    no_student = missing_end.format("student", "no_student")
    no_tutor = missing_end.format("tutor", "no_tutor")
    parts = [
        _part(SESSION, f"""(SELECT id FROM {facts.working("diary")} WHERE NOT ({PLACED})) unplaced
JOIN {facts.old(SESSION)} old ON old.id = unplaced.id {student}""", f"""coalesce({no_student},
    CASE WHEN old.start_time IS NULL OR old.end_time IS NULL THEN 'unreadable_date'
      ELSE 'no_relationship' END)"""),
        _part(CONNECTION, f"{facts.old(CONNECTION)} old {student} {tutor}",
              f"coalesce({no_student}, {no_tutor})"),
        _part(PARENT, f"{facts.old(PARENT)} old {student}", no_student),
        _part(SUBSCRIPTION, f"{facts.old(SUBSCRIPTION)} old {tutor}", f"""coalesce({no_tutor},
    CASE WHEN old.current_period_end IS NULL THEN 'unreadable_date' END)"""),
    ]  # fmt: skip
    every = "\nUNION ALL ".join(parts)
    return Rows(
        "upgrade_unlinkedlegacyrow",
        ("id", "source_table", "source_id", "row", "reason", "created_at"),
        f"""SELECT tandem_ulid({facts.now_sql}, source_table || ' ' || source_id || ' ' || reason),
  source_table, source_id, row, reason, {facts.now_sql}
FROM ({every}) unlinked WHERE reason IS NOT NULL""",
    )


def _part(table: Table, source: str, reason: str) -> str:
    pairs = ", ".join(f"{literal(column.name)}, old.{column.row_name}" for column in table.columns)
    return f"""SELECT {literal(table.name)} AS source_table, old.id AS source_id,
  jsonb_build_object({pairs}) || coalesce(old.extra, '{{}}') AS row, {reason} AS reason
FROM {source}"""
