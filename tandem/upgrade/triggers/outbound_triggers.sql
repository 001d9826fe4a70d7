-- What the triggers of Tandem's tables call, at the end of its transactions, when the whole of a change
-- can be seen: its rows are shown on the old side.
--
-- They act with the rights of the upgrade's role, and wait but for a moment (``{patience}``). What an
-- error leaves is taken back with all else, ``tandem.showing`` too. Before anything is shown it is asked
-- whether Tandem has still to hear what the old side says there: its own word must not go over that.

-- A tutor of Tandem's was written.
CREATE OR REPLACE FUNCTION tandem_sync.people_tutor_shown()
RETURNS trigger
LANGUAGE plpgsql {rights} SET lock_timeout = {patience} AS $$
#variable_conflict use_column
DECLARE
  v_before text := coalesce(current_setting('tandem.showing', true), '');
BEGIN
  PERFORM set_config('tandem.showing', 'on', true);
  IF EXISTS (SELECT FROM tandem_sync.missed WHERE why = {in_hand}
    AND (source_table = 'Tutor' AND source_id IN (NEW.id, OLD.id)))
  THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {in_hand};
  END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM tandem_sync.show_tutor(NEW.id); END IF;
  IF TG_OP = 'DELETE' THEN PERFORM tandem_sync.show_tutor(OLD.id); END IF;
  PERFORM set_config('tandem.showing', v_before, true);
  RETURN NULL;
END $$;

-- A student of Tandem's was written.
CREATE OR REPLACE FUNCTION tandem_sync.people_student_shown()
RETURNS trigger
LANGUAGE plpgsql {rights} SET lock_timeout = {patience} AS $$
#variable_conflict use_column
DECLARE
  v_before text := coalesce(current_setting('tandem.showing', true), '');
BEGIN
  PERFORM set_config('tandem.showing', 'on', true);
  IF EXISTS (SELECT FROM tandem_sync.missed WHERE why = {in_hand}
    AND (source_table = 'Student' AND source_id IN (NEW.id, OLD.id)))
  THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {in_hand};
  END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM tandem_sync.show_student(NEW.id); END IF;
  IF TG_OP = 'DELETE' THEN PERFORM tandem_sync.show_student(OLD.id); END IF;
  PERFORM set_config('tandem.showing', v_before, true);
  RETURN NULL;
END $$;

-- A session of Tandem's was written.
CREATE OR REPLACE FUNCTION tandem_sync.lessons_session_shown()
RETURNS trigger
LANGUAGE plpgsql {rights} SET lock_timeout = {patience} AS $$
#variable_conflict use_column
DECLARE
  v_before text := coalesce(current_setting('tandem.showing', true), '');
BEGIN
  PERFORM set_config('tandem.showing', 'on', true);
  IF EXISTS (SELECT FROM tandem_sync.missed WHERE why = {in_hand}
    AND (source_table = 'Session' AND source_id IN (NEW.id, OLD.id)))
  THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {in_hand};
  END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM tandem_sync.show_session(NEW.id); END IF;
  IF TG_OP = 'DELETE' THEN PERFORM tandem_sync.show_session(OLD.id); END IF;
  PERFORM set_config('tandem.showing', v_before, true);
  RETURN NULL;
END $$;

-- A relationship of Tandem's was written: its student is shown, and, where the old side has connections,
-- it is shown as one. A new one needs its student first; and who was primary until now may be a further
-- tutor from now on.
CREATE OR REPLACE FUNCTION tandem_sync.relationships_tutorstudent_shown()
RETURNS trigger
LANGUAGE plpgsql {rights} SET lock_timeout = {patience} AS $$
#variable_conflict use_column
DECLARE
  v_before text := coalesce(current_setting('tandem.showing', true), '');
BEGIN
  PERFORM set_config('tandem.showing', 'on', true);
  IF EXISTS (SELECT FROM tandem_sync.missed WHERE why = {in_hand}
    AND (source_table = 'Student' AND source_id IN (NEW.student_id, OLD.student_id)
      OR source_table = 'StudentTutorConnection' AND source_id IN (NEW.id, OLD.id)))
  THEN
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {in_hand};
  END IF;
  IF tandem_sync.has_connections() THEN
    IF TG_OP <> 'INSERT' THEN PERFORM tandem_sync.show_connection(OLD.id); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM tandem_sync.show_turned(NEW.student_id); END IF;
    IF TG_OP = 'DELETE' THEN PERFORM tandem_sync.show_turned(OLD.student_id); END IF;
    IF TG_OP = 'INSERT' THEN PERFORM tandem_sync.show_connection(NEW.id); END IF;
  ELSE
    IF TG_OP <> 'DELETE' THEN PERFORM tandem_sync.show_student(NEW.student_id); END IF;
    IF TG_OP = 'DELETE' THEN PERFORM tandem_sync.show_student(OLD.student_id); END IF;
  END IF;
  PERFORM set_config('tandem.showing', v_before, true);
  RETURN NULL;
END $$;
