-- How many students tutors have at once.

-- name: most_places(since)
-- The most of any day from {since} on: those of that day, and from then on who comes and who goes.
-- On one day who goes makes room first. A test holds this equal to RelationshipState.takes_place_on.
WITH taken AS (
  SELECT relationship.tutor_id, relationship.started_on,
    CASE WHEN {in_doubt} THEN NULL ELSE relationship.ended_on END AS ended_on
  FROM relationships_tutorstudent relationship
  WHERE relationship.status IN ('active', 'paused') AND (
    relationship.ended_on IS NULL
    OR relationship.kind = 'regular' AND (relationship.ended_on > :since::date OR {in_doubt})
  ) AND {of_tutors}
), steps AS (
  SELECT tutor_id, :since::date AS day, count(*) AS number FROM taken
  WHERE started_on <= :since::date GROUP BY tutor_id
  UNION ALL
  SELECT tutor_id, started_on, 1 FROM taken WHERE started_on > :since::date
  UNION ALL
  SELECT tutor_id, ended_on, -1 FROM taken WHERE ended_on IS NOT NULL
)
SELECT tutor_id, max(number) FROM (
  SELECT tutor_id, sum(number) OVER (PARTITION BY tutor_id ORDER BY day, number)::int AS number
  FROM steps
) running
GROUP BY tutor_id;
