-- What the old side is shown of Tandem's rows: what its schema can say, and only where it differs.
--
-- Called by ``outbound_triggers.sql`` (at the end of Tandem's own transactions), by ``take_noted`` (mostly
-- at the end of the old application's), by the backfill and by ``turn_days``. While a write of the old
-- application is followed they only note (``showing.sql``). They wait but a moment for a row that the old
-- application has in hand, so that it is Tandem who gives way and tries again.
--
-- Of each old table, ``{student_as_shown}`` is what an update sets, with ``{same_or_unheard_student}``
-- where it is left; a new row has ``{student_values}`` in its ``{student_columns}``. ``{same_student}`` asks
-- for the rows ``said`` and ``shown``; the first two for ``v_before`` too, which is what ``before_showing``
-- returned, and ``{student_as_shown}`` for the old row ``there``; the values for ``shown`` alone.

-- What the old side says of a row as JSON, and whether that is what it is to be shown.
--
-- JSON spells a moment in the session's zone.
CREATE OR REPLACE FUNCTION tandem_sync.says(p_table text, p_id text)
RETURNS TABLE (base jsonb, as_shown boolean)
LANGUAGE plpgsql STABLE SET timezone = 'UTC' AS $$
#variable_conflict use_column
BEGIN
  IF p_table = 'Tutor' THEN
    RETURN QUERY SELECT coalesce(to_jsonb(said), 'null'),
      coalesce({same_tutor}, said.id IS NULL AND shown.id IS NULL)
    FROM (VALUES (p_id)) AS given (id) LEFT JOIN tandem_sync.tutor said ON said.id = given.id
    LEFT JOIN tandem_sync.shown_tutor shown ON shown.id = given.id;
  END IF;
  IF p_table = 'Student' THEN
    RETURN QUERY SELECT coalesce(to_jsonb(said), 'null'),
      coalesce({same_student}, said.id IS NULL AND shown.id IS NULL)
    FROM (VALUES (p_id)) AS given (id) LEFT JOIN tandem_sync.student said ON said.id = given.id
    LEFT JOIN tandem_sync.shown_student shown ON shown.id = given.id;
  END IF;
  IF p_table = 'Session' THEN
    RETURN QUERY SELECT coalesce(to_jsonb(said), 'null'),
      coalesce({same_session}, said.id IS NULL AND shown.id IS NULL)
    FROM (VALUES (p_id)) AS given (id) LEFT JOIN tandem_sync.session said ON said.id = given.id
    LEFT JOIN tandem_sync.shown_session shown ON shown.id = given.id;
  END IF;
  IF p_table = 'StudentTutorConnection' THEN
    RETURN QUERY SELECT coalesce(to_jsonb(said), 'null'),
      coalesce({same_connection}, said.id IS NULL AND shown.id IS NULL)
    FROM (VALUES (p_id)) AS given (id) LEFT JOIN tandem_sync.connection said ON said.id = given.id
    LEFT JOIN tandem_sync.shown_connection shown ON shown.id = given.id;
  END IF;
END $$;

-- Lock a row of the old side that is about to be shown what was noted.
CREATE OR REPLACE FUNCTION tandem_sync.lock_old_row(p_table text, p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  CASE p_table
    WHEN 'Tutor' THEN PERFORM FROM {old_tutor} o WHERE o.{tutor_key} = p_id FOR NO KEY UPDATE;
    WHEN 'Student' THEN PERFORM FROM {old_student} o WHERE o.{student_key} = p_id FOR NO KEY UPDATE;
    WHEN 'Session' THEN PERFORM FROM {old_session} o WHERE o.{session_key} = p_id FOR NO KEY UPDATE;
    WHEN 'StudentTutorConnection' THEN
      PERFORM FROM {old_connection} o WHERE o.{connection_key} = p_id FOR NO KEY UPDATE;
  END CASE;
END $$;

-- What has to be known before a row is shown, and whether that ``goes_on``. Of what was ``noted``, what
-- changed there since is left: that is where what the old side says now, ``said``, is not its ``base``.
--
-- So is what the old application wrote while Tandem was alone (``unheard``: the columns; with
-- ``goes_on``, null says that the row is not listed), and a row that one of them made then. A row that
-- says what Tandem has still to hear is left alone; whoever takes that shows it. While it is not known
-- yet what has to be heard, what was noted is tried again later.
CREATE OR REPLACE FUNCTION tandem_sync.before_showing(p_table text, p_id text, OUT goes_on boolean,
  OUT noted boolean, OUT base jsonb, OUT said jsonb, OUT unheard text[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  goes_on := false;
  SELECT to_show.base INTO before_showing.base FROM tandem_sync.to_show
  WHERE source_table = p_table AND source_id = p_id;
  noted := FOUND;
  IF noted THEN
    IF EXISTS (SELECT FROM tandem_sync.unheard WHERE source_table = '*') THEN
      RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {in_hand};
    END IF;
    PERFORM tandem_sync.lock_old_row(p_table, p_id);
    SELECT says.base INTO before_showing.said FROM tandem_sync.says(p_table, p_id);
    PERFORM tandem_sync.forget_show(p_table, p_id);
    IF said = 'null' AND base <> 'null' THEN RETURN; END IF;
  ELSIF EXISTS (SELECT FROM tandem_sync.missed
    WHERE source_table = p_table AND source_id = p_id AND why = {in_hand})
  THEN
    RETURN;
  END IF;
  SELECT columns INTO before_showing.unheard FROM tandem_sync.unheard
  WHERE source_table IN ('*', p_table) AND source_id IN ('*', p_id)
  ORDER BY columns NULLS FIRST LIMIT 1;
  goes_on := NOT FOUND OR unheard IS NOT NULL;
END $$;

-- Show a tutor.
--
-- What each side says is read in the update in one look, and so is whether there is something to be
-- heard: whoever wrote or noted it may have ended since this was asked, and would be overwritten.
CREATE OR REPLACE FUNCTION tandem_sync.show_tutor(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_before record; shown tandem_sync.shown_tutor;
BEGIN
  IF tandem_sync.shows_later() THEN
    PERFORM tandem_sync.note_show('Tutor', p_id, NULL);
    RETURN;
  END IF;
  v_before := tandem_sync.before_showing('Tutor', p_id);
  IF NOT v_before.goes_on THEN RETURN; END IF;
  SELECT * INTO shown FROM tandem_sync.shown_tutor WHERE id = p_id;
  IF NOT FOUND THEN
    IF v_before.unheard IS NULL AND NOT EXISTS (SELECT FROM people_tutor WHERE id = p_id) THEN
      DELETE FROM {old_tutor} WHERE {tutor_key} = p_id;
    END IF;
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM {old_tutor} o WHERE o.{tutor_key} = p_id) THEN
    UPDATE {old_tutor} there SET {tutor_as_shown}
    FROM tandem_sync.tutor said JOIN tandem_sync.shown_tutor shown ON shown.id = said.id
    WHERE there.{tutor_key} = p_id AND said.id = p_id AND NOT ({same_tutor})
      AND (v_before.unheard IS NULL OR NOT ({same_or_unheard_tutor}))
      AND (v_before.noted OR NOT EXISTS (SELECT FROM tandem_sync.missed
        WHERE source_table = 'Tutor' AND source_id = p_id AND why = {in_hand}));
  ELSE
    INSERT INTO {old_tutor} ({tutor_columns}) VALUES ({tutor_values});
    DELETE FROM upgrade_unshownrow WHERE table_name = 'people_tutor' AND row_id = p_id;
  END IF;
END $$;

-- A tutor whom the old application deleted comes back when somebody learns from them again.
--
-- Not before Tandem has heard of it: LockNotAvailable, so that it is tried again.
CREATE OR REPLACE FUNCTION tandem_sync.show_missing_tutor(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM FROM {old_tutor} o WHERE o.{tutor_key} = p_id FOR KEY SHARE;
  IF NOT FOUND THEN
    PERFORM tandem_sync.refuse_renamed('Tutor', ARRAY[p_id]);
    DELETE FROM upgrade_gonefromoldside WHERE source_table = 'Tutor' AND source_id = p_id;
    PERFORM tandem_sync.hear('Tutor', ARRAY[p_id]);
    PERFORM tandem_sync.show_tutor(p_id);
    IF NOT EXISTS (SELECT FROM {old_tutor} o WHERE o.{tutor_key} = p_id) THEN
      RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {in_hand};
    END IF;
  END IF;
END $$;

-- A session is shown beside its student, once that one is shown.
CREATE OR REPLACE FUNCTION tandem_sync.show_session(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_before record; shown tandem_sync.shown_session;
BEGIN
  IF tandem_sync.shows_later() THEN
    PERFORM tandem_sync.note_show('Session', p_id, (SELECT student_id FROM lessons_session WHERE id = p_id));
    RETURN;
  END IF;
  v_before := tandem_sync.before_showing('Session', p_id);
  IF NOT v_before.goes_on THEN RETURN; END IF;
  SELECT * INTO shown FROM tandem_sync.shown_session WHERE id = p_id;
  IF NOT FOUND THEN
    IF v_before.unheard IS NULL AND NOT EXISTS (SELECT FROM lessons_session WHERE id = p_id)
      AND NOT EXISTS (SELECT FROM upgrade_unlinkedlegacyrow
        WHERE source_table = 'Session' AND source_id = p_id)
    THEN
      DELETE FROM {old_session} WHERE {session_key} = p_id;
    END IF;
    RETURN;
  END IF;
  PERFORM tandem_sync.refuse_renamed('Student', ARRAY[shown.student_id]);
  IF EXISTS (SELECT FROM {old_session} o WHERE o.{session_key} = p_id) THEN
    UPDATE {old_session} there SET {session_as_shown}
    FROM tandem_sync.session said JOIN tandem_sync.shown_session shown ON shown.id = said.id
    WHERE there.{session_key} = p_id AND said.id = p_id AND NOT ({same_session})
      AND (v_before.unheard IS NULL OR NOT ({same_or_unheard_session}))
      AND (v_before.noted OR NOT EXISTS (SELECT FROM tandem_sync.missed
        WHERE source_table = 'Session' AND source_id = p_id AND why = {in_hand}));
  ELSIF EXISTS (SELECT FROM {old_student} o WHERE o.{student_key} = shown.student_id) THEN
    INSERT INTO {old_session} ({session_columns}) VALUES ({session_values});
    DELETE FROM upgrade_unshownrow WHERE table_name = 'lessons_session' AND row_id = p_id;
  END IF;
END $$;

-- A student nobody ever taught has no place in a schema that asks for a tutor.
--
-- But for one that is there already, and names somebody who does not exist. Where the old side knows
-- no connections, a student is all that is shown of who teaches them.
CREATE OR REPLACE FUNCTION tandem_sync.show_student(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_before record; shown tandem_sync.shown_student; v_session text;
BEGIN
  IF tandem_sync.shows_later() THEN
    PERFORM tandem_sync.note_show('Student', p_id, p_id);
    RETURN;
  END IF;
  v_before := tandem_sync.before_showing('Student', p_id);
  IF NOT v_before.goes_on THEN RETURN; END IF;
  SELECT * INTO shown FROM tandem_sync.shown_student WHERE id = p_id;
  IF NOT FOUND THEN
    IF v_before.unheard IS NULL AND NOT EXISTS (SELECT FROM people_student WHERE id = p_id) THEN
      DELETE FROM {old_student} WHERE {student_key} = p_id;
    END IF;
    RETURN;
  END IF;
  PERFORM tandem_sync.refuse_renamed('Student', ARRAY[p_id]);
  IF tandem_sync.students_need_tutors() AND shown.tutor_id IS NULL
    AND NOT EXISTS (SELECT FROM tandem_sync.student said WHERE said.id = p_id
      AND NOT EXISTS (SELECT FROM people_tutor t WHERE t.id = said.tutor_id))
  THEN
    RETURN;
  END IF;
  IF shown.tutor_id IS NOT NULL THEN PERFORM tandem_sync.show_missing_tutor(shown.tutor_id); END IF;
  IF EXISTS (SELECT FROM {old_student} o WHERE o.{student_key} = p_id) THEN
    UPDATE {old_student} there SET {student_as_shown}
    FROM tandem_sync.student said JOIN tandem_sync.shown_student shown ON shown.id = said.id
    WHERE there.{student_key} = p_id AND said.id = p_id AND NOT ({same_student})
      AND (v_before.unheard IS NULL OR NOT ({same_or_unheard_student}))
      AND (v_before.noted OR NOT EXISTS (SELECT FROM tandem_sync.missed
        WHERE source_table = 'Student' AND source_id = p_id AND why = {in_hand}));
  ELSE
    INSERT INTO {old_student} ({student_columns}) VALUES ({student_values});
    DELETE FROM upgrade_unshownrow WHERE table_name = 'people_student' AND row_id = p_id
      OR NOT tandem_sync.has_connections() AND table_name = 'relationships_tutorstudent'
        AND row_id IN (SELECT id FROM relationships_tutorstudent WHERE student_id = p_id AND is_primary);
    FOR v_session IN SELECT id FROM lessons_session WHERE student_id = p_id ORDER BY id LOOP
      PERFORM tandem_sync.show_session(v_session);
    END LOOP;
  END IF;
  PERFORM tandem_sync.take_unlinked(ARRAY[p_id]);
END $$;
