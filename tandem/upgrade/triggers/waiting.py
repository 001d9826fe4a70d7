"""How long the triggers wait, and what is noted where that is not enough; the rest is ``notes.sql``."""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC
from tandem.upgrade.legacy.shapes import CONNECTION, PARENT, SESSION, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.rights import dollar_quote

IN_HAND = "the student was in hand"
UNKNOWN_ROWS = "*"
"""The id in a note of rows that cannot be named: everything has to be compared."""
AT_COMMIT = "tandem_sync_commit"
"""The trigger that fires once, at the end of a transaction that wrote to the old tables."""
OF_STUDENTS = (CONNECTION, SESSION, PARENT)
SEES_THE_PRESENT = (
    "current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')"
)
TO_BE_TRIED_AGAIN = "lock_not_available OR deadlock_detected OR serialization_failure"

# Milliseconds. A batch of a backfill is far shorter, a server's deadlock_timeout far longer.
ONE_WAIT, ALL_WAITS = 100, 200
WAITED = "coalesce(nullif(current_setting('tandem.waited', true), '')::integer, 0)"
WAIT_WHAT_IS_LEFT = (
    "PERFORM set_config('lock_timeout',"
    f" greatest(1, least({ONE_WAIT}, {ALL_WAITS} - {WAITED})) || 'ms', true);"
)
"""SQL: the waits of one transaction, in all its statements and at its commit, have one budget."""
COUNT_WAIT = (
    f"PERFORM set_config('tandem.waited', ({WAITED} + extract(milliseconds FROM"
    " clock_timestamp() - v_began)::integer)::text, true);"
)
"""SQL: what was waited since ``v_began`` is spent. An error would take it back: not inside a block."""
DO_NOT_WAIT = "PERFORM set_config('lock_timeout', '1ms', true);"

# Less than a server's usual deadlock_timeout of a second, by far.
PATIENCE = "100ms"
"""How long a statement of Tandem's own waits for a lock that others may want; then it tries again."""
PATIENCE_FOR_NOTES = "20ms"
"""The same for the lists of notes: who has waited already, and writes a note, waits behind it."""
PATIENCE_BESIDE_OTHERS = "20ms"
"""The same for who holds rows of others meanwhile, which the old application may want to write."""

QUEUED_ONCE = (
    "current_setting('tandem.at_commit', true) IS DISTINCT FROM 'queued'"
    " AND set_config('tandem.at_commit', 'queued', true) = 'queued'"
)
"""SQL: the first row of a transaction queues its end; a savepoint that is rolled back takes both."""


def wait_for(rows: int) -> str:
    """SQL: from now on this transaction, which holds so many rows, waits for a lock as long as it may."""
    patience = PATIENCE if rows == 1 else PATIENCE_BESIDE_OTHERS
    return f"SELECT set_config('lock_timeout', '{patience}', true)"


def take_all(table: Table, ids: str, *, new: bool = False) -> str:
    """SQL for after SELECT: take the rows of the old ``table`` of the array ``ids``.

    ``new``: students whom Tandem lacks are taken too.
    """
    return f"{SYNC}.take_rows({literal(table.name)}, {ids}, {str(new).lower()})"


def drop_all(table: Table, ids: str) -> str:
    """SQL for after SELECT: let go the rows of ``table`` of the array ``ids``."""
    return f"{SYNC}.drop_rows({literal(table.name)}, {ids})"


def commit_trigger(relation: str) -> Iterator[str]:
    """Yield what installs the trigger, which fires once at the end of a transaction that wrote."""
    tag = dollar_quote()
    yield f"""DO {tag} BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {literal(relation)}::regclass AND tgname = '{AT_COMMIT}') THEN
    CREATE CONSTRAINT TRIGGER {AT_COMMIT} AFTER INSERT OR UPDATE OR DELETE ON {relation}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({QUEUED_ONCE})
    EXECUTE FUNCTION {SYNC}.retry_at_commit();
  END IF;
END {tag}"""
