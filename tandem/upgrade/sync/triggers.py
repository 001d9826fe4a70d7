"""The triggers of both sides, and the one that makes the old application read-only.

Triggers on the old tables fire once a statement, after it, in the old application's transaction.
Whatever goes wrong in them is noted in ``tandem_sync.missed`` for the next backfill: a write of the
old application never fails because of Tandem. Triggers on Tandem's tables fire at the end of its
transactions, when the whole of a change can be seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import CONNECTION, PARENT, SESSION, STUDENT, SUBSCRIPTION, TUTOR, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.sync.functions import function
from tandem.upgrade.sync.mending import (
    IN_HAND,
    IN_TURN,
    MEND,
    OF_STUDENTS,
    SEES_THE_PRESENT,
    TO_BE_TRIED_AGAIN,
    WITH_STUDENTS,
    mend_functions,
    mend_trigger,
)
from tandem.upgrade.sync.shown import had_connection, was_shown_by

NAME = "tandem_sync"
READ_ONLY = "tandem_read_only"
TAKEN = (TUTOR, STUDENT, CONNECTION, SESSION, SUBSCRIPTION, PARENT)
"""Parents first: what is taken of a child may ask for its parent."""
# Tandem's tables: the function that shows a row, and the column with the id to be shown.
SHOWN = (
    ("people_tutor", "show_tutor", "id"),
    ("people_student", "show_student", "id"),
    ("relationships_tutorstudent", "show_student", "student_id"),
    ("lessons_session", "show_session", "id"),
)
# Whose writes on the old side, where Tandem has not heard them yet, its own word must not go over.
UNHEARD = {
    "people_tutor": ((TUTOR, "id"),),
    "people_student": ((STUDENT, "id"),),
    "relationships_tutorstudent": ((STUDENT, "student_id"), (CONNECTION, "id")),
    "lessons_session": ((SESSION, "id"),),
}
# What the old side was shown of each of its tables, by id.
HELD = {
    **{
        table.name: (
            f"SELECT shown.id FROM {SYNC}.shown_{table.row_name} shown"
            f" JOIN {made} there ON there.id = shown.id WHERE {{was_shown}}"
        )
        for table, made in (
            (TUTOR, "people_tutor"),
            (STUDENT, "people_student"),
            (SESSION, "lessons_session"),
        )
    },
    CONNECTION.name: (
        f"SELECT there.id FROM relationships_tutorstudent there WHERE {had_connection('there')}"
        " AND {was_shown}"
    ),
    PARENT.name: "SELECT id FROM people_parent",
    SUBSCRIPTION.name: "SELECT id FROM people_subscription",
}
MADE_IN_TANDEM = "^[0-9a-hjkmnp-tv-z]{26}$"
"""The form of Tandem's own ids."""
# Less than a server's usual deadlock_timeout of a second, by far.
PATIENCE = "100ms"
REFUSAL = "This application can only be read now: the business has moved to Tandem."
HINT = "Make the change in Tandem. It shows up here as well."


@dataclass(frozen=True)
class Install:
    """The triggers of one table: the table, and the statements, in one short transaction."""

    table: str
    statements: tuple[str, ...]
    lock: str = "SHARE ROW EXCLUSIVE"


def trigger_functions(old: OldSide, home: str) -> Iterator[str]:
    """Yield the functions that the triggers call. They act with the rights of the upgrade's role.

    ``home`` is the quoted name of the schema in which Tandem's tables are.
    """
    # The old application's connections keep plans made while Tandem's tables were empty: what is
    # right then must be right when they are full.
    rights = f"SECURITY DEFINER SET search_path = {home}, pg_temp SET enable_seqscan = off"
    for table in TAKEN:
        if old.has(table):
            for operation in ("insert", "update", "delete"):
                yield _taken(old, table, operation, rights)
            yield _emptied(table, rights)
    yield from mend_functions(old, rights)
    for new_table, show, column in SHOWN:
        yield _shown(new_table, show, column, rights, has_connection=old.has(CONNECTION))
    yield function(
        READ_ONLY,
        "",
        f"""
  RAISE EXCEPTION USING ERRCODE = 'read_only_sql_transaction', MESSAGE = {literal(REFUSAL)},
    HINT = {literal(HINT)};""",
        returns="trigger",
    )


