"""Where a session of the old side goes: to which of its student's relationships."""

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import CONNECTION, SESSION
from tandem.upgrade.mapping.terms import subject_key
from tandem.upgrade.sync.ends import is_open
from tandem.upgrade.sync.functions import function
from tandem.upgrade.sync.views_of_expected import to_the_millisecond


def link_of(old: OldSide) -> str:
    """The relationship of an old session: what the row names, or else the primary.

    Where the primary one took over from others, the one that held on the session's day.
    """
    named = ""
    if old.has(CONNECTION) and old.has(SESSION, "connectionId"):
        named += """
  SELECT id INTO v_link FROM relationships_tutorstudent
  WHERE id = p_connection AND student_id = p_student;
  IF FOUND THEN RETURN v_link; END IF;"""
    if old.has(SESSION, "tutorId"):
        subject = subject_key("p_subject") if old.has(SESSION, "subject") else "NULL"
        named += f"""
  SELECT r.id INTO v_link FROM relationships_tutorstudent r
  LEFT JOIN people_subject subject ON subject.id = r.subject_id
  WHERE r.student_id = p_student AND r.tutor_id = p_tutor
    AND r.status <> 'declined'
  ORDER BY r.started_on > p_day OR coalesce(r.ended_on < p_day, false),
    lower(subject.name) IS DISTINCT FROM {subject}, NOT r.is_primary,
    NOT {is_open("r")}, r.created_at, r.id LIMIT 1;
  IF FOUND THEN RETURN v_link; END IF;"""
    return function(
        "link_of",
        "p_student text, p_tutor text, p_connection text, p_subject text, p_day date",
        f"""{named}
  SELECT relationship_id INTO v_main FROM {SYNC}.shown_student WHERE id = p_student;
  WITH RECURSIVE line AS (
    SELECT r.*, 0 AS back FROM relationships_tutorstudent r WHERE r.id = v_main
    UNION ALL
    SELECT r.*, line.back + 1 FROM relationships_tutorstudent r
    JOIN line ON r.id = line.transferred_from_id)
  SELECT id INTO v_link FROM line
  ORDER BY NOT (started_on <= p_day AND coalesce(ended_on > p_day, true)),
    NOT (started_on <= p_day AND coalesce(ended_on >= p_day, true)), back LIMIT 1;
  IF v_link IS NULL THEN
    SELECT min(id) INTO v_link FROM relationships_tutorstudent
    WHERE student_id = p_student AND status <> 'declined' HAVING count(*) = 1;
  END IF;
  RETURN v_link;""",
        declare="v_link text; v_main text;",
        returns="text",
    )


def stays(old: OldSide, day: str) -> str:
    """SQL: an old session stays with the relationship in which Tandem has it.

    Unless it names another student or tutor, or comes to a day on which that one does not hold.
    """
    return f"""(there.student_id = said.student_id AND NOT ({_names_another(old)})
      AND ({same_times("said.start_time", "said.end_time")} OR EXISTS (SELECT FROM relationships_tutorstudent r
        WHERE r.id = there.tutor_student_id AND {holds("r", day)})))"""


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
        WHERE r.student_id = said.student_id AND r.is_primary AND {holds("r", "day", last="r.ended_on > ")}),"""
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
