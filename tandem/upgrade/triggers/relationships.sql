-- What becomes of relationships when the old side speaks: begun, changed, ended, transferred.
--
-- Each step leaves its line of history, as Tandem's own actions do, so that the history replays.
--
-- ``{clashes}`` (``overlaps.py``): another faultless session takes the tutor's or the student's time in
-- which the row ``m`` lies.

-- The whole state of a relationship as ``history.replay`` reads it from an opening event.
CREATE OR REPLACE FUNCTION tandem_sync.standing(r relationships_tutorstudent)
RETURNS jsonb
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN jsonb_build_object('tutor', r.tutor_id, 'student', r.student_id, 'subject', r.subject_id,
    'started_on', r.started_on, 'ended_on', r.ended_on, 'status', r.status,
    'is_primary', r.is_primary, 'kind', r.kind, 'transferred_from', r.transferred_from_id);
END $$;

-- One line of history.
CREATE OR REPLACE FUNCTION tandem_sync.record(p_link text, p_what text, p_on date, p_details jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO relationships_relationshipevent (relationship_id, what, on_date, at, details)
  VALUES (p_link, p_what, p_on, now(), p_details);
END $$;

-- The subject of a spelling, made where there is none; null for what names no subject.
CREATE OR REPLACE FUNCTION tandem_sync.subject_id(p_spelling text)
RETURNS text
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_id text; v_key text := tandem_sync.subject_key(p_spelling);
BEGIN
  IF v_key IS NULL THEN RETURN NULL; END IF;
  SELECT id INTO v_id FROM people_subject WHERE lower(name) = v_key;
  IF v_id IS NULL THEN
    INSERT INTO people_subject (id, name)
    VALUES (tandem_ulid(now(), 'subject ' || v_key), tandem_sync.subject_name(p_spelling))
    ON CONFLICT DO NOTHING;
    SELECT id INTO v_id FROM people_subject WHERE lower(name) = v_key;
  END IF;
  RETURN v_id;
END $$;

-- A tutor who is seen with a subject teaches it, at a level that is not stated.
CREATE OR REPLACE FUNCTION tandem_sync.teaches(p_tutor text, p_subject text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF p_subject IS NOT NULL AND NOT EXISTS (SELECT FROM people_tutorsubject known
    WHERE known.tutor_id = p_tutor AND known.subject_id = p_subject)
  THEN
    PERFORM tandem_sync.need_tutor(p_tutor);
    INSERT INTO people_tutorsubject (id, tutor_id, subject_id, level)
    VALUES (tandem_ulid(now(), 'teaches ' || p_tutor || ' ' || p_subject), p_tutor, p_subject, '')
    ON CONFLICT DO NOTHING;
  END IF;
END $$;

-- Write a relationship, column by column: one that is added later keeps its default.
CREATE OR REPLACE FUNCTION tandem_sync.insert_relationship(p_row relationships_tutorstudent)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, subject_id, started_on, ended_on,
    status, is_primary, kind, notes, transferred_from_id, end_reason, legacy_fault, created_at,
    updated_at)
  VALUES (p_row.id, p_row.tutor_id, p_row.student_id, p_row.subject_id, p_row.started_on,
    p_row.ended_on, p_row.status, p_row.is_primary, p_row.kind, p_row.notes,
    p_row.transferred_from_id, p_row.end_reason, p_row.legacy_fault, p_row.created_at,
    p_row.updated_at);
END $$;

-- Whether another faultless relationship of the same three holds on a day of this one.
--
-- The rule of the constraint tutor_student_no_overlap, asked beforehand: to be refused and try again
-- would take a subtransaction for each row.
CREATE OR REPLACE FUNCTION tandem_sync.overlaps_another(p_id text, p_tutor text, p_student text,
  p_subject text, p_started_on date, p_ended_on date, p_status text)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN p_status <> 'declined' AND p_started_on < coalesce(p_ended_on, 'infinity')
    AND EXISTS (SELECT FROM relationships_tutorstudent o
      WHERE o.student_id = p_student AND o.tutor_id = p_tutor
        AND o.subject_id IS NOT DISTINCT FROM p_subject AND o.id <> p_id
        AND o.legacy_fault = '' AND o.status <> 'declined'
        AND o.started_on < coalesce(o.ended_on, 'infinity')
        AND o.started_on < coalesce(p_ended_on, 'infinity')
        AND p_started_on < coalesce(o.ended_on, 'infinity'));
END $$;

-- When a connection of the same three ended; null: there is none. What is made of a student's row begins
-- then, not before.
CREATE OR REPLACE FUNCTION tandem_sync.ended_before(p_tutor text, p_student text, p_subject text)
RETURNS date
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT max(r.ended_on) FROM relationships_tutorstudent r
    JOIN tandem_sync.connection c ON c.id = r.id
    WHERE r.student_id = p_student AND r.tutor_id = p_tutor
      AND r.subject_id IS NOT DISTINCT FROM p_subject AND tandem_sync.has_end(r));
