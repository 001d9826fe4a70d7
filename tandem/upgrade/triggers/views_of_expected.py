"""The views of what the old side should say, made from Tandem's rows; and what counts as the same.

The old schema cannot say everything. A student's further relationships are invisible; sessions with
a further tutor stand under the student. A student whom nobody teaches now stays with the last
primary tutor, inactive.
"""

from collections.abc import Iterator, Mapping

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR, Column, Kind, Table
from tandem.upgrade.mapping.relationships import STATUS as CONNECTION_STATUS
from tandem.upgrade.mapping.sessions import STATUSES
from tandem.upgrade.mapping.subjects import NOT_CHOSEN
from tandem.upgrade.mapping.terms import literal, subject_key
from tandem.upgrade.triggers.ends import final_status, has_end

FROM_TANDEM = "tandem:"
"""Before a tutor's id: the ``userId`` of one who was made in Tandem, until they sign in there."""

STUDENT_COLUMNS = (
    "id", "tutor_id", "full_name", "subject", "year", "active", "parent_email", "parent_link_token",
    "user_id", "email", "phone", "created_at", "updated_at", "relationship_id", "is_taught",
    "by_connection", "legacy_fault",
)  # fmt: skip
"""Of the view of a student; their order stays, or the view could not be made anew in place."""

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


def to_the_millisecond(moment: str) -> str:
    """SQL: the old schema's timestamp(3) holds no more.

    Counted in a zone, as date_trunc does it, each moment would cost twenty times as much.
    """
    return f"date_bin('1 millisecond', {moment}, '0001-01-01 00:00:00+00'::timestamptz)"


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
      AND c.tutor_id = {link}.tutor_id AND {_TAUGHT.format("c", link)}))"""


ONLY_ONE = (
    ("tutor", "user_id"),
    ("student", "email"),
    ("student", "user_id"),
    ("student", "parent_link_token"),
)
"""Columns with a value that only one row can have."""


def _only_one(column: str) -> str:
    """A value that another row of Tandem's has, and only one can, stays on the old side alone."""
    return (
        f"({{0}}.{column} IS NOT DISTINCT FROM {{1}}.{column}"
        r" OR {1}.legacy_fault ~ '\mduplicate_value\M')"
    )


_ALWAYS = "true"
# A subject that nobody chose is none.
_TAUGHT = (
    f"coalesce({subject_key('{0}.subject')}, {literal(NOT_CHOSEN.lower())})"
    f" = coalesce({subject_key('{1}.subject')}, {literal(NOT_CHOSEN.lower())})"
)
# Where two values that differ say the same; {0} is the old side's row, {1} the one to be shown.
_SAME: Mapping[tuple[str, str], str] = {
    **{(table, column): _only_one(column) for table, column in ONLY_ONE},
    ("student", "year"): "coalesce({0}.year, '') = {1}.year",
    ("student", "full_name"): "coalesce({0}.full_name, '') = {1}.full_name",
    # Of a student without a tutor only the old side can say so.
    ("student", "active"): (
        "(coalesce({0}.active, true) = {1}.active OR ({0}.tutor_id IS NULL AND NOT {1}.is_taught))"
    ),
    ("student", "subject"): (  # what is taught is a relationship's to say, or a connection's
        f"(NOT {{1}}.is_taught OR {_TAUGHT} OR ({{1}}.by_connection AND ({{0}}.tutor_id IS NULL"
        f" OR coalesce({subject_key('{0}.subject')}, {literal(NOT_CHOSEN.lower())})"
        f" = {literal(NOT_CHOSEN.lower())})))"
    ),
    ("student", "tutor_id"): (
        "({0}.tutor_id IS NOT DISTINCT FROM {1}.tutor_id OR ({0}.tutor_id IS NULL AND"
        " ({1}.by_connection OR NOT {1}.is_taught)) OR ({1}.tutor_id IS NULL AND"
        " NOT EXISTS (SELECT FROM people_tutor known WHERE known.id = {0}.tutor_id)))"
    ),
    ("session", "subject"): _ALWAYS,
    # A fault says that the two differ, and goes when they do so no longer.
    ("session", "status"): (
        "(CASE WHEN {0}.status IS NULL OR {status} IS NOT NULL"
        " THEN coalesce({status} = {1}.status, true) AND {1}.legacy_fault !~ '\\munknown_status\\M'"
        " ELSE {1}.legacy_fault ~ '\\munknown_status\\M' END)"
    ),
    ("session", "tutor_id"): (
        "(CASE WHEN {0}.tutor_id IS NULL OR {0}.tutor_id = {1}.tutor_id"
        " THEN {1}.legacy_fault !~ '\\mother_tutor_named\\M'"
        " ELSE {1}.legacy_fault ~ '\\mother_tutor_named\\M' OR NOT EXISTS"
        f" (SELECT FROM {SYNC}.tutor known WHERE known.id = {{0}}.tutor_id) END)"
    ),
    ("session", "connection_id"): (
        # Nothing follows the name of another student's connection.
        "({0}.connection_id IS NULL OR {0}.connection_id IS NOT DISTINCT FROM {1}.connection_id"
        f" OR NOT EXISTS (SELECT FROM {SYNC}.connection named JOIN {SYNC}.tutor ON tutor.id = named.tutor_id"
        " WHERE named.id = {0}.connection_id AND named.student_id = {0}.student_id))"
    ),
    ("connection", "subject"): _TAUGHT,
    # A request of the tutor who teaches the student anyway was accepted in fact, until that ends.
    ("connection", "status"): (
        "(CASE WHEN {status} IS NULL THEN {1}.legacy_fault ~ '\\munknown_status\\M'"
        " ELSE {1}.legacy_fault !~ '\\munknown_status\\M'"
        " AND ({status} = {1}.status OR ({1}.is_primary AND {status} = 'pending'"
        " AND {1}.status IN ('active', 'paused'))) END)"
    ),
    ("connection", "start_date"): (
        "({0}.start_date IS NULL OR ({0}.start_date AT TIME ZONE {1}.zone)::date = {1}.started_on)"
    ),
    ("connection", "end_date"): (
        "(({0}.end_date AT TIME ZONE {1}.zone)::date IS NOT DISTINCT FROM {1}.ended_on)"
    ),
    ("connection", "request_message"): _ALWAYS,
    ("connection", "response_message"): _ALWAYS,
    ("connection", "updated_at"): _ALWAYS,
}


def same(table: Table, column: Column, said: str = "said", shown: str = "shown") -> str:
    """SQL: the row ``said`` says in ``column`` what the row ``shown`` would have it say."""
    special = _SAME.get((table.row_name, column.row_name))
    if special is not None:
        statuses = CONNECTION_STATUS if table is CONNECTION else STATUSES
        status = f"({statuses.replace('old.', f'{said}.')})"
        return special.replace("{status}", status).format(said, shown)
    here, there = f"{said}.{column.row_name}", f"{shown}.{column.row_name}"
    if column.kind is Kind.MOMENT:  # a moment that could not be read is not held against Tandem
        here = to_the_millisecond(here)
        return f"coalesce({here} = {there}, {said}.{column.row_name} IS NULL)"
    return f"{here} IS NOT DISTINCT FROM {there}"


def all_same(old: OldSide, table: Table, said: str = "said", shown: str = "shown") -> str:
    """SQL: the two rows say the same in every column that the old table has."""
    return "\n  AND ".join(same(table, column, said, shown) for column in old.columns(table))
