"""The views of what the old side should say, made from Tandem's rows.

The old schema cannot say everything. A student's further relationships are invisible; sessions with
a further tutor stand under the student. A student whom nobody teaches now stays with the last
primary tutor, inactive.

A column that Tandem has too is shown as it is (``legacy/shapes.py`` declares it); of the others the
rules stand here.

`expand`, run again before the backfill has ended, makes what is otherwise than here
(``live/already_there.py`` says what is). Later it is refused: then a `rollback`, which drops all views,
goes before `expand` and `backfill`.
"""

from collections.abc import Iterator, Mapping

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR, Column, Kind, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.ends import final_status, has_end
from tandem.upgrade.triggers.same import TAUGHT, to_the_millisecond

FROM_TANDEM = "tandem:"
"""Before a tutor's id: the ``userId`` of one who was made in Tandem, until they sign in there."""

CLOSED = "('ended', 'transferred_out')"


def gone(table: Table, row_id: str) -> str:
    """SQL: the old application deleted the row that ``row_id`` names, and Tandem keeps it."""
    return (
        f"EXISTS (SELECT FROM upgrade_gonefromoldside gone"
        f" WHERE gone.source_table = {literal(table.name)} AND gone.source_id = {row_id})"
    )


def shown_views(old: OldSide, zone: str) -> Iterator[str]:
    """Yield the views, under the row names that the views of the old side have."""
    for table, query in (
        (TUTOR, _tutor()),
        (STUDENT, _student(old)),
        (SESSION, _session(old)),
        (CONNECTION, _connection(zone)),
    ):
        yield f"CREATE OR REPLACE VIEW {SYNC}.shown_{table.row_name} AS\n{query}"


def cells_of(table: Table, row: str, rules: Mapping[str, str]) -> str:
    """SQL: a row of Tandem's as the old ``table`` should say it, column by column.

    ``rules`` is SQL, by name, for what is not shown as it is kept, and for what else is to be known.
    """
    kept = {
        column.row_name: rules.get(column.row_name) or _as_kept(column, row)
        for column in table.columns
        if column.ours or column.alone or column.row_name in rules
    }
    cells = {"id": f"{row}.id", **kept, **rules, "legacy_fault": f"{row}.legacy_fault"}
    return ",\n  ".join(f"{cell} AS {name}" for name, cell in cells.items())


def _as_kept(column: Column, row: str) -> str:
    if column.alone:
        return f"NULL::{column.kind.value}"
    value = f"{row}.{column.ours}"
    return to_the_millisecond(value) if column.kind is Kind.MOMENT else value


def _tutor() -> str:
    account = {"user_id": f"coalesce(t.auth_subject, '{FROM_TANDEM}' || t.id)"}
    return f"""SELECT {cells_of(TUTOR, "t", account)}
FROM people_tutor t WHERE NOT {gone(TUTOR, "t.id")}"""


def taught_person(student: str) -> str:
    """SQL: the cells of a student who has a primary relationship, without what that one says."""
    return cells_of(STUDENT, student, {"is_taught": "true"})


def is_main(link: str, noted: str) -> str:
    """SQL: ``link`` is the one that Student.tutorId shows; ``noted``: what ``shown_until`` says, if anything."""
    return (
        f"CASE WHEN {noted}.student_id IS NULL THEN {link}.is_primary"
        f" ELSE {noted}.is_taught AND {noted}.relationship_id = {link}.id END"
    )


def _student(old: OldSide) -> str:
    """``relationship_id`` is the primary one, or else the last to be closed; null: never any.

    Of whom a change lies ahead that is the one that ``shown_until`` names.
    """
    by_connection = (
        f"EXISTS (SELECT FROM {SYNC}.connection c WHERE c.id = main.id)"
        if old.has(CONNECTION)
        else "false"
    )
    rules = {
        "tutor_id": "coalesce(main.tutor_id, kept.tutor_id, last.tutor_id)",
        "subject": "subject.name",
        "active": "s.active AND (main.id IS NOT NULL OR coalesce(kept.id, last.id) IS NULL)",
        "relationship_id": "coalesce(main.id, kept.id, last.id)",
        "is_taught": "main.id IS NOT NULL",
        "by_connection": by_connection,
    }
    return f"""SELECT {cells_of(STUDENT, "s", rules)}
FROM people_student s
LEFT JOIN {SYNC}.shown_until noted ON noted.student_id = s.id
LEFT JOIN relationships_tutorstudent main ON main.student_id = s.id
  AND {is_main("main", "noted")}
LEFT JOIN relationships_tutorstudent kept ON kept.id = noted.relationship_id AND NOT noted.is_taught
LEFT JOIN LATERAL (
  SELECT r.id, r.tutor_id, r.subject_id FROM relationships_tutorstudent r
  JOIN relationships_relationshipevent event ON event.relationship_id = r.id
  WHERE main.id IS NULL AND kept.id IS NULL AND r.student_id = s.id AND event.what IN {CLOSED}
  ORDER BY event.id DESC LIMIT 1
) last ON true
LEFT JOIN people_subject subject ON subject.id = coalesce(main.subject_id, kept.subject_id, last.subject_id)
WHERE NOT {gone(STUDENT, "s.id")}"""


