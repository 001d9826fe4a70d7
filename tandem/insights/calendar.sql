-- What the calendar is read by. Conditions are put in by calendar.py.

-- name: lessons(starts, ends, most)
-- The first lessons of each hour of each day, or of each day, and how many each day has. Only those
-- are joined: a month of a large business has a hundred thousand lessons, of which it shows some.
WITH counted AS MATERIALIZED (
  SELECT day.starts, day.ends, (
    SELECT count(*) FROM lessons_session session
    WHERE session.starts_at >= day.starts AND session.starts_at < day.ends AND {conditions}
  ) AS number
  FROM unnest(:starts::timestamptz[], :ends::timestamptz[]) day (starts, ends)
)
SELECT counted.starts, counted.number, session.id, session.tutor_id,
  coalesce(nullif(tutor.full_name, ''), tutor.email), student.full_name, subject.name,
  session.starts_at, session.ends_at, session.status
FROM counted
CROSS JOIN LATERAL ({groups}) part (starts, ends)
CROSS JOIN LATERAL (
  SELECT session.* FROM lessons_session session
  WHERE session.starts_at >= part.starts AND session.starts_at < part.ends AND {conditions}
  ORDER BY session.starts_at, session.id
  LIMIT :most
) session
JOIN people_tutor tutor ON tutor.id = session.tutor_id
JOIN people_student student ON student.id = session.student_id
JOIN relationships_tutorstudent relationship ON relationship.id = session.tutor_student_id
LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
WHERE counted.number > 0
ORDER BY session.starts_at, session.id;

-- name: by_hour()
-- From the start of the day, so that a day of 23 or 25 hours has as many.
SELECT hour.starts, least(hour.starts + interval '1 hour', counted.ends)
FROM generate_series(counted.starts, counted.ends - interval '1 microsecond', interval '1 hour')
  hour (starts);

-- name: by_day()
SELECT counted.starts, counted.ends;

-- name: student_called(longest, others)
-- "IS TRUE" has the students looked for once, not in each hour again.
(session.student_id IN (
  SELECT student.id FROM people_student student
  WHERE {name} LIKE :longest AND (:others::text[] = '{{}}' OR {name} LIKE ALL (:others::text[]))
)) IS TRUE;

-- name: of_subject(subject)
(session.tutor_student_id IN (
  SELECT of_subject.id FROM relationships_tutorstudent of_subject
  JOIN people_subject subject ON subject.id = of_subject.subject_id
  WHERE upper(subject.name) = upper(:subject)
)) IS TRUE;

-- name: choices(first, last)
-- Whom and what a calendar can be narrowed to; whether a tutor has lessons in these hours.
SELECT * FROM (
  SELECT 'tutor', tutor.id, coalesce(nullif(tutor.full_name, ''), tutor.email), tutor.active,
    EXISTS (
      SELECT FROM lessons_session session
      WHERE session.tutor_id = tutor.id AND session.starts_at >= :first
        AND session.starts_at < :last
    )
  FROM people_tutor tutor WHERE {tutors}
  UNION ALL
  SELECT 'subject', subject.id, subject.name, true, true FROM people_subject subject
) choice (kind, id, name, is_active, has_lessons)
ORDER BY tandem_name_order(name) COLLATE "C", id;

-- name: availability(tutor_ids)
SELECT free.tutor_id, free.weekday, free.starts, free.ends,
  (SELECT tutor.time_zone FROM people_tutor tutor WHERE tutor.id = free.tutor_id)
FROM lessons_availability free
WHERE free.tutor_id = ANY(:tutor_ids)
ORDER BY free.tutor_id, free.weekday, free.starts;

-- name: away(first, last)
SELECT away.tutor_id, coalesce(nullif(tutor.full_name, ''), tutor.email), away.starts_at,
  away.ends_at
FROM lessons_timeoff away JOIN people_tutor tutor ON tutor.id = away.tutor_id
WHERE away.starts_at < :last AND away.ends_at > :first AND {whose}
ORDER BY away.starts_at, away.id
LIMIT 500;

-- name: pairings(most)
-- Of whom a lesson can be planned; one more than are shown.
SELECT relationship.id, coalesce(nullif(tutor.full_name, ''), tutor.email), student.full_name,
  subject.name, tutor.time_zone
FROM relationships_tutorstudent relationship
JOIN people_tutor tutor ON tutor.id = relationship.tutor_id
JOIN people_student student ON student.id = relationship.student_id
LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
WHERE {conditions}
ORDER BY {first} tandem_name_order(student.full_name) COLLATE "C",
  tandem_name_order(tutor.full_name) COLLATE "C", relationship.id
LIMIT :most;

-- name: begins_so(words)
-- A pattern is a word between two signs for anything: without the first it is how a name begins.
{name} LIKE substr((:words::text[])[1], 2) DESC,;

-- name: pairing_called(words)
{name} LIKE ALL (:words::text[]);

-- name: pairing_of_student(student_words)
{name} LIKE ALL (:student_words::text[]);
