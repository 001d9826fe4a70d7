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

-- Hold the key of a tutor, whom a row that is to be written names; bring one whom Tandem lacks.
--
-- Foreign keys hold it only at the end of the transaction, where nobody counts how long is waited.
CREATE OR REPLACE FUNCTION tandem_sync.need_tutor(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM FROM people_tutor WHERE id = p_id FOR KEY SHARE;
  IF NOT FOUND THEN
    PERFORM tandem_sync.refuse_renamed('Tutor', ARRAY[p_id]);
    PERFORM tandem_sync.take_tutor(p_id);
  END IF;
END $$;
