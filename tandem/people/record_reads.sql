-- name: note_read(account_id, student_id, day, read_at)
-- A line for who read a student's record, unless there is one of that day, they teach the student on
-- the day where they are, or the student is gone meanwhile.
INSERT INTO people_recordread (account_id, student_id, day, at)
SELECT :account_id, student.id, :day, :read_at
FROM people_student AS student
WHERE student.id = :student_id AND NOT EXISTS (
  SELECT FROM relationships_tutorstudent AS link
  JOIN people_tutor AS tutor ON tutor.id = link.tutor_id
  WHERE tutor.user_id = :account_id AND link.student_id = student.id AND {teaches}
)
ON CONFLICT DO NOTHING;
