-- What lists and single resources are read by. Conditions are put in by lists.py.

-- name: students_page(most)
SELECT {key} AS page_key, {columns}
FROM people_student student
WHERE {conditions}
ORDER BY 1, student.id
LIMIT :most;

-- name: students_page_newest(most)
SELECT {key} AS page_key, {columns}
FROM people_student student
WHERE {conditions}
ORDER BY 1 DESC, student.id DESC
LIMIT :most;

-- name: student_columns()
student.id, student.full_name, student.year, student.active, student.email, student.phone,
student.parent_email, student.parent_link_token, student.time_zone, student.created_at,
student.updated_at, {told};

-- name: student_with_relationships(student_id)
-- A row for each relationship that is seen; one row without, where there is none.
SELECT {student}, {relationship}
FROM people_student student
LEFT JOIN (
  relationships_tutorstudent relationship
  JOIN people_tutor tutor ON tutor.id = relationship.tutor_id
  LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
) ON relationship.student_id = student.id AND {seen}
WHERE student.id = :student_id AND {scope}
ORDER BY {order};

-- name: relationships_of_students(student_ids)
SELECT {columns}
FROM relationships_tutorstudent relationship
JOIN people_tutor tutor ON tutor.id = relationship.tutor_id
LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
WHERE relationship.student_id = ANY(:student_ids) AND {conditions}
ORDER BY {order};

-- name: relationship_order()
-- Within one student: the primary, then those that go on, then by end, the latest first.
{is_primary} DESC, CASE WHEN NOT {in_doubt} THEN relationship.ended_on END DESC NULLS FIRST, relationship.started_on,
relationship.id;

-- name: relationships_page(most)
SELECT {key} AS page_key, {columns}
FROM relationships_tutorstudent relationship
JOIN people_tutor tutor ON tutor.id = relationship.tutor_id
LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
WHERE {conditions}
ORDER BY 1, relationship.id
LIMIT :most;

-- name: relationship_columns()
relationship.tutor_id, coalesce(nullif(tutor.full_name, ''), tutor.email),
relationship.student_id, subject.name, relationship.started_on, relationship.ended_on,
{state}, {state} = 'active', {state} = 'paused' OR {state} = 'planned' AND relationship.status = 'paused',
{is_primary}, relationship.kind,
relationship.notes, relationship.transferred_from_id, relationship.id, relationship.created_at,
relationship.updated_at;

-- name: sessions_page(most)
SELECT {columns}
FROM lessons_session session
JOIN people_tutor tutor ON tutor.id = session.tutor_id
JOIN people_student student ON student.id = session.student_id
JOIN relationships_tutorstudent relationship ON relationship.id = session.tutor_student_id
LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
WHERE {conditions}
ORDER BY session.starts_at, session.id
LIMIT :most;

-- name: last_sessions(student_ids)
-- Of each student the one that was held last, so far as it is seen.
SELECT last.*
FROM unnest(CAST(:student_ids AS text[])) AS one (student_id)
CROSS JOIN LATERAL (
  SELECT {columns}
  FROM lessons_session session
  JOIN people_tutor tutor ON tutor.id = session.tutor_id
  JOIN people_student student ON student.id = session.student_id
  JOIN relationships_tutorstudent relationship ON relationship.id = session.tutor_student_id
  LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
  WHERE session.student_id = one.student_id AND session.status = 'completed' AND {scope}
  ORDER BY session.starts_at DESC, session.id DESC
  LIMIT 1
) AS last;

-- name: session_columns()
session.id, session.tutor_student_id, session.tutor_id,
coalesce(nullif(tutor.full_name, ''), tutor.email), session.student_id, student.full_name,
subject.name, session.starts_at, session.ends_at, session.status, session.title, session.notes,
session.homework, session.location, session.meeting_link, session.progress, session.group_id,
{cancellation}, session.created_at, session.updated_at;

-- name: cancellation()
-- Of a session that is called off: what its last line about that tells. Of others none is read.
CASE WHEN session.status = 'cancelled' THEN (
  SELECT CASE WHEN event.details -> 'cancellation' IS NOT NULL THEN jsonb_build_object(
    'by', event.details -> 'cancellation' -> 'by',
    'reason', event.details -> 'cancellation' -> 'reason',
    'noticeMinutes', event.details -> 'cancellation' -> 'notice_minutes',
    'outcome', event.details -> 'cancellation' -> 'outcome',
    'freeUntilHours', event.details -> 'cancellation' -> 'free_until_hours'
  ) END
  FROM lessons_sessionevent event
  WHERE event.session_id = session.id AND event.what = 'cancelled'
  ORDER BY event.id DESC
  LIMIT 1
) END;

-- name: tutors_page(most)
SELECT {key} AS page_key, {columns}
FROM people_tutor tutor
WHERE {conditions}
ORDER BY 1, tutor.id
LIMIT :most;

-- name: tutor_columns()
tutor.id, tutor.full_name, tutor.email, tutor.phone, tutor.capacity, tutor.time_zone, tutor.active,
tutor.created_at, tutor.updated_at;

-- name: subjects_of_tutors(tutor_ids)
SELECT taught.tutor_id, subject.name, taught.level
FROM people_tutorsubject taught JOIN people_subject subject ON subject.id = taught.subject_id
WHERE taught.tutor_id = ANY(:tutor_ids)
ORDER BY taught.id;

-- name: taught_like()
-- Students with a relationship that is seen and kept by the filter.
student.id IN (
  SELECT relationship.student_id FROM relationships_tutorstudent relationship
  LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
  WHERE {conditions}
);

-- name: tutors_of_student(student_id)
tutor.id IN (
  SELECT relationship.tutor_id FROM relationships_tutorstudent relationship
  WHERE relationship.student_id = :student_id AND relationship.status <> 'declined' AND {scope}
);
