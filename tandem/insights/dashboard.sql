-- What a dashboard counts. Scope is put in by dashboard.py; {own} is what the reader teaches, but for
-- covers: nobody begins or stops teaching by one.

-- name: zone_of_tutor(tutor_id)
SELECT tutor.time_zone FROM people_tutor tutor WHERE tutor.id = :tutor_id;

-- name: counts()
-- One row with the columns of all four.
SELECT * FROM ({students}) students, ({relationships}) relationships, ({attention}) attention,
  ({first}) first;

-- name: counts_of_students(month_starts, month_ends, month_before_starts)
-- Whose relationship one sees, one sees.
SELECT count(*), count(*) FILTER (WHERE student.active), count(taught.student_id),
  count(taught.student_id) FILTER (WHERE student.active),
  count(*) FILTER (WHERE student.legacy_fault <> ''),
  count(*) FILTER (WHERE student.created_at >= :month_starts AND student.created_at < :month_ends),
  count(*) FILTER (
    WHERE student.created_at >= :month_before_starts AND student.created_at < :month_starts
  )
FROM people_student student
LEFT JOIN (
  SELECT DISTINCT relationship.student_id FROM relationships_tutorstudent relationship
  WHERE {teaches} AND {relationships}
) taught ON taught.student_id = student.id
WHERE {students};

-- name: counts_of_relationships(first_day, end_day, first_day_before)
-- Each counts as what it is today: one that begins later as that, be it active or paused then.
SELECT count(*) FILTER (WHERE relationship.status = 'pending'),
  count(*) FILTER (WHERE relationship.legacy_fault <> ''),
  count(*) FILTER (WHERE relationship.status = 'pending' AND {own}),
  count(*) FILTER (WHERE {state} = 'planned' AND {own}),
  count(*) FILTER (WHERE {state} = 'active' AND {own}),
  count(*) FILTER (WHERE {state} = 'paused' AND {own}),
  count(*) FILTER (WHERE {state} = 'ended' AND {own}),
  count(*) FILTER (WHERE relationship.status = 'declined' AND {own}),
  count(*) FILTER (WHERE relationship.status IN ('active', 'paused', 'ended') AND {own}
    AND relationship.started_on >= :first_day AND relationship.started_on < :end_day),
  count(*) FILTER (WHERE relationship.status IN ('active', 'paused', 'ended') AND {own}
    AND relationship.started_on >= :first_day_before AND relationship.started_on < :first_day),
  count(*) FILTER (WHERE {own} AND NOT {in_doubt}
    AND relationship.ended_on >= :first_day AND relationship.ended_on < :end_day),
  count(*) FILTER (WHERE {own} AND NOT {in_doubt}
    AND relationship.ended_on >= :first_day_before AND relationship.ended_on < :first_day)
FROM relationships_tutorstudent relationship
WHERE {relationships};

-- name: counts_for_attention(now)
-- Spelt as the diary's own index is, which holds scheduled sessions only. A tutor is not shown what
-- is wrong with a colleague's record.
SELECT
  (SELECT count(*) FROM people_tutor tutor WHERE tutor.legacy_fault <> '' AND {own_record}),
  (SELECT count(*) FROM lessons_session session
   WHERE session.legacy_fault <> '' AND {sessions}),
  (SELECT count(*) FROM lessons_session session
   WHERE session.legacy_fault = '' AND session.status = 'scheduled' AND session.ends_at <= :now
     AND {sessions});

-- name: first_things()
-- Whether there is a tutor, a lesson, and a week in which somebody said when they are free. That
-- there is a lesson is asked for by its start, which an index has at hand.
SELECT EXISTS (SELECT FROM people_tutor tutor WHERE {own_record}),
  (SELECT max(session.starts_at) FROM lessons_session session WHERE {sessions}) IS NOT NULL,
  EXISTS (
    SELECT FROM lessons_availability week JOIN people_tutor tutor ON tutor.id = week.tutor_id
    WHERE {own_record}
  );

-- name: sessions_by_day(starts, ends, zone)
-- Many begin at the same moment, so moments are put together before each is looked up in the calendar
-- of the zone. Minutes are of those that were held.
SELECT (moment.starts_at AT TIME ZONE :zone)::date AS day, moment.status,
  sum(moment.sessions)::bigint, sum(moment.minutes)::bigint
FROM (
  SELECT session.starts_at, session.status, count(*) AS sessions, {minutes_held} AS minutes
  FROM lessons_session session
  WHERE session.starts_at >= :starts AND session.starts_at < :ends AND {sessions}
  GROUP BY session.starts_at, session.status
) moment
GROUP BY 1, 2;

-- name: hours_by_tutor(month_starts, month_ends)
-- Counted by ids, then named: names are long to sort and to compare.
SELECT taught.tutor_id, coalesce(nullif(tutor.full_name, ''), tutor.email), subject.name,
  taught.sessions, taught.minutes
FROM (
  SELECT session.tutor_id, relationship.subject_id, count(*) AS sessions, {minutes_held} AS minutes
  FROM lessons_session session
  JOIN relationships_tutorstudent relationship ON relationship.id = session.tutor_student_id
  WHERE session.starts_at >= :month_starts AND session.starts_at < :month_ends
    AND session.status = 'completed' AND {sessions}
  GROUP BY session.tutor_id, relationship.subject_id
) taught
JOIN people_tutor tutor ON tutor.id = taught.tutor_id
LEFT JOIN people_subject subject ON subject.id = taught.subject_id
ORDER BY tandem_name_order(coalesce(nullif(tutor.full_name, ''), tutor.email)) COLLATE "C", taught.tutor_id,
  tandem_name_order(subject.name) COLLATE "C";

-- name: next_end(now)
-- When the first of the sessions that are still scheduled is over, and counts as not recorded.
SELECT min(session.ends_at) FROM lessons_session session
WHERE session.legacy_fault = '' AND session.status = 'scheduled' AND session.ends_at > :now
  AND {sessions};
