-- name: diary(starts, ends, since, now, most_today, most_before)
-- The sessions of a day, and those before it that are over and still only scheduled.
(
  SELECT {columns} FROM {tables}
  WHERE session.starts_at >= :starts AND session.starts_at < :ends AND {scope}
  ORDER BY session.starts_at, session.id
  LIMIT :most_today
) UNION ALL (
  SELECT {columns} FROM {tables}
  WHERE session.status = 'scheduled' AND session.ends_at <= :now AND session.starts_at >= :since
    AND session.starts_at < :starts AND {scope}
  ORDER BY session.starts_at, session.id
  LIMIT :most_before
);

-- name: session_tables()
lessons_session session
JOIN people_tutor tutor ON tutor.id = session.tutor_id
JOIN people_student student ON student.id = session.student_id
JOIN relationships_tutorstudent relationship ON relationship.id = session.tutor_student_id
LEFT JOIN people_subject subject ON subject.id = relationship.subject_id;

-- name: requests(most)
-- The pending relationships that are seen, with who asked, and whether the viewer teaches the
-- student now.
SELECT {columns}, tutor.full_name, tutor.email, student.full_name, subject.name,
  (SELECT event.details ->> 'asked_by' FROM relationships_relationshipevent event
   WHERE event.relationship_id = relationship.id AND event.what = 'requested'
   ORDER BY event.id LIMIT 1),
  EXISTS (SELECT FROM relationships_tutorstudent teaching
   WHERE teaching.student_id = relationship.student_id AND {teaches_now})
FROM relationships_tutorstudent relationship
JOIN people_tutor tutor ON tutor.id = relationship.tutor_id
JOIN people_student student ON student.id = relationship.student_id
LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
WHERE relationship.status = 'pending' AND {scope} AND {which}
ORDER BY relationship.id
LIMIT :most;

-- name: teaches_now(viewer_tutor_id)
teaching.tutor_id = :viewer_tutor_id AND teaching.status IN ('active', 'paused');

-- name: this_one(relationship_id)
relationship.id = :relationship_id;
