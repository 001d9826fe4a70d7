"""Making up, at commit, for writes that could not be followed at once.

A trigger does not wait long for a student, whom another transaction may have in hand for as long as
it likes. The write is noted, and the last of the transactions to commit takes it. So is a write to
what belongs to a student whom Tandem lacks: a backfill may be bringing that one just now.

A note leaves only in the transaction that brought its student in step, under that student's lock:
the ids of the notes are read when the lock is held, and just those are deleted. To ask again which
notes there are would see a newer snapshot, with notes of students whom nobody locked.
"""

from collections.abc import Iterator

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import CONNECTION, PARENT, SESSION, STUDENT, SUBSCRIPTION, TUTOR, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.sync.functions import dollar_quote, function

IN_HAND = "the student was in hand"
UNKNOWN_ROWS = "*"
"""The id in a note of rows that cannot be named: everything has to be compared."""
AT_COMMIT = "tandem_sync_commit"
"""The trigger that fires once, at the end of a transaction that wrote to the old tables."""
OF_STUDENTS = (CONNECTION, SESSION, PARENT)
WITH_STUDENTS = (STUDENT, *OF_STUDENTS)
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
OTHERS_AT_COMMIT = 10
"""Students of other transactions' notes that a commit looks at: it should not pay for them all."""
LOOKED_AT = 1000
DO_NOT_WAIT = "PERFORM set_config('lock_timeout', '1ms', true);"

QUEUED_ONCE = (
    "current_setting('tandem.at_commit', true) IS DISTINCT FROM 'queued'"
    " AND set_config('tandem.at_commit', 'queued', true) = 'queued'"
)
"""SQL: the first row of a transaction queues its end; a savepoint that is rolled back takes both."""


def missed_table() -> Iterator[str]:
    """Yield the SQL of the table of notes.

    ``student_id`` is whom the row belongs to, ``writer`` the transaction that noted it.
    """
    yield f"""CREATE TABLE IF NOT EXISTS {SYNC}.missed (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source_table text NOT NULL,
  source_id text NOT NULL, student_id text, operation text NOT NULL, why text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  writer xid8 NOT NULL DEFAULT pg_current_xact_id())"""
    yield f"CREATE INDEX IF NOT EXISTS missed_by_row ON {SYNC}.missed (source_table, source_id)"
    yield f"CREATE INDEX IF NOT EXISTS missed_by_writer ON {SYNC}.missed (writer)"
    yield (
        f"CREATE INDEX IF NOT EXISTS missed_in_hand ON {SYNC}.missed (student_id, id)"
        f" WHERE why = {literal(IN_HAND)}"
    )


def retry_functions(old: OldSide, rights: str) -> Iterator[str]:
    """Yield the functions that take every noted row whose student is free by now.

    A student who is in hand is waited for by who wrote the note, and by nobody else. Whatever goes
    wrong, a commit of the old application goes through.
    """
    yield _take_noted_owners(old)
    yield _take_noted(old)
    yield _lock_noted(old)
    yield _retry_missed(rights)
    yield function(
        "retry_at_commit",
        "",
        f"""
  PERFORM set_config('tandem.at_commit', '', true);
  IF {SEES_THE_PRESENT} AND EXISTS (SELECT FROM {SYNC}.missed WHERE why = {literal(IN_HAND)}) THEN
    PERFORM {SYNC}.retry_missed({OTHERS_AT_COMMIT}, false);
  END IF;
  RETURN NULL;""",
        returns="trigger",
        rights=rights,
    )


def _take_noted(old: OldSide) -> str:
    """Bring the students ``p_students``, whom the caller has locked, in step with their notes.

    Whoever Tandem lacks still, the next batch brings with all that was written; unless the note is
    of the student's own insert: then the student is brought here, with sessions and all.
    """
    parts = "".join(_take_table(old, table) for table in (STUDENT, CONNECTION, SESSION, PARENT))
    return function(
        "take_noted",
        "p_students text[]",
        f"""
  SELECT array_agg(m.id), array_agg(m.source_table), array_agg(m.source_id), array_agg(m.operation)
  INTO v_notes, v_tables, v_rows, v_operations
  FROM unnest(p_students) AS of (id) CROSS JOIN LATERAL (
    SELECT * FROM {SYNC}.missed m WHERE m.student_id = of.id AND m.why = {literal(IN_HAND)}
    OFFSET 0 -- by the index: else, where the list was empty, each note is held against each student
  ) m;
  IF v_notes IS NULL THEN RETURN; END IF;{parts}
  DELETE FROM {SYNC}.missed WHERE id = ANY (v_notes);""",
        declare="v_notes bigint[]; v_tables text[]; v_rows text[]; v_operations text[];"
        " v_ids text[]; v_gone text[];",
    )


