-- What becomes of StudentTutorConnection, where a half-moved database has it.

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
  v_plans relationships_primaryperiod[];
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
  PERFORM tandem_sync.carry_over(v_main, v_row.id);
  IF (SELECT start_date IS NULL FROM tandem_sync.connection WHERE id = v_row.id) THEN
    v_row.started_on := least(v_row.started_on, v_main.started_on);
  END IF;
  IF v_row.status = 'pending' THEN v_row.status := v_main.status; END IF;
  v_row.is_primary := NOT tandem_sync.has_mark(p_student);
  v_row.legacy_fault :=
    array_to_string(array_remove(string_to_array(v_row.legacy_fault, ' '), 'overlap'), ' ');
  UPDATE relationships_tutorstudent SET transferred_from_id = v_main.transferred_from_id,
    notes = coalesce(notes, v_main.notes) WHERE id = v_row.id;
  PERFORM set_config('tandem.primary_since', v_row.started_on::text, true);
  PERFORM tandem_sync.change(v_row, 'made_primary', jsonb_build_object('is_primary',
    v_row.is_primary, 'status', v_row.status, 'subject', v_row.subject_id, 'started_on',
    v_row.started_on, 'ended_on', v_row.ended_on,
    'transferred_from', v_main.transferred_from_id),
    jsonb_build_object('source', 'connection', 'primary_since', v_row.started_on));
  PERFORM set_config('tandem.primary_since', '', true);
  IF NOT v_row.is_primary THEN
    PERFORM tandem_sync.primary_until_plans(p_student, v_row.id, v_row.started_on, v_plans);
  END IF;
  PERFORM tandem_sync.held_outside(v_row.id);
END $$;

-- A connection that is given to others leaves what was held to those who held it.
CREATE OR REPLACE FUNCTION tandem_sync.make_way(p_row relationships_tutorstudent)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_row relationships_tutorstudent; v_session text;
BEGIN
  IF NOT EXISTS (SELECT FROM lessons_session WHERE tutor_student_id = p_row.id)
    AND NOT EXISTS (SELECT FROM relationships_tutorstudent WHERE transferred_from_id = p_row.id)
  THEN
    PERFORM tandem_sync.forget_links(ARRAY[p_row.id]);
    RETURN;
  END IF;
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
  FOR v_session IN SELECT id FROM lessons_session WHERE tutor_student_id = v_row.id ORDER BY id LOOP
    PERFORM tandem_sync.show_session(v_session);
  END LOOP;
  PERFORM tandem_sync.promote_heir(p_row.student_id);
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
  said tandem_sync.student; v_row relationships_tutorstudent;
  v_plans relationships_primaryperiod[] := tandem_sync.plans_of(p_row.student_id);
BEGIN
  SELECT * INTO said FROM tandem_sync.student WHERE id = p_row.student_id;
  v_row := p_row;
  v_row.id := tandem_ulid(coalesce(said.created_at, said.updated_at, now()), 'primary ' || said.id);
  IF EXISTS (SELECT FROM relationships_tutorstudent WHERE id = v_row.id) THEN
    v_row.id := tandem_sync.new_id();
  END IF;
  v_row.is_primary := false; v_row.legacy_fault := 'overlap'; v_row.transferred_from_id := NULL;
  PERFORM tandem_sync.insert_relationship(v_row);
  PERFORM tandem_sync.carry_over(p_row, v_row.id);
  UPDATE relationships_tutorstudent SET transferred_from_id = p_row.transferred_from_id WHERE id = v_row.id;
  v_row.is_primary := NOT tandem_sync.has_mark(p_row.student_id); v_row.legacy_fault := '';
  v_row.ended_on := NULL;
  v_row.status := CASE WHEN coalesce(said.active, true) THEN 'active' ELSE 'paused' END;
  v_row.subject_id := tandem_sync.subject_id(said.subject);
  v_row.started_on := tandem_sync.on_day(least(now(), coalesce(said.created_at, said.updated_at),
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
  v_row relationships_tutorstudent; v_tutor text;
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
  IF v_row.id = tandem_sync.main_of(v_row.student_id) AND v_row.tutor_id = v_tutor THEN
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
  IF EXISTS (SELECT FROM relationships_tutorstudent r WHERE r.student_id = v_row.student_id
    AND r.tutor_id = v_row.tutor_id AND r.id <> p_id)
  THEN
    PERFORM tandem_sync.show_turned(v_row.student_id); -- there may be room for another connection
  ELSE
    PERFORM tandem_sync.show_student(v_row.student_id);
  END IF;
  IF NOT EXISTS (SELECT FROM tandem_sync.tutor WHERE id = v_row.tutor_id) THEN
    PERFORM tandem_sync.drop_tutor(v_row.tutor_id); -- who went first was kept for this relationship
  END IF;
END $$;
