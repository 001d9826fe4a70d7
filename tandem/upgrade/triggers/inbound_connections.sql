-- What Tandem takes of StudentTutorConnection, where a half-moved database has it.

-- Take a connection: what it says that Tandem does not say already, with its line of history.
--
-- What it is by its own row alone, the view ``made_connection`` says, which is the mapping's text.
--
-- JSON spells a moment in the session's zone.
CREATE OR REPLACE FUNCTION tandem_sync.take_connection(p_id text)
RETURNS void
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
#variable_conflict use_column
DECLARE
  said tandem_sync.connection; shown tandem_sync.shown_connection; v_known boolean; v_was text; v_is text;
  v_made tandem_sync.made_connection; v_main text; v_row relationships_tutorstudent;
  v_before relationships_tutorstudent;
BEGIN
  SELECT * INTO said FROM tandem_sync.connection WHERE id = p_id;
  IF NOT FOUND THEN RETURN; END IF;
  IF NOT EXISTS (SELECT FROM people_student WHERE id = said.student_id) THEN
    IF NOT EXISTS (SELECT FROM tandem_sync.student WHERE id = said.student_id) THEN
      PERFORM tandem_sync.given_to_nobody(p_id);
    END IF;
    PERFORM tandem_sync.list_ownerless('StudentTutorConnection', p_id, said.student_id);
    RETURN;
  END IF;
  PERFORM tandem_sync.need_tutor(said.tutor_id);
  IF NOT EXISTS (SELECT FROM people_tutor WHERE id = said.tutor_id) THEN
    PERFORM tandem_sync.given_to_nobody(p_id);
    PERFORM tandem_sync.list_unlinked('StudentTutorConnection', p_id, 'no_tutor');
    RETURN;
  END IF;
  DELETE FROM upgrade_unlinkedlegacyrow
  WHERE source_table = 'StudentTutorConnection' AND source_id = p_id;
  DELETE FROM upgrade_gonefromoldside
  WHERE source_table = 'StudentTutorConnection' AND source_id = p_id;
  PERFORM FROM people_student WHERE id = said.student_id FOR NO KEY UPDATE;
  SELECT * INTO v_row FROM relationships_tutorstudent WHERE id = p_id FOR NO KEY UPDATE;
  v_known := FOUND;
  v_main := tandem_sync.main_of(said.student_id);
  IF v_known AND (v_row.tutor_id, v_row.student_id) <> (said.tutor_id, said.student_id) THEN
    PERFORM tandem_sync.make_way(v_row);
    v_known := false;
    v_row := NULL;
  END IF;
  v_before := v_row;
  SELECT * INTO v_made FROM tandem_sync.made_connection WHERE id = p_id;
  IF v_known THEN
    SELECT * INTO shown FROM tandem_sync.shown_connection WHERE id = p_id;
    v_was := shown.status;
    v_row.status := v_was; -- in the words of the old side, which has one for what has an end
    IF NOT {same_connection_status} THEN v_row.status := v_made.status; END IF;
    IF NOT {same_connection_subject} THEN
      v_row.subject_id := tandem_sync.subject_id(said.subject);
    END IF;
    IF NOT {same_connection_start_date} THEN
      v_row.started_on := tandem_sync.on_day(v_made.given_start);
    END IF;
    IF NOT {same_connection_end_date} THEN v_row.ended_on := v_made.ended_on; END IF;
    v_row.is_primary := v_row.is_primary AND v_row.status IN ('active', 'paused');
  ELSE
    v_row.status := v_made.status; v_row.subject_id := tandem_sync.subject_id(said.subject);
    v_row.started_on := tandem_sync.on_day(coalesce(v_made.given_start, v_made.base_start));
    v_row.ended_on := v_made.ended_on; v_row.id := p_id; v_row.tutor_id := said.tutor_id;
    v_row.student_id := said.student_id; v_row.kind := 'regular'; v_row.is_primary := false;
    v_row.end_reason := ''; v_row.created_at := v_made.created_at; v_row.updated_at := v_made.updated_at;
  END IF;
  v_row.legacy_fault := concat_ws(' ', v_made.read_fault, nullif(v_made.fault, ''),
    nullif(tandem_sync.faults_of_dates(v_row.status, v_row.started_on, v_row.ended_on), ''));
  v_is := v_row.status;
  IF v_is = 'ended' AND v_row.ended_on IS NOT NULL THEN -- stored is what was decided until then
    v_row.status := CASE WHEN v_before.status IN ('active', 'paused') THEN v_before.status
      ELSE 'active' END;
  END IF;
  IF NOT v_known THEN
    IF v_is = 'ended' AND v_row.ended_on IS NOT NULL THEN PERFORM tandem_sync.begin_after(v_row); END IF;
    PERFORM tandem_sync.start(v_row, 'imported',
      jsonb_build_object('source', v_made.source, 'old', v_made.details));
  ELSIF (v_is, v_row.subject_id, v_row.started_on, v_row.ended_on) IS DISTINCT FROM
    (v_was, v_before.subject_id, v_before.started_on, v_before.ended_on)
  THEN
    PERFORM tandem_sync.change(v_row, CASE
        WHEN v_is = v_was AND v_row.subject_id IS DISTINCT FROM v_before.subject_id
          THEN 'subject_changed'
        WHEN v_is = v_was THEN 'started'
        WHEN v_is = 'active' THEN 'resumed' WHEN v_is = 'pending' THEN 'requested' ELSE v_is END,
      jsonb_build_object('status', v_row.status, 'subject', v_row.subject_id, 'started_on',
        v_row.started_on, 'ended_on', v_row.ended_on, 'is_primary', v_row.is_primary), '{}');
    PERFORM tandem_sync.held_outside(p_id);
  ELSIF v_row.legacy_fault <> v_before.legacy_fault
    AND (v_row.legacy_fault, v_before.legacy_fault) <> ('', 'overlap')
  THEN
    UPDATE relationships_tutorstudent SET legacy_fault = tandem_sync.fault_with_overlap(v_row)
    WHERE id = p_id;
  END IF;
  PERFORM tandem_sync.stand_for_primary(said.student_id);
  PERFORM tandem_sync.promote_heir(said.student_id);
  PERFORM tandem_sync.teaches(v_row.tutor_id, v_row.subject_id);
  PERFORM tandem_sync.take_unlinked(ARRAY[said.student_id]);
  IF tandem_sync.main_of(said.student_id) IS DISTINCT FROM v_main
    OR (v_known AND v_row.subject_id IS DISTINCT FROM v_before.subject_id)
  THEN -- who taught until now may be a further tutor, or there is room for another connection
    PERFORM tandem_sync.show_turned(said.student_id);
  ELSE
    PERFORM tandem_sync.show_student(said.student_id);
  END IF;
  IF NOT v_known THEN -- what names a connection may have come before it, and gone to the primary
    PERFORM tandem_sync.take_sessions(ARRAY(SELECT s.id FROM tandem_sync.session s
      WHERE s.student_id = said.student_id AND (s.connection_id = p_id OR s.tutor_id = said.tutor_id)
      ORDER BY s.id));
  END IF;
END $$;
