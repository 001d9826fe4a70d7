"""The rules that functions of the sync ask by name: small SQL functions, which the planner inlines.

Each is made from the SQL that the views and the checks of the upgrade use too.
"""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION
from tandem.upgrade.mapping.terms import date_in, literal, subject_key, subject_name
from tandem.upgrade.triggers.ends import has_end, in_doubt, is_open, without_doubt
from tandem.upgrade.triggers.functions import dollar_quote
from tandem.upgrade.triggers.views_of_expected import had_connection, of_student_row

LINK = "r relationships_tutorstudent"


def words(old: OldSide, zone: str) -> Iterator[str]:
    """Yield the functions in an order in which each uses those before it.

    ``zone`` is the business's. ``sessions_name_tutors`` says whether the old table of sessions has
    the tutor, so that a change of tutor is to be shown there.
    """
    yield _word("zone", "", "text", literal(zone))
    yield _word("on_day", "p_moment timestamptz", "date", date_in(zone, "p_moment"))
    new_id = "tandem_ulid(clock_timestamp(), gen_random_uuid()::text)"
    yield _word("new_id", "", "text", new_id, "VOLATILE")
    yield _word("subject_name", "p_spelling text", "text", subject_name("p_spelling"))
    yield _word("subject_key", "p_spelling text", "text", subject_key("p_spelling"))
    yield _word("in_doubt", LINK, "boolean", in_doubt("r"))
    yield _word("is_open", LINK, "boolean", is_open("r"))
    yield _word("has_end", LINK, "boolean", has_end("r"))
    yield _word("without_doubt", "p_fault text", "text", without_doubt("p_fault"))
    yield _word("of_student_row", "p_link text", "boolean", of_student_row("p_link"), "STABLE")
    connected = had_connection("r") if old.has(CONNECTION) else "false"
    yield _word("had_connection", LINK, "boolean", connected, "STABLE")
    names_tutors = str(old.has(SESSION, "tutorId")).lower()
    yield _word("sessions_name_tutors", "", "boolean", names_tutors)


def _word(
    name: str, arguments: str, returns: str, answer: str, volatility: str = "IMMUTABLE"
) -> str:
    tag = dollar_quote()
    return (
        f"CREATE OR REPLACE FUNCTION {SYNC}.{name}({arguments}) RETURNS {returns}\n"
        f"LANGUAGE sql {volatility} AS {tag} SELECT {answer} {tag}"
    )
