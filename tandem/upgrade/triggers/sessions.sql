-- Sessions of the old side: where each goes, what clashes, and how a set of them is written.
--
-- A set at a time, whatever its size: what a statement of the old application costs grows with its
-- rows. Each change leaves its line of history, written before the rows: what is there then is what
-- was before.
--
-- ``{clashes_beyond}`` (``overlaps.py``): another faultless session, none of ``v_ids``, takes the tutor's or
-- the student's time in which the row ``m`` lies. ``{overlapping_earlier}``: ``m`` and the row ``earlier``
-- cannot both be held.
--
-- ``{session_kept}`` are the columns that are kept as they are, of Tandem's table, and
-- ``{session_kept_of_m}`` those of the row ``m``; ``{session_kept_as_made}`` sets them as ``m`` has them.
-- ``{session_texts_that_differ}``: the names of those in which ``x`` and ``m`` differ, but for moments.

-- No rows; its type is that of a session as the mapping makes it, with whether it is in the diary.
CREATE OR REPLACE VIEW tandem_sync.made_session AS
SELECT id, tutor_student_id, tutor_id, student_id, status, legacy_fault, {session_kept}, group_id,
  false AS in_diary
FROM lessons_session WHERE false;

-- The relationship of an old session: what the row names, or else the primary, where Student.tutorId says
-- that there is one; then the only one there is. It is never guessed.
--
-- Where the primary one took over from others, the one that held on the session's day.
CREATE OR REPLACE FUNCTION tandem_sync.link_of(p_student text, p_tutor text, p_connection text,
  p_subject text, p_day date)
RETURNS text
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_link text; v_main text;
BEGIN
  IF p_connection IS NOT NULL THEN
    SELECT id INTO v_link FROM relationships_tutorstudent
    WHERE id = p_connection AND student_id = p_student;
    IF FOUND THEN RETURN v_link; END IF;
  END IF;
  IF p_tutor IS NOT NULL THEN
    SELECT r.id INTO v_link FROM relationships_tutorstudent r
    LEFT JOIN people_subject subject ON subject.id = r.subject_id
    WHERE r.student_id = p_student AND r.tutor_id = p_tutor
      AND r.status <> 'declined'
    ORDER BY r.started_on > p_day OR coalesce(r.ended_on < p_day, false),
      lower(subject.name) IS DISTINCT FROM tandem_sync.subject_key(p_subject), NOT r.is_primary,
      NOT tandem_sync.is_open(r), r.created_at, r.id LIMIT 1;
    IF FOUND THEN RETURN v_link; END IF;
  END IF;
  SELECT tutor_student_id INTO v_link FROM relationships_primaryperiod WHERE student_id = p_student
    AND starts_on <= p_day AND coalesce(ends_on > p_day, true)
    AND EXISTS (SELECT FROM tandem_sync.shown_until WHERE student_id = p_student);
  IF FOUND THEN RETURN v_link; END IF;
  SELECT relationship_id INTO v_main FROM tandem_sync.shown_student WHERE id = p_student
    AND EXISTS (SELECT FROM tandem_sync.student said WHERE said.id = p_student AND said.tutor_id IS NOT NULL);
  WITH RECURSIVE line AS (
    SELECT r.*, 0 AS back FROM relationships_tutorstudent r WHERE r.id = v_main
    UNION ALL
    SELECT r.*, line.back + 1 FROM relationships_tutorstudent r
    JOIN line ON r.id = line.transferred_from_id
  ) CYCLE id SET is_circle USING path -- which nobody makes, and an older version or a hand may have stored
  SELECT id INTO v_link FROM line
  ORDER BY NOT (started_on <= p_day AND coalesce(ended_on > p_day, true)),
    NOT (started_on <= p_day AND coalesce(ended_on >= p_day, true)), back LIMIT 1;
  IF v_link IS NULL THEN
    SELECT min(id) INTO v_link FROM relationships_tutorstudent
    WHERE student_id = p_student AND status <> 'declined' HAVING count(*) = 1;
  END IF;
  RETURN v_link;
END $$;

