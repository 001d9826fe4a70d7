-- What Tandem lets go when the old application deletes: what that application could see.

-- The old application deleted a row that Tandem keeps.
CREATE OR REPLACE FUNCTION tandem_sync.mark_gone(p_table text, p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO upgrade_gonefromoldside (source_table, source_id, at) VALUES (p_table, p_id, now())
  ON CONFLICT DO NOTHING;
END $$;

-- Have what still refers to a removed row say so here, and not at the old application's commit.
--
-- The foreign keys are Tandem's, each by name: those of the old application keep their time.
CREATE OR REPLACE FUNCTION tandem_sync.check_references(p_table regclass)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_names text;
BEGIN
  SELECT string_agg(format('%I.%I', n.nspname, c.conname), ', ') INTO v_names
  FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
  JOIN pg_class referred ON referred.oid = c.confrelid AND referred.relnamespace = c.connamespace
  WHERE c.confrelid = p_table AND c.contype = 'f' AND c.condeferrable;
  EXECUTE 'SET CONSTRAINTS ' || v_names || ' IMMEDIATE';
  EXECUTE 'SET CONSTRAINTS ' || v_names || ' DEFERRED';
END $$;

-- Remove relationships with their sessions and history, which only an erasure may.
CREATE OR REPLACE FUNCTION tandem_sync.forget_links(p_links text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_next relationships_tutorstudent;
BEGIN
  DELETE FROM lessons_session WHERE tutor_student_id = ANY (p_links);
  UPDATE lessons_session SET series_id = NULL WHERE series_id IN (
    SELECT id FROM lessons_sessionseries WHERE tutor_student_id = ANY (p_links));
  DELETE FROM lessons_sessionseries WHERE tutor_student_id = ANY (p_links);
  FOR v_next IN UPDATE relationships_tutorstudent SET transferred_from_id = NULL
    WHERE transferred_from_id = ANY (p_links) RETURNING *
  LOOP
    PERFORM tandem_sync.record(v_next.id, 'started', v_next.started_on,
      '{"set": {"transferred_from": null}}');
  END LOOP;
  PERFORM set_config('tandem.erasing', 'yes', true);
  DELETE FROM relationships_relationshipevent WHERE relationship_id = ANY (p_links);
  PERFORM set_config('tandem.erasing', 'no', true);
  DELETE FROM relationships_tutorstudent WHERE id = ANY (p_links);
END $$;

-- Sessions that the old application gave to another student are that one's before their former
-- student goes: what Tandem alone says of them, and their history, stays. One of whom Tandem lacks
-- that student is still to be heard: whoever brings them takes it.
CREATE OR REPLACE FUNCTION tandem_sync.hand_on_sessions(p_student text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_ids text[];
BEGIN
  v_ids := ARRAY(SELECT x.id FROM lessons_session x JOIN tandem_sync.session said ON said.id = x.id
    JOIN people_student other ON other.id = said.student_id
    WHERE x.student_id = p_student AND other.id <> p_student ORDER BY 1);
  IF v_ids <> '{}' THEN
    PERFORM tandem_sync.hear('Session', v_ids);
    PERFORM tandem_sync.take_sessions(v_ids);
  END IF;
END $$;

-- What the old application saw goes: the primary relationship, those it took over from, and what stood
-- as a connection. If somebody else teaches the student still, the student stays in Tandem with them,
-- marked as gone from the old side; else the student goes with all that is theirs.
--
-- PostgreSQL tells of a student's end when the
-- connections have gone by cascade, but before it tells of those. Whoever had the student in hand
-- until now may have shown the old side the student anew: then nobody goes.
CREATE OR REPLACE FUNCTION tandem_sync.drop_student(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_main text; v_links text[];
BEGIN
  PERFORM FROM people_student WHERE id = p_id FOR UPDATE;
  IF NOT FOUND
    OR EXISTS (SELECT FROM upgrade_gonefromoldside gone
      WHERE gone.source_table = 'Student' AND gone.source_id = p_id)
    OR EXISTS (SELECT FROM tandem_sync.student said WHERE said.id = p_id)
  THEN
    RETURN;
  END IF;
  PERFORM tandem_sync.hand_on_sessions(p_id);
  SELECT relationship_id INTO v_main FROM tandem_sync.shown_student WHERE id = p_id;
  WITH RECURSIVE line AS (
    SELECT id, transferred_from_id FROM relationships_tutorstudent WHERE id = v_main
    UNION -- not ALL: a circle that somebody stored must end
    SELECT r.id, r.transferred_from_id FROM relationships_tutorstudent r
    JOIN line ON r.id = line.transferred_from_id)
  SELECT coalesce(array_agg(id), '{}') INTO v_links FROM (
    SELECT id FROM line
    UNION SELECT r.id FROM relationships_tutorstudent r
    WHERE r.student_id = p_id AND tandem_sync.had_connection(r)) seen;
  IF EXISTS (SELECT FROM relationships_tutorstudent r WHERE student_id = p_id
      AND tandem_sync.is_open(r) AND NOT id = ANY (v_links)) THEN
    PERFORM tandem_sync.forget_links(v_links);
    PERFORM tandem_sync.mark_gone('Student', p_id);
    PERFORM tandem_sync.promote_heir(p_id);
    RETURN;
  END IF;
  SELECT coalesce(array_agg(id), '{}') INTO v_links
  FROM relationships_tutorstudent WHERE student_id = p_id;
  PERFORM tandem_sync.forget_links(v_links);
  PERFORM set_config('tandem.erasing', 'yes', true);
  DELETE FROM lessons_sessionevent WHERE student_id = p_id;
  DELETE FROM relationships_relationshipevent WHERE relationship_id IN (
    SELECT relationship_id FROM relationships_relationshipevent
    WHERE what = 'removed' AND details ->> 'student' = p_id);
  PERFORM set_config('tandem.erasing', 'no', true);
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table <> 'Student' AND row ->> 'studentId' = p_id;
  DELETE FROM people_parent WHERE student_id = p_id;
  DELETE FROM people_recordread WHERE student_id = p_id;
  DELETE FROM lessons_deedpart WHERE student_id = p_id;
  PERFORM set_config('tandem.erasing', 'yes', true);
  UPDATE people_change SET "values" = NULL
  WHERE about = 'student' AND about_id = p_id AND "values" IS NOT NULL;
  PERFORM set_config('tandem.erasing', 'no', true);
  DELETE FROM upgrade_gonefromoldside WHERE source_table = 'Student' AND source_id = p_id;
  DELETE FROM people_student WHERE id = p_id;
  PERFORM tandem_sync.check_references('people_student');
EXCEPTION WHEN foreign_key_violation THEN
  PERFORM tandem_sync.mark_gone('Student', p_id);
END $$;

-- A tutor who taught, or teaches, students that stay is kept, for their history.
--
-- PostgreSQL tells of a tutor's end before it tells of the students who went by cascade.
CREATE OR REPLACE FUNCTION tandem_sync.drop_tutor(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_student text;
BEGIN
  IF NOT EXISTS (SELECT FROM people_tutor WHERE id = p_id) THEN RETURN; END IF;
  FOR v_student IN SELECT DISTINCT r.student_id FROM relationships_tutorstudent r
    WHERE r.tutor_id = p_id
      AND NOT EXISTS (SELECT FROM {old_student} s WHERE s.{student_key} = r.student_id)
    ORDER BY 1
  LOOP
    PERFORM tandem_sync.drop_student(v_student);
  END LOOP;
  PERFORM FROM people_tutor WHERE id = p_id FOR UPDATE;
  IF EXISTS (SELECT FROM tandem_sync.tutor said WHERE said.id = p_id) THEN RETURN; END IF;
  DELETE FROM people_subscription WHERE tutor_id = p_id;
  IF EXISTS (SELECT FROM relationships_tutorstudent WHERE tutor_id = p_id) THEN
    PERFORM tandem_sync.mark_gone('Tutor', p_id);
    UPDATE people_tutor SET active = false WHERE id = p_id AND active AND NOT EXISTS (
      SELECT FROM relationships_tutorstudent r WHERE tutor_id = p_id AND tandem_sync.is_open(r));
    RETURN;
  END IF;
  DELETE FROM people_tutorsubject WHERE tutor_id = p_id;
  DELETE FROM lessons_availability WHERE tutor_id = p_id;
  DELETE FROM lessons_timeoff WHERE tutor_id = p_id;
  DELETE FROM upgrade_gonefromoldside WHERE source_table = 'Tutor' AND source_id = p_id;
  DELETE FROM people_tutor WHERE id = p_id;
  PERFORM tandem_sync.check_references('people_tutor');
EXCEPTION WHEN foreign_key_violation THEN
  PERFORM tandem_sync.mark_gone('Tutor', p_id);
END $$;

-- Sessions that go with their student are the student's to settle.
CREATE OR REPLACE FUNCTION tandem_sync.drop_sessions(p_ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_ids text[];
BEGIN
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Session' AND source_id = ANY (p_ids);
  IF tandem_sync.sessions_have('tutor_id') THEN
    DELETE FROM tandem_sync.unknown_tutor WHERE session_id = ANY (p_ids);
  END IF;
  PERFORM FROM people_student WHERE id = ANY (ARRAY(
    SELECT student_id FROM lessons_session WHERE id = ANY (p_ids))) ORDER BY id FOR NO KEY UPDATE;
  v_ids := ARRAY(SELECT x.id FROM lessons_session x
    WHERE x.id = ANY (p_ids) AND EXISTS (SELECT FROM {old_student} s WHERE s.{student_key} = x.student_id));
  PERFORM tandem_sync.tell_removed(v_ids);
  DELETE FROM lessons_session WHERE id = ANY (v_ids);
END $$;

-- A parent who is deleted is nobody else's. One who is there anew is for who wrote that. Parents who
-- go with their student are the student's to settle: they stay with one whom Tandem keeps.
CREATE OR REPLACE FUNCTION tandem_sync.drop_parent(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF EXISTS (SELECT FROM tandem_sync.parent said WHERE said.id = p_id) THEN RETURN; END IF;
  DELETE FROM people_parent p WHERE p.id = p_id
    AND EXISTS (SELECT FROM {old_student} s WHERE s.{student_key} = p.student_id);
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_id = p_id AND source_table = 'Parent';
END $$;

-- What a tutor paid goes with its row.
CREATE OR REPLACE FUNCTION tandem_sync.drop_subscription(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF EXISTS (SELECT FROM tandem_sync.subscription said WHERE said.id = p_id) THEN RETURN; END IF;
  DELETE FROM people_subscription WHERE id = p_id;
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_id = p_id AND source_table = 'Subscription';
END $$;
