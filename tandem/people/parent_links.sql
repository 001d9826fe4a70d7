-- name: note_opening(token, day)
-- Only of the link that was opened: one made anew meanwhile was not.
INSERT INTO people_parentlink AS known (student_id, opened_on)
SELECT student.id, :day FROM people_student student WHERE student.parent_link_token = :token
ON CONFLICT (student_id) DO UPDATE SET opened_on = excluded.opened_on;

-- name: perhaps_weak_links()
-- All but those that are as Tandem makes them and hold nothing that anybody could know: which of
-- the others are weak is decided by link_strength.py.
SELECT student.id FROM people_student student
WHERE student.parent_link_token IS NOT NULL AND NOT (
  student.parent_link_token ~ '^[A-Za-z0-9_-]{{32}}$'
  AND student.parent_link_token ~ '[a-z]' AND student.parent_link_token ~ '[A-Z]'
  AND student.parent_link_token ~ '[0-9]'
  AND student.parent_link_token !~ '(.)\1\1|(...).*\2.*\2'
  AND student.parent_link_token !~* '(parent|student|pupil|child|tutor|token|link|page|abc|bcd|xyz|zyx|123|321)'
  AND NOT EXISTS (
    SELECT FROM regexp_split_to_table(student.full_name, '[^[:alnum:]]+') word
    WHERE length(word) >= 3 AND strpos(lower(student.parent_link_token), lower(word)) > 0
  )
)
ORDER BY 1;
