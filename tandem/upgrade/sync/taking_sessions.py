"""What Tandem takes from the old side of sessions: each goes to one relationship, or is listed."""

from collections.abc import Iterator

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import CONNECTION, SESSION
from tandem.upgrade.mapping import sessions
from tandem.upgrade.mapping.sessions import LONGEST
from tandem.upgrade.mapping.subjects import NOT_CHOSEN
from tandem.upgrade.mapping.terms import Facts, literal, subject_key
from tandem.upgrade.sync.facts import one_row
from tandem.upgrade.sync.functions import function
from tandem.upgrade.sync.shown import all_same, of_student_row, to_the_millisecond
from tandem.upgrade.sync.taking_people import insert_made, made

# What a session says beside its times and its status.
TEXTS = ("title", "notes", "homework", "location", "meeting_link")


def clashes(session: str) -> str:
    """SQL: another faultless session takes the tutor's or the student's time.

    ``session`` names a row with id, tutor_id, student_id, starts_at and ends_at.
    """
    return " OR ".join(
        f"""EXISTS (SELECT FROM lessons_session other
      WHERE other.{whose} = {session}.{whose} AND other.id <> {session}.id
        AND other.status IN ('scheduled', 'completed') AND other.legacy_fault = ''
        AND other.starts_at < {session}.ends_at AND other.ends_at > {session}.starts_at
        AND other.starts_at > {session}.starts_at - {LONGEST})"""
        for whose in ("tutor_id", "student_id")
    )


def session_functions(old: OldSide, zone: str) -> Iterator[str]:
    """Yield the functions in an order in which each uses those before it."""
    facts = one_row(
        old,
        zone,
        SESSION,
        pairing="(SELECT id, tutor_id, student_id FROM relationships_tutorstudent WHERE id = v_link)",
        link="(SELECT p_id AS session_id, v_link AS pairing_id)",
        faulty="(SELECT p_id AS session_id, v_fault AS fault)",
    )
    yield _link_of(old)
    yield _reach_back()
    yield _take_session(old, facts)
    yield _take_unlinked()


def _link_of(old: OldSide) -> str:
    """The relationship of an old session: what the row names, or else the primary.

    Where the primary one took over from others, the one that held on the session's day.
    """
    named = ""
    if old.has(CONNECTION) and old.has(SESSION, "connectionId"):
        named += """
  SELECT id INTO v_link FROM relationships_tutorstudent
  WHERE id = p_session.connection_id AND student_id = p_session.student_id;
  IF FOUND THEN RETURN v_link; END IF;"""
    if old.has(SESSION, "tutorId"):
        subject = subject_key("p_session.subject") if old.has(SESSION, "subject") else "NULL"
        named += f"""
  SELECT r.id INTO v_link FROM relationships_tutorstudent r
  LEFT JOIN people_subject subject ON subject.id = r.subject_id
  WHERE r.student_id = p_session.student_id AND r.tutor_id = p_session.tutor_id
    AND r.status <> 'declined'
  ORDER BY r.started_on > p_day OR coalesce(r.ended_on < p_day, false),
    lower(subject.name) IS DISTINCT FROM {subject}, NOT r.is_primary,
    r.status NOT IN ('active', 'paused'), r.created_at, r.id LIMIT 1;
  IF FOUND THEN RETURN v_link; END IF;"""
    return function(
        "link_of",
        f"p_session {SYNC}.session, p_day date",
        f"""{named}
  SELECT relationship_id INTO v_main FROM {SYNC}.shown_student WHERE id = p_session.student_id;
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
    WHERE student_id = p_session.student_id AND status <> 'declined' HAVING count(*) = 1;
  END IF;
  RETURN v_link;""",
        declare="v_link text; v_main text;",
        returns="text",
    )


def _reach_back() -> str:
    """A relationship of the old side begins at its first session, whenever that is entered."""
    return function(
        "reach_back",
        "p_link text, p_day date",
        f"""
  UPDATE relationships_tutorstudent SET started_on = p_day
  WHERE id = p_link AND started_on > p_day AND transferred_from_id IS NULL
    AND {of_student_row("p_link")} AND EXISTS (
      SELECT FROM relationships_relationshipevent WHERE relationship_id = p_link
        AND what = 'imported' AND details ->> 'source' = 'student');
  IF FOUND THEN
    PERFORM {SYNC}.record(p_link, 'imported', p_day, jsonb_build_object('source', 'student', 'old',
      '{{}}'::jsonb, 'set', jsonb_build_object('started_on', p_day)));
  END IF;
EXCEPTION WHEN exclusion_violation THEN
  NULL; -- an earlier one of the same tutor, student and subject lies there""",
    )