def _take_table(old: OldSide, table: Table) -> str:
    """SQL: take the noted rows of one table, and let go those that are there no more."""
    if not old.has(table):
        return ""
    noted = f"unnest(v_tables, v_rows, v_operations) AS noted (of, id, operation) WHERE of = {literal(table.name)}"
    there = f"SELECT id FROM {SYNC}.{table.row_name} WHERE id = ANY (v_ids)"
    new = ""
    if table is STUDENT:
        new = f"""
    PERFORM {SYNC}.take_student(id, true) FROM (SELECT DISTINCT id FROM {noted} AND operation = 'insert'
      AND NOT EXISTS (SELECT FROM people_student p WHERE p.id = noted.id) ORDER BY 1) AS new;"""
    return f"""
  v_ids := ARRAY(SELECT DISTINCT id FROM {noted} ORDER BY 1);
  IF v_ids <> '{{}}' THEN
    v_gone := ARRAY(SELECT id FROM unnest(v_ids) AS noted (id)
      WHERE NOT EXISTS (SELECT FROM {SYNC}.{table.row_name} o WHERE o.id = noted.id) ORDER BY 1);
    PERFORM {take_all(table, f"ARRAY({there})", "'update'")};{new}
    PERFORM {drop_all(table, "v_gone")};
  END IF;"""


def take_all(table: Table, ids: str, operation: str = "p_operation") -> str:
    """SQL for after SELECT or PERFORM: take the rows of the old ``table`` of the array ``ids``."""
    if table is SESSION:
        return f"{SYNC}.take_sessions({ids})"
    if table is STUDENT:
        return f"{SYNC}.take_students({ids}, {operation} = 'insert')"
    return f"{SYNC}.take_{table.row_name}(id) FROM unnest({ids}) AS there (id)"


def drop_all(table: Table, ids: str) -> str:
    """SQL for after SELECT or PERFORM: let go the rows of ``table`` of the array ``ids``."""
    if table is SESSION:
        return f"{SYNC}.drop_sessions({ids})"
    return f"{SYNC}.drop_{table.row_name}(id) FROM unnest({ids}) AS gone (id)"


def _lock_noted(old: OldSide) -> str:
    """Lock those of ``p_students`` who are free, or all: LockNotAvailable, as the setting says.

    Whom Tandem has is locked there. Whom it lacks a batch may have in hand, which holds the row of
    the old side; with that one locked here, the batch either has brought the student or comes after.
    """
    key = f"s.{old.column(STUDENT, 'id')}"
    lock = f"""PERFORM FROM people_student s WHERE s.id = ANY (p_students) ORDER BY s.id FOR NO KEY UPDATE;
    PERFORM FROM {old.relation(STUDENT)} s WHERE {key} = ANY (ARRAY({_lacking("p_students")}))
    ORDER BY {key} FOR NO KEY UPDATE;
    PERFORM FROM people_student s WHERE s.id = ANY (p_students) ORDER BY s.id FOR NO KEY UPDATE;
    RETURN p_students;"""
    return function(
        "lock_noted",
        "p_students text[], p_wait boolean",
        f"""
  IF p_wait THEN
    {lock}
  END IF;
  v_free := ARRAY(SELECT s.id FROM people_student s WHERE s.id = ANY (p_students)
    ORDER BY s.id FOR NO KEY UPDATE SKIP LOCKED);
  v_lacking := ARRAY({_lacking("p_students")});
  IF v_lacking <> '{{}}' THEN
    v_locked := ARRAY(SELECT {key}::text FROM {old.relation(STUDENT)} s WHERE {key} = ANY (v_lacking)
      ORDER BY {key} FOR NO KEY UPDATE SKIP LOCKED);
    -- A batch that ended just now has brought some of them; who exists nowhere is nobody's.
    v_free := v_free || ARRAY(SELECT s.id FROM people_student s WHERE s.id = ANY (v_locked)
      ORDER BY s.id FOR NO KEY UPDATE SKIP LOCKED) || ARRAY({_lacking("v_locked")})
      || ARRAY(SELECT id FROM unnest(v_lacking) AS gone (id)
        WHERE NOT EXISTS (SELECT FROM {old.relation(STUDENT)} s WHERE {key} = gone.id));
  END IF;
  RETURN v_free;""",
        declare="v_free text[]; v_lacking text[]; v_locked text[];",
        returns="text[]",
    )


