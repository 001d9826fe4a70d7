"""Old rows that fit nowhere are listed whole, with the reason."""

from collections.abc import Iterator

from tandem.upgrade.gradual.old_side import SYNC
from tandem.upgrade.legacy import TABLES, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.sync.functions import function


def listing_functions() -> Iterator[str]:
    """Yield the functions in an order in which each uses those before it."""
    yield _list_unlinked()
    yield _list_ownerless()


def whole_row(table: Table, row: str) -> str:
    """SQL: an old row as JSON under its Prisma names, unknown columns too."""
    pairs = ", ".join(f"{literal(c.name)}, {row}.{c.row_name}" for c in table.columns)
    return f"jsonb_build_object({pairs}) || coalesce({row}.extra, '{{}}')"


def _list_unlinked() -> str:
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


def _list_ownerless() -> str:
    """List a row whose student does not exist. One whom Tandem lacks yet, the backfill brings."""
    return function(
        "list_ownerless",
        "p_table text, p_id text, p_student text",
        f"""
  IF NOT EXISTS (SELECT FROM {SYNC}.student WHERE id = p_student) THEN
    PERFORM {SYNC}.list_unlinked(p_table, p_id, 'no_student');
  END IF;""",
    )
