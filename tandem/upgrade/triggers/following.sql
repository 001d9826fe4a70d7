-- What follows a statement of the old application: its rows are taken, let go, or noted for later.
--
-- A trigger tells which rows a statement wrote. Whatever goes wrong here, the write goes through.
--
-- The fragments are in ``waiting.py``. ``{wait_what_is_left}`` and ``{do_not_wait}`` set lock_timeout, the
-- first to what is left of the transaction's budget; ``{count_wait}`` charges that with what was waited
-- since ``v_began``. ``{to_be_tried_again}`` are a lock time-out, a deadlock and a serialization failure.
-- ``{sees_the_present}`` holds in read committed. ``{in_hand}`` is what a note says that is tried again.

-- What is listed as nobody's, and is of a student now whom Tandem lacks, is listed no longer: whoever
-- brings that one places it.
CREATE OR REPLACE FUNCTION tandem_sync.unlist_to_come(p_table text, p_ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM upgrade_unlinkedlegacyrow WHERE source_table = p_table) THEN RETURN; END IF;
  DELETE FROM upgrade_unlinkedlegacyrow u WHERE source_table = p_table AND source_id = ANY (p_ids)
    AND EXISTS (SELECT FROM tandem_sync.student s
      WHERE NOT EXISTS (SELECT FROM people_student p WHERE p.id = s.id) AND s.id = CASE p_table
        WHEN 'StudentTutorConnection' THEN
          (SELECT student_id FROM tandem_sync.connection said WHERE said.id = u.source_id)
        WHEN 'Session' THEN (SELECT student_id FROM tandem_sync.session said WHERE said.id = u.source_id)
        WHEN 'Parent' THEN (SELECT student_id FROM tandem_sync.parent said WHERE said.id = u.source_id)
      END);
END $$;

-- Take rows of one table. With ``p_new`` students whom Tandem lacks are taken too, and what named a
-- tutor before there was one.
CREATE OR REPLACE FUNCTION tandem_sync.take_rows(p_table text, p_ids text[], p_new boolean)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF EXISTS (SELECT FROM tandem_sync.renamed) THEN PERFORM tandem_sync.refuse_renamed(p_table, p_ids); END IF;
  IF p_table IN ('StudentTutorConnection', 'Session', 'Parent') THEN
    PERFORM tandem_sync.unlist_to_come(p_table, p_ids);
  END IF;
  CASE p_table
    WHEN 'Tutor' THEN
      PERFORM tandem_sync.take_tutor(id) FROM unnest(p_ids) AS there (id);
      IF p_new THEN PERFORM tandem_sync.take_sessions_that_name(p_ids); END IF;
    WHEN 'Student' THEN PERFORM tandem_sync.take_students(p_ids, p_new);
    WHEN 'StudentTutorConnection' THEN
      PERFORM tandem_sync.take_connection(id) FROM unnest(p_ids) AS there (id);
    WHEN 'Session' THEN PERFORM tandem_sync.take_sessions(p_ids);
    WHEN 'Subscription' THEN
      PERFORM tandem_sync.take_subscription(id) FROM unnest(p_ids) AS there (id);
    WHEN 'Parent' THEN PERFORM tandem_sync.take_parent(id) FROM unnest(p_ids) AS there (id);
  END CASE;
END $$;

