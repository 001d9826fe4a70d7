-- What a relationship is on a day; a test holds this equal to relationships/rules.py. {row} is what
-- the statement calls it, {day} the word for the day.

-- name: state_on()
-- {decided} is what people decided: today's column, or decided_on.
CASE
  WHEN {row}.status NOT IN ('active', 'paused') THEN {row}.status
  WHEN {row}.ended_on <= greatest({day}::date, {row}.started_on) AND NOT {in_doubt} THEN 'ended'
  WHEN {row}.started_on > {day}::date THEN 'planned'
  ELSE {decided}
END;

-- name: decided_on()
-- Active or paused, as was decided by a day that is over: the last line that says so of a day up to
-- it, else the one with which it began. history.py says the same.
coalesce((
  SELECT line.details -> 'set' ->> 'status' FROM relationships_relationshipevent line
  WHERE line.relationship_id = {row}.id AND line.details -> 'set' ->> 'status' IN ('active', 'paused')
  ORDER BY line.on_date <= {day}::date DESC, CASE WHEN line.on_date <= {day}::date THEN -line.id ELSE line.id END
  LIMIT 1
), {row}.status);

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
