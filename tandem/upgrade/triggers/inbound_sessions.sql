-- What Tandem takes from the old side of sessions: each goes to one relationship, or is listed.
--
-- A set at a time, whatever its size: what a statement of the old application costs grows with its
-- rows. ``{session_as_shown_of_there}`` is Tandem's row ``there`` as the view ``shown_session`` has it;
-- ``{made_of_placed}`` what the mapping makes of the old rows that have a place. ``{session_kept_as_taken}``
-- is what is kept of such a ``row``; what the old side cannot say, as it is ``there``.

-- Take sessions: the rows that differ, where each goes, what it is made of, what is wrong with it; then
-- write.
--
-- Whose they are is locked first: a note may be of the student whom a session has left, and that one
-- alone is locked by who takes it. One that changes hands meanwhile is for the write that does so.
--
-- All that follows is one look at each row. It is taken again where its answer may have changed: when
-- the student whom a session comes from is locked, and when a relationship was made to begin earlier.
-- In it each old row is read once (the view's cells are work), and Tandem's beside it. What is made of
-- it is not joined to it again: of sets whose size nobody knows, that would take the square of it.
CREATE OR REPLACE FUNCTION tandem_sync.take_sessions(p_ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_made tandem_sync.made_session[]; v_some_known boolean; v_some_new boolean; v_some_ownerless boolean;
  v_unplaced text[]; v_reasons text[]; v_ownerless text[]; v_owners text[]; v_left text[];
  v_held text[] := '{}'; v_links text[]; v_days date[]; v_reached_back boolean := false; v_row record;
BEGIN
  IF p_ids = '{}' THEN RETURN; END IF;
  p_ids := tandem_sync.without_noted(p_ids);
  v_owners := ARRAY(SELECT s.id FROM people_student s WHERE s.id = ANY (ARRAY(
    SELECT said.student_id FROM tandem_sync.session said WHERE said.id = ANY (p_ids)))
    ORDER BY s.id FOR NO KEY UPDATE);
  IF tandem_sync.sessions_have('tutor_id') THEN PERFORM tandem_sync.list_unknown_tutors(p_ids); END IF;
  IF tandem_sync.sessions_have('subject') AND tandem_sync.sessions_have('tutor_id') THEN
    PERFORM tandem_sync.teaches(tutor_id, tandem_sync.subject_id(subject)) FROM (
      SELECT DISTINCT said.tutor_id, said.subject FROM tandem_sync.session said
      JOIN people_tutor t ON t.id = said.tutor_id
      WHERE said.id = ANY (p_ids) AND said.subject <> 'General' ORDER BY 1, 2) named;
  END IF;
  LOOP
    WITH said AS MATERIALIZED (
      SELECT * FROM tandem_sync.session WHERE id = ANY (p_ids)
    ), differing AS MATERIALIZED (
      SELECT said.*, there.id IS NOT NULL AS known,
        coalesce(said.student_id IN (SELECT unnest(v_owners)), false) AS owned,
        CASE WHEN there.student_id <> said.student_id THEN there.student_id END AS left_behind,
        tandem_sync.on_day(said.start_time) AS day, there.tutor_student_id AS where_it_is,
        -- It stays where Tandem has it, unless it names another student, tutor or connection, or comes
        -- to a day on which that relationship does not hold: to another hour, or back from one that
        -- Tandem had cancelled.
        coalesce(there.student_id = said.student_id
          AND NOT ((tandem_sync.sessions_have('tutor_id')
              AND said.tutor_id IS DISTINCT FROM there.tutor_id
              AND EXISTS (SELECT FROM relationships_tutorstudent r WHERE r.student_id = said.student_id
                AND r.tutor_id = said.tutor_id AND r.status <> 'declined'))
            OR (tandem_sync.sessions_name_connections()
              AND EXISTS (SELECT FROM relationships_tutorstudent r WHERE r.id = said.connection_id
                AND r.student_id = said.student_id AND r.id <> there.tutor_student_id)))
          AND ((tandem_sync.same_moment(there.starts_at, said.start_time)
              AND tandem_sync.same_moment(there.ends_at, said.end_time)
              AND NOT (tandem_sync.sessions_have('status') AND there.status = 'cancelled'
                AND coalesce(tandem_sync.session_status(said.status) <> 'cancelled', false)))
            OR EXISTS (SELECT FROM relationships_tutorstudent r WHERE r.id = there.tutor_student_id
              AND r.started_on <= tandem_sync.on_day(said.start_time)
              AND coalesce(r.ended_on >= tandem_sync.on_day(said.start_time), true))), false) AS stays
      FROM said
      LEFT JOIN lessons_session there ON there.id = said.id
      LEFT JOIN LATERAL (SELECT {session_as_shown_of_there}) shown ON true
      WHERE NOT coalesce(said.student_id = there.student_id
        AND NOT EXISTS (SELECT FROM upgrade_gonefromoldside gone
          WHERE gone.source_table = 'Student' AND gone.source_id = there.student_id)
        AND {same_session}, false)
    ), placed AS MATERIALIZED (
      -- Most students have but one relationship, or a primary one on the day.
      SELECT said.*, CASE WHEN stays THEN where_it_is WHEN owned THEN coalesce(
        (SELECT min(r.id) FROM relationships_tutorstudent r WHERE r.student_id = said.student_id
          HAVING count(*) = 1 AND min(r.status) <> 'declined'),
        CASE WHEN NOT (tandem_sync.sessions_have('tutor_id') OR tandem_sync.sessions_name_connections())
          THEN (SELECT r.id FROM relationships_tutorstudent r
            WHERE r.student_id = said.student_id AND r.is_primary
              AND r.started_on <= day AND coalesce(r.ended_on > day, true)
              AND NOT EXISTS (SELECT FROM tandem_sync.shown_until noted
                WHERE noted.student_id = r.student_id)) END,
        tandem_sync.link_of(said.student_id, said.tutor_id, said.connection_id, said.subject, day),
        CASE WHEN left_behind IS NULL THEN where_it_is END) END AS goes_to
      FROM differing said
    )
    SELECT found.*, made.*
    INTO v_some_known, v_some_new, v_some_ownerless, v_left, v_unplaced, v_reasons, v_links, v_days, v_made
    FROM (
      SELECT bool_or(known), bool_or(NOT known), bool_or(NOT owned),
        array_agg(DISTINCT left_behind) FILTER (WHERE left_behind <> ''),
        array_agg(id) FILTER (WHERE owned
          AND (goes_to IS NULL OR start_time IS NULL OR end_time IS NULL)),
        array_agg(CASE WHEN start_time IS NULL OR end_time IS NULL THEN 'unreadable_date'
            ELSE 'no_relationship' END)
          FILTER (WHERE owned AND (goes_to IS NULL OR start_time IS NULL OR end_time IS NULL)),
        array_agg(goes_to) FILTER (WHERE owned AND NOT stays AND goes_to IS NOT NULL),
        array_agg(day) FILTER (WHERE owned AND NOT stays AND goes_to IS NOT NULL)
      FROM placed
    ) found, (
      -- But for what the old side cannot say, which stays. What is in the diary at that time already,
      -- the constraints have looked at.
      SELECT array_agg((row.id, row.tutor_student_id, row.tutor_id, row.student_id,
        CASE WHEN NOT tandem_sync.sessions_have('status')
            AND (there.status NOT IN ('scheduled', 'completed') OR (there.status <> 'scheduled'
              AND tandem_sync.same_moment(there.starts_at, row.starts_at)
              AND tandem_sync.same_moment(there.ends_at, row.ends_at)))
          THEN there.status ELSE row.status END,
        row.legacy_fault, {session_kept_as_taken}, there.group_id,
        coalesce(there.legacy_fault = '' AND there.status IN ('scheduled', 'completed')
          AND there.tutor_id = row.tutor_id AND there.student_id = row.student_id
          AND tandem_sync.same_moment(there.starts_at, row.starts_at)
          AND tandem_sync.same_moment(there.ends_at, row.ends_at), false))::tandem_sync.made_session
        ORDER BY row.id)
      FROM ({made_of_placed}) row LEFT JOIN lessons_session there ON there.id = row.id
    ) made;
    IF NOT coalesce(v_left, '{}') <@ v_held THEN
      PERFORM FROM people_student s WHERE s.id = ANY (v_left) ORDER BY s.id FOR NO KEY UPDATE;
      v_held := v_held || v_left;
      CONTINUE;
    END IF;
    EXIT WHEN v_links IS NULL OR v_reached_back;
    v_reached_back := true;
    PERFORM tandem_sync.reach_back(goes.link, goes.first) FROM (SELECT link, min(day) AS first
      FROM unnest(v_links, v_days) AS each (link, day) GROUP BY 1) goes
    JOIN relationships_tutorstudent r ON r.id = goes.link WHERE r.started_on > goes.first;
    EXIT WHEN NOT FOUND;
  END LOOP;
  IF v_some_ownerless THEN
    v_ownerless := ARRAY(SELECT said.id FROM tandem_sync.session said WHERE said.id = ANY (p_ids)
      AND NOT EXISTS (SELECT FROM people_student s WHERE s.id = said.student_id)
      AND NOT EXISTS (SELECT FROM tandem_sync.student o WHERE o.id = said.student_id) ORDER BY 1);
    PERFORM tandem_sync.tell_removed(v_ownerless);
    DELETE FROM lessons_session WHERE id = ANY (v_ownerless);
    PERFORM tandem_sync.list_unlinked('Session', id, 'no_student') FROM unnest(v_ownerless) AS of (id);
  END IF;
  FOR v_row IN SELECT id, reason FROM unnest(v_unplaced, v_reasons) AS of (id, reason) ORDER BY 1 LOOP
    -- It stays with nobody whose it is no longer: their parents would read of another's child.
    PERFORM tandem_sync.tell_removed(ARRAY[v_row.id]);
    DELETE FROM lessons_session WHERE id = v_row.id;
    PERFORM tandem_sync.list_unlinked('Session', v_row.id, v_row.reason);
  END LOOP;
  IF v_made IS NULL THEN RETURN; END IF;
  PERFORM tandem_sync.write_sessions(v_made, v_some_known, v_some_new);
  IF EXISTS (SELECT FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Session') THEN
    DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Session'
      AND source_id = ANY (ARRAY(SELECT id FROM unnest(v_made)));
  END IF;
END $$;
