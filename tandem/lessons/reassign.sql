-- What changes hands with its relationship: one statement, in proportion to what changes.

-- name: move_sessions(ids, links, tutors, statuses, now)
UPDATE lessons_session session
SET tutor_student_id = wanted.link, tutor_id = wanted.tutor, status = wanted.status,
  updated_at = :now
FROM unnest(:ids::text[], :links::text[], :tutors::text[], :statuses::text[])
  AS wanted (id, link, tutor, status)
WHERE session.id = wanted.id
RETURNING session.id;

-- name: hand_over_series(ids, parts, links, days, now)
-- One without a part goes as it is; of another the part goes on from its day with the new tutor.
WITH wanted AS (
  SELECT * FROM unnest(:ids::text[], :parts::text[], :links::text[], :days::date[])
    AS wanted (id, part, link, day)
), made AS (
  INSERT INTO lessons_sessionseries (id, tutor_student_id, group_id, rule, first_date, starts_on,
    ends_on, planned_until, wall_time, minutes, time_zone, title, location, meeting_link,
    created_at, updated_at)
  SELECT wanted.part, wanted.link, group_id, rule, first_date, wanted.day, ends_on,
    greatest(planned_until, wanted.day), wall_time, minutes, time_zone, title, location,
    meeting_link, :now, :now
  FROM wanted JOIN lessons_sessionseries series ON series.id = wanted.id
  WHERE wanted.part IS NOT NULL
), moved AS (
  UPDATE lessons_session session SET series_id = wanted.part
  FROM wanted WHERE session.series_id = wanted.id AND session.series_date >= wanted.day
    AND wanted.part IS NOT NULL
)
UPDATE lessons_sessionseries series SET updated_at = :now,
  tutor_student_id = CASE WHEN wanted.part IS NULL THEN wanted.link ELSE tutor_student_id END,
  ends_on = CASE WHEN wanted.part IS NULL THEN ends_on ELSE wanted.day END,
  planned_until = CASE WHEN wanted.part IS NULL THEN planned_until
    ELSE least(planned_until, wanted.day) END
FROM wanted WHERE series.id = wanted.id
RETURNING series.id;

-- name: join_series(parts, origins, now)
WITH wanted AS (
  SELECT * FROM unnest(:parts::text[], :origins::text[]) AS wanted (part, origin)
), back AS (
  UPDATE lessons_session session SET series_id = wanted.origin
  FROM wanted WHERE session.series_id = wanted.part
), grown AS (
  UPDATE lessons_sessionseries series SET ends_on = part.ends_on, updated_at = :now,
    -- What was not planned up to the day of the hand-over is planned from there on.
    planned_until = CASE WHEN series.planned_until < series.ends_on
      THEN series.planned_until ELSE part.planned_until END
  FROM wanted JOIN lessons_sessionseries part ON part.id = wanted.part
  WHERE series.id = wanted.origin
)
DELETE FROM lessons_sessionseries part USING wanted WHERE part.id = wanted.part
RETURNING part.id;

-- name: deeds_follow(links, series, become, others)
-- What was done to these series is undone in the series, and the relationship, that they are now.
UPDATE lessons_deedpart part SET tutor_student_id = wanted.other,
  details = jsonb_set(part.details, '{{series}}', to_jsonb(wanted.becomes))
FROM unnest(:links::text[], :series::text[], :become::text[], :others::text[])
  AS wanted (link, series, becomes, other)
WHERE part.tutor_student_id = wanted.link AND part.details ->> 'series' = wanted.series
RETURNING part.id;
