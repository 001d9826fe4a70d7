"""The views of what the old side should say, made from Tandem's rows.

The old schema cannot say everything. A student's further relationships are invisible; sessions with
a further tutor stand under the student. A student whom nobody teaches now stays with the last
primary tutor, inactive.

All views of the sync keep the order of their columns: made anew in place, a view takes new ones at
its end only. `expand`, run again before the backfill has ended, makes what is otherwise than here
(``live/already_there.py`` says what is). Later it is refused: then a `rollback`, which drops all views,
goes before `expand` and `backfill`.
"""

from collections.abc import Iterator, Mapping

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.ends import final_status, has_end
from tandem.upgrade.triggers.same import TAUGHT, to_the_millisecond

FROM_TANDEM = "tandem:"
"""Before a tutor's id: the ``userId`` of one who was made in Tandem, until they sign in there."""

STUDENT_COLUMNS = (
    "id", "tutor_id", "full_name", "subject", "year", "active", "parent_email", "parent_link_token",
    "user_id", "email", "phone", "created_at", "updated_at", "relationship_id", "is_taught",
    "by_connection", "legacy_fault",
)  # fmt: skip
"""Of the view of a student, in their order, which stays."""

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
        (TUTOR, _TUTOR),
        (STUDENT, _student(old)),
        (SESSION, _session(old)),
        (CONNECTION, _connection(zone)),
    ):
        yield f"CREATE OR REPLACE VIEW {SYNC}.shown_{table.row_name} AS\n{query}"


_TUTOR = f"""SELECT t.id, t.email, t.phone, coalesce(t.auth_subject, '{FROM_TANDEM}' || t.id) AS user_id,
  t.stripe_customer_id, {to_the_millisecond("t.created_at")} AS created_at,
  {to_the_millisecond("t.updated_at")} AS updated_at, t.legacy_fault
FROM people_tutor t WHERE NOT {gone(TUTOR, "t.id")}"""


def person_cells(student: str) -> Mapping[str, str]:
    """SQL of what the old side should say of a student as a person, by column; ``student`` is Tandem's row."""
    return {
        "id": f"{student}.id",
        "full_name": f"{student}.full_name",
        "year": f"{student}.year",
        "parent_email": f"{student}.parent_email",
        "parent_link_token": f"{student}.parent_link_token",
        "user_id": f"{student}.auth_subject",
        "email": f"{student}.email",
        "phone": f"{student}.phone",
        "created_at": to_the_millisecond(f"{student}.created_at"),
        "updated_at": to_the_millisecond(f"{student}.updated_at"),
        "legacy_fault": f"{student}.legacy_fault",
    }


def taught_person(student: str) -> str:
    """SQL: the cells of a student who has a primary relationship, without what that one says."""
    cells = {**person_cells(student), "active": f"{student}.active", "is_taught": "true"}
    return ", ".join(f"{sql} AS {name}" for name, sql in cells.items())


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
    cells = {
        **person_cells("s"),
        "tutor_id": "coalesce(main.tutor_id, kept.tutor_id, last.tutor_id)",
        "subject": "subject.name",
        "active": "s.active AND (main.id IS NOT NULL OR coalesce(kept.id, last.id) IS NULL)",
        "relationship_id": "coalesce(main.id, kept.id, last.id)",
        "is_taught": "main.id IS NOT NULL",
        "by_connection": by_connection,
    }
    columns = ",\n  ".join(f"{cells[name]} AS {name}" for name in STUDENT_COLUMNS)
    return f"""SELECT {columns}
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
    moments = ", ".join(
        f"{to_the_millisecond(f'{session}.{ours}')} AS {theirs}"
        for ours, theirs in (
            ("starts_at", "start_time"),
            ("ends_at", "end_time"),
            ("created_at", "created_at"),
            ("updated_at", "updated_at"),
        )
    )
    x = session
    return f"""{x}.id, {x}.student_id, {x}.notes, {x}.homework, {moments},
  {x}.tutor_id, {connection} AS connection_id, {x}.title, NULL::text AS subject, {x}.status,
  {x}.location, {x}.meeting_link, {x}.tutor_student_id, {x}.legacy_fault"""


def _session(old: OldSide) -> str:
    return f"""SELECT {session_cells(old, "x")}
FROM lessons_session x WHERE NOT {gone(STUDENT, "x.student_id")}"""


def _connection(zone: str) -> str:
    """A date is shown as the moment when it begins for the business; an end, when it is known."""
    begins = "(r.{0}::timestamp AT TIME ZONE " + literal(zone) + ") AS {1}"
    return f"""SELECT r.id, r.student_id, r.tutor_id, subject.name AS subject,
  {final_status("r")} AS status,
  NULL::text AS request_message, NULL::text AS response_message,
  {begins.format("started_on", "start_date")}, {begins.format("ended_on", "end_date")},
  {to_the_millisecond("r.created_at")} AS created_at, {to_the_millisecond("r.updated_at")} AS updated_at,
  {is_main("r", "noted")} AS is_primary, r.started_on, r.ended_on, {literal(zone)}::text AS zone, r.legacy_fault
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
    return f"""(NOT {gone(CONNECTION, f"{link}.id")} AND CASE {_source(f"{link}.id")}
    WHEN 'connection' THEN true WHEN 'student' THEN {SYNC}.main_of({link}.student_id) IS DISTINCT FROM {link}.id AND NOT {has_end(link)}
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
