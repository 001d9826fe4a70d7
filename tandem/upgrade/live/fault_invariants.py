"""Whether each row of Tandem's bears the faults that its own values give.

A fault that lies in one row alone is there exactly when the row has it. Faults between rows are
known by their names only: which of two bears ``overlap``, ``duplicate_email`` or
``outside_relationship`` depends on the order of things, and the other may have changed since. That
no two overlap or share an address without a fault, the database sees to.
"""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR
from tandem.upgrade.live.invariant import Invariant
from tandem.upgrade.mapping.relationships import STATUS
from tandem.upgrade.mapping.sessions import LONGEST
from tandem.upgrade.mapping.sessions import STATUSES as SESSION_STATUS
from tandem.upgrade.mapping.terms import literal

Test = tuple[str, str, str]
"""A fault; SQL for a row that must bear it; SQL for a row that may."""

NEVER, ALWAYS = "false", "true"
UNREAD = ("unreadable_date", "said.read_fault IS NOT NULL", "said.read_fault IS NOT NULL")


def _exactly(fault: str, test: str) -> Test:
    return fault, test, test


def fault_questions(old: OldSide) -> Iterator[Invariant]:
    """Yield a question for each kind of row that may bear a fault."""
    for table in (TUTOR, STUDENT):
        rows = (
            f"{SYNC}.shown_{table.row_name} x JOIN {SYNC}.{table.row_name} said ON said.id = x.id"
        )
        tests = _of_tutors() if table is TUTOR else _of_students()
        yield _question(table.name, rows, tests, ALWAYS)
    yield _sessions(old)
    yield _relationships(old)


SAME_EMAIL = "lower(other.email) = lower(said.email)"
SAME_ACCOUNT = "other.auth_subject = said.user_id"


def _of_gone(same: str) -> str:
    """SQL: what ``x`` lacks, somebody has whom neither the old side knows nor Tandem made.

    A tutor who is kept for their history gives way; so does one under a former name.
    """
    there = f"EXISTS (SELECT FROM {SYNC}.shown_tutor made WHERE made.id = other.id)"
    alike = f"""EXISTS (SELECT FROM people_tutor other
      WHERE {same} AND other.id <> x.id AND {{}}{there})"""
    return f"({alike.format('NOT ')} AND NOT {alike.format('')})"


def _of_tutors() -> list[Test]:
    earlier = f"""EXISTS (SELECT FROM {SYNC}.shown_tutor other WHERE lower(other.email) = lower(x.email)
      AND other.id <> x.id AND (other.created_at, other.id) < (x.created_at, x.id)
      AND {_lacks("other", "duplicate_email")})"""
    differs = "x.user_id IS DISTINCT FROM said.user_id"
    return [
        ("duplicate_email", f"x.legacy_fault <> '' AND {earlier}", f"NOT {_of_gone(SAME_EMAIL)}"),
        ("duplicate_value", NEVER, f"{differs} AND NOT {_of_gone(SAME_ACCOUNT)}"),
        UNREAD,
    ]


def _of_students() -> list[Test]:
    differs = " OR ".join(
        f"x.{column.row_name} IS DISTINCT FROM said.{column.row_name}"
        for column in STUDENT.columns
        if column.only_one
    )
    dangling = """said.tutor_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM people_tutor t WHERE t.id = said.tutor_id)"""
    return [
        _exactly("blank_name", "x.full_name ~ '^\\s*$'"),
        ("dangling_tutor", dangling, "said.tutor_id IS NOT NULL"),
        ("duplicate_value", NEVER, differs),
        UNREAD,
    ]


def _sessions(old: OldSide) -> Invariant:
    """Only faulty rows are looked at: the database lets none be without that breaks a rule."""
    unknown, other = NEVER, NEVER
    if old.has(SESSION, "status"):
        unknown = f"said.status IS NOT NULL AND {_of_said(SESSION_STATUS)} IS NULL"
    if old.has(SESSION, "tutorId"):
        other = "said.tutor_id IS DISTINCT FROM x.tutor_id"
    tests = [
        _exactly("ends_before_start", "x.ends_at <= x.starts_at"),
        _exactly("too_long", f"x.ends_at > x.starts_at + {LONGEST}"),
        ("unknown_status", NEVER, unknown),
        ("other_tutor_named", NEVER, other),
        ("unreadable_date", NEVER, "said.read_fault IS NOT NULL"),
        ("overlap", NEVER, ALWAYS),
        ("outside_relationship", NEVER, ALWAYS),
    ]
    rows = f"lessons_session x JOIN {SYNC}.session said ON said.id = x.id"
    return _question(SESSION.name, rows, tests, "x.legacy_fault <> ''")


def _relationships(old: OldSide) -> Invariant:
    """Only those that nobody changed since they were brought over: a change cures no fault."""
    unknown, unread = NEVER, NEVER
    if old.has(CONNECTION, "status"):
        unknown = f"said.status IS NOT NULL AND {_of_said(STATUS)} IS NULL"
    if old.has(CONNECTION):
        unread = "said.read_fault IS NOT NULL"
    not_ended = f"(said.id IS NULL OR {_of_said(STATUS)} IS DISTINCT FROM 'ended')"
    open_there = f"x.ended_on IS NOT NULL AND {not_ended}"
    tests = [
        _exactly("no_end_date", "x.status = 'ended' AND x.ended_on IS NULL"),
        ("end_date_on_open", f"said.id IS NOT NULL AND {open_there}", open_there),
        _exactly("ends_before_start", "x.ended_on < x.started_on"),
        ("unknown_status", NEVER, unknown),
        ("unreadable_date", NEVER, unread),
        ("overlap", NEVER, ALWAYS),
    ]
    rows = f"relationships_tutorstudent x LEFT JOIN {SYNC}.connection said ON said.id = x.id"
    unchanged = """x.legacy_fault <> '' AND (SELECT count(*) FROM relationships_relationshipevent e
    WHERE e.relationship_id = x.id AND e.details ? 'set') = 1"""
    return _question("Relationship", rows, tests, unchanged)


def _question(name: str, rows: str, tests: list[Test], where: str) -> Invariant:
    known = ", ".join(literal(fault) for fault, _, _ in tests)
    wrong = ",\n    ".join(
        [
            *(
                f"CASE WHEN ({must}) AND {_lacks('x', fault)} THEN 'should bear the fault {fault}'"
                f" WHEN {_bears('x', fault)} AND NOT coalesce({may}, false)"
                f" THEN 'bears the fault {fault} without reason' END"
                for fault, must, may in tests
            ),
            (
                f"CASE WHEN NOT string_to_array(x.legacy_fault, ' ') <@ ARRAY[{known}]"
                " THEN 'bears a fault that there is not: ' || x.legacy_fault END"
            ),
        ]
    )
    faulty = f"(SELECT x.id FROM {rows} WHERE x.legacy_fault <> '') faulty"
    return Invariant(
        f"Fault of {name}",
        faulty,
        faulty,
        f"""SELECT id AS key, what FROM (SELECT x.id, nullif(concat_ws('; ', {wrong}), '') AS what
  FROM {rows} WHERE {where}) looked_at WHERE what IS NOT NULL""",
    )


def _bears(row: str, fault: str) -> str:
    return f"({literal(fault)} = ANY (string_to_array({row}.legacy_fault, ' ')))"


def _lacks(row: str, fault: str) -> str:
    return f"(NOT {_bears(row, fault)})"


def _of_said(status: str) -> str:
    return f"({status.replace('old.', 'said.')})"
