-- Sessions of a half-moved database that name a tutor whom the old side has not: the column has no key.
--
-- Such a name says nothing, and where its tutor comes it says that the session is another's than who
-- held it. The column has no index, either: so the sessions are listed, and nobody reads all of them.
-- A row for a session that is gone, or names somebody else by now, does no harm: it is looked at again.

CREATE TABLE IF NOT EXISTS tandem_sync.unknown_tutor (
  session_id text PRIMARY KEY, tutor_id text NOT NULL);
CREATE INDEX IF NOT EXISTS unknown_tutor_by_tutor ON tandem_sync.unknown_tutor (tutor_id);

-- The sessions that do so.
CREATE OR REPLACE VIEW tandem_sync.names_unknown_tutor AS
SELECT said.id AS session_id, said.tutor_id, said.student_id FROM tandem_sync.session said
WHERE said.tutor_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM tandem_sync.tutor t WHERE t.id = said.tutor_id);

-- List those of the sessions ``p_ids`` that name a tutor whom the old side has not.
CREATE OR REPLACE FUNCTION tandem_sync.list_unknown_tutors(p_ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO tandem_sync.unknown_tutor (session_id, tutor_id)
  SELECT session_id, tutor_id FROM tandem_sync.names_unknown_tutor WHERE session_id = ANY (p_ids)
  ORDER BY 1 ON CONFLICT (session_id) DO UPDATE SET tutor_id = excluded.tutor_id;
END $$;

-- Sessions that name one of ``p_tutors``, who is there from now on, and are another's: they say so by
-- a fault.
CREATE OR REPLACE FUNCTION tandem_sync.take_sessions_that_name(p_tutors text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_ids text[];
BEGIN
  IF NOT tandem_sync.sessions_have('tutor_id') THEN RETURN; END IF;
  WITH no_longer AS (
    DELETE FROM tandem_sync.unknown_tutor WHERE tutor_id = ANY (p_tutors) RETURNING session_id
  ) SELECT coalesce(array_agg(session_id ORDER BY session_id), '{}') INTO v_ids FROM no_longer;
  PERFORM tandem_sync.take_sessions(ARRAY(SELECT said.id FROM tandem_sync.session said
    JOIN lessons_session there ON there.id = said.id AND there.tutor_id <> said.tutor_id
    WHERE said.id = ANY (v_ids) AND said.tutor_id = ANY (p_tutors)
      AND there.legacy_fault !~ '\mother_tutor_named\M' ORDER BY 1));
END $$;
