-- A wide change and its parts, in one statement.

-- name: record_deed(id, kind, actor, at, about, details, students, links, parts)
WITH deed AS (
  INSERT INTO lessons_deed (id, kind, actor_id, at, about, details)
  VALUES (:id, :kind, :actor, :at, :about, :details::jsonb)
)
INSERT INTO lessons_deedpart (deed_id, student_id, tutor_student_id, details)
SELECT :id, part.student, part.link, part.details::jsonb
FROM unnest(:students::text[], :links::text[], :parts::text[])
  WITH ORDINALITY AS part (student, link, details, number)
ORDER BY part.number
RETURNING id;
