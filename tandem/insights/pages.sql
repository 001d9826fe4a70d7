-- What the pages of lists are read by. Conditions, and which way a list goes, are put in by pages.py.

-- name: students(most)
SELECT {key} AS page_key, student.id, student.full_name, student.year,
  student.active, student.legacy_fault <> '', student.created_at
FROM people_student student
WHERE {conditions}
ORDER BY 1 {way}, student.id {way}
LIMIT :most;

-- name: students_called(longest, others)
-- In plain letters, of the name as of what is typed. The longest of the words is asked for by itself:
-- an index knows one word, not a list of them, and none of less than three letters.
{name} LIKE :longest AND (:others::text[] = '{{}}' OR {name} LIKE ALL (:others::text[]));

-- name: students_called_shortly(words)
{name} LIKE ALL (:words::text[]);

-- name: taught_on_day()
EXISTS (
  SELECT FROM relationships_tutorstudent relationship
  WHERE relationship.student_id = student.id AND {held} AND {relationships}
);

-- name: students_total()
-- How many there are, and whom of those who learn here nobody teaches.
SELECT
  (SELECT count(*) FROM people_student student WHERE {conditions}),
  (SELECT count(*) FROM people_student student
   WHERE {conditions} AND student.active AND {untaught});

-- name: nobody_teaches_them()
NOT EXISTS (
  SELECT FROM relationships_tutorstudent relationship
  WHERE relationship.student_id = student.id AND {teaches} AND {relationships}
);

-- name: tutors(most)
-- How many open relationships of each one sees, and the names of what each teaches.
SELECT {key} AS page_key, tutor.id,
  coalesce(nullif(tutor.full_name, ''), tutor.email), tutor.active, tutor.legacy_fault <> '',
  tutor.capacity, {teaching},
  ARRAY(SELECT subject.name FROM people_tutorsubject taught
    JOIN people_subject subject ON subject.id = taught.subject_id
    WHERE taught.tutor_id = tutor.id)
FROM people_tutor tutor
WHERE {conditions}
ORDER BY 1 {way}, tutor.id {way}
LIMIT :most;

-- name: teaching()
(SELECT count(*) FROM relationships_tutorstudent relationship
 WHERE relationship.tutor_id = tutor.id AND {teaches} AND {relationships});

-- name: tutors_total()
-- How many there are, and who of those who work here teaches nobody and who has no room.
SELECT count(*), count(*) FILTER (WHERE one.active AND one.teaching = 0),
  count(*) FILTER (WHERE one.active AND one.teaching >= one.capacity)
FROM (
  SELECT tutor.active, tutor.capacity, {teaching} AS teaching
  FROM people_tutor tutor WHERE {conditions}
) one;

-- name: tutors_called(words)
NOT EXISTS (
  SELECT FROM unnest(:words::text[]) word
  WHERE {name} NOT LIKE word AND tandem_plain_letters(tutor.email) NOT LIKE word
);

-- name: sessions(most)
SELECT {columns} FROM {tables}
WHERE {conditions}
ORDER BY session.starts_at {way}, session.id {way}
LIMIT :most;

-- name: sessions_total(most)
-- Counted no farther than anybody reads.
SELECT count(*) FROM (
  SELECT FROM lessons_session session WHERE {conditions} LIMIT :most
) one;

-- name: session_columns()
session.id, session.tutor_id, coalesce(nullif(tutor.full_name, ''), tutor.email),
session.student_id, student.full_name, subject.name, session.starts_at, session.ends_at,
session.status, session.legacy_fault, session.title, session.notes, session.homework,
session.location, session.meeting_link, session.progress;

-- name: session_tables()
lessons_session session
JOIN people_tutor tutor ON tutor.id = session.tutor_id
JOIN people_student student ON student.id = session.student_id
JOIN relationships_tutorstudent relationship ON relationship.id = session.tutor_student_id
LEFT JOIN people_subject subject ON subject.id = relationship.subject_id;

-- name: diary(starts, ends, since, now, most_today, most_before, away_until, most_away, whose)
-- Last, with the status 'cannot_come' and why as the notes, lessons ahead that families called off.
-- The sessions of a day, those before it that are over and still only scheduled, and, as rows whose
-- status is 'away' and whose progress is how many of their sessions stand then, when tutors are
-- away then and soon; whose: of one tutor, or (null) of all.
(
  SELECT {columns} FROM {tables}
  WHERE session.starts_at >= :starts AND session.starts_at < :ends AND {scope}
  ORDER BY session.starts_at, session.id
  LIMIT :most_today
) UNION ALL (
  SELECT {columns} FROM {tables}
  WHERE session.status = 'scheduled' AND session.ends_at <= :now AND session.starts_at >= :since
    AND session.starts_at < :starts AND {scope}
  ORDER BY session.starts_at, session.id
  LIMIT :most_before
) UNION ALL (
  SELECT away.id, away.tutor_id, coalesce(nullif(tutor.full_name, ''), tutor.email), '', '', NULL,
    away.starts_at, away.ends_at, 'away', '', NULL, NULL, NULL, NULL, NULL,
    (SELECT count(*)::integer FROM lessons_session standing WHERE standing.tutor_id = away.tutor_id
       AND standing.status = 'scheduled' AND standing.ends_at > greatest(away.starts_at, :now)
       AND standing.starts_at < away.ends_at)
  FROM lessons_timeoff away JOIN people_tutor tutor ON tutor.id = away.tutor_id
  WHERE away.starts_at < :away_until AND away.ends_at > :now
    AND (:whose::text IS NULL OR away.tutor_id = :whose)
  ORDER BY away.starts_at, away.id
  LIMIT :most_away
) UNION ALL (
  SELECT session.id, session.tutor_id, coalesce(nullif(tutor.full_name, ''), tutor.email),
    session.student_id, student.full_name, subject.name, session.starts_at, session.ends_at,
    'cannot_come', '', NULL, event.details -> 'cancellation' ->> 'reason', NULL, NULL, NULL, NULL
  FROM {tables} JOIN lessons_sessionevent event ON event.session_id = session.id
  WHERE (event.details -> 'cancellation') ? 'through' AND event.at >= :since
    AND session.status = 'cancelled' AND session.ends_at > :now AND {scope}
  ORDER BY event.id DESC
  LIMIT :most_before
);
