"""Where the old side and Tandem say the same in a column, also where the two spell it otherwise."""

from collections.abc import Mapping

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, Column, Kind, Table
from tandem.upgrade.legacy.vocabulary import NOT_CHOSEN
from tandem.upgrade.mapping.relationships import STATUS as CONNECTION_STATUS
from tandem.upgrade.mapping.sessions import STATUSES
from tandem.upgrade.mapping.terms import literal, subject_key


def to_the_millisecond(moment: str) -> str:
    """SQL: the old schema's timestamp(3) holds no more.

    Counted in a zone, as date_trunc does it, each moment would cost twenty times as much.
    """
    return f"date_bin('1 millisecond', {moment}, '0001-01-01 00:00:00+00'::timestamptz)"


TAUGHT = (
    f"coalesce({subject_key('{0}.subject')}, {literal(NOT_CHOSEN.lower())})"
    f" = coalesce({subject_key('{1}.subject')}, {literal(NOT_CHOSEN.lower())})"
)
"""Two rows name the same subject, by a format with two places; one that nobody chose is none."""
# Where a rule says whether two values say the same; {0} is the old side's row, {1} the one to be shown.
_SAME: Mapping[tuple[str, str], str] = {
    # Of a student without a tutor only the old side can say so.
    ("student", "active"): (
        "(coalesce({0}.active, true) = {1}.active OR ({0}.tutor_id IS NULL AND NOT {1}.is_taught))"
    ),
    ("student", "subject"): (  # what is taught is a relationship's to say, or a connection's
        f"(NOT {{1}}.is_taught OR {TAUGHT} OR ({{1}}.by_connection AND ({{0}}.tutor_id IS NULL"
        f" OR coalesce({subject_key('{0}.subject')}, {literal(NOT_CHOSEN.lower())})"
        f" = {literal(NOT_CHOSEN.lower())})))"
    ),
    ("student", "tutor_id"): (
        "({0}.tutor_id IS NOT DISTINCT FROM {1}.tutor_id OR ({0}.tutor_id IS NULL AND"
        " ({1}.by_connection OR NOT {1}.is_taught)) OR ({1}.tutor_id IS NULL AND"
        " NOT EXISTS (SELECT FROM people_tutor known WHERE known.id = {0}.tutor_id)))"
    ),
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
    ("connection", "subject"): TAUGHT,
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
    ("connection", "updated_at"): "true",
}


def same(table: Table, column: Column, said: str = "said", shown: str = "shown") -> str:
    """SQL: the row ``said`` says in ``column`` what the row ``shown`` would have it say."""
    special = _SAME.get((table.row_name, column.row_name))
    if special is not None:
        statuses = CONNECTION_STATUS if table is CONNECTION else STATUSES
        status = f"({statuses.replace('old.', f'{said}.')})"
        return special.replace("{status}", status).format(said, shown)
    if column.alone:
        return "true"
    here, there = f"{said}.{column.row_name}", f"{shown}.{column.row_name}"
    if column.kind is Kind.MOMENT:  # a moment that could not be read is not held against Tandem
        unread = f"{here} IS NULL"
        if column.optional:
            unread += f" AND ({there} IS NULL OR {said}.read_fault IS NOT NULL)"
        return f"coalesce({to_the_millisecond(here)} = {there}, {unread})"
    if column.only_one:  # what another row of Tandem's has stays on the old side alone
        return f"({here} IS NOT DISTINCT FROM {there} OR {shown}.legacy_fault ~ '\\mduplicate_value\\M')"
    if column.if_null:
        return f"coalesce({here}, {column.if_null}) = {there}"
    return f"{here} IS NOT DISTINCT FROM {there}"


def all_same(old: OldSide, table: Table, said: str = "said", shown: str = "shown") -> str:
    """SQL: the two rows say the same in every column that the old table has."""
    return "\n  AND ".join(same(table, column, said, shown) for column in old.columns(table))
