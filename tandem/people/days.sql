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
-- The mark goes at once to who continues a relationship, and counts from the day on which they begin.
-- A value, not EXISTS, which PostgreSQL would answer for many rows by reading the whole table.
(
  (
    {row}.is_primary AND ({row}.started_on <= {day}::date OR {row}.legacy_fault <> '')
  ) OR (
    {row}.status = 'ended' AND {row}.kind = 'regular' AND {row}.started_on <= {day}::date
    AND {row}.ended_on > {day}::date AND coalesce((
      SELECT next.is_primary AND next.started_on > {day}::date
      FROM relationships_tutorstudent next WHERE next.transferred_from_id = {row}.id
    ), false)
  )
);

-- name: teaches_on()
(
  {row}.started_on <= {day}::date AND (
    {row}.status IN ('active', 'paused')
    OR ({row}.status = 'ended' AND {row}.kind = 'regular' AND {row}.ended_on > {day}::date)
  )
);
