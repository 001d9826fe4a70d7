"""What becomes of relationships when the old side speaks: begun, changed, ended, transferred.

Each step leaves its line of history, as Tandem's own actions do, so that the history replays.
"""

from collections.abc import Iterator

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import SESSION
from tandem.upgrade.mapping.terms import date_in, subject_key, subject_name
from tandem.upgrade.sync.ends import is_open, without_doubt
from tandem.upgrade.sync.functions import function
from tandem.upgrade.sync.overlaps import clashes

NEW_ID = "tandem_ulid(clock_timestamp(), gen_random_uuid()::text)"


def pairing_functions(old: OldSide, zone: str) -> Iterator[str]:
    """Yield the functions in an order in which each uses those before it."""
    today = date_in(zone, "now()")
    yield _standing()
    yield _record()
    yield _subject_id()
    yield _teaches()
    yield _start(today)
    yield _change(today)
    yield _close(today)
    yield _move_sessions(old)
    yield _held_outside(zone)
    yield _promote_heir()
    yield _transfer()
    yield _carry_over()


def _standing() -> str:
    """The whole state of a relationship as ``history.replay`` reads it from an opening event."""
    return function(
        "standing",
        "r relationships_tutorstudent",
        """
  RETURN jsonb_build_object('tutor', r.tutor_id, 'student', r.student_id, 'subject', r.subject_id,
    'started_on', r.started_on, 'ended_on', r.ended_on, 'status', r.status,
    'is_primary', r.is_primary, 'kind', r.kind, 'transferred_from', r.transferred_from_id);""",
        returns="jsonb",
    )


def _record() -> str:
    return function(
        "record",
        "p_link text, p_what text, p_on date, p_details jsonb",
        """
  INSERT INTO relationships_relationshipevent (relationship_id, what, on_date, at, details)
  VALUES (p_link, p_what, p_on, now(), p_details);""",
    )


def _subject_id() -> str:
    """The subject of a spelling, made where there is none; null for what names no subject."""
    return function(
        "subject_id",
        "p_spelling text",
        f"""
  IF v_key IS NULL THEN RETURN NULL; END IF;
  SELECT id INTO v_id FROM people_subject WHERE lower(name) = v_key;
  IF v_id IS NULL THEN
    INSERT INTO people_subject (id, name)
    VALUES (tandem_ulid(now(), 'subject ' || v_key), {subject_name("p_spelling")})
    ON CONFLICT DO NOTHING;
    SELECT id INTO v_id FROM people_subject WHERE lower(name) = v_key;
  END IF;
  RETURN v_id;""",
        declare=f"v_id text; v_key text := {subject_key('p_spelling')};",
        returns="text",
    )


def _teaches() -> str:
    return function(
        "teaches",
        "p_tutor text, p_subject text",
        """
  IF p_subject IS NOT NULL THEN
    INSERT INTO people_tutorsubject (id, tutor_id, subject_id, level)
    VALUES (tandem_ulid(now(), 'teaches ' || p_tutor || ' ' || p_subject), p_tutor, p_subject, '')
    ON CONFLICT DO NOTHING;
  END IF;""",
    )


def overlaps_another(link: str) -> str:
    """SQL: another faultless relationship of the same three holds on a day of ``link``.

    The rule of the constraint ``tutor_student_no_overlap``, asked beforehand: to be refused and try
    again would take a subtransaction for each row.
    """
    return f"""({link}.status <> 'declined' AND {link}.started_on < coalesce({link}.ended_on, 'infinity')
    AND EXISTS (SELECT FROM relationships_tutorstudent o WHERE o.student_id = {link}.student_id
      AND o.tutor_id = {link}.tutor_id AND o.subject_id IS NOT DISTINCT FROM {link}.subject_id
      AND o.id <> {link}.id AND o.legacy_fault = '' AND o.status <> 'declined'
      AND o.started_on < coalesce(o.ended_on, 'infinity') AND o.started_on < coalesce({link}.ended_on, 'infinity')
      AND {link}.started_on < coalesce(o.ended_on, 'infinity')))"""


LINK_COLUMNS = (
    "id", "tutor_id", "student_id", "subject_id", "started_on", "ended_on", "status", "is_primary",
    "kind", "notes", "transferred_from_id", "end_reason", "legacy_fault", "created_at", "updated_at",
)  # fmt: skip


def insert_relationship(row: str) -> str:
    """SQL: write a relationship, column by column: one that is added later keeps its default."""
    values = ", ".join(f"{row}.{column}" for column in LINK_COLUMNS)
    return f"INSERT INTO relationships_tutorstudent ({', '.join(LINK_COLUMNS)}) VALUES ({values});"


def count_from(day: str) -> str:
    """SQL: the mark that is given next counts from ``day``, a text; an empty one: as it would."""
    return f"PERFORM set_config('tandem.primary_since', {day}, true);"


