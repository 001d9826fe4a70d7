-- What a relationship is on a day; a test holds this equal to relationships/rules.py. {row} is what
-- the statement calls it, {day} the word for the day.

-- name: state_on()
CASE
  WHEN {row}.status NOT IN ('active', 'paused') THEN {row}.status
  WHEN {row}.ended_on <= greatest({day}::date, {row}.started_on) AND NOT {in_doubt} THEN 'ended'
  WHEN {row}.started_on > {day}::date THEN 'planned'
  ELSE {row}.status
END;

-- name: is_primary_on()
-- A value, not EXISTS, which PostgreSQL would answer for many rows by reading the whole table.
coalesce((
  SELECT true FROM relationships_primaryperiod period
  WHERE period.tutor_student_id = {row}.id AND period.starts_on <= {day}::date
    AND (period.ends_on IS NULL OR period.ends_on > {day}::date)
), false);

-- name: whether_primary()
SELECT {is_primary} FROM relationships_tutorstudent relationship WHERE relationship.id = {row_id};

-- name: holds_on()
-- Whether it goes on then, as was decided: state_on says active or paused. Spelt without a CASE, so
-- that the planner knows how many rows that may be.
(
  {row}.started_on <= {day}::date AND {row}.status IN ('active', 'paused')
    AND ({row}.ended_on IS NULL OR {row}.ended_on > {day}::date OR {in_doubt})
);

-- name: in_doubt()
-- An end that an older database has on what goes on all the same: it is none until it is repaired.
{row}.legacy_fault ~ '\mend_date_on_open\M';

-- name: turned_between()
-- Whether the day alone has made something else of it on a day after {after}, up to {until}: it
-- began or ended, or began or ceased to be the primary one.
(
  {row}.status IN ('active', 'paused') AND (
    {row}.started_on > {after}::date AND {row}.started_on <= {until}::date
    OR {row}.ended_on > {after}::date AND {row}.ended_on <= {until}::date AND NOT {in_doubt})
  OR {row}.id IN (
    SELECT period.tutor_student_id FROM relationships_primaryperiod period
    WHERE period.starts_on > {after}::date AND period.starts_on <= {until}::date
      OR period.ends_on > {after}::date AND period.ends_on <= {until}::date)
);

-- name: teaches_on()
(
  {row}.started_on <= {day}::date AND {row}.status IN ('active', 'paused') AND (
    {row}.ended_on IS NULL OR {row}.kind = 'regular' AND (
      {row}.ended_on > {day}::date OR {in_doubt})
  )
);
