-- What a relationship is on a day; a test holds this equal to relationships/rules.py. {row} is what
-- the statement calls it, {day} the word for the day.

-- name: state_on()
CASE
  WHEN {row}.status IN ('pending', 'declined') THEN {row}.status
  WHEN {row}.status = 'ended' AND {row}.ended_on IS NULL THEN 'ended'
  WHEN {row}.ended_on <= {day}::date AND {row}.legacy_fault !~ '\mend_date_on_open\M' THEN 'ended'
  WHEN {row}.started_on > {day}::date THEN 'planned'
  WHEN {row}.status = 'ended' THEN 'active'
  ELSE {row}.status
END;

-- name: is_primary_on()
-- The mark counts from the day on which its relationship begins. Where nobody has one that counts, and
-- an end lies ahead, who goes until then is primary: first whom the marked one continues, then the
-- oldest. A value, not EXISTS, which PostgreSQL would answer for many rows by reading the whole table.
(
  (
    {row}.is_primary AND ({row}.started_on <= {day}::date OR {row}.legacy_fault <> '')
  ) OR (
    {row}.status = 'ended' AND {row}.kind = 'regular' AND {row}.started_on <= {day}::date
    AND {row}.ended_on > {day}::date AND {row}.id = (
      SELECT held.id FROM relationships_tutorstudent held
      LEFT JOIN relationships_tutorstudent next ON next.transferred_from_id = held.id AND next.is_primary
      WHERE held.student_id = {row}.student_id AND (
        (held.is_primary AND (held.started_on <= {day}::date OR held.legacy_fault <> ''))
        OR (held.status = 'ended' AND held.kind = 'regular' AND held.started_on <= {day}::date
          AND held.ended_on > {day}::date)
      )
      ORDER BY held.is_primary DESC, next.id IS NULL, held.started_on, held.id
      LIMIT 1
    )
  )
);

-- name: whether_primary()
SELECT {is_primary} FROM relationships_tutorstudent relationship WHERE relationship.id = {row_id};

-- name: teaches_on()
(
  {row}.started_on <= {day}::date AND (
    {row}.status IN ('active', 'paused')
    OR ({row}.status = 'ended' AND {row}.kind = 'regular' AND {row}.ended_on > {day}::date)
  )
);