def _start(today: str) -> str:
    """Write a new relationship with its event. One that overlaps another bears the fault."""
    return function(
        "start",
        "p_row relationships_tutorstudent, p_what text, p_details jsonb",
        f"""
  IF p_row.legacy_fault = '' AND {overlaps_another("p_row")} THEN p_row.legacy_fault := 'overlap'; END IF;
  {insert_relationship("p_row")}
  PERFORM {SYNC}.teaches(p_row.tutor_id, p_row.subject_id);
  PERFORM {SYNC}.record(p_row.id, p_what, CASE p_what WHEN 'imported' THEN p_row.started_on ELSE {today} END,
    p_details || jsonb_build_object('set', {SYNC}.standing(p_row)));""",
    )


def _change(today: str) -> str:
    """Change what a relationship says, with its event. One that overlaps another bears the fault."""
    columns = ("status", "subject_id", "is_primary", "started_on", "ended_on", "legacy_fault")
    update = f"""UPDATE relationships_tutorstudent
    SET {", ".join(f"{c} = p_row.{c}" for c in columns)}, updated_at = now() WHERE id = p_row.id;"""
    return function(
        "change",
        "p_row relationships_tutorstudent, p_what text, p_set jsonb, p_details jsonb",
        f"""
  IF p_row.legacy_fault = '' AND {overlaps_another("p_row")} THEN p_row.legacy_fault := 'overlap'; END IF;
  {update}
  PERFORM {SYNC}.record(p_row.id, p_what, coalesce(p_row.ended_on, {today}),
    p_details || jsonb_build_object('set', p_set));""",
    )


def _close(today: str) -> str:
    """End a relationship today, or on the day it starts; it loses the primary mark.

    What was decided of it stays; one that was only asked for, or refused, was taught in fact.
    """
    return function(
        "close",
        "p_row relationships_tutorstudent, p_what text, p_details jsonb",
        f"""
  p_row.ended_on := greatest({today}, p_row.started_on);
  p_row.is_primary := false;
  p_row.legacy_fault := {without_doubt("p_row.legacy_fault")};
  v_set := jsonb_build_object('ended_on', p_row.ended_on, 'is_primary', false);
  IF p_row.status NOT IN ('active', 'paused') THEN
    p_row.status := 'active';
    v_set := v_set || '{{"status": "active"}}';
  END IF;
  PERFORM {SYNC}.change(p_row, p_what, v_set, p_details);
  RETURN p_row.ended_on;""",
        declare="v_set jsonb;",
        returns="date",
    )


def _move_sessions(old: OldSide) -> str:
    """Sessions still to come follow; one for which the new tutor is busy bears the fault."""
    say_so = ""
    if old.has(SESSION, "tutorId"):
        say_so = f"PERFORM {SYNC}.show_session(id) FROM unnest(v_moved) AS moved (id);"
    return function(
        "move_sessions",
        "p_from text, p_to relationships_tutorstudent",
        f"""
  WITH coming AS MATERIALIZED (
    SELECT m.id, m.legacy_fault = '' AND ({clashes("m")}) AS busy FROM (
      SELECT id, p_to.tutor_id, student_id, starts_at, ends_at, group_id, legacy_fault FROM lessons_session
      WHERE tutor_student_id = p_from AND status = 'scheduled' AND ends_at > now()) m
  ), moved AS (
    UPDATE lessons_session x SET tutor_student_id = p_to.id, tutor_id = p_to.tutor_id,
      legacy_fault = CASE WHEN coming.busy THEN 'overlap' ELSE x.legacy_fault END
    FROM coming WHERE coming.id = x.id RETURNING x.id
  ) SELECT coalesce(array_agg(id ORDER BY id), '{{}}') INTO v_moved FROM moved;
  {say_so}
  UPDATE lessons_sessionseries SET tutor_student_id = p_to.id WHERE tutor_student_id = p_from;""",
        declare="v_moved text[];",
    )


def _held_outside(zone: str) -> str:
    """Name the sessions that lie outside their relationship, and those no longer that do not."""
    day = date_in(zone, "x.starts_at")
    return function(
        "held_outside",
        "p_link text",
        f"""
  UPDATE lessons_session x SET legacy_fault = CASE WHEN looked.outside
    THEN concat_ws(' ', nullif(x.legacy_fault, ''), 'outside_relationship')
    ELSE array_to_string(array_remove(string_to_array(x.legacy_fault, ' '), 'outside_relationship'), ' ') END
  FROM (SELECT x.id, {day} < r.started_on OR coalesce({day} > r.ended_on, false) AS outside
    FROM lessons_session x JOIN relationships_tutorstudent r ON r.id = x.tutor_student_id
    WHERE r.id = p_link) looked
  WHERE looked.id = x.id AND looked.outside <> (x.legacy_fault ~ '\\moutside_relationship\\M');
EXCEPTION WHEN exclusion_violation THEN
  NULL; -- one that would bear no fault now is at the time of another: it keeps the one it has""",
    )