def _taken(old: OldSide, table: Table, operation: str, rights: str) -> str:
    key = _of(old, table)
    take = f"{SYNC}.take_{table.row_name}(v_id{', ' + str(operation == 'insert').lower() if table is STUDENT else ''})"
    drop = f"{SYNC}.drop_{table.row_name}(v_id)"
    loops = ""
    if operation == "delete":
        loops = _loop(table, f"SELECT {key} FROM before", drop, "delete")
    elif operation == "update":
        row_id = old.column(table, "id")
        gone = (
            f"SELECT {key} FROM before"
            f" WHERE NOT EXISTS (SELECT FROM after a WHERE a.{row_id} = before.{row_id})"
        )
        loops = _loop(table, gone, drop, "delete")
    if operation != "delete":
        loops += _loop(table, f"SELECT {key} FROM after", take, operation)
    return function(
        f"{table.row_name}_{operation}",
        "",
        f"""{_lock_students(old, table, operation) if table in WITH_STUDENTS else ""}{loops}
  RETURN NULL;""",
        declare=TURN,
        returns="trigger",
        rights=f"{rights} SET lock_timeout = '{IN_TURN}'",
        mark="tandem.quiet",
    )


# A transaction that sees the past would act on what is no more: others take what it wrote.
TURN = f"v_id text; v_student text; v_busy boolean := NOT ({SEES_THE_PRESENT});"


def _of(old: OldSide, table: Table) -> str:
    """SQL: the id of a row of a transition table, and that of its student."""
    student = {STUDENT: "id", TUTOR: "", SUBSCRIPTION: ""}.get(table, "studentId")
    return f"{old.column(table, 'id')}, {old.column(table, student) if student else 'NULL::text'}"


def _loop(table: Table, rows: str, call: str, operation: str) -> str:
    """SQL: call the function for each of ``rows`` (id, student), in order; note what has to wait.

    A row whose student Tandem lacks is looked at again at commit, when the backfill that may be
    bringing the student has ended.
    """
    later = (
        "CONTINUE WHEN EXISTS (SELECT FROM people_student WHERE id = v_student)"
        f" OR NOT EXISTS (SELECT FROM {SYNC}.student WHERE id = v_student);"
        if table in OF_STUDENTS and operation != "truncate"
        else "CONTINUE;"
    )
    return f"""
  FOR v_id, v_student IN SELECT id::text, student::text FROM ({rows}) AS rows (id, student) ORDER BY 1 LOOP
    IF NOT v_busy THEN
      BEGIN
        PERFORM {call};
        {later}
      EXCEPTION WHEN {TO_BE_TRIED_AGAIN} THEN
        v_busy := true;
      WHEN OTHERS THEN
        INSERT INTO {SYNC}.missed (source_table, source_id, student_id, operation, why)
        VALUES ({literal(table.name)}, v_id, v_student, {literal(operation)}, SQLERRM);
        CONTINUE;
      END;
    END IF;
    INSERT INTO {SYNC}.missed (source_table, source_id, student_id, operation, why)
    VALUES ({literal(table.name)}, v_id, v_student, {literal(operation)}, {literal(IN_HAND)});
  END LOOP;"""


def _lock_students(old: OldSide, table: Table, operation: str) -> str:
    """Before anything else, Tandem's rows of the students, in order: so nobody waits in a ring.

    The old application's own rows are left alone. Where another transaction has a student in hand
    for long, this one goes on, and it is made up for.
    """
    student = old.column(table, "id" if table is STUDENT else "studentId")
    sides = {"insert": ("after",), "update": ("before", "after"), "delete": ("before",)}[operation]
    students = " UNION ".join(f"SELECT {student} FROM {side}" for side in sides)
    return f"""
  BEGIN
    IF NOT v_busy THEN
      PERFORM FROM people_student s WHERE s.id = ANY (ARRAY({students})) ORDER BY s.id FOR NO KEY UPDATE;
    END IF;
  EXCEPTION WHEN {TO_BE_TRIED_AGAIN} THEN
    v_busy := true;
  END;"""


def _emptied(table: Table, rights: str) -> str:
    """TRUNCATE takes every row at once, and tells of none.

    On the way back, before a backfill has shown what Tandem made while the old side was alone, that
    side never had it.
    """
    was_shown = f"""NOT EXISTS (SELECT FROM upgrade_gradualupgrade u WHERE u.is_return
    AND there.id ~ '{MADE_IN_TANDEM}' AND there.created_at < u.phase_since
    AND NOT ({was_shown_by(table, "coalesce(u.rolled_back_at, '-infinity')")}))"""
    held = HELD[table.name].format(was_shown=was_shown)
    listed = f"SELECT source_id FROM upgrade_unlinkedlegacyrow WHERE source_table = {literal(table.name)}"
    drop = f"{SYNC}.drop_{table.row_name}(v_id)"
    return function(
        f"{table.row_name}_truncate",
        "",
        f"""{_loop(table, f"SELECT id, NULL FROM ({held} UNION {listed}) AS held (id)", drop, "truncate")}
  RETURN NULL;""",
        declare=TURN,
        returns="trigger",
        rights=f"{rights} SET lock_timeout = '{IN_TURN}'",
        mark="tandem.quiet",
    )


