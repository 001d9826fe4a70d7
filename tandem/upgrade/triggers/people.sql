-- What Tandem takes from the old side of tutors, parents and subscriptions; and who is asked for by what
-- refers to them.
--
-- ``{tutor_as_said}`` is what an update sets, from the rows ``said``, ``shown``, ``there`` and ``v_made``.
-- ``{made_tutor}`` are the columns of Tandem's that the mapping makes, ``{made_tutor_of_v_made}`` what it
-- made of one; ``{parent_as_made}`` sets them, ``{made_parent_of_t}`` are those of the row ``t``.
-- ``{from_tandem}`` stands before a tutor's id in the ``userId`` of one who was made in Tandem, until
-- they sign in. ``{old_tutor}`` and ``{tutor_key}`` are the old table, and its column with the id.

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
  IF NOT FOUND THEN PERFORM tandem_sync.take_tutor(p_id); END IF;
END $$;

-- Who is gone from the old side, and kept for their history, gives way to who is there.
--
-- Only one tutor can have an address or an account: the one that signs in with it.
CREATE OR REPLACE FUNCTION tandem_sync.release_from_gone(p_email text, p_auth_subject text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM upgrade_gonefromoldside WHERE source_table = 'Tutor') THEN RETURN; END IF;
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

-- Take a tutor.
--
-- An address that another tutor has in other capitals is a fault, whoever came first. Whom Tandem
-- lacks cannot be deleted on the old side while it is taken: the deletion would find nobody to let
-- go. Nor is anybody brought under a name that somebody has yet to get.
CREATE OR REPLACE FUNCTION tandem_sync.take_tutor(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_made record;
BEGIN
  DELETE FROM upgrade_gonefromoldside WHERE source_table = 'Tutor' AND source_id = p_id;
  PERFORM FROM people_tutor WHERE id = p_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM tandem_sync.refuse_renamed('Tutor', ARRAY[p_id]);
    PERFORM FROM {old_tutor} t WHERE t.{tutor_key} = p_id FOR KEY SHARE;
  END IF;
  SELECT * INTO v_made FROM tandem_sync.made_tutor WHERE id = p_id;
  IF NOT FOUND THEN RETURN; END IF;
  v_made.auth_subject := nullif(v_made.auth_subject, {from_tandem} || p_id);
  PERFORM tandem_sync.release_from_gone(v_made.email, v_made.auth_subject);
  IF EXISTS (SELECT FROM people_tutor other WHERE lower(other.email) = lower(v_made.email)
    AND other.id <> p_id AND other.legacy_fault !~ '\mduplicate_email\M')
  THEN
    v_made.legacy_fault := concat_ws(' ', nullif(v_made.legacy_fault, ''), 'duplicate_email');
  END IF;
  IF EXISTS (SELECT FROM people_tutor other
    WHERE other.auth_subject = v_made.auth_subject AND other.id <> p_id)
  THEN
    v_made.auth_subject := NULL;
    v_made.legacy_fault := concat_ws(' ', nullif(v_made.legacy_fault, ''), 'duplicate_value');
  END IF;
  IF EXISTS (SELECT FROM people_tutor WHERE id = p_id) THEN
    UPDATE people_tutor there SET {tutor_as_said}, legacy_fault = v_made.legacy_fault
    FROM tandem_sync.tutor said, tandem_sync.shown_tutor shown
    WHERE there.id = p_id AND said.id = p_id AND shown.id = p_id
      AND (there.legacy_fault <> v_made.legacy_fault OR NOT ({same_tutor}));
  ELSE
    BEGIN
      INSERT INTO people_tutor ({made_tutor}) VALUES ({made_tutor_of_v_made});
    EXCEPTION WHEN unique_violation THEN
      -- Somebody else brought this tutor, or the address, at the same moment. Who sees the past
      -- would see no more the second time.
      IF current_setting('transaction_isolation') <> 'read committed' THEN RAISE; END IF;
      PERFORM tandem_sync.take_tutor(p_id);
    END;
  END IF;
END $$;

-- Take a parent, whom Tandem never changes; one whose student does not exist is listed.
--
-- The student is locked by the caller, and so deletions wait.
CREATE OR REPLACE FUNCTION tandem_sync.take_parent(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Parent' AND source_id = p_id;
  INSERT INTO people_parent AS t ({made_parent})
  SELECT {made_parent} FROM tandem_sync.made_parent made WHERE made.id = p_id
    AND EXISTS (SELECT FROM people_student owner WHERE owner.id = made.student_id)
  ON CONFLICT (id) DO UPDATE SET {parent_as_made}
  WHERE ({made_parent_of_t}) IS DISTINCT FROM ({made_parent_of_excluded});
  IF NOT EXISTS (SELECT FROM people_parent made JOIN tandem_sync.parent said ON said.id = made.id
    WHERE made.id = p_id AND made.student_id = said.student_id)
  THEN
    PERFORM tandem_sync.list_ownerless('Parent', p_id,
      (SELECT student_id FROM tandem_sync.parent WHERE id = p_id));
  END IF;
EXCEPTION WHEN unique_violation THEN
  DELETE FROM people_parent WHERE id = p_id;
  PERFORM tandem_sync.list_unlinked('Parent', p_id, 'duplicate_value');
END $$;

-- Take a subscription, which Tandem never changes; one whose tutor does not exist, or whose date cannot
-- be read, is listed.
--
-- Nobody has locked it for the caller: deletions wait for the row itself, and for its tutor.
CREATE OR REPLACE FUNCTION tandem_sync.take_subscription(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Subscription' AND source_id = p_id;
  PERFORM FROM {old_subscription} s WHERE s.{subscription_key} = p_id FOR KEY SHARE;
  PERFORM FROM people_tutor t WHERE t.id = (
    SELECT tutor_id FROM tandem_sync.subscription WHERE id = p_id) FOR KEY SHARE;
  INSERT INTO people_subscription AS t ({made_subscription})
  SELECT {made_subscription} FROM tandem_sync.made_subscription made WHERE made.id = p_id
    AND EXISTS (SELECT FROM people_tutor owner WHERE owner.id = made.tutor_id)
  ON CONFLICT (id) DO UPDATE SET {subscription_as_made}
  WHERE ({made_subscription_of_t}) IS DISTINCT FROM ({made_subscription_of_excluded});
  DELETE FROM people_subscription WHERE id = p_id AND EXISTS (
    SELECT FROM tandem_sync.subscription said WHERE said.id = p_id AND (said.current_period_end IS NULL
      OR NOT EXISTS (SELECT FROM tandem_sync.tutor t WHERE t.id = said.tutor_id)));
  PERFORM tandem_sync.list_unlinked('Subscription', p_id, CASE
      WHEN said.current_period_end IS NULL THEN 'unreadable_date' ELSE 'no_tutor' END)
  FROM tandem_sync.subscription said WHERE said.id = p_id AND (said.current_period_end IS NULL
    OR NOT EXISTS (SELECT FROM tandem_sync.tutor t WHERE t.id = said.tutor_id));
EXCEPTION WHEN unique_violation THEN
  DELETE FROM people_subscription WHERE id = p_id;
  PERFORM tandem_sync.list_unlinked('Subscription', p_id, 'duplicate_value');
END $$;