END $$;

-- The faults of a relationship that is to be written: a sound one that overlaps another bears that.
CREATE OR REPLACE FUNCTION tandem_sync.fault_with_overlap(p_row relationships_tutorstudent)
RETURNS text
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  IF p_row.legacy_fault = '' AND tandem_sync.overlaps_another(p_row.id, p_row.tutor_id,
      p_row.student_id, p_row.subject_id, p_row.started_on, p_row.ended_on, p_row.status)
  THEN
    RETURN 'overlap';
  END IF;
  RETURN p_row.legacy_fault;
END $$;

-- Write a new relationship with its event. One that overlaps another bears the fault.
CREATE OR REPLACE FUNCTION tandem_sync.start(p_row relationships_tutorstudent, p_what text, p_details jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  p_row.legacy_fault := tandem_sync.fault_with_overlap(p_row);
  PERFORM tandem_sync.insert_relationship(p_row);
  PERFORM tandem_sync.teaches(p_row.tutor_id, p_row.subject_id);
  PERFORM tandem_sync.record(p_row.id, p_what,
    CASE p_what WHEN 'imported' THEN p_row.started_on ELSE tandem_sync.today() END,
    p_details || jsonb_build_object('set', tandem_sync.standing(p_row)));
END $$;

-- Change what a relationship says, with its event. One that overlaps another bears the fault.
CREATE OR REPLACE FUNCTION tandem_sync.change(p_row relationships_tutorstudent, p_what text,
  p_set jsonb, p_details jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  p_row.legacy_fault := tandem_sync.fault_with_overlap(p_row);
  UPDATE relationships_tutorstudent SET status = p_row.status, subject_id = p_row.subject_id,
    is_primary = p_row.is_primary, started_on = p_row.started_on, ended_on = p_row.ended_on,
    legacy_fault = p_row.legacy_fault, updated_at = now()
  WHERE id = p_row.id;
  PERFORM tandem_sync.record(p_row.id, p_what, coalesce(p_row.ended_on, tandem_sync.today()),
    p_details || jsonb_build_object('set', p_set));
END $$;

-- End a relationship today, or on the day it starts; it loses the primary mark.
--
-- What was decided of it stays; one that was only asked for, or refused, was taught in fact.
CREATE OR REPLACE FUNCTION tandem_sync.close(p_row relationships_tutorstudent, p_what text, p_details jsonb)
RETURNS date
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_set jsonb;
BEGIN
  p_row.ended_on := greatest(tandem_sync.today(), p_row.started_on);
  p_row.is_primary := false;
  p_row.legacy_fault := tandem_sync.without_doubt(p_row.legacy_fault);
  v_set := jsonb_build_object('ended_on', p_row.ended_on, 'is_primary', false);
  IF p_row.status NOT IN ('active', 'paused') THEN
    p_row.status := 'active';
    v_set := v_set || '{"status": "active"}';
  END IF;
  PERFORM tandem_sync.change(p_row, p_what, v_set, p_details);
  RETURN p_row.ended_on;
END $$;

-- Sessions that have not begun follow; one for which the new tutor is busy bears the fault.
CREATE OR REPLACE FUNCTION tandem_sync.move_sessions(p_from text, p_to relationships_tutorstudent)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_moved text[];
BEGIN
  WITH coming AS MATERIALIZED (
    SELECT m.id, m.legacy_fault = '' AND ({clashes}) AS busy FROM (
      SELECT id, p_to.tutor_id, student_id, starts_at, ends_at, group_id, legacy_fault FROM lessons_session
      WHERE tutor_student_id = p_from AND status = 'scheduled' AND starts_at > now()) m
  ), moved AS (
    UPDATE lessons_session x SET tutor_student_id = p_to.id, tutor_id = p_to.tutor_id,
      legacy_fault = CASE WHEN coming.busy THEN 'overlap' ELSE x.legacy_fault END
    FROM coming WHERE coming.id = x.id RETURNING x.id
  ) SELECT coalesce(array_agg(id ORDER BY id), '{}') INTO v_moved FROM moved;
  IF tandem_sync.sessions_have('tutor_id') THEN
    PERFORM tandem_sync.show_session(id) FROM unnest(v_moved) AS moved (id);
  END IF;
  UPDATE lessons_sessionseries SET tutor_student_id = p_to.id WHERE tutor_student_id = p_from;
END $$;

-- Name the sessions that lie outside their relationship, and those no longer that do not.
CREATE OR REPLACE FUNCTION tandem_sync.held_outside(p_link text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  UPDATE lessons_session x SET legacy_fault = CASE WHEN looked.outside
    THEN concat_ws(' ', nullif(x.legacy_fault, ''), 'outside_relationship')
    ELSE array_to_string(array_remove(string_to_array(x.legacy_fault, ' '), 'outside_relationship'), ' ') END
  FROM (SELECT x.id, tandem_sync.on_day(x.starts_at) < r.started_on
      OR coalesce(tandem_sync.on_day(x.starts_at) > r.ended_on, false) AS outside
    FROM lessons_session x JOIN relationships_tutorstudent r ON r.id = x.tutor_student_id
    WHERE r.id = p_link) looked
  WHERE looked.id = x.id AND looked.outside <> (x.legacy_fault ~ '\moutside_relationship\M');
EXCEPTION WHEN exclusion_violation THEN
  NULL; -- one that would bear no fault now is at the time of another: it keeps the one it has
END $$;

-- The mark goes to who is the tutor until then, or from today; or the oldest open relationship, one
-- that only covers last; maybe to none.
CREATE OR REPLACE FUNCTION tandem_sync.promote_heir(p_student text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_heir relationships_tutorstudent;
BEGIN
  SELECT * INTO v_heir FROM relationships_tutorstudent r
  WHERE student_id = p_student AND tandem_sync.is_open(r)
  ORDER BY is_primary DESC, id IS DISTINCT FROM tandem_sync.main_of(p_student), NOT EXISTS (
      SELECT FROM relationships_primaryperiod p WHERE p.tutor_student_id = r.id
        AND p.starts_on <= tandem_sync.today() AND coalesce(p.ends_on > tandem_sync.today(), true)),
    kind = 'cover', started_on, id LIMIT 1 FOR NO KEY UPDATE;
  IF FOUND AND NOT v_heir.is_primary THEN
    v_heir.is_primary := true;
    PERFORM tandem_sync.change(v_heir, 'made_primary', '{"is_primary": true}', '{}');
  END IF;
END $$;

-- Student.subject changed to one that the tutor teaches the student already: that relationship is the
-- primary one from today, and the other goes on beside it. Returns whether there is one.
CREATE OR REPLACE FUNCTION tandem_sync.turn_to(p_main relationships_tutorstudent, p_subject text)
RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_new relationships_tutorstudent; v_details jsonb := jsonb_build_object('instead_of', p_main.id);
  v_plans relationships_primaryperiod[] := tandem_sync.plans_of(p_main.student_id);
BEGIN
  SELECT * INTO v_new FROM relationships_tutorstudent r
  WHERE student_id = p_main.student_id AND tutor_id = p_main.tutor_id AND id <> p_main.id
    AND tandem_sync.is_open(r) AND kind = 'regular' AND started_on <= tandem_sync.today()
    AND subject_id IS NOT DISTINCT FROM p_subject
  ORDER BY status, started_on, id LIMIT 1 FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE relationships_tutorstudent SET is_primary = false WHERE id = p_main.id AND is_primary;
  v_new.is_primary := NOT tandem_sync.has_mark(p_main.student_id);
  IF v_new.is_primary THEN
    PERFORM tandem_sync.change(v_new, 'made_primary', '{"is_primary": true}', v_details);
  ELSE
    PERFORM tandem_sync.record(v_new.id, 'made_primary', tandem_sync.today(),
      v_details || jsonb_build_object('primary_since', tandem_sync.today()));
    PERFORM tandem_sync.primary_until_plans(p_main.student_id, v_new.id, tandem_sync.today(), v_plans);
  END IF;
  PERFORM tandem_sync.teaches(v_new.tutor_id, p_subject);
  RETURN true;
END $$;

-- Student.tutorId changed: the old relationship ends today, the new one is the primary.
--
-- Where the new tutor teaches the student this subject already, that relationship goes on as the
-- primary one. What is still to come follows, what is past stays with who taught it. Who was to be
-- primary from a later day will be: the new tutor is so until then.
CREATE OR REPLACE FUNCTION tandem_sync.transfer(p_main relationships_tutorstudent, p_tutor text,
  p_subject text, p_status text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_new relationships_tutorstudent; v_known boolean; v_planned boolean; v_details jsonb; v_day date;
  v_set jsonb; v_plans relationships_primaryperiod[] := tandem_sync.plans_of(p_main.student_id);
BEGIN
  SELECT * INTO v_new FROM relationships_tutorstudent r
  WHERE student_id = p_main.student_id AND tutor_id = p_tutor
    AND (tandem_sync.is_open(r) OR status = 'pending')
    AND subject_id IS NOT DISTINCT FROM p_subject
  ORDER BY status, started_on, id LIMIT 1 FOR NO KEY UPDATE;
  v_known := FOUND;
  IF NOT v_known THEN v_new.id := tandem_sync.new_id(); END IF;
  v_details := jsonb_build_object('from', p_main.id, 'to', v_new.id, 'status_before', p_main.status,
    'cancelled', '[]'::jsonb, 'series', coalesce((SELECT jsonb_agg(id) FROM lessons_sessionseries
    WHERE tutor_student_id = p_main.id), '[]'), 'moved', coalesce((SELECT jsonb_agg(id ORDER BY id)
    FROM lessons_session WHERE tutor_student_id = p_main.id AND status = 'scheduled'
      AND starts_at > now()), '[]'));
  v_day := tandem_sync.close(p_main, 'transferred_out', v_details);
  v_planned := tandem_sync.has_mark(p_main.student_id);
  IF v_planned THEN
    v_details := v_details || jsonb_build_object('primary_since', v_day);
  ELSE
    v_new.is_primary := true;
  END IF;
  v_new.status := p_status;
  IF v_known THEN
    v_set := jsonb_build_object('is_primary', v_new.is_primary, 'status', p_status);
    IF v_new.started_on > v_day THEN
      v_new.started_on := v_day;
      v_set := v_set || jsonb_build_object('started_on', v_day);
    END IF;
    PERFORM tandem_sync.change(v_new, 'made_primary', v_set, v_details);
  ELSE
    v_new.is_primary := NOT v_planned;
    v_new.tutor_id := p_tutor; v_new.student_id := p_main.student_id; v_new.subject_id := p_subject;
    v_new.started_on := v_day; v_new.kind := 'regular';
    v_new.transferred_from_id := (SELECT p_main.id WHERE NOT EXISTS ( -- of whom a plan says so already
      SELECT FROM relationships_tutorstudent WHERE transferred_from_id = p_main.id));
    v_new.end_reason := ''; v_new.legacy_fault := ''; v_new.created_at := now();
    v_new.updated_at := now();
    PERFORM tandem_sync.start(v_new, 'transferred_in', v_details || '{"source": "student"}');
  END IF;
  IF v_planned THEN
    PERFORM tandem_sync.primary_until_plans(p_main.student_id, v_new.id, v_day, v_plans);
  END IF;
  PERFORM tandem_sync.teaches(p_tutor, p_subject);
  PERFORM tandem_sync.move_sessions(p_main.id, v_new);
  PERFORM tandem_sync.held_outside(p_main.id);
END $$;
