-- A key that the old application changes becomes another in Tandem too, with all that hangs on it.
--
-- Two tables of rows, before and after, do not say which became which. So a trigger notes each row
-- whose key changes, and costs the others nothing. What follows the statement renames first.

-- ``was`` became ``is_now``; a line stays until Tandem says so too.
CREATE TABLE IF NOT EXISTS tandem_sync.renamed (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source_table text NOT NULL,
  was text NOT NULL, is_now text NOT NULL);

-- Note a changed key. The arguments are the table, as Prisma calls it, and its key's column.
CREATE OR REPLACE FUNCTION tandem_sync.note_renamed()
RETURNS trigger
LANGUAGE plpgsql {rights} AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO tandem_sync.renamed (source_table, was, is_now)
  VALUES (TG_ARGV[0], to_jsonb(OLD) ->> TG_ARGV[1], to_jsonb(NEW) ->> TG_ARGV[1]);
  RETURN NULL;
END $$;

-- Whether one of ``p_ids`` is about to have another name, or another's.
CREATE OR REPLACE FUNCTION tandem_sync.is_renamed(p_table text, p_ids text[])
RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN EXISTS (SELECT FROM tandem_sync.renamed) AND EXISTS (SELECT FROM tandem_sync.renamed
    WHERE source_table = p_table AND (was = ANY (p_ids) OR is_now = ANY (p_ids)));
END $$;