def _shown(table: str, show: str, column: str, rights: str, *, has_connection: bool) -> str:
    before = after = ""
    if has_connection and table.startswith("relationships"):  # a new one needs its student
        before = f"""
  IF TG_OP <> 'INSERT' THEN PERFORM {SYNC}.show_connection(OLD.id); END IF;"""
        after = f"""
  IF TG_OP = 'INSERT' THEN PERFORM {SYNC}.show_connection(NEW.id); END IF;"""
    unheard = " OR ".join(
        f"source_table = {literal(old_table.name)} AND source_id IN (NEW.{column}, OLD.{column})"
        for old_table, column in UNHEARD[table]
    )
    before = f"""
  IF EXISTS (SELECT FROM {SYNC}.missed WHERE why = {literal(IN_HAND)} AND ({unheard})) THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {literal(IN_HAND)};
  END IF;{before}"""
    return function(
        f"{table}_shown",
        "",
        f"""{before}
  IF TG_OP <> 'DELETE' THEN PERFORM {SYNC}.{show}(NEW.{column}); END IF;
  IF TG_OP = 'DELETE' THEN PERFORM {SYNC}.{show}(OLD.{column}); END IF;{after}
  RETURN NULL;""",
        returns="trigger",
        rights=f"{rights} SET lock_timeout = '{PATIENCE}'",
        mark="tandem.showing",
    )


def triggers_on_old(old: OldSide) -> Iterator[Install]:
    for table in TAKEN:
        if old.has(table):
            yield Install(old.relation(table), tuple(_on_old(old, table)))


def _on_old(old: OldSide, table: Table) -> Iterator[str]:
    relation = old.relation(table)
    for operation, seen in (
        ("insert", "NEW TABLE AS after"),
        ("update", "OLD TABLE AS before NEW TABLE AS after"),
        ("delete", "OLD TABLE AS before"),
    ):
        yield (
            f"CREATE OR REPLACE TRIGGER {NAME}_{operation} AFTER {operation.upper()} ON {relation} "
            f"REFERENCING {seen} FOR EACH STATEMENT "
            f"EXECUTE FUNCTION {SYNC}.{table.row_name}_{operation}()"
        )
    yield (
        f"CREATE OR REPLACE TRIGGER {NAME}_truncate AFTER TRUNCATE ON {relation} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {SYNC}.{table.row_name}_truncate()"
    )
    yield from mend_trigger(relation)


def triggers_on_new() -> Iterator[Install]:
    for table, _, _ in SHOWN:
        yield Install(
            table,
            (
                f"DROP TRIGGER IF EXISTS {NAME} ON {table}",
                (
                    f"CREATE CONSTRAINT TRIGGER {NAME} AFTER INSERT OR UPDATE OR DELETE ON {table} "
                    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
                    "WHEN (current_setting('tandem.quiet', true) IS DISTINCT FROM 'on') "
                    f"EXECUTE FUNCTION {SYNC}.{table}_shown()"
                ),
            ),
        )


def read_only_triggers(old: OldSide) -> Iterator[Install]:
    """Before every statement that writes, unless it is Tandem who shows something."""
    for table in TAKEN:
        if old.has(table):
            relation = old.relation(table)
            events = ("INSERT OR UPDATE OR DELETE", "TRUNCATE")
            yield Install(
                relation,
                tuple(
                    f"CREATE OR REPLACE TRIGGER {READ_ONLY}{'_truncate' if e == 'TRUNCATE' else ''} "
                    f"BEFORE {e} ON {relation} FOR EACH STATEMENT "
                    "WHEN (current_setting('tandem.showing', true) IS DISTINCT FROM 'on') "
                    f"EXECUTE FUNCTION {SYNC}.{READ_ONLY}()"
                    for e in events
                ),
            )


def no_read_only(old: OldSide) -> Iterator[Install]:
    yield from _dropped(old, (READ_ONLY, f"{READ_ONLY}_truncate"))


def no_triggers(old: OldSide) -> Iterator[Install]:
    """Take every trigger away, from the old tables first: Tandem is no longer written to."""
    operations = ("insert", "update", "delete", "truncate")
    yield from _dropped(old, (*(f"{NAME}_{operation}" for operation in operations), MEND))
    for table, _, _ in SHOWN:
        yield Install(
            table, (f"DROP TRIGGER IF EXISTS {NAME} ON {table}",), lock="ACCESS EXCLUSIVE"
        )


def _dropped(old: OldSide, names: tuple[str, ...]) -> Iterator[Install]:
    for table in TAKEN:
        if old.has(table):
            relation = old.relation(table)
            yield Install(
                relation,
                tuple(f"DROP TRIGGER IF EXISTS {name} ON {relation}" for name in names),
                lock="ACCESS EXCLUSIVE",
            )
