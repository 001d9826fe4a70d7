-- What actions lock, each by id: every action locks tutors, then students, then relationships.

-- name: lock_tutors(ids)
SELECT {columns} FROM people_tutor tutor WHERE tutor.id = ANY(:ids)
ORDER BY tutor.id FOR NO KEY UPDATE;

-- name: lock_students(ids)
SELECT {columns} FROM people_student student WHERE student.id = ANY(:ids)
ORDER BY student.id FOR NO KEY UPDATE;

-- name: lock_relationships_of_students(student_ids)
SELECT {columns} FROM relationships_tutorstudent relationship
WHERE relationship.student_id = ANY(:student_ids)
ORDER BY relationship.id FOR NO KEY UPDATE;

-- name: pair_of_relationship(relationship_id)
SELECT relationship.tutor_id, relationship.student_id FROM relationships_tutorstudent relationship
WHERE relationship.id = :relationship_id AND {scope};