-- Whoever would take or let go a row that is about to be renamed tries again.
CREATE OR REPLACE FUNCTION tandem_sync.refuse_renamed(p_table text, p_ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF tandem_sync.is_renamed(p_table, p_ids) THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {in_hand};
  END IF;
END $$;

-- JSON in which one string stands for another, wherever it is a value.
CREATE OR REPLACE FUNCTION tandem_sync.with_key(p_json jsonb, p_was text, p_is text)
RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
SELECT replace(replace(replace(p_json::text,
  to_jsonb(p_was)::text || ',', to_jsonb(p_is)::text || ','),
  to_jsonb(p_was)::text || '}', to_jsonb(p_is)::text || '}'),
  to_jsonb(p_was)::text || ']', to_jsonb(p_is)::text || ']')::jsonb $$;

-- Write the history of relationships anew with another key: not a line is lost, each keeps its number.
CREATE OR REPLACE FUNCTION tandem_sync.rename_in_events(p_links text[], p_was text, p_is text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_event relationships_relationshipevent; v_events relationships_relationshipevent[];
BEGIN
  SELECT array_agg(e ORDER BY id) INTO v_events FROM relationships_relationshipevent e
  WHERE relationship_id = ANY (p_links)
    AND (relationship_id = p_was OR details <> tandem_sync.with_key(details, p_was, p_is));
  PERFORM set_config('tandem.erasing', 'yes', true);
  DELETE FROM relationships_relationshipevent WHERE id IN (SELECT (unnest(v_events)).id);
  PERFORM set_config('tandem.erasing', 'no', true);
  FOREACH v_event IN ARRAY coalesce(v_events, '{}') LOOP
    IF v_event.relationship_id = p_was THEN v_event.relationship_id := p_is; END IF;
    v_event.details := tandem_sync.with_key(v_event.details, p_was, p_is);
    INSERT INTO relationships_relationshipevent SELECT (v_event).*;
  END LOOP;
END $$;

-- Write the history of sessions anew with another key, and tell no family of it.
CREATE OR REPLACE FUNCTION tandem_sync.rename_in_session_events(p_students text[], p_was text, p_is text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_event lessons_sessionevent; v_events lessons_sessionevent[];
  v_untold text := coalesce(current_setting('tandem.untold', true), '');
BEGIN
  SELECT array_agg(e ORDER BY id) INTO v_events FROM lessons_sessionevent e
  WHERE student_id = ANY (p_students) AND (p_was IN (student_id, session_id)
    OR details <> tandem_sync.with_key(details, p_was, p_is));
  PERFORM set_config('tandem.erasing', 'yes', true);
  DELETE FROM lessons_sessionevent WHERE id IN (SELECT (unnest(v_events)).id);
  PERFORM set_config('tandem.erasing', 'no', true);
  PERFORM set_config('tandem.untold', 'on', true);
  FOREACH v_event IN ARRAY coalesce(v_events, '{}') LOOP
    IF v_event.student_id = p_was THEN v_event.student_id := p_is; END IF;
    IF v_event.session_id = p_was THEN v_event.session_id := p_is; END IF;
    v_event.details := tandem_sync.with_key(v_event.details, p_was, p_is);
    INSERT INTO lessons_sessionevent SELECT (v_event).*;
  END LOOP;
  PERFORM set_config('tandem.untold', v_untold, true);
END $$;

-- What names the key without a foreign key: deeds, who changed what, what the upgrade itself keeps.
CREATE OR REPLACE FUNCTION tandem_sync.rename_in_records(p_table text, p_students text[], p_was text,
  p_is text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  UPDATE lessons_deed SET details = tandem_sync.with_key(details, p_was, p_is)
  WHERE id IN (SELECT deed_id FROM lessons_deedpart WHERE student_id = ANY (p_students))
    AND details <> tandem_sync.with_key(details, p_was, p_is);
  UPDATE lessons_deedpart SET details = tandem_sync.with_key(details, p_was, p_is),
    student_id = CASE student_id WHEN p_was THEN p_is ELSE student_id END,
    tutor_student_id = CASE tutor_student_id WHEN p_was THEN p_is ELSE tutor_student_id END
  WHERE student_id = ANY (p_students);
  IF p_table IN ('Student', 'Tutor') THEN
    PERFORM set_config('tandem.renaming', 'yes', true);
    UPDATE people_change SET about_id = p_is,
      row_id = CASE row_id WHEN p_was THEN p_is ELSE row_id END,
      "values" = tandem_sync.with_key("values", p_was, p_is)
    WHERE about_id = p_was AND about = lower(p_table);
    PERFORM set_config('tandem.renaming', 'no', true);
  END IF;
  UPDATE upgrade_gonefromoldside SET source_id = p_is WHERE source_table = p_table AND source_id = p_was;
  UPDATE upgrade_unshownrow SET row_id = p_is WHERE row_id = p_was;
  UPDATE tandem_sync.to_show SET source_id = p_is WHERE source_table = p_table AND source_id = p_was;
  UPDATE tandem_sync.missed SET source_id = p_is
  WHERE source_table = p_table AND source_id = p_was AND operation = 'show';
  UPDATE tandem_sync.missed SET student_id = p_is WHERE student_id = p_was AND operation = 'show';
END $$;

-- A student by another name. Both ends of a foreign key change in one statement: some are not
-- deferrable, and are looked at when it ends.
CREATE OR REPLACE FUNCTION tandem_sync.rename_student(p_was text, p_is text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  WITH links AS (UPDATE relationships_tutorstudent SET student_id = p_is WHERE student_id = p_was),
    sessions AS (UPDATE lessons_session SET student_id = p_is WHERE student_id = p_was),
    periods AS (UPDATE relationships_primaryperiod SET student_id = p_is WHERE student_id = p_was),
    shown AS (UPDATE tandem_sync.shown_until SET student_id = p_is WHERE student_id = p_was),
    parents AS (UPDATE people_parent SET student_id = p_is WHERE student_id = p_was),
    guardians AS (UPDATE people_guardianstudent SET student_id = p_is WHERE student_id = p_was),
    wishes AS (UPDATE people_learningwish SET student_id = p_is WHERE student_id = p_was),
    feeds AS (UPDATE people_calendarfeed SET student_id = p_is WHERE student_id = p_was),
    parent_link AS (UPDATE people_parentlink SET student_id = p_is WHERE student_id = p_was),
    suspect AS (UPDATE people_suspectlink SET student_id = p_is WHERE student_id = p_was)
  UPDATE people_student SET id = p_is WHERE id = p_was;
  WITH read AS (DELETE FROM people_recordread WHERE student_id = p_was RETURNING *)
  INSERT INTO people_recordread (id, day, at, account_id, student_id)
  SELECT id, day, at, account_id, p_is FROM read;
  PERFORM tandem_sync.rename_in_events(ARRAY(
    SELECT id FROM relationships_tutorstudent WHERE student_id = p_is
    UNION SELECT relationship_id FROM relationships_relationshipevent
    WHERE what = 'removed' AND details ->> 'student' = p_was), p_was, p_is);
  PERFORM tandem_sync.rename_in_session_events(ARRAY[p_was], p_was, p_is);
  PERFORM tandem_sync.rename_in_records('Student', ARRAY[p_was], p_was, p_is);
END $$;

-- A tutor by another name. What the upgrade saw them teach has an id that comes of the name.
CREATE OR REPLACE FUNCTION tandem_sync.rename_tutor(p_was text, p_is text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_students text[];
BEGIN
  WITH links AS (UPDATE relationships_tutorstudent SET tutor_id = p_is WHERE tutor_id = p_was),
    sessions AS (UPDATE lessons_session SET tutor_id = p_is WHERE tutor_id = p_was),
    plans AS (UPDATE people_subscription SET tutor_id = p_is WHERE tutor_id = p_was),
    subjects AS (UPDATE people_tutorsubject SET tutor_id = p_is,
      id = CASE WHEN level = ''
          AND right(id, 16) = right(tandem_ulid(now(), 'teaches ' || p_was || ' ' || subject_id), 16)
        THEN left(id, 10) || right(tandem_ulid(now(), 'teaches ' || p_is || ' ' || subject_id), 16)
        ELSE id END
      WHERE tutor_id = p_was),
    hours AS (UPDATE lessons_availability SET tutor_id = p_is WHERE tutor_id = p_was),
    away AS (UPDATE lessons_timeoff SET tutor_id = p_is WHERE tutor_id = p_was),
    notices AS (UPDATE lessons_tutornotices SET tutor_id = p_is WHERE tutor_id = p_was),
    letters AS (UPDATE lessons_notice SET tutor_id = p_is WHERE tutor_id = p_was)
  UPDATE people_tutor SET id = p_is WHERE id = p_was;
  PERFORM tandem_sync.list_unknown_tutors(ARRAY(SELECT id FROM lessons_session WHERE tutor_id = p_is));
  v_students := ARRAY(SELECT DISTINCT student_id FROM relationships_tutorstudent WHERE tutor_id = p_is);
  PERFORM tandem_sync.rename_in_events(ARRAY(
    SELECT id FROM relationships_tutorstudent WHERE student_id = ANY (v_students)), p_was, p_is);
  PERFORM tandem_sync.rename_in_session_events(v_students, p_was, p_is);
  PERFORM tandem_sync.rename_in_records('Tutor', v_students, p_was, p_is);
END $$;

-- A relationship, which stands on the old side as a connection, by another name.
CREATE OR REPLACE FUNCTION tandem_sync.rename_relationship(p_was text, p_is text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_student text := (SELECT student_id FROM relationships_tutorstudent WHERE id = p_was);
BEGIN
  WITH sessions AS (UPDATE lessons_session SET tutor_student_id = p_is WHERE tutor_student_id = p_was),
    series AS (UPDATE lessons_sessionseries SET tutor_student_id = p_is WHERE tutor_student_id = p_was),
    periods AS (UPDATE relationships_primaryperiod SET tutor_student_id = p_is
      WHERE tutor_student_id = p_was),
    shown AS (UPDATE tandem_sync.shown_until SET relationship_id = p_is
      WHERE student_id = v_student AND relationship_id = p_was)
  UPDATE relationships_tutorstudent SET id = CASE id WHEN p_was THEN p_is ELSE id END,
    transferred_from_id = CASE transferred_from_id WHEN p_was THEN p_is ELSE transferred_from_id END
  WHERE id = p_was OR transferred_from_id = p_was;
  PERFORM tandem_sync.rename_in_events(ARRAY(
    SELECT id FROM relationships_tutorstudent WHERE student_id = v_student) || p_was, p_was, p_is);
  PERFORM tandem_sync.rename_in_session_events(ARRAY[v_student], p_was, p_is);
  PERFORM tandem_sync.rename_in_records('StudentTutorConnection', ARRAY[v_student], p_was, p_is);
END $$;

-- A session by another name.
CREATE OR REPLACE FUNCTION tandem_sync.rename_session(p_was text, p_is text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_student text := (SELECT student_id FROM lessons_session WHERE id = p_was);
BEGIN
  UPDATE lessons_session SET id = p_is WHERE id = p_was;
  UPDATE tandem_sync.unknown_tutor SET session_id = p_is WHERE session_id = p_was;
  PERFORM tandem_sync.rename_in_events(ARRAY(
    SELECT id FROM relationships_tutorstudent WHERE student_id = v_student), p_was, p_is);
  PERFORM tandem_sync.rename_in_session_events(ARRAY[v_student], p_was, p_is);
  PERFORM tandem_sync.rename_in_records('Session', ARRAY[v_student], p_was, p_is);
END $$;

-- Hold the students of what is renamed: whoever writes a session of theirs reads, under that lock,
-- by which names it goes.
CREATE OR REPLACE FUNCTION tandem_sync.hold_students(p_students text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM FROM people_student WHERE id = ANY (p_students) ORDER BY id FOR NO KEY UPDATE;
END $$;

-- Rename a row of one table where Tandem has it; return whether it does.
CREATE OR REPLACE FUNCTION tandem_sync.rename_row(p_table text, p_was text, p_is text)
RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_there boolean;
BEGIN
  CASE p_table
    WHEN 'Tutor' THEN
      PERFORM FROM people_tutor WHERE id = p_was FOR UPDATE;
      v_there := FOUND;
      PERFORM tandem_sync.hold_students(ARRAY(
        SELECT student_id FROM relationships_tutorstudent WHERE tutor_id = p_was));
    WHEN 'Student' THEN
      PERFORM FROM people_student WHERE id = p_was FOR UPDATE;
      v_there := FOUND;
    WHEN 'StudentTutorConnection' THEN
      PERFORM tandem_sync.hold_students(ARRAY(
        SELECT student_id FROM relationships_tutorstudent WHERE id = p_was));
      PERFORM FROM relationships_tutorstudent WHERE id = p_was FOR UPDATE;
      v_there := FOUND;
    WHEN 'Session' THEN
      PERFORM tandem_sync.hold_students(ARRAY(
        SELECT student_id FROM lessons_session WHERE id = p_was));
      PERFORM FROM lessons_session WHERE id = p_was FOR UPDATE;
      v_there := FOUND;
  END CASE;
  IF NOT v_there THEN RETURN false; END IF;
  CASE p_table
    WHEN 'Tutor' THEN PERFORM tandem_sync.rename_tutor(p_was, p_is);
    WHEN 'Student' THEN PERFORM tandem_sync.rename_student(p_was, p_is);
    WHEN 'StudentTutorConnection' THEN PERFORM tandem_sync.rename_relationship(p_was, p_is);
    WHEN 'Session' THEN PERFORM tandem_sync.rename_session(p_was, p_is);
  END CASE;
  RETURN true;
END $$;

-- Rename what was noted, in order. Whom Tandem lacks is brought under the new name, like a new one.
--
-- Who has the new name in Tandem was deleted on the old side, or is kept by Tandem alone: that one
-- gets a name of Tandem's, and goes as it would have gone.
CREATE OR REPLACE FUNCTION tandem_sync.follow_rename(p_noted tandem_sync.renamed)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_away text := tandem_sync.new_id(); v_is_taken boolean;
BEGIN
  DELETE FROM tandem_sync.renamed WHERE id = p_noted.id;
  v_is_taken := tandem_sync.rename_row(p_noted.source_table, p_noted.is_now, v_away);
  IF NOT tandem_sync.rename_row(p_noted.source_table, p_noted.was, p_noted.is_now) THEN
    UPDATE tandem_sync.missed SET operation = 'insert'
    WHERE source_table = p_noted.source_table AND source_id = p_noted.is_now AND operation = 'update';
  END IF;
  IF v_is_taken THEN PERFORM tandem_sync.drop_rows(p_noted.source_table, ARRAY[v_away]); END IF;
END $$;

-- Rename the rows ``p_ids`` of a statement that is followed just now; return whether there were any.
--
-- With all that one name became and became of another, in order: a row that was renamed before, and
-- is only noted, is in Tandem under the first of its names.
CREATE OR REPLACE FUNCTION tandem_sync.follow_renamed(p_table text, p_ids text[])
RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_noted tandem_sync.renamed; v_chain bigint[];
BEGIN
  IF NOT tandem_sync.is_renamed(p_table, p_ids) THEN RETURN false; END IF;
  WITH RECURSIVE chain AS (
    SELECT id, was, is_now FROM tandem_sync.renamed
    WHERE source_table = p_table AND (was = ANY (p_ids) OR is_now = ANY (p_ids))
    UNION
    SELECT r.id, r.was, r.is_now FROM chain c JOIN tandem_sync.renamed r
    ON r.source_table = p_table AND (r.was IN (c.was, c.is_now) OR r.is_now IN (c.was, c.is_now)))
  SELECT array_agg(id) INTO v_chain FROM chain;
  FOR v_noted IN SELECT * FROM tandem_sync.renamed WHERE id = ANY (v_chain) ORDER BY id FOR UPDATE
  LOOP
    PERFORM tandem_sync.follow_rename(v_noted);
  END LOOP;
  RETURN true;
END $$;

-- Rename what could not be renamed at once; from the first on that is still in hand, all wait.
CREATE OR REPLACE FUNCTION tandem_sync.retry_renamed()
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_noted tandem_sync.renamed; v_began timestamptz := clock_timestamp();
BEGIN
  LOOP
    BEGIN
      {wait_what_is_left}
      SELECT * INTO v_noted FROM tandem_sync.renamed ORDER BY id LIMIT 1 FOR UPDATE;
      EXIT WHEN NOT FOUND;
      PERFORM tandem_sync.follow_rename(v_noted);
    EXCEPTION WHEN {to_be_tried_again} THEN
      EXIT;
    WHEN OTHERS THEN
      UPDATE tandem_sync.missed SET why = SQLERRM WHERE source_table = v_noted.source_table
        AND source_id IN (v_noted.was, v_noted.is_now);
      EXIT;
    END;
  END LOOP;
  {count_wait}
END $$;
