-- Wide changes and their parts.

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

-- name: forget_parts(deed_id)
-- Of what undoing had to know the day stays, so that it can be told when it was to be.
UPDATE lessons_deedpart
SET details = jsonb_strip_nulls(
  jsonb_build_object('end', details->'end', 'on', details->'on')
)
WHERE deed_id = :deed_id
RETURNING id;
