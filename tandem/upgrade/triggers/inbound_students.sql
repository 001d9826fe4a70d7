-- What Tandem takes from the old side of students: the person, and whom the row names as tutor.
--
-- ``{student_as_said}`` is what an update sets, where the person differs: ``{same_person}`` leaves out
-- the tutor and the subject. ``{student_as_shown_of_before}`` is Tandem's row ``before`` as the view
-- ``shown_student`` has one who is taught; ``{made_of_said}`` what the mapping makes of the row ``said``.
--
-- ``{same_person}`` and ``{same_student_subject}`` ask for ``said`` and ``shown``, variables or rows of
-- the views ``student`` and ``shown_student``; ``{student_as_said}`` also for Tandem's row ``there``, which
-- is updated, and for ``v_made``, which is what the mapping makes of the old one. ``{made_student}`` are
-- the columns of Tandem's that it makes, ``{made_student_of_v_made}`` what it made. What their tutor is by
-- the student's row alone, the view ``made_primary`` says, which is the mapping's text too.

-- Forget what is noted of students: it is heard now, else nothing that comes of it would be shown.
--
-- Who takes notes knows which: others may be written just now. All others have locked the old rows.
CREATE OR REPLACE FUNCTION tandem_sync.forget_notes_of_students(p_ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF NOT tandem_sync.shows_later()
    AND current_setting('tandem.taking_notes', true) IS DISTINCT FROM 'on'
  THEN
    DELETE FROM tandem_sync.missed WHERE source_table = 'Student' AND source_id = ANY (p_ids)
      AND operation <> 'show' AND why = {in_hand};
  END IF;
END $$;

-- Take a student. ``p_new``: the row was inserted just now. Any other that Tandem lacks, the backfill
-- brings.
--
-- Nobody waits for the tutor of such a one. A batch that was bringing the student has ended by now: it
-- holds the row, which was written after.
CREATE OR REPLACE FUNCTION tandem_sync.take_student(p_id text, p_new boolean)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  said tandem_sync.student; shown tandem_sync.shown_student; v_made record; v_known boolean;
  v_came_back boolean; v_other_tutor boolean; v_other_subject boolean; v_other_active boolean;
  v_ahead boolean; v_turned boolean; v_status text; v_main relationships_tutorstudent;
  v_plans relationships_primaryperiod[]; v_subject text; v_link text; v_details jsonb;
  v_first tandem_sync.made_primary; v_new relationships_tutorstudent;
BEGIN
  SELECT * INTO said FROM tandem_sync.student WHERE id = p_id;
  IF NOT FOUND OR NOT (p_new OR EXISTS (SELECT FROM people_student WHERE id = p_id)) THEN RETURN; END IF;
  IF said.tutor_id IS NOT NULL THEN PERFORM tandem_sync.need_tutor(said.tutor_id); END IF;
  PERFORM FROM people_student WHERE id = p_id FOR NO KEY UPDATE;
  v_known := FOUND;
  IF NOT (v_known OR p_new) THEN RETURN; END IF;
  DELETE FROM upgrade_gonefromoldside WHERE source_table = 'Student' AND source_id = p_id;
  v_came_back := FOUND;
  SELECT * INTO v_made FROM tandem_sync.made_student WHERE id = p_id;
  -- A value that only one student can have, and another has, is left on the old side.
  IF EXISTS (SELECT FROM people_student other WHERE other.email = v_made.email AND other.id <> p_id) THEN
    v_made.email := NULL;
    v_made.legacy_fault := concat_ws(' ', nullif(v_made.legacy_fault, ''), 'duplicate_value');
  END IF;
  IF EXISTS (SELECT FROM people_student other
    WHERE other.auth_subject = v_made.auth_subject AND other.id <> p_id)
  THEN
    v_made.auth_subject := NULL;
    v_made.legacy_fault := concat_ws(' ', nullif(v_made.legacy_fault, ''), 'duplicate_value');
  END IF;
  IF EXISTS (SELECT FROM people_student other
    WHERE other.parent_link_token = v_made.parent_link_token AND other.id <> p_id)
  THEN
    v_made.parent_link_token := NULL;
    v_made.legacy_fault := concat_ws(' ', nullif(v_made.legacy_fault, ''), 'duplicate_value');
  END IF;
  IF v_known THEN
    SELECT * INTO shown FROM tandem_sync.shown_student WHERE id = p_id;
    SELECT * INTO v_main FROM relationships_tutorstudent
    WHERE id = tandem_sync.main_of(p_id) FOR NO KEY UPDATE;
  ELSE -- of whom nothing was shown, and whom nobody teaches
    INSERT INTO people_student ({made_student}) VALUES ({made_student_of_v_made});
  END IF;
  v_other_tutor := NOT ({same_student_tutor_id});
  v_other_subject := NOT ({same_student_subject});
  v_other_active := NOT ({same_student_active});
  v_status := CASE WHEN coalesce(said.active, true) THEN 'active' ELSE 'paused' END;
  IF v_other_tutor OR v_other_subject OR v_other_active THEN
    PERFORM tandem_sync.forget_notes_of_students(ARRAY[p_id]);
  END IF;
  v_ahead := v_known AND EXISTS (SELECT FROM tandem_sync.shown_until WHERE student_id = p_id);
  v_turned := v_ahead AND (v_other_tutor OR v_other_subject OR v_other_active)
    AND tandem_sync.is_behind(p_id);
  IF v_turned THEN -- the old side decided of what it was shown; what it did not touch the day turned
    PERFORM tandem_sync.arrange_shown(ARRAY[p_id]);
    SELECT * INTO shown FROM tandem_sync.shown_student WHERE id = p_id;
    SELECT * INTO v_main FROM relationships_tutorstudent
    WHERE id = tandem_sync.main_of(p_id) FOR NO KEY UPDATE;
    v_other_tutor := v_other_tutor AND NOT ({same_student_tutor_id});
  END IF;
  IF v_known THEN
    UPDATE people_student there SET {student_as_said}, legacy_fault = v_made.legacy_fault
    WHERE there.id = p_id
      AND (there.legacy_fault <> v_made.legacy_fault OR NOT ({same_person}));
    UPDATE people_student SET active = coalesce(said.active, true)
    WHERE id = p_id AND said.tutor_id IS NULL AND active <> coalesce(said.active, true);
  END IF;
  IF said.tutor_id IS NOT NULL AND EXISTS (SELECT FROM people_tutor WHERE id = said.tutor_id) THEN
    v_subject := tandem_sync.subject_id(said.subject);
    IF v_main.id IS NULL THEN
      IF shown.relationship_id IS NULL OR v_other_tutor OR (v_other_active AND v_status = 'active') THEN
        -- The first relationship is what the mapping would make of the row; a later one starts today.
        IF v_known THEN v_plans := tandem_sync.plans_of(p_id); END IF;
        SELECT * INTO v_first FROM tandem_sync.made_primary WHERE student_id = p_id;
        v_new.id := v_first.id;
        IF EXISTS (SELECT FROM relationships_tutorstudent WHERE id = v_new.id) THEN
          v_new.id := tandem_sync.new_id();
        END IF;
        v_new.started_on := CASE WHEN shown.relationship_id IS NULL THEN
          greatest(tandem_sync.on_day(least(v_first.base_start,
              (SELECT min(start_time) FROM tandem_sync.session WHERE student_id = p_id))),
            CASE WHEN v_known THEN tandem_sync.ended_before(said.tutor_id, p_id, v_subject) END)
          ELSE tandem_sync.today() END;
        v_new.created_at := CASE WHEN shown.relationship_id IS NULL
          THEN v_first.created_at ELSE now() END;
        v_new.updated_at := CASE WHEN shown.relationship_id IS NULL
          THEN v_first.updated_at ELSE now() END;
        v_new.tutor_id := said.tutor_id; v_new.student_id := p_id; v_new.subject_id := v_subject;
        v_new.status := v_status; v_new.is_primary := NOT (v_known AND tandem_sync.has_mark(p_id));
        v_new.kind := 'regular'; v_new.end_reason := ''; v_new.legacy_fault := '';
        PERFORM tandem_sync.start(v_new, CASE WHEN shown.relationship_id IS NULL THEN 'imported'
          ELSE 'started' END, '{"source": "student", "old": {}}' || CASE WHEN v_new.is_primary
          THEN '{}' ELSE jsonb_build_object('primary_since', v_new.started_on) END);
        IF NOT v_new.is_primary THEN
          PERFORM tandem_sync.primary_until_plans(p_id, v_new.id, v_new.started_on, v_plans);
        END IF;
        IF shown.relationship_id IS NOT NULL THEN -- what is to come follows, as where there was a tutor
          PERFORM tandem_sync.take_over_from(v_new.id, shown.relationship_id);
        END IF;
        -- Whom nobody taught was shown inactive; from now on that is for the old side to say.
        IF v_known THEN
          UPDATE people_student SET active = coalesce(said.active, true)
          WHERE id = p_id AND active <> coalesce(said.active, true);
        END IF;
      END IF;
    ELSIF v_other_tutor THEN
      PERFORM tandem_sync.transfer(v_main, said.tutor_id, v_subject,
        CASE WHEN v_other_active OR v_status = 'paused' THEN v_status ELSE v_main.status END);
    ELSE
      IF v_other_subject AND v_subject IS DISTINCT FROM v_main.subject_id
        AND tandem_sync.turn_to(v_main, v_subject)
      THEN
        v_turned := true; -- who was the primary one is shown as a further one
        SELECT * INTO v_main FROM relationships_tutorstudent
        WHERE id = tandem_sync.main_of(p_id) FOR NO KEY UPDATE;
      ELSIF v_other_subject AND v_subject IS DISTINCT FROM v_main.subject_id AND NOT v_main.is_primary
        AND tandem_sync.overlaps_another(v_main.id, v_main.tutor_id, p_id, v_subject, v_main.started_on,
          v_main.ended_on, v_main.status)
      THEN -- with that fault it would be the primary one on no day: so it is another from today
        PERFORM tandem_sync.transfer(v_main, said.tutor_id, v_subject, v_main.status);
        v_turned := true;
        SELECT * INTO v_main FROM relationships_tutorstudent
        WHERE id = tandem_sync.main_of(p_id) FOR NO KEY UPDATE;
      ELSIF v_other_subject AND v_subject IS DISTINCT FROM v_main.subject_id THEN
        v_details := jsonb_build_object('from', v_main.subject_id);
        v_main.subject_id := v_subject;
        PERFORM tandem_sync.change(v_main, 'subject_changed', jsonb_build_object('subject', v_subject),
          v_details);
        PERFORM tandem_sync.teaches(v_main.tutor_id, v_subject);
        v_turned := true; -- there may be room for a connection, of this one or of another
      END IF;
      IF v_other_active AND v_main.status <> v_status THEN
        v_main.status := v_status;
        PERFORM tandem_sync.change(v_main, CASE v_status WHEN 'active' THEN 'resumed' ELSE 'paused' END,
          jsonb_build_object('status', v_status), '{}');
      END IF;
    END IF;
  ELSIF v_main.id IS NOT NULL AND v_other_tutor THEN
    PERFORM tandem_sync.close(v_main, 'ended', '{}');
    PERFORM tandem_sync.held_outside(v_main.id);
    PERFORM tandem_sync.promote_heir(p_id);
    PERFORM tandem_sync.show_student(p_id);
  END IF;
  IF tandem_sync.has_connections() THEN
    -- A connection may be what is the primary now, and says what has become of the one before. One that
    -- Tandem lacks still is for who takes it.
    PERFORM tandem_sync.stand_for_primary(p_id);
    FOR v_link IN SELECT c.id FROM tandem_sync.connection c
      JOIN relationships_tutorstudent r ON r.id = c.id WHERE c.student_id = p_id ORDER BY 1
    LOOP
      PERFORM tandem_sync.show_connection(v_link);
    END LOOP;
  END IF;
  IF v_turned THEN PERFORM tandem_sync.show_turned(p_id);
  ELSIF v_ahead THEN PERFORM tandem_sync.show_student(p_id); -- which may be no longer so
  ELSE PERFORM tandem_sync.show_if_changed(p_id); END IF;
  IF NOT v_known THEN -- what was written of them before Tandem had the student was not taken then
    IF tandem_sync.has_connections() THEN
      PERFORM tandem_sync.take_connection(id) FROM (
        SELECT id FROM tandem_sync.connection WHERE student_id = p_id ORDER BY id) AS theirs;
    END IF;
    IF tandem_sync.has_parents() THEN
      PERFORM tandem_sync.take_parent(id) FROM (
        SELECT id FROM tandem_sync.parent WHERE student_id = p_id ORDER BY id) AS theirs;
    END IF;
    PERFORM tandem_sync.take_sessions(ARRAY(
      SELECT id FROM tandem_sync.session WHERE student_id = p_id ORDER BY id));
  ELSIF v_main.id IS NULL OR v_other_tutor THEN
    PERFORM tandem_sync.take_unlinked(ARRAY[p_id]);
  END IF;
  IF v_came_back THEN -- what Tandem kept when the old application deleted the student stands there again
    IF tandem_sync.has_parents() THEN -- but for parents, of whom the old side alone says who they are
      PERFORM tandem_sync.drop_parent(id) FROM (
        SELECT id FROM people_parent WHERE student_id = p_id ORDER BY id) AS theirs;
    END IF;
    IF tandem_sync.has_connections() THEN
      PERFORM tandem_sync.show_connection(id) FROM (SELECT id FROM relationships_tutorstudent
        WHERE student_id = p_id ORDER BY id) AS theirs;
    END IF;
    PERFORM tandem_sync.show_session(id) FROM (
      SELECT id FROM lessons_session WHERE student_id = p_id ORDER BY id) AS theirs;
  END IF;
END $$;

-- Take students: those of whom but the person or the tutor changed as a set, the others one by one.
--
-- A value that only one student can have is looked at for each by itself.
CREATE OR REPLACE FUNCTION tandem_sync.take_students(p_ids text[], p_new boolean)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_whole text[]; v_moving text[]; v_moved text[]; v_student text;
BEGIN
  IF p_new AND NOT EXISTS (SELECT FROM people_student WHERE id = ANY (p_ids)) THEN
    PERFORM tandem_sync.take_student(id, true) FROM (
      SELECT id FROM unnest(p_ids) AS given (id) ORDER BY 1) AS new;
    RETURN;
  END IF;
  SELECT array_agg(said.id) FILTER (WHERE
      {same_student_tutor_id} AND {same_student_subject} AND {same_student_active}),
    array_agg(said.id ORDER BY said.id) FILTER (WHERE NOT {same_student_tutor_id})
  INTO v_whole, v_moving FROM tandem_sync.student said
    JOIN tandem_sync.shown_student shown ON shown.id = said.id
    JOIN people_tutor tutor ON tutor.id = said.tutor_id
  WHERE said.id = ANY (p_ids) AND shown.is_taught AND shown.legacy_fault = ''
    AND {same_student_parent_link_token} AND {same_student_user_id} AND {same_student_email};
  IF v_moving IS NOT NULL THEN
    v_moved := tandem_sync.transfer_students(v_moving);
    v_whole := v_whole || v_moved;
  END IF;
  IF v_whole IS NOT NULL THEN
    WITH said AS MATERIALIZED (SELECT * FROM tandem_sync.student WHERE id = ANY (v_whole))
    UPDATE people_student there SET {student_as_said}, legacy_fault = v_made.legacy_fault
    FROM said JOIN people_student before ON before.id = said.id
      CROSS JOIN LATERAL (SELECT {student_as_shown_of_before}) shown
      CROSS JOIN LATERAL ({made_of_said}) v_made
    WHERE there.id = said.id AND (there.legacy_fault <> v_made.legacy_fault OR NOT ({same_person}));
  END IF;
  IF v_moved <> '{}' THEN
    IF tandem_sync.has_connections() THEN -- as ``take_student`` does, of those who have any
      PERFORM tandem_sync.forget_notes_of_students(v_moved);
      FOR v_student IN SELECT DISTINCT c.student_id FROM tandem_sync.connection c
        WHERE c.student_id = ANY (v_moved) ORDER BY 1
      LOOP
        PERFORM tandem_sync.stand_for_primary(v_student);
        PERFORM tandem_sync.show_connection(id) FROM (SELECT c.id FROM tandem_sync.connection c
          JOIN relationships_tutorstudent r ON r.id = c.id WHERE c.student_id = v_student ORDER BY 1
        ) AS theirs;
        PERFORM tandem_sync.show_if_changed(v_student);
      END LOOP;
    END IF;
    PERFORM tandem_sync.take_unlinked(v_moved);
  END IF;
  IF cardinality(v_whole) = cardinality(p_ids) THEN RETURN; END IF;
  PERFORM tandem_sync.take_student(id, p_new) FROM (SELECT id FROM unnest(p_ids) AS given (id)
    WHERE id NOT IN (SELECT unnest(v_whole)) ORDER BY 1) AS others;
END $$;