-- A relationship of the old side that says of itself no start begins at its first session, whenever that
-- is entered.
CREATE OR REPLACE FUNCTION tandem_sync.reach_back(p_link text, p_day date)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_source text;
BEGIN
  v_source := CASE WHEN tandem_sync.of_student_row(p_link) THEN 'student'
    WHEN EXISTS (SELECT FROM tandem_sync.connection WHERE id = p_link AND start_date IS NULL)
    THEN 'connection' END;
  IF v_source = 'student' THEN
    p_day := greatest(p_day, (SELECT tandem_sync.ended_before(tutor_id, student_id, subject_id)
      FROM relationships_tutorstudent WHERE id = p_link));
  END IF;
  UPDATE relationships_tutorstudent SET started_on = p_day, legacy_fault = array_to_string(CASE
      WHEN p_day <= ended_on THEN array_remove(string_to_array(legacy_fault, ' '), 'ends_before_start')
      ELSE string_to_array(legacy_fault, ' ') END, ' ')
  WHERE id = p_link AND started_on > p_day AND transferred_from_id IS NULL AND EXISTS (
    SELECT FROM relationships_relationshipevent WHERE relationship_id = p_link
      AND what = 'imported' AND details ->> 'source' = v_source);
  IF FOUND THEN
    PERFORM tandem_sync.record(p_link, 'imported', p_day, jsonb_build_object('source', v_source, 'old',
      '{}'::jsonb, 'set', jsonb_build_object('started_on', p_day)));
    PERFORM tandem_sync.show_if_changed(student_id) FROM relationships_tutorstudent WHERE id = p_link;
    IF to_regprocedure('tandem_sync.show_connection(text)') IS NOT NULL THEN
      PERFORM tandem_sync.show_connection(p_link); -- a further tutor may stand as one
    END IF;
  END IF;
EXCEPTION WHEN exclusion_violation THEN
  NULL; -- an earlier one of the same tutor, student and subject lies there
END $$;