def _lacking(students: str) -> str:
    return (
        f"SELECT id FROM unnest({students}) AS noted (id)"
        " WHERE NOT EXISTS (SELECT FROM people_student p WHERE p.id = noted.id)"
    )


def _retry_missed(rights: str) -> str:
    """Take what this transaction noted, and notes of others of so many students as ``p_others``.

    ``p_wait``: wait for the students of others too, as `verify` does.
    """
    of_others = f"""SELECT DISTINCT student_id FROM (SELECT student_id FROM {SYNC}.missed
      WHERE why = {literal(IN_HAND)} AND student_id IS NOT NULL ORDER BY student_id LIMIT {LOOKED_AT}) first"""
    return function(
        "retry_missed",
        "p_others integer, p_wait boolean",
        f"""
  PERFORM {SYNC}.take_noted_owners();
  SELECT array_agg(id ORDER BY id), array_agg(own OR p_wait ORDER BY id) INTO v_students, v_waits
  FROM (SELECT id, bool_or(own) AS own FROM (
    SELECT student_id, true FROM {SYNC}.missed WHERE writer = pg_current_xact_id()
      AND why = {literal(IN_HAND)} AND student_id IS NOT NULL
    UNION ALL (SELECT student_id, false FROM ({of_others}) others ORDER BY random() LIMIT p_others)
  ) AS noted (id, own) GROUP BY id) students;
  IF v_students IS NULL THEN RETURN; END IF;
  BEGIN
    {DO_NOT_WAIT}
    v_free := {SYNC}.lock_noted(v_students, false);
    PERFORM {SYNC}.take_noted(v_free);
  EXCEPTION WHEN OTHERS THEN
    v_free := '{{}}'; -- one of them stands in the way of the others: each by itself
  END;
  FOR v_student, v_wait IN SELECT id, wait FROM unnest(v_students, v_waits) AS noted (id, wait)
    WHERE id NOT IN (SELECT unnest(v_free)) AND (wait OR v_free = '{{}}') ORDER BY 1
  LOOP
    v_began := clock_timestamp();
    BEGIN
      IF v_wait THEN {WAIT_WHAT_IS_LEFT} ELSE {DO_NOT_WAIT} END IF;
      PERFORM {SYNC}.take_noted({SYNC}.lock_noted(ARRAY[v_student], v_wait));
    EXCEPTION WHEN {TO_BE_TRIED_AGAIN} THEN
      NULL; -- who has the student in hand takes the note, or whoever comes next
    WHEN OTHERS THEN
      UPDATE {SYNC}.missed SET why = SQLERRM WHERE student_id = v_student AND why = {literal(IN_HAND)};
    END;
    {COUNT_WAIT}
  END LOOP;
EXCEPTION WHEN OTHERS THEN
  NULL; -- what was noted stays so, for whoever comes next""",
        declare="v_students text[]; v_waits boolean[]; v_free text[]; v_student text; v_wait boolean;"
        " v_began timestamptz;",
        rights=f"{rights} SET lock_timeout = '{ONE_WAIT}ms'",
        mark="tandem.quiet",
    )


def _take_noted_owners(old: OldSide) -> str:
    """Take the noted rows that belong to no student: tutors, and what they pay."""
    takes = "".join(
        f"""
      IF v_note.source_table = {literal(table.name)} THEN
        IF EXISTS (SELECT FROM {SYNC}.{table.row_name} WHERE id = v_note.source_id) THEN
          PERFORM {SYNC}.take_{table.row_name}(v_note.source_id);
        ELSE
          PERFORM {SYNC}.drop_{table.row_name}(v_note.source_id);
        END IF;
      END IF;"""
        for table in (TUTOR, SUBSCRIPTION)
        if old.has(table)
    )
    return function(
        "take_noted_owners",
        "",
        f"""
  FOR v_note IN SELECT * FROM {SYNC}.missed WHERE why = {literal(IN_HAND)} AND student_id IS NULL
    AND source_id <> {literal(UNKNOWN_ROWS)} ORDER BY id FOR UPDATE SKIP LOCKED
  LOOP
    BEGIN{takes}
      DELETE FROM {SYNC}.missed WHERE id = v_note.id;
    EXCEPTION WHEN {TO_BE_TRIED_AGAIN} THEN
      {DO_NOT_WAIT}
    WHEN OTHERS THEN
      UPDATE {SYNC}.missed SET why = SQLERRM WHERE id = v_note.id;
    END;
  END LOOP;""",
        declare=f"v_note {SYNC}.missed;",
    )


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
