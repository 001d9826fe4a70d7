-- What the triggers of an old table call: each tells which rows a statement wrote, and has them followed.
--
-- Made for each ``{table}`` of the old side and each kind of statement, ``{operation}``. ``{rows}`` are
-- of each row written the id, the student, and whether it is gone. Where the table is not as it was, and
-- which rows these are cannot be told, that is noted.
--
-- ``{rights}`` (``rights.py``): the function acts with the rights of the upgrade's role, and with settings
-- for its plans. ``{one_wait}`` (``waiting.py``) is how many milliseconds it waits for one lock.
CREATE OR REPLACE FUNCTION tandem_sync.{function}()
RETURNS trigger
LANGUAGE plpgsql {rights} SET lock_timeout = '{one_wait}ms' AS $$
#variable_conflict use_column
DECLARE
  v_ids text[]; v_students text[]; v_gone boolean[];
  v_before text := coalesce(current_setting('tandem.quiet', true), '');
BEGIN
  PERFORM set_config('tandem.quiet', 'on', true);
  BEGIN
    SELECT array_agg(id ORDER BY id), array_agg(student ORDER BY id), array_agg(gone ORDER BY id)
    INTO v_ids, v_students, v_gone FROM ({rows}) AS rows (id, student, gone);
  EXCEPTION WHEN OTHERS THEN
    PERFORM tandem_sync.note({table}, {operation}, ARRAY['*'], ARRAY[NULL], SQLERRM);
  END;
  IF v_ids IS NOT NULL THEN
    PERFORM tandem_sync.follow_statement({table}, {operation}, v_ids, v_students, v_gone);
  END IF;
  PERFORM set_config('tandem.quiet', v_before, true);
  RETURN NULL;
END $$;
