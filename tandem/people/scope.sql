-- Who may see what, for every statement in a .sql file; a test holds it equal to the visible_…
-- functions of the queries.py files. A statement calls the table that a condition is about by the
-- name of the thing: student, tutor, relationship or session.

-- name: students_for_tutor(viewer_tutor_id)
-- Whom a tutor teaches, taught, or was asked to teach.
student.id IN (
  SELECT linked.student_id FROM relationships_tutorstudent linked
  WHERE linked.tutor_id = :viewer_tutor_id
    AND linked.status IN ('pending', 'active', 'paused', 'ended')
);

-- name: reached_for_tutor(viewer_tutor_id)
-- Whom a tutor teaches now.
student.id IN (
  SELECT linked.student_id FROM relationships_tutorstudent linked
  WHERE linked.tutor_id = :viewer_tutor_id AND {linked_taught}
);

-- name: reached_for_parent(viewer_student_id)
student.id = :viewer_student_id;

-- name: students_for_parent(viewer_student_id)
student.id = :viewer_student_id;

-- name: relationships_for_tutor(viewer_tutor_id)
-- Their own but for declined ones, and every one of whom they teach now. A union, because an OR
-- would read the whole table.
relationship.id IN (
  SELECT own.id FROM relationships_tutorstudent own
  WHERE own.tutor_id = :viewer_tutor_id
    AND own.status IN ('pending', 'active', 'paused', 'ended')
  UNION
  SELECT beside.id FROM relationships_tutorstudent beside
  WHERE beside.student_id IN (
    SELECT taught.student_id FROM relationships_tutorstudent taught
    WHERE taught.tutor_id = :viewer_tutor_id AND {taught}
  )
);

-- name: relationships_for_parent(viewer_student_id)
relationship.student_id = :viewer_student_id
  AND relationship.status IN ('active', 'paused', 'ended');

-- name: removed_for_tutor(viewer_tutor_id)
-- The last line of pairings that were removed, with whom they teach now.
removed.details ->> 'student' IN (
  SELECT taught.student_id FROM relationships_tutorstudent taught
  WHERE taught.tutor_id = :viewer_tutor_id AND {taught}
);

-- name: removed_for_parent()
false;

-- name: tutors_for_tutor(viewer_tutor_id)
-- Themselves, and who teaches or taught a student whom they teach now.
tutor.id IN (
  SELECT own.id FROM people_tutor own WHERE own.id = :viewer_tutor_id
  UNION
  SELECT beside.tutor_id FROM relationships_tutorstudent beside
  WHERE beside.status IN ('active', 'paused', 'ended') AND beside.student_id IN (
    SELECT taught.student_id FROM relationships_tutorstudent taught
    WHERE taught.tutor_id = :viewer_tutor_id AND {taught}
  )
);

-- name: tutors_for_parent(viewer_student_id)
tutor.id IN (
  SELECT teaching.tutor_id FROM relationships_tutorstudent teaching
  WHERE teaching.student_id = :viewer_student_id
    AND teaching.status IN ('active', 'paused', 'ended')
);

-- name: sessions_for_tutor(viewer_tutor_id)
-- Those they hold or held themselves.
session.tutor_id = :viewer_tutor_id;

-- name: sessions_for_parent(viewer_student_id)
session.student_id = :viewer_student_id;