-- Let rows of one table go.
CREATE OR REPLACE FUNCTION tandem_sync.drop_rows(p_table text, p_ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM tandem_sync.refuse_renamed(p_table, p_ids);
  CASE p_table
    WHEN 'Tutor' THEN PERFORM tandem_sync.drop_tutor(id) FROM unnest(p_ids) AS gone (id);
    WHEN 'Student' THEN PERFORM tandem_sync.drop_student(id) FROM unnest(p_ids) AS gone (id);
    WHEN 'StudentTutorConnection' THEN
      PERFORM tandem_sync.drop_connection(id) FROM unnest(p_ids) AS gone (id);
    WHEN 'Session' THEN PERFORM tandem_sync.drop_sessions(p_ids);
    WHEN 'Subscription' THEN
      PERFORM tandem_sync.drop_subscription(id) FROM unnest(p_ids) AS gone (id);
    WHEN 'Parent' THEN PERFORM tandem_sync.drop_parent(id) FROM unnest(p_ids) AS gone (id);
  END CASE;
END $$;

-- Those of ``p_ids`` that one table of the old side has, in order.
CREATE OR REPLACE FUNCTION tandem_sync.still_there(p_table text, p_ids text[])
RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN CASE p_table
    WHEN 'Tutor' THEN
      ARRAY(SELECT id FROM tandem_sync.tutor WHERE id = ANY (p_ids) ORDER BY 1)
    WHEN 'Student' THEN
      ARRAY(SELECT id FROM tandem_sync.student WHERE id = ANY (p_ids) ORDER BY 1)
    WHEN 'StudentTutorConnection' THEN
      ARRAY(SELECT id FROM tandem_sync.connection WHERE id = ANY (p_ids) ORDER BY 1)
    WHEN 'Session' THEN
      ARRAY(SELECT id FROM tandem_sync.session WHERE id = ANY (p_ids) ORDER BY 1)
    WHEN 'Subscription' THEN
      ARRAY(SELECT id FROM tandem_sync.subscription WHERE id = ANY (p_ids) ORDER BY 1)
    WHEN 'Parent' THEN
      ARRAY(SELECT id FROM tandem_sync.parent WHERE id = ANY (p_ids) ORDER BY 1)
  END;
END $$;

-- Note rows to be taken later; of students ``p_only`` alone, where that is given.
--
-- What is not noted is lost, and nothing catches what fails here. So it waits for the list however
-- much was waited before; nobody keeps others from the list for longer than a moment.
CREATE OR REPLACE FUNCTION tandem_sync.note(p_table text, p_operation text, p_ids text[],
  p_students text[], p_why text, p_only text[] DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SET lock_timeout = 0 AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO tandem_sync.missed (source_table, source_id, student_id, operation, why)
  SELECT DISTINCT p_table, id, student, p_operation, p_why
  FROM unnest(p_ids, p_students) AS given (id, student)
  WHERE p_only IS NULL OR student IN (SELECT unnest(p_only)); -- hashed; = ANY would look at each
END $$;

-- Take rows of one table, under the locks of their students; return the students Tandem lacks.
--
-- Before anything else the students are locked, in order: so nobody waits in a ring. The old
-- application's own rows are left alone. Whether Tandem has a student is asked once, with the lock:
-- asked again, the answer may be that of a batch which has ended in between.
CREATE OR REPLACE FUNCTION tandem_sync.follow(p_table text, p_operation text, p_ids text[],
  p_students text[], p_gone boolean[])
RETURNS text[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_known text[]; v_lacking text[] := '{}'; v_gone text[] := '{}'; v_there text[] := '{}';
  v_renamed boolean;
BEGIN
  IF p_table NOT IN ('Tutor', 'Subscription') THEN
    v_known := ARRAY(SELECT s.id FROM people_student s WHERE s.id = ANY (p_students)
      ORDER BY s.id FOR NO KEY UPDATE);
  END IF;
  IF p_table IN ('StudentTutorConnection', 'Session', 'Parent') THEN
    v_lacking := ARRAY(SELECT said.id FROM tandem_sync.student said WHERE said.id = ANY (p_students)
      EXCEPT SELECT unnest(v_known));
  END IF;
  -- Most often nothing is listed: to ask that here is cheaper than to call who asks it.
  v_renamed := EXISTS (SELECT FROM tandem_sync.renamed) AND tandem_sync.follow_renamed(p_table, p_ids);
  IF EXISTS (SELECT FROM tandem_sync.to_show) THEN
    PERFORM tandem_sync.show_noted(p_table, p_ids); -- beside what is still to be heard
  END IF;
  IF EXISTS (SELECT FROM tandem_sync.unheard) AND tandem_sync.is_spoken() THEN
    PERFORM tandem_sync.hear(p_table, p_ids);
  END IF;
  IF true = ANY (p_gone) THEN
    v_gone := ARRAY(SELECT DISTINCT id FROM unnest(p_ids, p_students, p_gone) AS given (id, student, gone)
      WHERE gone AND student NOT IN (SELECT unnest(v_lacking)) ORDER BY 1);
  END IF;
  IF false = ANY (p_gone) THEN
    v_there := ARRAY(SELECT DISTINCT id FROM unnest(p_ids, p_students, p_gone) AS given (id, student, gone)
      WHERE NOT gone AND student NOT IN (SELECT unnest(v_lacking)) ORDER BY 1);
  END IF;
  IF v_gone <> '{}' THEN PERFORM tandem_sync.drop_rows(p_table, v_gone); END IF;
  IF v_there <> '{}' THEN
    PERFORM tandem_sync.take_rows(p_table, v_there, p_operation = 'insert' OR v_renamed);
  END IF;
  IF EXISTS (SELECT FROM tandem_sync.to_show) THEN PERFORM tandem_sync.read_bases(); END IF;
  RETURN v_lacking;
END $$;

-- Follow one statement of the old application as a whole, or note it as a whole.
--
-- Where one row stands in the way of the others, each is followed, and noted, by itself. A
-- transaction that sees the past would act on what is no more: others take what it wrote.
CREATE OR REPLACE FUNCTION tandem_sync.follow_statement(p_table text, p_operation text, p_ids text[],
  p_students text[], p_gone boolean[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_lacking text[] := '{}'; v_failed boolean := false; v_began timestamptz := clock_timestamp();
  v_busy boolean := NOT ({sees_the_present});
  v_later text := coalesce(current_setting('tandem.later', true), '');
BEGIN
  -- TRUNCATE fires no row trigger, so no commit trigger: it shows at once.
  IF v_later = '' AND p_operation <> 'truncate' THEN
    PERFORM set_config('tandem.later', 'on', true);
  END IF;
  BEGIN
    IF NOT v_busy THEN
      {wait_what_is_left}
      v_lacking := tandem_sync.follow(p_table, p_operation, p_ids, p_students, p_gone);
    END IF;
  EXCEPTION WHEN {to_be_tried_again} THEN
    v_busy := true;
  WHEN OTHERS THEN
    v_failed := true;
  END;
  IF v_busy THEN
    {count_wait}
    PERFORM tandem_sync.note(p_table, p_operation, p_ids, p_students, {in_hand});
  ELSIF v_failed THEN
    {do_not_wait}
    FOR v_n IN 1 .. cardinality(p_ids) LOOP
      BEGIN
        v_lacking := tandem_sync.follow(p_table, p_operation, p_ids[v_n:v_n], p_students[v_n:v_n],
          p_gone[v_n:v_n]);
        PERFORM tandem_sync.note(p_table, p_operation, p_ids[v_n:v_n], p_students[v_n:v_n],
          {in_hand}, v_lacking);
      EXCEPTION WHEN {to_be_tried_again} THEN
        PERFORM tandem_sync.note(p_table, p_operation, p_ids[v_n:v_n], p_students[v_n:v_n],
          {in_hand});
      WHEN OTHERS THEN
        PERFORM tandem_sync.note(p_table, p_operation, p_ids[v_n:v_n], p_students[v_n:v_n], SQLERRM);
      END;
    END LOOP;
  ELSIF v_lacking <> '{}' THEN
    PERFORM tandem_sync.note(p_table, p_operation, p_ids, p_students, {in_hand},
      v_lacking);
  END IF;
  PERFORM set_config('tandem.later', v_later, true);
END $$;
