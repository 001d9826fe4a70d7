-- Tutors and rows of nobody, asked for by what refers to them.

-- List a row whose student does not exist. One whom Tandem lacks yet, the backfill brings.
--
-- It stays with nobody whose it is no longer.
CREATE OR REPLACE FUNCTION tandem_sync.list_ownerless(p_table text, p_id text, p_student text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM tandem_sync.student WHERE id = p_student) THEN
    IF p_table = 'Parent' THEN DELETE FROM people_parent WHERE id = p_id; END IF;
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

-- Who is gone from the old side, and kept for their history, gives way to who is there.
--
-- Only one tutor can have an address or an account: the one that signs in with it.
CREATE OR REPLACE FUNCTION tandem_sync.release_from_gone(p_email text, p_auth_subject text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  UPDATE people_tutor t SET auth_subject = CASE WHEN auth_subject = p_auth_subject THEN NULL
      ELSE auth_subject END,
    legacy_fault = CASE WHEN lower(email) <> lower(p_email)
        OR legacy_fault ~ '\mduplicate_email\M' THEN legacy_fault
      ELSE concat_ws(' ', nullif(legacy_fault, ''), 'duplicate_email') END
  WHERE (lower(email) = lower(p_email) OR auth_subject = p_auth_subject)
    AND (auth_subject = p_auth_subject OR legacy_fault !~ '\mduplicate_email\M')
    AND EXISTS (SELECT FROM upgrade_gonefromoldside gone
      WHERE gone.source_table = 'Tutor' AND gone.source_id = t.id);
END $$;
