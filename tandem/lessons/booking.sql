-- name: sessions_near(tutor_ids, student_ids, starts_after, starts_before, ends_after, leaving)
-- What takes time of any of these people: the columns of ``rules.Slot``.
SELECT session.id, session.tutor_id, session.student_id, session.starts_at, session.ends_at,
  session.group_id
FROM lessons_session session
WHERE (session.tutor_id = ANY(:tutor_ids) OR session.student_id = ANY(:student_ids))
  AND session.starts_at > :starts_after AND session.starts_at < :starts_before
  AND session.ends_at > :ends_after
  AND session.status IN ('scheduled', 'completed') AND session.legacy_fault = ''
  AND session.id <> ALL(:leaving);

-- A booking is tried by three statements that are sent together. Each sees what was committed when
-- its turn came, so the third knows what those who held the locks before have done.

-- name: lock_tutor_of_relationship(relationship_id)
SELECT FROM people_tutor tutor
WHERE tutor.id = (
  SELECT relationship.tutor_id FROM relationships_tutorstudent relationship
  WHERE relationship.id = :relationship_id AND {may_book}
) FOR NO KEY UPDATE;

-- name: lock_student_of_relationship(relationship_id)
SELECT FROM people_student student
WHERE student.id = (
  SELECT relationship.student_id FROM relationships_tutorstudent relationship
  WHERE relationship.id = :relationship_id AND {may_book}
) FOR NO KEY UPDATE;

-- name: book(id, relationship_id, starts_at, ends_at, starts_after, first_day, last_day, first_open_day, last_open_day, title, notes, homework, location, meeting_link, progress, series_id, actor_id, now, written_at)
-- Writes a session where nothing could speak against it, and returns it with the people in it. No
-- row means that something might: then rules.py looks and says what. The days are those on which
-- the session may begin, whatever the tutor's zone; a session that begins on the first or the last
-- day of a relationship is left to rules.py.
WITH session AS (
  INSERT INTO lessons_session (id, tutor_student_id, tutor_id, student_id, starts_at, ends_at,
    status, title, notes, homework, location, meeting_link, progress, group_id, series_id,
    legacy_fault, created_at, updated_at)
  SELECT :id, relationship.id, relationship.tutor_id, relationship.student_id, :starts_at,
    :ends_at, 'scheduled', :title, :notes, :homework, :location, :meeting_link, :progress, NULL,
    :series_id, '', :now, :written_at
  FROM relationships_tutorstudent relationship
  JOIN people_tutor tutor ON tutor.id = relationship.tutor_id
  JOIN people_student student ON student.id = relationship.student_id
  WHERE relationship.id = :relationship_id AND {may_book}
    AND relationship.status = 'active' AND relationship.kind <> 'cover'
    AND tutor.active AND student.active AND relationship.started_on <= :first_day
    AND (relationship.ended_on IS NULL OR relationship.ended_on > :last_day)
    AND NOT EXISTS (
      SELECT FROM lessons_timeoff away WHERE away.tutor_id = relationship.tutor_id
        AND away.starts_at < :ends_at AND away.ends_at > :starts_at
    )
    AND NOT EXISTS (
      SELECT FROM lessons_closure closure
      WHERE closure.starts_on <= :last_open_day AND closure.ends_on > :first_open_day
    )
    AND NOT EXISTS (
      SELECT FROM lessons_session other
      WHERE (other.tutor_id = relationship.tutor_id OR other.student_id = relationship.student_id)
        AND other.starts_at > :starts_after AND other.starts_at < :ends_at
        AND other.ends_at > :starts_at
        AND other.status IN ('scheduled', 'completed') AND other.legacy_fault = ''
    )
  RETURNING *
), event AS (
  INSERT INTO lessons_sessionevent (session_id, student_id, what, actor_id, at, details)
  SELECT session.id, session.student_id, 'planned', :actor_id, :now, '{{}}' FROM session
)
SELECT {columns}
FROM session
JOIN people_tutor tutor ON tutor.id = session.tutor_id
JOIN people_student student ON student.id = session.student_id
JOIN relationships_tutorstudent relationship ON relationship.id = session.tutor_student_id
LEFT JOIN people_subject subject ON subject.id = relationship.subject_id;
