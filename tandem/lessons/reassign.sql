-- What changes hands with its relationship: one statement, in proportion to what changes.

-- name: move_sessions(ids, links, tutors, statuses, now)
UPDATE lessons_session session
SET tutor_student_id = wanted.link, tutor_id = wanted.tutor, status = wanted.status,
  updated_at = :now
FROM unnest(:ids::text[], :links::text[], :tutors::text[], :statuses::text[])
  AS wanted (id, link, tutor, status)
WHERE session.id = wanted.id
RETURNING session.id;

-- name: move_series(before, links)
UPDATE lessons_sessionseries series SET tutor_student_id = wanted.link
FROM unnest(:before::text[], :links::text[]) AS wanted (before, link)
WHERE series.tutor_student_id = wanted.before
RETURNING series.id, wanted.before;
