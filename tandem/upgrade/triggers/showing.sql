-- What a write of the old application brings about on its own side is shown when it commits.
--
-- A change of tutor shows in connections and sessions, which that transaction did not write itself.
-- Were they written at once, they would stay locked while it is open: whoever writes them waits for
-- it, and two transactions that share no row can wait for each other. So it is noted which rows are
-- to be shown, and what the old side says of each, its base. What has changed against the base by
-- the end somebody wrote there, and that counts; all else is shown.

-- Whether what is to be shown waits for the end of the transaction.
CREATE OR REPLACE FUNCTION tandem_sync.shows_later()
RETURNS boolean
LANGUAGE sql STABLE AS $$
SELECT current_setting('tandem.later', true) = 'on'
  AND current_setting('tandem.showing', true) IS DISTINCT FROM 'on' $$;

-- What is to be shown, beside its note in ``missed``; ``base`` is JSON's null where there is no row.
CREATE TABLE IF NOT EXISTS tandem_sync.to_show (
  source_table text, source_id text, base jsonb, writer xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (source_table, source_id));
CREATE INDEX IF NOT EXISTS to_show_without_base ON tandem_sync.to_show (writer) WHERE base IS NULL;

-- Note that a row is to be shown; who noted it first knows the base.
CREATE OR REPLACE FUNCTION tandem_sync.note_show(p_table text, p_id text, p_student text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO tandem_sync.to_show (source_table, source_id) VALUES (p_table, p_id)
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    INSERT INTO tandem_sync.missed (source_table, source_id, student_id, operation, why)
    VALUES (p_table, p_id, p_student, 'show', {in_hand});
  END IF;
END $$;

-- Forget that a row is to be shown.
CREATE OR REPLACE FUNCTION tandem_sync.forget_show(p_table text, p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  DELETE FROM tandem_sync.to_show WHERE source_table = p_table AND source_id = p_id;
  DELETE FROM tandem_sync.missed
  WHERE source_table = p_table AND source_id = p_id AND operation = 'show';
END $$;

-- Read the bases of what this transaction noted just now, and forget what need not be shown.
--
-- That is what is so already, and what Tandem has still to hear: whoever takes that shows it. An
-- error gives back the locks of tables that reading takes: a TRUNCATE would wait for them.
CREATE OR REPLACE FUNCTION tandem_sync.read_bases()
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_tables text[]; v_ids text[]; v_bases jsonb[]; v_needless boolean[];
BEGIN
  IF NOT EXISTS (SELECT FROM tandem_sync.to_show
    WHERE writer = pg_current_xact_id() AND base IS NULL) THEN RETURN; END IF;
  BEGIN
    SELECT array_agg(source_table), array_agg(source_id), array_agg(says.base),
      array_agg(says.as_shown OR EXISTS (SELECT FROM tandem_sync.missed noted
        WHERE noted.source_table = new.source_table AND noted.source_id = new.source_id
          AND noted.operation <> 'show' AND noted.why = {in_hand}))
    INTO v_tables, v_ids, v_bases, v_needless FROM tandem_sync.to_show new
    CROSS JOIN LATERAL tandem_sync.says(new.source_table, new.source_id) says
    WHERE new.writer = pg_current_xact_id() AND new.base IS NULL;
    RAISE EXCEPTION USING ERRCODE = 'TANDM';
  EXCEPTION WHEN SQLSTATE 'TANDM' THEN
    NULL; -- the variables keep what was read
  END;
  UPDATE tandem_sync.to_show noted SET base = says.base
  FROM unnest(v_tables, v_ids, v_bases, v_needless) AS says (of, id, base, needless)
  WHERE noted.source_table = says.of AND noted.source_id = says.id AND NOT says.needless;
  PERFORM tandem_sync.forget_show(of, id)
  FROM unnest(v_tables, v_ids, v_needless) AS says (of, id, needless) WHERE needless;
END $$;

-- Show a row of one table.
CREATE OR REPLACE FUNCTION tandem_sync.show_row(p_table text, p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  CASE p_table
    WHEN 'Tutor' THEN PERFORM tandem_sync.show_tutor(p_id);
    WHEN 'Student' THEN PERFORM tandem_sync.show_student(p_id);
    WHEN 'StudentTutorConnection' THEN PERFORM tandem_sync.show_connection(p_id);
    WHEN 'Session' THEN PERFORM tandem_sync.show_session(p_id);
  END CASE;
END $$;

-- Show those of ``p_ids`` that wait for it now: the old application writes them itself.
CREATE OR REPLACE FUNCTION tandem_sync.show_noted(p_table text, p_ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_before text := coalesce(current_setting('tandem.later', true), '');
BEGIN
  IF NOT EXISTS (SELECT FROM tandem_sync.to_show) THEN RETURN; END IF;
  PERFORM set_config('tandem.later', 'off', true);
  PERFORM tandem_sync.show_row(p_table, id) FROM (SELECT id FROM unnest(p_ids) AS given (id)
    WHERE EXISTS (SELECT FROM tandem_sync.to_show WHERE source_table = p_table
      AND source_id = given.id) ORDER BY 1) AS noted;
  PERFORM set_config('tandem.later', v_before, true);
END $$;

-- Those of the sessions ``p_ids`` of which the old side has said something since they were noted.
CREATE OR REPLACE FUNCTION tandem_sync.without_noted(p_ids text[])
RETURNS text[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM tandem_sync.to_show) THEN RETURN p_ids; END IF;
  RETURN ARRAY(SELECT id FROM unnest(p_ids) AS given (id) WHERE NOT EXISTS (
    SELECT FROM tandem_sync.to_show WHERE source_table = 'Session' AND source_id = given.id));
END $$;
