"""Making up, at commit, for writes that could not be followed at once.

A trigger does not wait long for a student, whom another transaction may have in hand for as long as
it likes. The write is noted, and the last of the transactions to commit takes it. So is a write to
what belongs to a student whom Tandem lacks: a backfill may be bringing that one just now.
"""

from collections.abc import Iterator

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import CONNECTION, PARENT, SESSION, STUDENT, TABLES, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.sync.functions import function

IN_HAND = "the student was in hand"
MEND = "tandem_sync_mend"
OF_STUDENTS = (CONNECTION, SESSION, PARENT)
WITH_STUDENTS = (STUDENT, *OF_STUDENTS)
# So long a trigger waits; a batch of a backfill is far shorter, a server's deadlock_timeout longer.
IN_TURN = "150ms"
SEES_THE_PRESENT = (
    "current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')"
)
TO_BE_TRIED_AGAIN = "lock_not_available OR deadlock_detected OR serialization_failure"


def missed_table() -> str:
    """Return the SQL of the table of notes; ``student_id`` is whom the row belongs to."""
    return f"""CREATE TABLE IF NOT EXISTS {SYNC}.missed (
  id bigint GENERATED ALWAYS AS IDENTITY, source_table text NOT NULL, source_id text NOT NULL,
  student_id text, operation text NOT NULL, why text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp())"""


def mend_functions(old: OldSide, rights: str) -> Iterator[str]:
    """Yield the functions that take every noted row whose student is free by now.

    A student who is in hand is waited for once, and shortly: where two transactions end at the same
    time, one of them sees the other's note, or finds the student free. Whatever goes wrong, a commit
    of the old application goes through.
    """
    yield _mend_noted(old, rights)
    yield function(
        "mend",
        "",
        f"""
  IF {SEES_THE_PRESENT} AND EXISTS (SELECT FROM {SYNC}.missed WHERE why = {literal(IN_HAND)}) THEN
    PERFORM {SYNC}.mend_noted();
  END IF;
  RETURN NULL;""",
        returns="trigger",
        rights=rights,
    )


def _mend_noted(old: OldSide, rights: str) -> str:
    takes = "".join(_take(table) for table in TABLES if old.has(table))
    key = f"s.{old.column(STUDENT, 'id')}"
    lacking = f"""why = {literal(IN_HAND)} AND source_table <> 'Student' AND student_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM people_student p WHERE p.id = student_id)"""
    return function(
        "mend_noted",
        "",
        f"""
  BEGIN -- who is still not there when no backfill has the student in hand, the next batch brings
    PERFORM FROM {old.relation(STUDENT)} s
    WHERE {key} IN (SELECT student_id FROM {SYNC}.missed WHERE {lacking}) ORDER BY {key} FOR NO KEY UPDATE;
    DELETE FROM {SYNC}.missed WHERE {lacking};
  EXCEPTION WHEN {TO_BE_TRIED_AGAIN} THEN
    PERFORM set_config('lock_timeout', '1ms', true); -- once was enough
  END;
  FOR v_missed IN SELECT * FROM {SYNC}.missed WHERE why = {literal(IN_HAND)} ORDER BY student_id, id
    FOR UPDATE SKIP LOCKED
  LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM people_student WHERE id = v_missed.student_id) THEN
        PERFORM FROM {old.relation(STUDENT)} s WHERE {key} = v_missed.student_id FOR NO KEY UPDATE;
      END IF;
      PERFORM FROM people_student WHERE id = v_missed.student_id FOR NO KEY UPDATE;
      DELETE FROM {SYNC}.missed WHERE source_table = v_missed.source_table
        AND source_id = v_missed.source_id AND why = {literal(IN_HAND)};{takes}
    EXCEPTION WHEN {TO_BE_TRIED_AGAIN} THEN
      PERFORM set_config('lock_timeout', '1ms', true);
    WHEN OTHERS THEN
      UPDATE {SYNC}.missed SET why = SQLERRM WHERE id = v_missed.id;
    END;
  END LOOP;
EXCEPTION WHEN OTHERS THEN
  NULL; -- what was noted stays so, for whoever comes next""",
        declare=f"v_missed {SYNC}.missed;",
        rights=f"{rights} SET lock_timeout = '{IN_TURN}'",
        mark="tandem.quiet",
    )


def _take(table: Table) -> str:
    new = ", v_missed.operation = 'insert'" if table is STUDENT else ""
    return f"""
      IF v_missed.source_table = {literal(table.name)} THEN
        IF EXISTS (SELECT FROM {SYNC}.{table.row_name} WHERE id = v_missed.source_id) THEN
          PERFORM {SYNC}.take_{table.row_name}(v_missed.source_id{new});
        ELSE
          PERFORM {SYNC}.drop_{table.row_name}(v_missed.source_id);
        END IF;
      END IF;"""


def mend_trigger(relation: str) -> Iterator[str]:
    """Yield what installs the trigger, which fires at the end of each transaction that wrote."""
    yield f"""DO $tandem$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {literal(relation)}::regclass AND tgname = '{MEND}') THEN
    CREATE CONSTRAINT TRIGGER {MEND} AFTER INSERT OR UPDATE OR DELETE ON {relation}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {SYNC}.mend();
  END IF;
END $tandem$"""