def session_cells(old: OldSide, session: str) -> str:
    """SQL: the row ``session`` of Tandem's as the old side should say it, cell by cell."""
    connection = (
        f"(SELECT c.id FROM {SYNC}.connection c WHERE c.id = {session}.tutor_student_id)"
        if old.has(SESSION, "connectionId")
        else "NULL::text"
    )
    same = ("student_id", "tutor_id", "status", "tutor_student_id")
    rules = {name: f"{session}.{name}" for name in same}
    return cells_of(SESSION, session, {**rules, "connection_id": connection})


def _session(old: OldSide) -> str:
    return f"""SELECT {session_cells(old, "x")}
FROM lessons_session x WHERE NOT {gone(STUDENT, "x.student_id")}"""


def _connection(zone: str) -> str:
    """A date is shown as the moment when it begins for the business; an end, when it is known."""
    begins = "(r.{0}::timestamp AT TIME ZONE " + literal(zone) + ")"
    rules = {
        "student_id": "r.student_id",
        "tutor_id": "r.tutor_id",
        "start_date": begins.format("started_on"),
        "end_date": begins.format("ended_on"),
        "subject": "subject.name",
        "status": final_status("r"),
        "is_primary": is_main("r", "noted"),
        "started_on": "r.started_on",
        "ended_on": "r.ended_on",
        "zone": f"{literal(zone)}::text",
    }
    return f"""SELECT {cells_of(CONNECTION, "r", rules)}
FROM relationships_tutorstudent r LEFT JOIN people_subject subject ON subject.id = r.subject_id
LEFT JOIN {SYNC}.shown_until noted ON noted.student_id = r.student_id
WHERE NOT {gone(CONNECTION, "r.id")}"""


def _source(link: str) -> str:
    """SQL: what the relationship was made of last, ``student`` or ``connection``; null: of neither."""
    return (
        "(SELECT e.details ->> 'source' FROM relationships_relationshipevent e"
        f" WHERE e.relationship_id = {link} AND e.details ? 'source' ORDER BY e.id DESC LIMIT 1)"
    )


def of_student_row(link: str) -> str:
    """SQL: the relationship was made of Student.tutorId, and no connection has stood for it since."""
    return f"coalesce({_source(link)} = 'student', false)"


def had_connection(link: str) -> str:
    """SQL: the relationship ``link`` stood as a connection, before those were deleted just now."""
    further = (
        f"{SYNC}.main_of({link}.student_id) IS DISTINCT FROM {link}.id AND NOT {has_end(link)}"
    )
    return _stood_as_connection(link, of_student=further)


def had_row_of_its_own(link: str) -> str:
    """SQL: the relationship ``link`` stood as a connection, as far as Tandem's own tables tell that.

    One that was made of Student.tutorId may have come to stand as one later, which they do not tell.
    """
    return _stood_as_connection(link, of_student="false")


def _stood_as_connection(link: str, *, of_student: str) -> str:
    """``of_student`` is SQL that decides of a relationship that was made of Student.tutorId."""
    return f"""(NOT {gone(CONNECTION, f"{link}.id")} AND CASE {_source(f"{link}.id")}
    WHEN 'connection' THEN true WHEN 'student' THEN {of_student}
    ELSE NOT EXISTS (SELECT FROM relationships_tutorstudent first
      WHERE first.student_id = {link}.student_id AND first.tutor_id = {link}.tutor_id
        AND first.subject_id IS NOT DISTINCT FROM {link}.subject_id AND NOT {of_student_row("first.id")}
        AND NOT {gone(CONNECTION, "first.id")}
        AND (first.created_at, first.id) < ({link}.created_at, {link}.id)) END)"""


def has_connection(link: str) -> str:
    """SQL: the relationship ``link`` stands on the old side as a connection, or should.

    What Student.tutorId says by itself has none: the old application wrote none, and would show the
    tutor twice. Once that tutor is a further one, nothing else says so. Of several relationships of
    the same tutor, student and subject the table has room for one.
    """
    return f"""(EXISTS (SELECT FROM {SYNC}.student s WHERE s.id = {link}.student_id)
    AND NOT ({of_student_row(f"{link}.id")} AND ({link}.is_primary OR {has_end(link)}))
    AND NOT EXISTS (SELECT FROM {SYNC}.connection c WHERE c.student_id = {link}.student_id
      AND c.tutor_id = {link}.tutor_id AND {TAUGHT.format("c", link)}))"""
