"""The triggers of both sides, and the one that makes the old application read-only.

Triggers on the old tables fire once a statement, after it, in the old application's transaction.
Whatever goes wrong in them is noted in ``tandem_sync.missed``: what somebody had in hand is taken at a
commit, an error waits for the next backfill. So a write of the old application never fails because of
Tandem. What each calls (``inbound_triggers.sql``) tells which
rows a statement wrote, by the columns that its table has, and ``following.sql`` goes on. Triggers on Tandem's
tables fire at the end of its transactions, when the whole of a change can be seen.
"""

from collections.abc import Iterable, Iterator, Mapping

from tandem.upgrade.legacy.old_side import SYNC, OldSide, quoted
from tandem.upgrade.legacy.shapes import (
    CONNECTION,
    PARENT,
    SESSION,
    STUDENT,
    SUBSCRIPTION,
    TUTOR,
    Table,
)
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.unshown import (
    Install,
    no_recording,
    recording,
    recording_beside,
    was_shown,
)
from tandem.upgrade.triggers.views_of_expected import had_connection
from tandem.upgrade.triggers.waiting import (
    AT_COMMIT,
    OF_STUDENTS,
    commit_trigger,
)

NAME = "tandem_sync"
READ_ONLY = "tandem_read_only"
TAKEN = (TUTOR, STUDENT, CONNECTION, SESSION, SUBSCRIPTION, PARENT)
"""Parents first: what is taken of a child may ask for its parent."""
SHOWN_NEW = ("people_tutor", "people_student", "relationships_tutorstudent", "lessons_session")
"""Tandem's tables whose rows are shown on the old side: ``outbound_triggers.sql``."""
PRIMARY_DAYS = "relationships_primaryperiod"
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
RENAMED = (TUTOR, STUDENT, CONNECTION, SESSION)
"""Whose key other rows of Tandem's name, or their history does."""


def told_statements(old: OldSide) -> Iterator[Mapping[str, str]]:
    """Yield the ``{word}``s of ``inbound_triggers.sql`` for each table and kind of statement."""
    for table in TAKEN:
        if old.has(table):
            for operation in ("insert", "update", "delete", "truncate"):
                is_truncate = operation == "truncate"
                yield {
                    "function": f"{table.row_name}_{operation}",
                    "table": literal(table.name),
                    "operation": literal(operation),
                    "rows": _held(old, table) if is_truncate else _rows(old, table, operation),
                }


def _rows(old: OldSide, table: Table, operation: str) -> str:
    """SQL: of each row of the transition tables the id, the student, and whether it is gone.

    A row that one student had and another has is a matter of both. The two tables are compared by
    NOT IN, which hashes: a plan is kept, and a join that suits one row takes the square of many.
    """
    name = {STUDENT: "id", TUTOR: "", SUBSCRIPTION: ""}.get(table, "studentId")
    key = f"{old.column(table, 'id')}::text"
    student = f"{old.column(table, name)}::text" if name else "NULL::text"
    after = f"SELECT {key}, {student}, false FROM after"
    if operation == "insert":
        return after
    if operation == "delete":
        return f"SELECT {key}, {student}, true FROM before"
    gone = f"{key} NOT IN (SELECT {key} FROM after)"
    other = gone
    if table in OF_STUDENTS:
        pair = f"{key}, coalesce({student}, '')"
        other = f"({pair}) NOT IN (SELECT {pair} FROM after)"
    return f"{after} UNION ALL SELECT {key}, {student}, {gone} FROM before WHERE {other}"


def _held(old: OldSide, table: Table) -> str:
    """SQL: what TRUNCATE takes, which tells of no row: every one that the old side was shown.

    On the way back, before a backfill has shown what Tandem made while the old side was alone, that
    side never had it.
    """
    held = HELD[table.name].format(was_shown=was_shown(old, table))
    listed = f"SELECT source_id FROM upgrade_unlinkedlegacyrow WHERE source_table = {literal(table.name)}"
    return f"SELECT id, NULL::text, true FROM ({held} UNION {listed}) AS held (id)"


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
    if table in RENAMED:
        key = old.shape.columns[table.name]["id"]
        yield (
            f"CREATE OR REPLACE TRIGGER {NAME}_key AFTER UPDATE ON {relation} FOR EACH ROW"
            f" WHEN (OLD.{quoted(key)} IS DISTINCT FROM NEW.{quoted(key)})"
            f" EXECUTE FUNCTION {SYNC}.note_renamed({literal(table.name)}, {literal(key)})"
        )
    yield (
        f"CREATE OR REPLACE TRIGGER {NAME}_truncate AFTER TRUNCATE ON {relation} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {SYNC}.{table.row_name}_truncate()"
    )
    yield from commit_trigger(relation)


def triggers_on_new() -> Iterator[Install]:
    for table in SHOWN_NEW:
        yield Install(
            table,
            (
                f"DROP TRIGGER IF EXISTS {NAME} ON {table}",
                *no_recording(table),
                (
                    f"CREATE CONSTRAINT TRIGGER {NAME} AFTER INSERT OR UPDATE OR DELETE ON {table} "
                    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
                    "WHEN (current_setting('tandem.quiet', true) IS DISTINCT FROM 'on') "
                    f"EXECUTE FUNCTION {SYNC}.{table}_shown()"
                ),
            ),
        )


def triggers_on_primary_days() -> Iterator[Install]:
    """Keep the list of who is shown until when; nothing is shown by these."""
    made = (
        f"CREATE OR REPLACE TRIGGER {NAME}_{operation.lower()} AFTER {operation} ON {PRIMARY_DAYS}"
        f" REFERENCING {seen} AS changed FOR EACH STATEMENT"
        f" EXECUTE FUNCTION {SYNC}.primary_days_changed()"
        for operation, seen in (("INSERT", "NEW TABLE"), ("DELETE", "OLD TABLE"))
    )
    yield Install(PRIMARY_DAYS, tuple(made))


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


def no_old_triggers(old: OldSide) -> Iterator[Install]:
    """Tandem is no longer written to; what it writes itself is shown still."""
    operations = ("insert", "update", "delete", "key", "truncate")
    yield from _dropped(old, (*(f"{NAME}_{operation}" for operation in operations), AT_COMMIT))


def _dropped(old: OldSide, names: tuple[str, ...]) -> Iterator[Install]:
    for table in TAKEN:
        if old.has(table):
            yield dropped(old.relation(table), names)


def dropped(relation: str, names: Iterable[str]) -> Install:
    """Drop triggers of one table, whose quoted name is ``relation``."""
    drops = tuple(f"DROP TRIGGER IF EXISTS {quoted(name)} ON {relation}" for name in names)
    return Install(relation, drops, lock="ACCESS EXCLUSIVE")


def new_rows_listed() -> Iterator[Install]:
    """What Tandem makes is listed from now on, until it is shown: soon that may no longer be."""
    for table in SHOWN_NEW:
        yield Install(table, (recording_beside(table),))


def nothing_shown(*, list_new: bool = True) -> Iterator[Install]:
    """Each row is either shown or listed: one transaction for a table ends the one, begins the other."""
    for table in SHOWN_NEW:
        ends = f"DROP TRIGGER IF EXISTS {NAME} ON {table}"
        then = recording(table) if list_new else no_recording(table)
        yield Install(table, (ends, *then), lock="ACCESS EXCLUSIVE")
    yield dropped(PRIMARY_DAYS, (f"{NAME}_insert", f"{NAME}_delete"))
