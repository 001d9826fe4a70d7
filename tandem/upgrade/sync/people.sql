-- Tutors and rows of nobody, asked for by what refers to them.

-- List a row whose student does not exist. One whom Tandem lacks yet, the backfill brings.
CREATE OR REPLACE FUNCTION tandem_sync.list_ownerless(p_table text, p_id text, p_student text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM tandem_sync.student WHERE id = p_student) THEN
    PERFORM tandem_sync.list_unlinked(p_table, p_id, 'no_student');
  END IF;
END $$;

-- Bring a tutor whom Tandem lacks.
CREATE OR REPLACE FUNCTION tandem_sync.need_tutor(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM people_tutor WHERE id = p_id) THEN
    PERFORM tandem_sync.take_tutor(p_id);
  END IF;
END $$;
