-- What becomes of StudentTutorConnection, where a half-moved database has it.

-- Whether the relationship ``p_link`` came of ``p_first`` by transfers.
CREATE OR REPLACE FUNCTION tandem_sync.continues(p_link text, p_first text)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN EXISTS (WITH RECURSIVE line AS (
      SELECT transferred_from_id AS id FROM relationships_tutorstudent WHERE id = p_link
      UNION
      SELECT r.transferred_from_id FROM relationships_tutorstudent r JOIN line ON r.id = line.id)
    SELECT FROM line WHERE id = p_first);
END $$;

-- Everything of one relationship becomes another's, of the same two; it is removed itself.
--
-- A relationship has one that took over from it: where both have, the other's stays so.
-- Its history is written anew under the other's name, which is the one way in which history may
-- change: not a line is lost, and each keeps its number.
CREATE OR REPLACE FUNCTION tandem_sync.carry_over(p_from relationships_tutorstudent, p_to text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_event relationships_relationshipevent; v_events relationships_relationshipevent[];
  v_from text := to_jsonb(p_from.id)::text; v_next relationships_tutorstudent;
BEGIN
  IF EXISTS (SELECT FROM relationships_tutorstudent WHERE transferred_from_id = p_to) THEN
    UPDATE relationships_tutorstudent SET transferred_from_id = NULL
    WHERE transferred_from_id = p_from.id RETURNING * INTO v_next;
  END IF;
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
  IF v_next.id IS NOT NULL THEN
    PERFORM tandem_sync.record(v_next.id, 'started', v_next.started_on,
      '{"set": {"transferred_from": null}}');
  END IF;
  DELETE FROM relationships_tutorstudent WHERE id = p_from.id;
END $$;

-- What was made of a student's row begins when a connection of the same three ended, not before.
CREATE OR REPLACE FUNCTION tandem_sync.begin_after(p_ended relationships_tutorstudent)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_main text;
BEGIN
  UPDATE relationships_tutorstudent r SET started_on = p_ended.ended_on
  WHERE r.student_id = p_ended.student_id AND r.tutor_id = p_ended.tutor_id
    AND r.subject_id IS NOT DISTINCT FROM p_ended.subject_id AND r.started_on < p_ended.ended_on
    AND r.ended_on IS NULL AND r.transferred_from_id IS NULL AND tandem_sync.of_student_row(r.id)
    AND EXISTS (SELECT FROM relationships_relationshipevent WHERE relationship_id = r.id
      AND what = 'imported' AND details ->> 'source' = 'student')
  RETURNING r.id INTO v_main;
  IF FOUND THEN
    PERFORM tandem_sync.record(v_main, 'imported', p_ended.ended_on, jsonb_build_object('source', 'student',
      'old', '{}'::jsonb, 'set', jsonb_build_object('started_on', p_ended.ended_on)));
    PERFORM tandem_sync.held_outside(v_main);
  END IF;
END $$;

-- A connection of the student's own tutor and subject is the primary, not a second row.
--
-- It comes to what a backfill would have made: its own dates, and a request of the tutor who
-- teaches the student was accepted in fact. The history of both is kept.
CREATE OR REPLACE FUNCTION tandem_sync.stand_for_primary(p_student text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_main relationships_tutorstudent; v_row relationships_tutorstudent;
  v_plans relationships_primaryperiod[]; v_from text;
BEGIN
  SELECT r.* INTO v_main FROM relationships_tutorstudent r
  WHERE r.id = tandem_sync.main_of(p_student)
    AND tandem_sync.of_student_row(r.id)
    AND NOT EXISTS (SELECT FROM tandem_sync.connection c WHERE c.id = r.id)
  FOR NO KEY UPDATE OF r;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT r.* INTO v_row FROM relationships_tutorstudent r JOIN tandem_sync.connection c ON c.id = r.id
  WHERE r.student_id = p_student AND r.tutor_id = v_main.tutor_id AND r.id <> v_main.id
    AND (tandem_sync.is_open(r) OR r.status = 'pending')
    AND (r.subject_id IS NOT DISTINCT FROM v_main.subject_id
      OR v_main.subject_id IS NULL
      OR v_main.subject_id = (SELECT id FROM tandem_sync.subject WHERE key = 'general'))
  ORDER BY r.subject_id IS DISTINCT FROM v_main.subject_id,
    array_position(ARRAY['active', 'paused', 'pending'], r.status), r.created_at, r.id
  LIMIT 1 FOR NO KEY UPDATE OF r;
  IF NOT FOUND THEN RETURN; END IF;
  v_plans := tandem_sync.plans_of(p_student);
  v_from := CASE WHEN tandem_sync.continues(v_main.id, v_row.id) THEN v_row.transferred_from_id
    ELSE v_main.transferred_from_id END;
  PERFORM tandem_sync.carry_over(v_main, v_row.id);
  IF (SELECT start_date IS NULL FROM tandem_sync.connection WHERE id = v_row.id) THEN
    v_row.started_on := least(v_row.started_on, v_main.started_on);
  END IF;
  IF v_row.status = 'pending' THEN v_row.status := v_main.status; END IF;
  UPDATE relationships_tutorstudent SET is_primary = false -- it was to be so later, and is now
  WHERE id = v_row.id AND is_primary;
  v_row.is_primary := NOT tandem_sync.has_mark(p_student);
  v_row.legacy_fault :=
    array_to_string(array_remove(string_to_array(v_row.legacy_fault, ' '), 'overlap'), ' ');
  UPDATE relationships_tutorstudent SET transferred_from_id = v_from,
    notes = coalesce(notes, v_main.notes) WHERE id = v_row.id;
  PERFORM set_config('tandem.primary_since', v_row.started_on::text, true);
  PERFORM tandem_sync.change(v_row, 'made_primary', jsonb_build_object('is_primary',
    v_row.is_primary, 'status', v_row.status, 'subject', v_row.subject_id, 'started_on',
    v_row.started_on, 'ended_on', v_row.ended_on,
    'transferred_from', v_from),
    jsonb_build_object('source', 'connection', 'primary_since', v_row.started_on));
  PERFORM set_config('tandem.primary_since', '', true);
  IF NOT v_row.is_primary THEN
    PERFORM tandem_sync.primary_until_plans(p_student, v_row.id, v_row.started_on, v_plans);
  END IF;
  PERFORM tandem_sync.held_outside(v_row.id);
END $$;

-- The connection ``p_id`` keeps the subject that it says: the old table has Tandem's in another row.
--
-- Student.subject became that of a connection which another transaction made meanwhile. Had that been
-- there first, it would have become the primary one: so it does now, or else what the student's row
-- says is a relationship of its own. What stood for it until now goes on beside it, as it says itself.
CREATE OR REPLACE FUNCTION tandem_sync.part_from_connection(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_row relationships_tutorstudent; v_new relationships_tutorstudent; v_is_main boolean;
  v_plans relationships_primaryperiod[];
BEGIN
  SELECT * INTO v_new FROM relationships_tutorstudent WHERE id = p_id FOR NO KEY UPDATE;
  v_is_main := p_id IS NOT DISTINCT FROM tandem_sync.main_of(v_new.student_id);
  v_plans := tandem_sync.plans_of(v_new.student_id);
  IF v_is_main AND tandem_sync.turn_to(v_new, v_new.subject_id) THEN v_is_main := false; END IF;
  SELECT * INTO v_row FROM relationships_tutorstudent WHERE id = p_id;
  v_row.is_primary := v_row.is_primary AND NOT v_is_main;
  v_row.subject_id := tandem_sync.subject_id((SELECT subject FROM tandem_sync.connection WHERE id = p_id));
  PERFORM tandem_sync.change(v_row, 'subject_changed', jsonb_build_object('subject', v_row.subject_id,
    'is_primary', v_row.is_primary), jsonb_build_object('from', v_new.subject_id));
  IF v_is_main THEN
    v_new.id := tandem_sync.new_id();
    v_new.started_on := greatest(tandem_sync.today(), v_new.started_on);
    v_new.is_primary := NOT tandem_sync.has_mark(v_new.student_id);
    v_new.notes := NULL; v_new.transferred_from_id := NULL; v_new.end_reason := '';
    v_new.legacy_fault := ''; v_new.created_at := now(); v_new.updated_at := now();
    PERFORM tandem_sync.start(v_new, 'started', CASE WHEN v_new.is_primary THEN '{"source": "student"}'
      ELSE jsonb_build_object('source', 'student', 'primary_since', v_new.started_on) END);
    IF NOT v_new.is_primary THEN
      PERFORM tandem_sync.primary_until_plans(v_new.student_id, v_new.id, v_new.started_on, v_plans);
    END IF;
    PERFORM tandem_sync.stand_for_primary(v_new.student_id);
  END IF;
  PERFORM tandem_sync.show_student(v_new.student_id);
END $$;

-- A connection that is given to others leaves what was held to those who held it. Whom the student's row
-- names as tutor stays so; else the mark goes to another.
CREATE OR REPLACE FUNCTION tandem_sync.make_way(p_row relationships_tutorstudent)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_held text[] := ARRAY(SELECT id FROM lessons_session WHERE tutor_student_id = p_row.id ORDER BY id);
BEGIN
  IF p_row.id = tandem_sync.main_of(p_row.student_id) AND EXISTS (SELECT FROM tandem_sync.student said
    WHERE said.id = p_row.student_id AND said.tutor_id = p_row.tutor_id)
  THEN
    PERFORM tandem_sync.stay_primary(p_row);
  ELSIF v_held = '{}'
    AND NOT EXISTS (SELECT FROM relationships_tutorstudent WHERE transferred_from_id = p_row.id)
  THEN
    PERFORM tandem_sync.forget_links(ARRAY[p_row.id]);
  ELSE
    PERFORM tandem_sync.leave_what_was_held(p_row);
  END IF;
  PERFORM tandem_sync.show_session(id) FROM unnest(v_held) AS held (id);
  PERFORM tandem_sync.promote_heir(p_row.student_id);
  PERFORM tandem_sync.show_turned(p_row.student_id);
END $$;

-- What was held goes on under another name, which the old side does not know; it is over.
CREATE OR REPLACE FUNCTION tandem_sync.leave_what_was_held(p_row relationships_tutorstudent)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_row relationships_tutorstudent;
BEGIN
  IF NOT tandem_sync.has_end(p_row) THEN
    PERFORM tandem_sync.close(p_row, 'ended', '{}');
    SELECT * INTO p_row FROM relationships_tutorstudent WHERE id = p_row.id;
  END IF;
  v_row := p_row;
  v_row.id := tandem_sync.new_id();
  v_row.legacy_fault := 'overlap'; v_row.transferred_from_id := NULL;
  PERFORM tandem_sync.insert_relationship(v_row);
  PERFORM tandem_sync.carry_over(p_row, v_row.id);
  UPDATE relationships_tutorstudent SET transferred_from_id = p_row.transferred_from_id,
    legacy_fault = p_row.legacy_fault WHERE id = v_row.id;
  PERFORM tandem_sync.mark_gone('StudentTutorConnection', v_row.id);
END $$;

-- A connection that names nobody who exists leaves what was held, too.
CREATE OR REPLACE FUNCTION tandem_sync.given_to_nobody(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_row relationships_tutorstudent;
BEGIN
  PERFORM FROM people_student s WHERE s.id = (
    SELECT student_id FROM relationships_tutorstudent WHERE id = p_id) FOR NO KEY UPDATE;
  SELECT * INTO v_row FROM relationships_tutorstudent WHERE id = p_id FOR NO KEY UPDATE;
  IF FOUND THEN PERFORM tandem_sync.make_way(v_row); END IF;
END $$;

-- The connection of the student's own tutor goes, and Student.tutorId says the same as before.
--
-- What is left is what a backfill would have made of the student's row, with all its history.
CREATE OR REPLACE FUNCTION tandem_sync.stay_primary(p_row relationships_tutorstudent)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_first tandem_sync.made_primary; v_row relationships_tutorstudent;
  v_plans relationships_primaryperiod[] := tandem_sync.plans_of(p_row.student_id);
BEGIN
  SELECT * INTO v_first FROM tandem_sync.made_primary WHERE student_id = p_row.student_id;
  v_row := p_row;
  v_row.id := v_first.id;
  IF EXISTS (SELECT FROM relationships_tutorstudent WHERE id = v_row.id) THEN
    v_row.id := tandem_sync.new_id();
  END IF;
  v_row.is_primary := false; v_row.legacy_fault := 'overlap'; v_row.transferred_from_id := NULL;
  PERFORM tandem_sync.insert_relationship(v_row);
  PERFORM tandem_sync.carry_over(p_row, v_row.id);
  UPDATE relationships_tutorstudent SET transferred_from_id = p_row.transferred_from_id WHERE id = v_row.id;
  v_row.is_primary := NOT tandem_sync.has_mark(p_row.student_id); v_row.legacy_fault := '';
  v_row.ended_on := NULL;
  v_row.status := v_first.status;
  v_row.subject_id := tandem_sync.subject_id((SELECT subject FROM tandem_sync.student
    WHERE id = p_row.student_id));
  v_row.started_on := tandem_sync.on_day(least(v_first.base_start,
    (SELECT min(starts_at) FROM lessons_session WHERE tutor_student_id = v_row.id)));
  PERFORM set_config('tandem.primary_since', v_row.started_on::text, true);
  PERFORM tandem_sync.change(v_row, 'started', jsonb_build_object('status', v_row.status, 'subject',
    v_row.subject_id, 'started_on', v_row.started_on, 'ended_on', NULL, 'is_primary',
    v_row.is_primary), jsonb_build_object('source', 'student', 'primary_since', v_row.started_on));
  PERFORM set_config('tandem.primary_since', '', true);
  IF NOT v_row.is_primary THEN
    PERFORM tandem_sync.primary_until_plans(p_row.student_id, v_row.id, v_row.started_on,
      v_plans);
  END IF;
  PERFORM tandem_sync.teaches(v_row.tutor_id, v_row.subject_id);
  PERFORM tandem_sync.held_outside(v_row.id);
END $$;

-- Sessions of a connection that is deleted stay; so does the relationship, ended.
--
-- It stays also where another took over from it. One that goes with its student goes with
-- everything that is its own.
CREATE OR REPLACE FUNCTION tandem_sync.drop_connection(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_row relationships_tutorstudent; v_tutor text; v_main text;
BEGIN
  DELETE FROM upgrade_unlinkedlegacyrow
  WHERE source_table = 'StudentTutorConnection' AND source_id = p_id;
  SELECT * INTO v_row FROM relationships_tutorstudent WHERE id = p_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM FROM people_student WHERE id = v_row.student_id FOR NO KEY UPDATE;
  SELECT tutor_id INTO v_tutor FROM tandem_sync.student WHERE id = v_row.student_id;
  IF NOT FOUND THEN
    PERFORM tandem_sync.forget_links(ARRAY[p_id]);
    RETURN;
  END IF;
  v_main := tandem_sync.main_of(v_row.student_id);
  IF v_row.id = v_main AND v_row.tutor_id = v_tutor THEN
    PERFORM tandem_sync.stay_primary(v_row);
  ELSIF NOT EXISTS (SELECT FROM lessons_session WHERE tutor_student_id = p_id)
    AND NOT EXISTS (SELECT FROM relationships_tutorstudent WHERE transferred_from_id = p_id)
  THEN
    PERFORM tandem_sync.forget_links(ARRAY[p_id]);
  ELSE
    IF NOT tandem_sync.has_end(v_row) THEN PERFORM tandem_sync.close(v_row, 'ended', '{}'); END IF;
    PERFORM tandem_sync.held_outside(p_id);
    PERFORM tandem_sync.mark_gone('StudentTutorConnection', p_id);
  END IF;
  PERFORM tandem_sync.promote_heir(v_row.student_id);
  IF tandem_sync.main_of(v_row.student_id) IS DISTINCT FROM v_main
    OR EXISTS (SELECT FROM relationships_tutorstudent r WHERE r.student_id = v_row.student_id
      AND r.tutor_id = v_row.tutor_id AND r.id <> p_id)
  THEN -- who taught until now may be a further tutor, or there is room for another connection
    PERFORM tandem_sync.show_turned(v_row.student_id);
  ELSE
    PERFORM tandem_sync.show_student(v_row.student_id);
  END IF;
  IF NOT EXISTS (SELECT FROM tandem_sync.tutor WHERE id = v_row.tutor_id) THEN
    PERFORM tandem_sync.drop_tutor(v_row.tutor_id); -- who went first was kept for this relationship
  END IF;
END $$;
