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
