"""Old rows that fit nowhere are listed whole, with the reason."""

from tandem.upgrade.legacy.old_side import SYNC
from tandem.upgrade.legacy.shapes import TABLES, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.functions import function


def whole_row(table: Table, row: str) -> str:
    """SQL: an old row as JSON under its Prisma names, unknown columns too."""
    pairs = ", ".join(f"{literal(c.name)}, {row}.{c.row_name}" for c in table.columns)
    return f"jsonb_build_object({pairs}) || coalesce({row}.extra, '{{}}')"


def list_unlinked() -> str:
    """Keep an old row whole, as the mapping would: under its Prisma names, unknown columns too."""
    branches = "\n".join(
        f"""  IF p_table = {literal(table.name)} THEN
    SELECT {whole_row(table, "old")} INTO v_row FROM {SYNC}.{table.row_name} old WHERE old.id = p_id;
  END IF;"""
        for table in TABLES
    )
    return function(
        "list_unlinked",
        "p_table text, p_id text, p_reason text",
        f"""
{branches}
  DELETE FROM upgrade_unlinkedlegacyrow
  WHERE source_table = p_table AND source_id = p_id AND (reason <> p_reason OR row <> v_row);
  INSERT INTO upgrade_unlinkedlegacyrow (id, source_table, source_id, row, reason, created_at)
  VALUES (tandem_ulid(now(), p_table || ' ' || p_id || ' ' || p_reason), p_table, p_id, v_row,
    p_reason, now()) ON CONFLICT DO NOTHING;""",
        declare="v_row jsonb;",
        rights="SET timezone = 'UTC'",  # JSON spells a moment in the session's zone
    )
