-- name: note_opening(token, day)
-- Only of the link that was opened: one made anew meanwhile was not.
INSERT INTO people_parentlink AS known (student_id, opened_on)
SELECT student.id, :day FROM people_student student WHERE student.parent_link_token = :token
ON CONFLICT (student_id) DO UPDATE SET opened_on = excluded.opened_on;

-- name: perhaps_weak_links(common, runs)
-- All but those that are as Tandem makes them and hold nothing that anybody could know: which of
-- the others are weak is decided by link_strength.py. What repeats so often that 32 signs are weak
-- has its ninth to eleventh sign again later; a back reference would take a hundred times as long.
SELECT student.id FROM people_student student
WHERE student.parent_link_token IS NOT NULL AND NOT (
  student.parent_link_token ~ '^[A-Za-z0-9_-]{{32}}$'
  AND student.parent_link_token ~ '[a-z]' AND student.parent_link_token ~ '[A-Z]'
  AND student.parent_link_token ~ '[0-9]'
  AND strpos(substr(student.parent_link_token, 12), substr(student.parent_link_token, 9, 3)) = 0
  AND student.parent_link_token !~ :runs
  AND lower(student.parent_link_token) !~ :common
  AND NOT EXISTS (
    SELECT FROM unnest(string_to_array(lower(student.full_name), ' ')) word
    WHERE length(word) >= 3 AND strpos(lower(student.parent_link_token), word) > 0
  )
)
ORDER BY 1;