def _take_session(old: OldSide, facts: Facts) -> str:
    rows = sessions.sessions(facts)
    moments = "\n".join(
        f"  IF {to_the_millisecond(f'there.{c}')} = {to_the_millisecond(f'v_made.{c}')} THEN"
        f" v_made.{c} := there.{c}; END IF;"
        for c in ("starts_at", "ends_at", "created_at", "updated_at")
    )
    kept = "\n".join(
        f"    v_made.{text} := there.{text};" for text in TEXTS if not _has_text(old, text)
    )
    by_time = "" if old.has(SESSION, "status") else (
        "IF (v_same_times AND there.status <> 'scheduled')"
        " OR there.status NOT IN ('scheduled', 'completed') THEN v_made.status := there.status; END IF;"
    )  # fmt: skip
    named = (
        "OR (said.tutor_id IS DISTINCT FROM there.tutor_id AND EXISTS (SELECT FROM"
        " relationships_tutorstudent r WHERE r.student_id = said.student_id"
        " AND r.tutor_id = said.tutor_id AND r.status <> 'declined'))"
        if old.has(SESSION, "tutorId")
        else ""
    )
    if old.has(CONNECTION) and old.has(SESSION, "connectionId"):
        named += (
            "\n      OR EXISTS (SELECT FROM relationships_tutorstudent r WHERE r.id = said.connection_id"
            " AND r.student_id = said.student_id AND r.id <> there.tutor_student_id)"
        )
    day = facts.on_date("said.start_time")
    teaches = (
        f"""
  IF said.subject <> {literal(NOT_CHOSEN)} AND EXISTS (SELECT FROM people_tutor WHERE id = said.tutor_id) THEN
    PERFORM {SYNC}.teaches(said.tutor_id, {SYNC}.subject_id(said.subject));
  END IF;"""
        if old.has(SESSION, "subject") and old.has(SESSION, "tutorId")
        else ""
    )
    return function(
        "take_session",
        "p_id text",
        f"""
  SELECT * INTO said FROM {SYNC}.session WHERE id = p_id;
  IF NOT FOUND THEN RETURN; END IF;
  IF NOT EXISTS (SELECT FROM people_student WHERE id = said.student_id) THEN
    PERFORM {SYNC}.list_ownerless('Session', p_id, said.student_id);
    RETURN;
  END IF;{teaches}
  PERFORM FROM people_student WHERE id = said.student_id FOR NO KEY UPDATE;
  SELECT * INTO there FROM lessons_session WHERE id = p_id FOR NO KEY UPDATE;
  v_known := FOUND;
  IF v_known THEN
    SELECT * INTO shown FROM {SYNC}.shown_session WHERE id = p_id;
    IF {all_same(old, SESSION)} AND said.student_id = there.student_id THEN RETURN; END IF;
    v_link := there.tutor_student_id;
    v_same_times := {to_the_millisecond("there.starts_at")} = {to_the_millisecond("said.start_time")}
      AND {to_the_millisecond("there.ends_at")} = {to_the_millisecond("said.end_time")};
  END IF;
  v_day := {day};
  IF NOT v_known OR said.student_id <> there.student_id {named} OR NOT (v_same_times OR EXISTS (
      SELECT FROM relationships_tutorstudent r WHERE r.id = v_link AND r.started_on <= v_day
        AND coalesce(r.ended_on >= v_day, true))) THEN
    v_link := {SYNC}.link_of(said, v_day);
    IF v_link IS NULL AND said.student_id = there.student_id THEN v_link := there.tutor_student_id; END IF;
  END IF;
  IF v_link IS NULL OR said.start_time IS NULL OR said.end_time IS NULL THEN
    -- It stays with nobody whose it is no longer: their parents would read of another's child.
    DELETE FROM lessons_session WHERE id = p_id;
    PERFORM {SYNC}.list_unlinked('Session', p_id, CASE WHEN said.start_time IS NULL
      OR said.end_time IS NULL THEN 'unreadable_date' ELSE 'no_relationship' END);
    RETURN;
  END IF;
  PERFORM {SYNC}.reach_back(v_link, v_day);
  SELECT concat_ws(' ', said.read_fault, nullif({sessions.own_faults(facts)}, '')) INTO v_fault
  FROM {sessions.linked(facts)};
  IF NOT EXISTS (SELECT FROM relationships_tutorstudent r WHERE r.id = v_link
      AND r.started_on <= v_day AND coalesce(r.ended_on >= v_day, true)) THEN
    v_fault := concat_ws(' ', nullif(v_fault, ''), 'outside_relationship');
  END IF;
  SELECT * INTO v_made FROM {made(rows)} row;
  IF v_known THEN
{kept}
{moments}
    {by_time}
  END IF;
  IF v_fault = '' AND v_made.status IN ('scheduled', 'completed') AND ({clashes("v_made")}) THEN
    v_made.legacy_fault := 'overlap';
  END IF;
  BEGIN

    {_write(facts)}
  EXCEPTION WHEN exclusion_violation THEN
    v_made.legacy_fault := concat_ws(' ', nullif(v_fault, ''), 'overlap');
    {_write(facts)}
  END;
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Session' AND source_id = p_id;""",
        declare=f"""
  said {SYNC}.session; shown {SYNC}.shown_session; there lessons_session; v_known boolean;
  v_same_times boolean := false; v_link text; v_day date; v_fault text; v_made record;""",
    )


def _has_text(old: OldSide, text: str) -> bool:
    return any(c.row_name == text and old.has(SESSION, c.name) for c in SESSION.columns)


def _write(facts: Facts) -> str:
    rows = sessions.sessions(facts)
    changes = ", ".join(f"{c} = v_made.{c}" for c in rows.columns if c != "id")
    return f"""IF v_known THEN
      UPDATE lessons_session SET {changes} WHERE id = p_id;
    ELSE
      {insert_made(rows)};
    END IF;"""


def _take_unlinked() -> str:
    """Sessions that nobody was known to have held come right when the student gets a tutor."""
    return function(
        "take_unlinked",
        "p_student text",
        f"""
  FOR v_id IN SELECT s.id FROM {SYNC}.session s WHERE s.student_id = p_student
      AND EXISTS (SELECT FROM upgrade_unlinkedlegacyrow u WHERE u.source_table = 'Session'
        AND u.source_id = s.id) ORDER BY s.id
  LOOP
    PERFORM {SYNC}.take_session(v_id);
  END LOOP;""",
        declare="v_id text;",
    )
