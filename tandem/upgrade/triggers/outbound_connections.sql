-- What the old side is shown as StudentTutorConnection, where a half-moved database has it.
--
-- ``{has_connection}``: the row ``shown`` stands there as a connection, or should.

-- A relationship has a connection where the old side has room for one and does not say it yet.
--
-- Where it has none for a subject that the old application itself brought about, the connection keeps
-- what it says, and all else of it is shown. What Tandem's own action would say there is refused.
CREATE OR REPLACE FUNCTION tandem_sync.show_connection(p_id text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_before record; shown tandem_sync.shown_connection;
BEGIN
  IF tandem_sync.shows_later() THEN
    PERFORM tandem_sync.note_show('StudentTutorConnection', p_id,
      (SELECT student_id FROM relationships_tutorstudent WHERE id = p_id));
    RETURN;
  END IF;
  v_before := tandem_sync.before_showing('StudentTutorConnection', p_id);
  IF NOT v_before.goes_on THEN RETURN; END IF;
  SELECT * INTO shown FROM tandem_sync.shown_connection WHERE id = p_id;
  IF NOT FOUND THEN
    IF v_before.unheard IS NULL
      AND NOT EXISTS (SELECT FROM relationships_tutorstudent WHERE id = p_id)
      AND NOT EXISTS (SELECT FROM upgrade_unlinkedlegacyrow
        WHERE source_table = 'StudentTutorConnection' AND source_id = p_id)
    THEN
      DELETE FROM {old_connection} WHERE {connection_key} = p_id;
    END IF;
    RETURN;
  END IF;
  PERFORM tandem_sync.refuse_renamed('Student', ARRAY[shown.student_id]);
  IF EXISTS (SELECT FROM {old_connection} o WHERE o.{connection_key} = p_id) THEN
    IF EXISTS (SELECT FROM tandem_sync.connection said JOIN tandem_sync.connection other
      ON other.student_id = said.student_id AND other.tutor_id = said.tutor_id AND other.id <> said.id
      WHERE said.id = p_id AND NOT {same_connection_subject})
    THEN
      BEGIN
        UPDATE {old_connection} there SET {connection_as_shown}
        FROM tandem_sync.connection said JOIN tandem_sync.shown_connection shown ON shown.id = said.id
        WHERE there.{connection_key} = p_id AND said.id = p_id AND NOT ({same_connection})
          AND (v_before.unheard IS NULL OR NOT ({same_or_unheard_connection}))
          AND (v_before.noted OR NOT EXISTS (SELECT FROM tandem_sync.missed
            WHERE source_table = 'StudentTutorConnection' AND source_id = p_id AND why = {in_hand}));
      EXCEPTION WHEN unique_violation THEN
        IF current_setting('tandem.showing', true) = 'on'
          AND current_setting('tandem.quiet', true) IS DISTINCT FROM 'on'
          AND NOT v_before.noted
        THEN
          RAISE; -- it is Tandem's own action that is shown, at its end
        END IF;
        PERFORM tandem_sync.part_from_connection(p_id);
      END;
    END IF;
    UPDATE {old_connection} there SET {connection_as_shown}
    FROM tandem_sync.connection said JOIN tandem_sync.shown_connection shown ON shown.id = said.id
    WHERE there.{connection_key} = p_id AND said.id = p_id AND NOT ({same_connection})
      AND (v_before.unheard IS NULL OR NOT ({same_or_unheard_connection}))
      AND (v_before.noted OR NOT EXISTS (SELECT FROM tandem_sync.missed
        WHERE source_table = 'StudentTutorConnection' AND source_id = p_id AND why = {in_hand}));
  ELSIF {has_connection} THEN
    PERFORM tandem_sync.show_missing_tutor(shown.tutor_id);
    INSERT INTO {old_connection} ({connection_columns}) VALUES ({connection_values})
    ON CONFLICT DO NOTHING;
    DELETE FROM upgrade_unshownrow
    WHERE table_name = 'relationships_tutorstudent' AND row_id = p_id;
  END IF;
END $$;
