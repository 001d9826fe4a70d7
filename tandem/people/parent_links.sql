-- name: note_opening(token, day)
-- Only of the link that was opened: one made anew meanwhile was not.
INSERT INTO people_parentlink AS known (student_id, opened_on)
SELECT student.id, :day FROM people_student student WHERE student.parent_link_token = :token
ON CONFLICT (student_id) DO UPDATE SET opened_on = excluded.opened_on;
