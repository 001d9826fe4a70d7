"""Where a session of the old side goes: to which of its student's relationships."""

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION
from tandem.upgrade.mapping.sessions import STATUSES
from tandem.upgrade.triggers.views_of_expected import to_the_millisecond


def stays(old: OldSide, day: str) -> str:
    """SQL: an old session stays with the relationship in which Tandem has it.

    Unless it names another student or tutor, or comes to a day on which that one does not hold: to
    another hour, or back from one that Tandem had cancelled.
    """
    same = same_times("said.start_time", "said.end_time")
    return f"""(there.student_id = said.student_id AND NOT ({_names_another(old)})
      AND (({same} AND NOT ({_comes_back(old)})) OR EXISTS (SELECT FROM relationships_tutorstudent r
        WHERE r.id = there.tutor_student_id AND {holds("r", day)})))"""


def _comes_back(old: OldSide) -> str:
    """SQL: Tandem has cancelled the session, and to the old side it takes place."""
    if not old.has(SESSION, "status"):
        return "false"
    status = STATUSES.replace("old.", "said.")
    return f"there.status = 'cancelled' AND coalesce({status} <> 'cancelled', false)"


def _names_another(old: OldSide) -> str:
    """SQL: the old session ``said`` names a tutor or connection of its student that is not the one."""
    named = ["false"]
    if old.has(SESSION, "tutorId"):
        named.append("""(said.tutor_id IS DISTINCT FROM there.tutor_id AND EXISTS (SELECT FROM
        relationships_tutorstudent r WHERE r.student_id = said.student_id
        AND r.tutor_id = said.tutor_id AND r.status <> 'declined'))""")
    if old.has(CONNECTION) and old.has(SESSION, "connectionId"):
        named.append("""EXISTS (SELECT FROM relationships_tutorstudent r WHERE r.id = said.connection_id
        AND r.student_id = said.student_id AND r.id <> there.tutor_student_id)""")
    return " OR ".join(named)


def goes_to(old: OldSide) -> str:
    """SQL: the relationship of an old session. Most students have but one, or a primary on the day."""
    main = f"""(SELECT r.id FROM relationships_tutorstudent r
        WHERE r.student_id = said.student_id AND r.is_primary AND {holds("r", "day", last="r.ended_on > ")}
        AND NOT EXISTS (SELECT FROM {SYNC}.shown_until noted WHERE noted.student_id = r.student_id)),"""
    if old.has(SESSION, "tutorId") or (old.has(CONNECTION) and old.has(SESSION, "connectionId")):
        main = ""
    return f"""coalesce((SELECT min(r.id) FROM relationships_tutorstudent r WHERE r.student_id = said.student_id
        HAVING count(*) = 1 AND min(r.status) <> 'declined'), {main} {SYNC}.link_of(said.student_id, said.tutor_id, said.connection_id, said.subject, day),
        CASE WHEN left_behind IS NULL THEN where_it_is END)"""


def same_times(starts: str, ends: str) -> str:
    return (
        f"({to_the_millisecond('there.starts_at')} = {to_the_millisecond(starts)}"
        f" AND {to_the_millisecond('there.ends_at')} = {to_the_millisecond(ends)})"
    )


def holds(link: str, day: str, *, last: str = "") -> str:
    """SQL: a relationship holds on a day, or what was held on its last day lies there."""
    return f"{link}.started_on <= {day} AND coalesce({last or f'{link}.ended_on >= '}{day}, true)"
