-- name: requests(most)
-- The pending relationships that are seen, with who asked, and whether the viewer teaches the
-- student now.
SELECT {columns}, tutor.full_name, tutor.email, student.full_name, subject.name,
  (SELECT event.details ->> 'asked_by' FROM relationships_relationshipevent event
   WHERE event.relationship_id = relationship.id AND event.what = 'requested'
   ORDER BY event.id LIMIT 1),
  EXISTS (SELECT FROM relationships_tutorstudent teaching
   WHERE teaching.student_id = relationship.student_id AND {teaches_now})
FROM relationships_tutorstudent relationship
JOIN people_tutor tutor ON tutor.id = relationship.tutor_id
JOIN people_student student ON student.id = relationship.student_id
LEFT JOIN people_subject subject ON subject.id = relationship.subject_id
WHERE relationship.status = 'pending' AND {scope} AND {which}
ORDER BY relationship.id
LIMIT :most;

-- name: teaches_now(viewer_tutor_id)
teaching.tutor_id = :viewer_tutor_id AND {teaches};

-- name: this_one(relationship_id)
relationship.id = :relationship_id;
