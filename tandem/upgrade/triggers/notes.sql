-- Notes of writes that could not be followed at once, and making up for them at commit.
--
-- A trigger does not wait long for a student, whom another transaction may have in hand for as long
-- as it likes: at most 100 ms at a time and 200 ms in a transaction (``waiting.py``). Then the
-- write is noted. So is a write to what belongs to a student whom Tandem lacks: a backfill may be
-- bringing that one just now.
--
-- A note is taken by whoever comes first: the commit of the transaction that wrote it; any later one of
-- a transaction that wrote to the old tables (``retry_at_commit``: ten students of others, at random; only
-- where the transaction sees what others commit); an action of Tandem's that met a lock or the note,
-- before it tries again (``upgrade/lock_timeout.py``); `verify`; the backfill. One whose ``why`` is an
-- error, the backfill alone tries again.
--
-- A note leaves only in the transaction that brought its student in step, under that student's lock:
-- the ids of the notes are read when the lock is held, and just those are deleted. To ask again
-- which notes there are would see a newer snapshot, with notes of students whom nobody locked.

-- ``student_id`` is whom the row belongs to, ``writer`` the transaction that noted it. A row that the
-- old side is to be shown has the ``operation`` ``show``.
CREATE TABLE IF NOT EXISTS tandem_sync.missed (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source_table text NOT NULL,
  source_id text NOT NULL, student_id text, operation text NOT NULL, why text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  writer xid8 NOT NULL DEFAULT pg_current_xact_id());
CREATE INDEX IF NOT EXISTS missed_by_row ON tandem_sync.missed (source_table, source_id);
CREATE INDEX IF NOT EXISTS missed_by_writer ON tandem_sync.missed (writer);
CREATE INDEX IF NOT EXISTS missed_in_hand ON tandem_sync.missed (student_id, id)
  WHERE why = {in_hand};

-- Take the noted rows that belong to no student: tutors, and what they pay.
CREATE OR REPLACE FUNCTION tandem_sync.take_noted_owners()
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_note tandem_sync.missed; v_ids text[];
BEGIN
  FOR v_note IN SELECT * FROM tandem_sync.missed WHERE why = {in_hand}
    AND student_id IS NULL AND source_id <> '*' ORDER BY id FOR UPDATE SKIP LOCKED
  LOOP
    BEGIN
      v_ids := ARRAY[v_note.source_id];
      IF v_note.operation = 'show' THEN
        PERFORM tandem_sync.show_row(v_note.source_table, v_note.source_id);
      ELSIF tandem_sync.still_there(v_note.source_table, v_ids) <> '{}' THEN
        PERFORM tandem_sync.take_rows(v_note.source_table, v_ids, true);
      ELSE
        PERFORM tandem_sync.drop_rows(v_note.source_table, v_ids);
      END IF;
      DELETE FROM tandem_sync.missed WHERE id = v_note.id;
    EXCEPTION WHEN {to_be_tried_again} THEN
      {do_not_wait}
    WHEN OTHERS THEN
      UPDATE tandem_sync.missed SET why = SQLERRM WHERE id = v_note.id;
    END;
  END LOOP;
END $$;

-- Those of the notes ``p_notes``, of the rows ``p_rows``, that Tandem has under another student than
-- the old side, which has given them to one whom Tandem lacks. Until that one is brought such a row is
-- in nobody's step, and what Tandem says of it must not be shown. Where bringing failed, the reason is
-- theirs too.
CREATE OR REPLACE FUNCTION tandem_sync.still_to_be_taken(p_notes bigint[], p_rows text[],
  p_students text[])
