-- What the page of one student is read by, in one round trip. Scope is put in by student_page.py.

-- name: student_card(student_id)
-- A row for each relationship that is seen; one row without, where there is none.
SELECT student.id, student.full_name, student.year, student.active, student.legacy_fault,
  student.email, student.phone, student.time_zone, student.parent_email, student.parent_link_token, link.last_day, link.opened_on,
  {told},
  coalesce(relationship.legacy_fault, ''), {relationship}
FROM people_student student
LEFT JOIN people_parentlink link ON link.student_id = student.id
LEFT JOIN (
  relationships_tutorstudent relationship
  JOIN people_tutor tutor ON tutor.id = relationship.tutor_id
  LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
) ON relationship.student_id = student.id AND {relationships}
WHERE student.id = :student_id AND {students}
ORDER BY {order};

-- name: nearest_sessions(student_id, now, nearest)
-- How many there are with each tutor on each side of now, and the nearest few: so many rows from
-- the end of an index, however long the history is. One that is under way is still ahead.
WITH side AS MATERIALIZED (
  SELECT session.tutor_id, session.ends_at > :now AS is_ahead, count(*) AS number
  FROM lessons_session session
  WHERE session.student_id = :student_id AND {sessions}
  GROUP BY 1, 2
)
SELECT side.is_ahead, side.number, {columns}
FROM side
CROSS JOIN LATERAL (
  (
    SELECT session.id FROM lessons_session session
    WHERE side.is_ahead AND session.student_id = :student_id AND session.tutor_id = side.tutor_id
      AND session.ends_at > :now AND {sessions}
    ORDER BY session.starts_at, session.id
    LIMIT :nearest
  ) UNION ALL (
    SELECT session.id FROM lessons_session session
    WHERE NOT side.is_ahead AND session.student_id = :student_id
      AND session.tutor_id = side.tutor_id AND session.ends_at <= :now AND {sessions}
    ORDER BY session.starts_at DESC, session.id DESC
    LIMIT :nearest
  )
) near
JOIN ({tables}) ON session.id = near.id
ORDER BY session.starts_at DESC, session.id DESC;

-- name: marks(student_id, most_marks)
SELECT session.tutor_student_id, coalesce(nullif(tutor.full_name, ''), tutor.email), subject.name,
  session.starts_at, session.progress
FROM {tables}
WHERE session.student_id = :student_id AND session.status = 'completed'
  AND session.progress IS NOT NULL AND {sessions}
ORDER BY session.starts_at DESC, session.id DESC
LIMIT :most_marks;

-- name: history(of_id, most_history, sees_addresses)
-- Of a student or of a tutor. An event names its subject by id, where it began or changed. Of a
-- pairing that was removed its last line says whose it was, and that it was a cover its first. Before
-- the student stands whether a day that lies ahead will still be as the line says, and whether the line
-- is of a cover.
SELECT event.what, event.on_date, coalesce(nullif(tutor.full_name, ''), tutor.email, 'A deleted tutor'),
  coalesce(nullif(account.full_name, ''), CASE WHEN :sees_addresses THEN account.email END),
  event.details ->> 'from', event.details ->> 'to', began_with.name, changed_from.name,
  event.what = 'corrected' AND event.details #>> '{{set,ended_on}}' IS NOT NULL,
  event.details ->> 'undone' IS NOT NULL, CASE
    WHEN event.what IN ('ended', 'transferred_out') THEN relationship.ended_on = event.on_date
    WHEN event.what IN ('started', 'accepted', 'transferred_in') THEN relationship.started_on = event.on_date
    WHEN event.what = 'made_primary' THEN EXISTS (
      SELECT FROM relationships_primaryperiod period WHERE period.tutor_student_id = relationship.id
        AND period.starts_on <= event.on_date AND coalesce(period.ends_on > event.on_date, true))
    WHEN event.what = 'covered' THEN EXISTS (
      SELECT FROM relationships_tutorstudent cover WHERE cover.id = event.details ->> 'to'
        AND cover.started_on <= event.on_date AND coalesce(cover.ended_on > event.on_date, true))
    ELSE true
  END IS TRUE,
  relationship.kind = 'cover',
  student.id, coalesce(student.full_name, ''){beside}
FROM (
  SELECT relationship.id, relationship.tutor_id, relationship.student_id, relationship.started_on,
    relationship.ended_on, relationship.kind
  FROM relationships_tutorstudent relationship
  WHERE relationship.{of_column} = :of_id AND {relationships}
  UNION ALL
  SELECT removed.relationship_id, removed.details ->> 'tutor', removed.details ->> 'student', NULL, NULL,
    CASE WHEN EXISTS (
      SELECT FROM relationships_relationshipevent begun WHERE begun.relationship_id = removed.relationship_id
        AND begun.what = 'started' AND begun.details ->> 'session' IS NOT NULL
    ) THEN 'cover' ELSE 'regular' END
  FROM relationships_relationshipevent removed
  WHERE removed.what = 'removed' AND removed.details ->> {of} = :of_id AND {removed}
) relationship
JOIN relationships_relationshipevent event ON event.relationship_id = relationship.id
LEFT JOIN people_tutor tutor ON tutor.id = relationship.tutor_id
LEFT JOIN people_student student ON student.id = relationship.student_id
LEFT JOIN people_account account ON account.id = event.actor_id
LEFT JOIN people_subject began_with ON began_with.id
  = coalesce(event.details #>> '{{set,subject}}', event.details ->> 'subject')
LEFT JOIN people_subject changed_from ON changed_from.id = event.details ->> 'from'
ORDER BY event.at DESC, event.on_date DESC, event.id DESC
LIMIT :most_history;

-- name: tutors_beside()
-- Of the relationships that a line names (a transfer, a cover) the tutors, where the reader may see
-- them: a fragment of ``history``, more columns of it.
, (SELECT coalesce(nullif(beside.full_name, ''), beside.email)
  FROM relationships_tutorstudent relationship JOIN people_tutor beside ON beside.id = relationship.tutor_id
  WHERE relationship.id = event.details ->> 'from' AND {relationships}),
(SELECT coalesce(nullif(beside.full_name, ''), beside.email)
  FROM relationships_tutorstudent relationship JOIN people_tutor beside ON beside.id = relationship.tutor_id
  WHERE relationship.id = event.details ->> 'to' AND {relationships});
