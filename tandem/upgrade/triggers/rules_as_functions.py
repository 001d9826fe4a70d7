"""The rules that functions of the sync ask by name: small SQL functions, which the planner inlines.

Each is made from the SQL that the views and the checks of the upgrade use too.
"""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, PARENT, SESSION, STUDENT
from tandem.upgrade.mapping.relationships import faults_of_dates
from tandem.upgrade.mapping.sessions import STATUSES as SESSION_STATUS
from tandem.upgrade.mapping.terms import date_in, literal, subject_key, subject_name
from tandem.upgrade.triggers.ends import has_end, in_doubt, is_open, without_doubt
from tandem.upgrade.triggers.rights import dollar_quote
from tandem.upgrade.triggers.same import to_the_millisecond
from tandem.upgrade.triggers.views_of_expected import had_connection, of_student_row

LINK = "r relationships_tutorstudent"


def rule_functions(old: OldSide, zone: str) -> Iterator[str]:
    """Yield what makes the functions, in an order in which each uses those before it.

    ``zone`` is the business's. The last say what the old side is like: which columns its table of
    sessions has (with ``tutor_id`` a change of tutor is to be shown there); whether there are
    connections, and sessions name them, and parents; whether it takes no student without a tutor.
    """
    yield _function("zone", "", "text", literal(zone))
    yield _function("on_day", "p_moment timestamptz", "date", date_in(zone, "p_moment"))
    new_id = "tandem_ulid(clock_timestamp(), gen_random_uuid()::text)"
    yield _function("new_id", "", "text", new_id, "VOLATILE")
    yield _function("subject_name", "p_spelling text", "text", subject_name("p_spelling"))
    yield _function("subject_key", "p_spelling text", "text", subject_key("p_spelling"))
    yield _function("in_doubt", LINK, "boolean", in_doubt("r"))
    yield _function("is_open", LINK, "boolean", is_open("r"))
    yield _function("has_end", LINK, "boolean", has_end("r"))
    yield _function("without_doubt", "p_fault text", "text", without_doubt("p_fault"))
    one, other = to_the_millisecond("p_one"), to_the_millisecond("p_other")
    yield _function(
        "same_moment", "p_one timestamptz, p_other timestamptz", "boolean", f"{one} = {other}"
    )
    said = SESSION_STATUS.replace("old.", "p_")
    yield _function("session_status", "p_status text", "text", said)
    dates = "p_status text, p_started_on date, p_ended_on date"
    faults = faults_of_dates("p_status", "p_started_on", "p_ended_on")
    yield _function("faults_of_dates", dates, "text", faults, "STABLE")
    yield _function("of_student_row", "p_link text", "boolean", of_student_row("p_link"), "STABLE")
    connected = had_connection("r") if old.has(CONNECTION) else "false"
    yield _function("had_connection", LINK, "boolean", connected, "STABLE")
    names = [literal(c.row_name) for c in old.columns(SESSION)]
    yield _function(
        "sessions_have", "p_column text", "boolean", f"p_column IN ({', '.join(names)})"
    )
    yield _fact("has_connections", old.has(CONNECTION))
    yield _fact("has_parents", old.has(PARENT))
    by_connection = old.has(CONNECTION) and old.has(SESSION, "connectionId")
    yield _fact("sessions_name_connections", by_connection)
    yield _fact("students_need_tutors", old.cell(STUDENT, "tutorId").not_null)


def _fact(name: str, is_so: bool) -> str:  # noqa: FBT001 - it is what the function answers
    return _function(name, "", "boolean", str(is_so).lower())


def _function(
    name: str, arguments: str, returns: str, answer: str, volatility: str = "IMMUTABLE"
) -> str:
    tag = dollar_quote()
    return (
        f"CREATE OR REPLACE FUNCTION {SYNC}.{name}({arguments}) RETURNS {returns}\n"
        f"LANGUAGE sql {volatility} AS {tag} SELECT {answer} {tag}"
    )
