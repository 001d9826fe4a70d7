-- name: note_opening(forms, day)
-- Only of the link that was opened: one made anew meanwhile was not.
INSERT INTO people_parentlink AS known (student_id, opened_on)
SELECT student.id, :day FROM people_student student WHERE student.parent_link_token = ANY (:forms::text[])
ON CONFLICT (student_id) DO UPDATE SET opened_on = excluded.opened_on;

-- name: forget_suspects(student_ids, noted)
-- Only as they were looked at: one noted again meanwhile stays to be looked at again.
DELETE FROM people_suspectlink suspect
USING unnest(:student_ids::text[], :noted::timestamptz[]) AS seen (student_id, noted_at)
WHERE suspect.student_id = seen.student_id AND suspect.noted_at = seen.noted_at;
