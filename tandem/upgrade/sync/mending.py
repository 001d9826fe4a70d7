"""Making up, at commit, for a write that was not followed because its student was in hand.

The trigger of a session does not wait long for the old row of its student, which another
transaction of the old application may hold for as long as it likes, or until a ring is broken. The
write is noted, and the last of the transactions to commit takes it.
"""

from collections.abc import Iterator

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import CONNECTION, PARENT, SESSION, STUDENT, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.sync.functions import function

IN_HAND = "the student was in hand"
MEND = "tandem_sync_mend"
OF_STUDENTS = (CONNECTION, SESSION, PARENT)


def mend_function(old: OldSide, rights: str) -> str:
    """Take every noted row whose student is free by now; wait for none."""
    key = old.column(STUDENT, "id")
    takes = "".join(_take(table) for table in OF_STUDENTS if old.has(table))
    return function(
        "mend",
        "",
        f"""
  IF NOT EXISTS (SELECT FROM {SYNC}.missed WHERE why = {literal(IN_HAND)}) THEN RETURN NULL; END IF;
  FOR v_missed IN SELECT * FROM {SYNC}.missed WHERE why = {literal(IN_HAND)} ORDER BY id
    FOR UPDATE SKIP LOCKED
  LOOP
    v_student := NULL;{takes}
    DELETE FROM {SYNC}.missed WHERE id = v_missed.id;
  END LOOP;
  RETURN NULL;""".replace("{key}", key).replace("{student}", old.relation(STUDENT)),
        declare=f"v_missed {SYNC}.missed; v_student text;",
        returns="trigger",
        rights=rights,
        mark="tandem.quiet",
    )


def _take(table: Table) -> str:
    return f"""
    IF v_missed.source_table = {literal(table.name)} THEN
      SELECT student_id INTO v_student FROM {SYNC}.{table.row_name} WHERE id = v_missed.source_id;
      IF NOT FOUND THEN
        PERFORM {SYNC}.drop_{table.row_name}(v_missed.source_id);
      ELSE
        PERFORM FROM {{student}} s WHERE s.{{key}} = v_student FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        BEGIN
          PERFORM {SYNC}.take_{table.row_name}(v_missed.source_id);
        EXCEPTION WHEN OTHERS THEN
          UPDATE {SYNC}.missed SET why = SQLERRM WHERE id = v_missed.id;
          CONTINUE;
        END;
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