def _promote_heir() -> str:
    """The mark goes to the oldest open relationship, one that only covers last; maybe to none."""
    return function(
        "promote_heir",
        "p_student text",
        f"""
  SELECT * INTO v_heir FROM relationships_tutorstudent r
  WHERE student_id = p_student AND {is_open("r")}
  ORDER BY is_primary DESC, kind = 'cover', started_on, id LIMIT 1 FOR NO KEY UPDATE;
  IF FOUND AND NOT v_heir.is_primary THEN
    v_heir.is_primary := true;
    PERFORM {SYNC}.change(v_heir, 'made_primary', '{{"is_primary": true}}', '{{}}');
  END IF;""",
        declare="v_heir relationships_tutorstudent;",
    )


def _transfer() -> str:
    """Student.tutorId changed: the old relationship ends today, the new one is the primary.

    Where the new tutor teaches the student this subject already, that relationship goes on as the
    primary one. What is still to come follows, what is past stays with who taught it.
    """
    return function(
        "transfer",
        "p_main relationships_tutorstudent, p_tutor text, p_subject text, p_status text",
        f"""
  SELECT * INTO v_new FROM relationships_tutorstudent r
  WHERE student_id = p_main.student_id AND tutor_id = p_tutor AND ({is_open("r")} OR status = 'pending')
    AND subject_id IS NOT DISTINCT FROM p_subject
  ORDER BY status, started_on, id LIMIT 1 FOR NO KEY UPDATE;
  v_known := FOUND;
  IF NOT v_known THEN v_new.id := {NEW_ID}; END IF;
  v_details := jsonb_build_object('from', p_main.id, 'to', v_new.id, 'status_before', p_main.status,
    'cancelled', '[]'::jsonb, 'series', coalesce((SELECT jsonb_agg(id) FROM lessons_sessionseries
    WHERE tutor_student_id = p_main.id), '[]'), 'moved', coalesce((SELECT jsonb_agg(id ORDER BY id)
    FROM lessons_session WHERE tutor_student_id = p_main.id AND status = 'scheduled'
      AND ends_at > now()), '[]'));
  v_day := {SYNC}.close(p_main, 'transferred_out', v_details);
  v_new.is_primary := true;
  v_new.status := p_status;
  IF v_known THEN
    PERFORM {SYNC}.change(v_new, 'made_primary', jsonb_build_object('is_primary', true, 'status',
      p_status), v_details);
  ELSE
    v_new.tutor_id := p_tutor; v_new.student_id := p_main.student_id; v_new.subject_id := p_subject;
    v_new.started_on := v_day; v_new.kind := 'regular'; v_new.transferred_from_id := p_main.id;
    v_new.end_reason := ''; v_new.legacy_fault := ''; v_new.created_at := now();
    v_new.updated_at := now();
    PERFORM {SYNC}.start(v_new, 'transferred_in', v_details || '{{"source": "student"}}');
  END IF;
  PERFORM {SYNC}.teaches(p_tutor, p_subject);
  PERFORM {SYNC}.move_sessions(p_main.id, v_new);
  PERFORM {SYNC}.held_outside(p_main.id);""",
        declare="v_new relationships_tutorstudent; v_known boolean; v_details jsonb; v_day date;",
    )


def _carry_over() -> str:
    """Everything of one relationship becomes another's, of the same two; it is removed itself.

    Its history is written anew under the other's name, which is the one way in which history may
    change: not a line is lost, and each keeps its number.
    """
    return function(
        "carry_over",
        "p_from relationships_tutorstudent, p_to text",
        """
  UPDATE lessons_session SET tutor_student_id = p_to WHERE tutor_student_id = p_from.id;
  UPDATE lessons_sessionseries SET tutor_student_id = p_to WHERE tutor_student_id = p_from.id;
  UPDATE relationships_tutorstudent SET transferred_from_id = p_to WHERE transferred_from_id = p_from.id;
  SELECT array_agg(e ORDER BY id) INTO v_events FROM relationships_relationshipevent e
  WHERE relationship_id = p_from.id OR (position(v_from IN details::text) > 0 AND relationship_id IN (
    SELECT id FROM relationships_tutorstudent WHERE student_id = p_from.student_id));
  PERFORM set_config('tandem.erasing', 'yes', true);
  DELETE FROM relationships_relationshipevent WHERE id IN (SELECT (unnest(v_events)).id);
  PERFORM set_config('tandem.erasing', 'no', true);
  FOREACH v_event IN ARRAY coalesce(v_events, '{}') LOOP
    IF v_event.relationship_id = p_from.id THEN v_event.relationship_id := p_to; END IF;
    v_event.details := replace(v_event.details::text, v_from, to_jsonb(p_to)::text)::jsonb;
    INSERT INTO relationships_relationshipevent SELECT (v_event).*;
  END LOOP;
  DELETE FROM relationships_tutorstudent WHERE id = p_from.id;""",
        declare="""v_event relationships_relationshipevent; v_events relationships_relationshipevent[];
  v_from text := to_jsonb(p_from.id)::text;""",
    )