-- Give the fault to each session that clashes: with one that stays, or an earlier one of the set.
--
-- Where each lies is where it will lie. A first look finds who starts before an earlier one of the
-- same tutor or student is over; only those few are compared with each other.
CREATE OR REPLACE FUNCTION tandem_sync.name_overlaps(p_made tandem_sync.made_session[])
RETURNS tandem_sync.made_session[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_ids text[]; v_clashing text[]; v_n integer;
BEGIN
  v_ids := ARRAY(SELECT id FROM unnest(p_made));
  v_clashing := ARRAY(SELECT m.id FROM unnest(p_made) m
    WHERE legacy_fault = '' AND status IN ('scheduled', 'completed') AND NOT in_diary
    AND ({clashes_beyond}));
  IF cardinality(p_made) > 1 THEN
    v_clashing := v_clashing || ARRAY(
      SELECT m.id FROM (
        SELECT *,
          starts_at < max(ends_at) OVER (PARTITION BY tutor_id ORDER BY starts_at, ends_at, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS by_tutor_id,
          starts_at < max(ends_at) OVER (PARTITION BY student_id ORDER BY starts_at, ends_at, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS by_student_id
        FROM unnest(p_made)
        WHERE legacy_fault = '' AND status IN ('scheduled', 'completed') AND NOT in_diary
      ) m
      WHERE (by_tutor_id OR by_student_id) AND EXISTS (SELECT FROM unnest(p_made) earlier
        WHERE earlier.legacy_fault = '' AND earlier.status IN ('scheduled', 'completed')
          AND (earlier.starts_at, earlier.ends_at, earlier.id) < (m.starts_at, m.ends_at, m.id)
          AND {overlapping_earlier}));
  END IF;
  IF v_clashing = '{}' THEN RETURN p_made; END IF;
  FOR v_n IN SELECT ordinality FROM unnest(p_made) WITH ORDINALITY AS m WHERE m.id = ANY (v_clashing)
  LOOP
    p_made[v_n].legacy_fault := 'overlap';
  END LOOP;
  RETURN p_made;
END $$;

-- One line for each thing that becomes other: new, another tutor's, moved, its state, its texts.
--
-- As ``tandem_record_session`` writes them for other programs. What stays leaves none.
CREATE OR REPLACE FUNCTION tandem_sync.tell_written(p_made tandem_sync.made_session[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO lessons_sessionevent (session_id, student_id, what, at, details)
  SELECT m.id, m.student_id, line.what, clock_timestamp(),
    line.details || jsonb_build_object('source', 'older application')
  FROM unnest(p_made) WITH ORDINALITY AS m LEFT JOIN lessons_session x ON x.id = m.id
  CROSS JOIN LATERAL (
    SELECT 1, CASE m.status WHEN 'scheduled' THEN 'planned' WHEN 'completed' THEN 'recorded'
      WHEN 'cancelled' THEN 'cancelled' ELSE 'missed' END, '{}'::jsonb
    WHERE x.id IS NULL
    UNION ALL SELECT 2, 'handed_over',
      jsonb_build_object('from', x.tutor_student_id, 'to', m.tutor_student_id)
    WHERE x.tutor_student_id <> m.tutor_student_id
    UNION ALL SELECT 3, 'moved', jsonb_build_object('from_start', x.starts_at, 'from_end', x.ends_at,
      'to_start', m.starts_at, 'to_end', m.ends_at)
    WHERE (x.starts_at, x.ends_at) <> (m.starts_at, m.ends_at)
    UNION ALL SELECT 4, CASE m.status WHEN 'scheduled' THEN 'reinstated' WHEN 'completed' THEN 'recorded'
      WHEN 'cancelled' THEN 'cancelled' ELSE 'missed' END, '{}' WHERE x.status <> m.status
    UNION ALL SELECT 5, 'edited', jsonb_build_object('fields', fields)
    FROM (SELECT jsonb_agg(name) AS fields FROM ({session_texts_that_differ}) AS other (name)) others
    WHERE x.id IS NOT NULL AND fields IS NOT NULL
  ) AS line (place, what, details)
  ORDER BY m.ordinality, line.place;
END $$;

-- The line of history of sessions that go, written while they are there.
CREATE OR REPLACE FUNCTION tandem_sync.tell_removed(p_ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO lessons_sessionevent (session_id, student_id, what, at, details)
  SELECT x.id, x.student_id, 'removed', clock_timestamp(), jsonb_build_object('source', 'older application')
  FROM lessons_session x WHERE x.id = ANY (p_ids) ORDER BY x.id;
END $$;

-- Change those that are there, make the others, and name those that clash.
--
-- An import leaves no line of history: ``tandem.imports`` is on while a backfill brings them.
--
-- Two ways to be refused all the same: one is at the time that another of them leaves, and somebody
-- else took a time since it was looked at. Those with a fault take no time: so all get one, and the
-- second look, which sees what was committed meanwhile, is written.
--
-- A third is that one of them just went to another student, and is written there: LockNotAvailable,
-- so that whoever asked tries again, and then sees so.
CREATE OR REPLACE FUNCTION tandem_sync.write_sessions(p_made tandem_sync.made_session[],
  p_some_known boolean, p_some_new boolean)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_made tandem_sync.made_session[];
BEGIN
  FOR v_try IN 1 .. 5 LOOP
    BEGIN
      v_made := tandem_sync.name_overlaps(p_made);
      IF current_setting('tandem.imports', true) IS DISTINCT FROM 'on' THEN
        PERFORM tandem_sync.tell_written(v_made);
      END IF;
      IF p_some_known THEN
        UPDATE lessons_session x SET tutor_student_id = m.tutor_student_id, tutor_id = m.tutor_id,
          student_id = m.student_id, status = m.status, legacy_fault = m.legacy_fault,
          {session_kept_as_made}
        FROM unnest(v_made) m WHERE m.id = x.id;
      END IF;
      IF p_some_new THEN
        INSERT INTO lessons_session (id, tutor_student_id, tutor_id, student_id, status, legacy_fault,
          {session_kept})
        SELECT m.id, m.tutor_student_id, m.tutor_id, m.student_id, m.status, m.legacy_fault,
          {session_kept_of_m}
        FROM unnest(v_made) m WHERE NOT EXISTS (SELECT FROM lessons_session x WHERE x.id = m.id);
      END IF;
      RETURN;
    EXCEPTION WHEN exclusion_violation THEN
      IF v_try = 5 THEN RAISE; END IF;
      UPDATE lessons_session x SET legacy_fault = 'overlap' FROM unnest(p_made) m
      WHERE m.id = x.id AND x.legacy_fault = '' AND x.status = 'scheduled';
      FOR v_n IN 1 .. cardinality(p_made) LOOP p_made[v_n].in_diary := false; END LOOP;
    WHEN unique_violation THEN
      RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {in_hand};
    END;
  END LOOP;
END $$;

-- Sessions that nobody was known to have held come right when the student gets a tutor.
CREATE OR REPLACE FUNCTION tandem_sync.take_unlinked(p_students text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_ids text[];
BEGIN
  IF NOT EXISTS (SELECT FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Session') THEN RETURN; END IF;
  v_ids := ARRAY(SELECT s.id FROM upgrade_unlinkedlegacyrow u JOIN tandem_sync.session s ON s.id = u.source_id
    WHERE u.source_table = 'Session' AND s.student_id = ANY (p_students) ORDER BY s.id);
  PERFORM tandem_sync.take_sessions(v_ids);
END $$;