RETURNS bigint[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_lacking text[]; v_notes bigint[];
BEGIN
  IF NOT EXISTS (SELECT FROM lessons_session WHERE id = ANY (p_rows))
    AND NOT EXISTS (SELECT FROM relationships_tutorstudent WHERE id = ANY (p_rows))
  THEN
    RETURN '{}';
  END IF;
  v_lacking := tandem_sync.still_there('Student', tandem_sync.not_in_tandem(p_students));
  IF v_lacking = '{}' THEN RETURN '{}'; END IF;
  v_notes := ARRAY(SELECT m.id FROM tandem_sync.missed m
    WHERE m.id = ANY (p_notes) AND m.student_id = ANY (v_lacking) AND CASE m.source_table
      WHEN 'Session' THEN EXISTS (SELECT FROM tandem_sync.session said
        JOIN lessons_session there ON there.id = said.id
        WHERE said.id = m.source_id AND said.student_id = m.student_id)
      WHEN 'StudentTutorConnection' THEN EXISTS (SELECT FROM tandem_sync.connection said
        JOIN relationships_tutorstudent there ON there.id = said.id
        WHERE said.id = m.source_id AND said.student_id = m.student_id)
      ELSE false END);
  UPDATE tandem_sync.missed m SET why = failed.why FROM tandem_sync.missed failed
  WHERE m.id = ANY (v_notes) AND failed.source_table = 'Student'
    AND failed.source_id = m.student_id AND failed.why <> {in_hand};
  RETURN v_notes;
END $$;

-- Bring the students ``p_students``, whom the caller has locked, in step with their notes.
--
-- Whoever Tandem lacks still, the next batch brings with all that was written; unless the note is
-- of the student's own insert: then the student is brought here, with sessions and all.
CREATE OR REPLACE FUNCTION tandem_sync.take_noted(p_students text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_notes bigint[]; v_tables text[]; v_rows text[]; v_operations text[]; v_table text;
  v_ids text[]; v_there text[]; v_kept bigint[];
BEGIN
  SELECT array_agg(m.id), array_agg(m.source_table), array_agg(m.source_id), array_agg(m.operation)
  INTO v_notes, v_tables, v_rows, v_operations
  FROM unnest(p_students) AS of (id) CROSS JOIN LATERAL (
    SELECT * FROM tandem_sync.missed m WHERE m.student_id = of.id AND m.why = {in_hand}
    OFFSET 0 -- by the index: else, where the list was empty, each note is held against each student
  ) m;
  IF v_notes IS NULL THEN RETURN; END IF;
  PERFORM tandem_sync.refuse_renamed('Student', p_students);
  IF 'show' = ANY (v_operations) THEN
    PERFORM tandem_sync.show_row(of, id) FROM (
      SELECT of, id FROM unnest(v_tables, v_rows, v_operations) AS noted (of, id, operation)
      WHERE operation = 'show'
      ORDER BY array_position(ARRAY['Student', 'StudentTutorConnection', 'Session'], of), id) AS first;
  END IF;
  -- Those of the students themselves are heard now: else nothing that comes of it would be shown. Of
  -- others that come meanwhile nothing was heard.
  IF 'Student' = ANY (v_tables) THEN
    DELETE FROM tandem_sync.missed WHERE id IN (
      SELECT note FROM unnest(v_notes, v_tables, v_operations) AS noted (note, of, operation)
      WHERE of = 'Student' AND operation <> 'show');
  END IF;
  PERFORM set_config('tandem.taking_notes', 'on', true);
  FOREACH v_table IN ARRAY ARRAY['Student', 'StudentTutorConnection', 'Session', 'Parent'] LOOP
    CONTINUE WHEN v_table <> ALL (v_tables);
    v_ids := ARRAY(SELECT DISTINCT id FROM unnest(v_tables, v_rows, v_operations)
      AS noted (of, id, operation) WHERE of = v_table AND operation <> 'show' ORDER BY 1);
    CONTINUE WHEN v_ids = '{}';
    v_there := tandem_sync.still_there(v_table, v_ids);
    PERFORM tandem_sync.take_rows(v_table, v_there, false);
    IF v_table = 'Student' THEN
      PERFORM tandem_sync.take_student(id, true) FROM (
        SELECT DISTINCT id FROM unnest(v_tables, v_rows, v_operations) AS noted (of, id, operation)
        WHERE of = v_table AND operation = 'insert'
          AND NOT EXISTS (SELECT FROM people_student p WHERE p.id = noted.id) ORDER BY 1) AS new;
    END IF;
    PERFORM tandem_sync.drop_rows(v_table,
      ARRAY(SELECT id FROM unnest(v_ids) AS noted (id)
        WHERE id NOT IN (SELECT unnest(v_there)) ORDER BY 1));
  END LOOP;
  PERFORM set_config('tandem.taking_notes', '', true);
  v_kept := tandem_sync.still_to_be_taken(v_notes, v_rows, p_students);
  DELETE FROM tandem_sync.missed WHERE id = ANY (v_notes) AND NOT id = ANY (v_kept);
END $$;

-- Those of ``p_students`` whom Tandem does not have. Stable: it sees what the statement that asks sees.
CREATE OR REPLACE FUNCTION tandem_sync.not_in_tandem(p_students text[])
RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN ARRAY(SELECT id FROM unnest(p_students) AS noted (id)
    WHERE NOT EXISTS (SELECT FROM people_student p WHERE p.id = noted.id));
END $$;

-- Lock those of ``p_students`` who are free, or all: LockNotAvailable, as the setting says.
--
-- Whom Tandem has is locked there. Whom it lacks a batch may have in hand, which holds the row of
-- the old side; with that one locked here, the batch either has brought the student or comes after.
CREATE OR REPLACE FUNCTION tandem_sync.lock_noted(p_students text[], p_wait boolean)
RETURNS text[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_free text[]; v_lacking text[]; v_locked text[];
BEGIN
  IF p_wait THEN
    PERFORM FROM people_student s WHERE s.id = ANY (p_students) ORDER BY s.id FOR NO KEY UPDATE;
    PERFORM FROM {old_student} s WHERE s.{student_key} = ANY (tandem_sync.not_in_tandem(p_students))
    ORDER BY s.{student_key} FOR NO KEY UPDATE;
    PERFORM FROM people_student s WHERE s.id = ANY (p_students) ORDER BY s.id FOR NO KEY UPDATE;
    RETURN p_students;
  END IF;
  v_free := ARRAY(SELECT s.id FROM people_student s WHERE s.id = ANY (p_students)
    ORDER BY s.id FOR NO KEY UPDATE SKIP LOCKED);
  v_lacking := tandem_sync.not_in_tandem(p_students);
  IF v_lacking <> '{}' THEN
    v_locked := ARRAY(SELECT s.{student_key}::text FROM {old_student} s
      WHERE s.{student_key} = ANY (v_lacking)
      ORDER BY s.{student_key} FOR NO KEY UPDATE SKIP LOCKED);
    -- A batch that ended just now has brought some of them; who exists nowhere is nobody's.
    v_free := v_free || ARRAY(SELECT s.id FROM people_student s WHERE s.id = ANY (v_locked)
      ORDER BY s.id FOR NO KEY UPDATE SKIP LOCKED)
      || tandem_sync.not_in_tandem(v_locked)
      || ARRAY(SELECT id FROM unnest(v_lacking) AS gone (id)
        WHERE NOT EXISTS (SELECT FROM {old_student} s WHERE s.{student_key} = gone.id));
  END IF;
  RETURN v_free;
END $$;

-- Take what this transaction noted, and notes of others of so many students as ``p_others``.
--
-- ``p_wait``: wait for the students of others too, as `verify` does. Nothing here fails a write that
-- is done: a wait whose time is over just as it ends is told as canceled, and so is a statement of
-- which the time is over at its commit.
CREATE OR REPLACE FUNCTION tandem_sync.retry_missed(p_others integer, p_wait boolean)
RETURNS void
LANGUAGE plpgsql {rights} SET lock_timeout = '{one_wait}ms' AS $$
#variable_conflict use_column
DECLARE
  v_students text[]; v_waits boolean[]; v_free text[]; v_student text; v_wait boolean;
  v_began timestamptz; v_before text; v_later text;
BEGIN
  v_before := coalesce(current_setting('tandem.quiet', true), '');
  v_later := coalesce(current_setting('tandem.later', true), '');
  PERFORM set_config('tandem.quiet', 'on', true);
  PERFORM set_config('tandem.later', 'off', true);
  <<marked>> BEGIN
    PERFORM tandem_sync.retry_renamed();
    PERFORM tandem_sync.take_noted_owners();
    SELECT array_agg(id ORDER BY id), array_agg(own OR p_wait ORDER BY id) INTO v_students, v_waits
    FROM (SELECT id, bool_or(own) AS own FROM (
      SELECT student_id, true FROM tandem_sync.missed WHERE writer = pg_current_xact_id()
        AND why = {in_hand} AND student_id IS NOT NULL
      UNION ALL (SELECT student_id, false FROM (SELECT DISTINCT student_id FROM (
          SELECT student_id FROM tandem_sync.missed
          WHERE why = {in_hand} AND student_id IS NOT NULL
          ORDER BY student_id LIMIT 1000) first) others
        ORDER BY random() LIMIT p_others)
    ) AS noted (id, own) GROUP BY id) students;
    IF v_students IS NULL THEN EXIT marked; END IF;
    BEGIN
      {do_not_wait}
      v_free := tandem_sync.lock_noted(v_students, false);
      PERFORM tandem_sync.take_noted(v_free);
    EXCEPTION WHEN OTHERS OR query_canceled THEN
      v_free := '{}'; -- one of them stands in the way of the others: each by itself
    END;
    FOR v_student, v_wait IN SELECT id, wait FROM unnest(v_students, v_waits) AS noted (id, wait)
      WHERE id NOT IN (SELECT unnest(v_free)) AND (wait OR v_free = '{}') ORDER BY 1
    LOOP
      v_began := clock_timestamp();
      BEGIN
        IF v_wait THEN
          {wait_what_is_left}
        ELSE
          {do_not_wait}
        END IF;
        PERFORM tandem_sync.take_noted(tandem_sync.lock_noted(ARRAY[v_student], v_wait));
      EXCEPTION WHEN {to_be_tried_again} OR query_canceled THEN
        NULL; -- who has the student in hand takes the note, or whoever comes next
      WHEN OTHERS THEN
        UPDATE tandem_sync.missed SET why = SQLERRM
        WHERE student_id = v_student AND why = {in_hand};
      END;
      {count_wait}
    END LOOP;
  EXCEPTION WHEN OTHERS OR query_canceled THEN
    NULL; -- what was noted stays so, for whoever comes next
  END marked;
  PERFORM set_config('tandem.quiet', v_before, true);
  PERFORM set_config('tandem.later', v_later, true);
END $$;

-- At the end of a transaction of the old application: what it noted is tried again.
CREATE OR REPLACE FUNCTION tandem_sync.retry_at_commit()
RETURNS trigger
LANGUAGE plpgsql {rights} AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('tandem.at_commit', '', true);
  IF {sees_the_present}
    AND EXISTS (SELECT FROM tandem_sync.missed WHERE why = {in_hand})
  THEN
    PERFORM tandem_sync.retry_missed({others_at_commit}, false);
  END IF;
  RETURN NULL;
END $$;
