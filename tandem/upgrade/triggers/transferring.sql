-- A change of Student.tutorId is a transfer; those of one statement are made as a set.
--
-- ``{session_kept_of_x}``: what is kept as it is of the session ``x``.
--
-- What becomes of each student is what ``transfer`` makes of one: the same rows, and the same lines
-- of history. Whom the set cannot take, that function takes.

-- No rows; its type is a transfer: the new relationship, and which one it continues.
-- ``has_outside``: the one before has a session that was named as outside of it.
CREATE OR REPLACE VIEW tandem_sync.one_transfer AS
SELECT id, tutor_id, student_id, subject_id, started_on, ended_on, status, is_primary, kind, notes,
  transferred_from_id, end_reason, legacy_fault, created_at, updated_at,
  id AS from_id, NULL::jsonb AS details, false AS has_outside
FROM relationships_tutorstudent WHERE false;

-- Each old relationship ends, each new one begins, and both have their line of history.
--
-- Who is primary when follows by itself: a trigger of the relationships' migrations
-- (``tandem_primaries_follow``) rewrites the primary periods, which calls ``primary_days_changed``.
CREATE OR REPLACE FUNCTION tandem_sync.end_and_begin(p_transfers tandem_sync.one_transfer[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  UPDATE relationships_tutorstudent r SET ended_on = t.started_on, is_primary = false,
    updated_at = now() FROM unnest(p_transfers) t WHERE r.id = t.from_id;
  INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, subject_id, started_on, ended_on,
    status, is_primary, kind, notes, transferred_from_id, end_reason, legacy_fault, created_at,
    updated_at)
  SELECT t.id, t.tutor_id, t.student_id, t.subject_id, t.started_on, t.ended_on, t.status,
    t.is_primary, t.kind, t.notes, t.transferred_from_id, t.end_reason, t.legacy_fault,
    t.created_at, t.updated_at
  FROM unnest(p_transfers) t;
  INSERT INTO relationships_relationshipevent (relationship_id, what, on_date, at, details)
  SELECT link, what, on_date, now(), t.details || more FROM unnest(p_transfers) t
  JOIN relationships_tutorstudent r ON r.id = t.id CROSS JOIN LATERAL (VALUES
    (1, t.from_id, 'transferred_out', t.started_on, jsonb_build_object(
      'set', jsonb_build_object('ended_on', t.started_on, 'is_primary', false))),
    (2, t.id, 'transferred_in', tandem_sync.today(),
      jsonb_build_object('source', 'student', 'set', tandem_sync.standing(r)))
  ) AS line (number, link, what, on_date, more) ORDER BY t.student_id, number;
  PERFORM tandem_sync.teaches(tutor_id, subject_id) FROM (
    SELECT DISTINCT tutor_id, subject_id FROM unnest(p_transfers)) t
  WHERE subject_id IS NOT NULL AND NOT EXISTS (SELECT FROM people_tutorsubject known
    WHERE known.tutor_id = t.tutor_id AND known.subject_id = t.subject_id);
END $$;

-- Sessions still to come go to the new relationship; one that clashes there bears the fault.
--
-- What stays, and lies after the old one's end, is named so.
CREATE OR REPLACE FUNCTION tandem_sync.sessions_follow(p_transfers tandem_sync.one_transfer[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_made tandem_sync.made_session[];
BEGIN
  SELECT array_agg((x.id, t.id, t.tutor_id, x.student_id, x.status, x.legacy_fault,
      {session_kept_of_x}, x.group_id, false)::tandem_sync.made_session ORDER BY x.id)
  INTO v_made
  FROM unnest(p_transfers) t
  JOIN lessons_session x ON x.tutor_student_id = t.from_id AND x.status = 'scheduled' AND x.starts_at > now()
  WHERE t.details -> 'moved' <> '[]';
  IF v_made IS NOT NULL THEN
    PERFORM tandem_sync.write_sessions(v_made, true, false);
    IF tandem_sync.sessions_have('tutor_id') THEN
      PERFORM tandem_sync.show_session(id) FROM unnest(v_made) AS moved;
    END IF;
  END IF;
  UPDATE lessons_sessionseries x SET tutor_student_id = t.id FROM unnest(p_transfers) t
  WHERE x.tutor_student_id = t.from_id AND t.details -> 'series' <> '[]';
  UPDATE lessons_session x
  SET legacy_fault = concat_ws(' ', nullif(x.legacy_fault, ''), 'outside_relationship')
  FROM unnest(p_transfers) t
  WHERE x.tutor_student_id = t.from_id
    AND x.starts_at >= ((t.started_on + 1)::timestamp AT TIME ZONE tandem_sync.zone())
    AND x.legacy_fault !~ '\moutside_relationship\M';
  PERFORM tandem_sync.held_outside(from_id) FROM unnest(p_transfers) WHERE has_outside;
END $$;

-- The relationship ``p_id`` begins where nobody has taught since ``p_before`` ended: what is to come
-- follows, as it does where one tutor is changed for another in one statement.
CREATE OR REPLACE FUNCTION tandem_sync.take_over_from(p_id text, p_before text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_follows tandem_sync.one_transfer;
BEGIN
  SELECT id, tutor_id, started_on INTO v_follows.id, v_follows.tutor_id, v_follows.started_on
  FROM relationships_tutorstudent WHERE id = p_id;
  v_follows.from_id := p_before;
  v_follows.details := '{"moved": null, "series": null}'; -- whatever there is
  PERFORM tandem_sync.sessions_follow(ARRAY[v_follows]);
  PERFORM tandem_sync.held_outside(p_id);
END $$;

-- Return those who were transferred, of students who all have a primary relationship.
--
-- The others are those whom the new tutor teaches this subject already, or did in these days, those
-- of whom an end is in doubt, those whom another took over already, and those of whom a change lies ahead.
CREATE OR REPLACE FUNCTION tandem_sync.transfer_students(p_ids text[])
RETURNS text[]
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_transfers tandem_sync.one_transfer[];
BEGIN
  PERFORM tandem_sync.subject_id(spelling) FROM (SELECT DISTINCT subject FROM tandem_sync.student
    WHERE id = ANY (p_ids)) AS spellings (spelling);
  PERFORM tandem_sync.need_tutor(id) FROM (SELECT DISTINCT tutor_id FROM tandem_sync.student
    WHERE id = ANY (p_ids) ORDER BY 1) AS new (id);
  SELECT array_agg((t.id, t.tutor_id, t.student_id, t.subject_id, t.started_on, t.ended_on, t.status,
      t.is_primary, t.kind, t.notes, t.transferred_from_id, t.end_reason, t.legacy_fault, t.created_at,
      t.updated_at, t.transferred_from_id, jsonb_build_object('from', t.transferred_from_id,
      'to', t.id, 'status_before', status_before, 'cancelled', '[]'::jsonb,
      'series', coalesce((SELECT jsonb_agg(x.id) FROM lessons_sessionseries x
        WHERE x.tutor_student_id = t.transferred_from_id), '[]'),
      'moved', coalesce(moved, '[]')),
      coalesce(has_outside, false))::tandem_sync.one_transfer ORDER BY t.student_id)
  INTO v_transfers FROM (
    SELECT tandem_sync.new_id() AS id, said.tutor_id, said.id AS student_id, subject.id AS subject_id,
      greatest(tandem_sync.today(), main.started_on) AS started_on, NULL::date AS ended_on,
      CASE WHEN NOT coalesce(said.active, true) THEN 'paused' WHEN NOT shown.active THEN 'active'
        ELSE main.status END AS status,
      true AS is_primary, 'regular' AS kind, NULL AS notes, main.id AS transferred_from_id,
      '' AS end_reason, '' AS legacy_fault, now() AS created_at, now() AS updated_at,
      main.status AS status_before, tandem_sync.in_doubt(main) AS doubtful
    FROM tandem_sync.student said
    JOIN tandem_sync.shown_student shown ON shown.id = said.id
    JOIN relationships_tutorstudent main ON main.student_id = said.id AND main.is_primary
    LEFT JOIN people_subject subject ON lower(subject.name) = tandem_sync.subject_key(said.subject)
    WHERE said.id = ANY (p_ids) ORDER BY main.id FOR NO KEY UPDATE OF main
  ) t CROSS JOIN LATERAL (
    SELECT jsonb_agg(x.id ORDER BY x.id)
      FILTER (WHERE x.status = 'scheduled' AND x.starts_at > now()) AS moved,
      bool_or(x.legacy_fault ~ '\moutside_relationship\M') AS has_outside
    FROM lessons_session x WHERE x.tutor_student_id = t.transferred_from_id
  ) held
  WHERE NOT doubtful AND NOT EXISTS (
    SELECT FROM tandem_sync.shown_until noted WHERE noted.student_id = t.student_id)
    AND NOT tandem_sync.overlaps_another(
    t.id, t.tutor_id, t.student_id, t.subject_id, t.started_on, t.ended_on, t.status)
    AND NOT EXISTS (SELECT FROM relationships_tutorstudent next
    WHERE next.transferred_from_id = t.transferred_from_id)
    AND NOT EXISTS (SELECT FROM relationships_tutorstudent r
    WHERE r.student_id = t.student_id AND r.tutor_id = t.tutor_id
      AND (tandem_sync.is_open(r) OR r.status = 'pending')
      AND r.subject_id IS NOT DISTINCT FROM t.subject_id);
  IF v_transfers IS NULL THEN RETURN '{}'; END IF;
  PERFORM tandem_sync.end_and_begin(v_transfers);
  PERFORM tandem_sync.sessions_follow(v_transfers);
  RETURN ARRAY(SELECT student_id FROM unnest(v_transfers));
END $$;
