-- Old rows that fit nowhere are listed whole, with the reason.

-- List a row of one table, ``{whole_student}`` as the mapping would: as JSON under its Prisma names,
-- unknown columns too.
--
-- JSON spells a moment in the session's zone.
CREATE OR REPLACE FUNCTION tandem_sync.list_unlinked(p_table text, p_id text, p_reason text)
RETURNS void
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
#variable_conflict use_column
DECLARE
  v_row jsonb;
BEGIN
  IF p_table = 'Tutor' THEN
    SELECT {whole_tutor} INTO v_row FROM tandem_sync.tutor old WHERE old.id = p_id;
  END IF;
  IF p_table = 'Student' THEN
    SELECT {whole_student} INTO v_row FROM tandem_sync.student old WHERE old.id = p_id;
  END IF;
  IF p_table = 'Session' THEN
    SELECT {whole_session} INTO v_row FROM tandem_sync.session old WHERE old.id = p_id;
  END IF;
  IF p_table = 'Subscription' THEN
    SELECT {whole_subscription} INTO v_row FROM tandem_sync.subscription old WHERE old.id = p_id;
  END IF;
  IF p_table = 'Parent' THEN
    SELECT {whole_parent} INTO v_row FROM tandem_sync.parent old WHERE old.id = p_id;
  END IF;
  IF p_table = 'StudentTutorConnection' THEN
    SELECT {whole_connection} INTO v_row FROM tandem_sync.connection old WHERE old.id = p_id;
  END IF;
  DELETE FROM upgrade_unlinkedlegacyrow
  WHERE source_table = p_table AND source_id = p_id AND (reason <> p_reason OR row <> v_row);
  INSERT INTO upgrade_unlinkedlegacyrow (id, source_table, source_id, row, reason, created_at)
  VALUES (tandem_ulid(now(), p_table || ' ' || p_id || ' ' || p_reason), p_table, p_id, v_row,
    p_reason, now()) ON CONFLICT DO NOTHING;
END $$;
