-- Old rows that fit nowhere.

-- name: how_many_undecided(today)
-- Those, and the plans that the older application overtook; overtaken_plans.py lists these.
SELECT (SELECT count(*) FROM upgrade_unlinkedlegacyrow leftover WHERE leftover.decided_at IS NULL)
  + (SELECT count(*) FROM relationships_tutorstudent link
    WHERE link.ended_on IS NULL AND link.id IN (SELECT period.tutor_student_id
      FROM relationships_primaryperiod period WHERE period.ends_on > :today)
    AND EXISTS (SELECT FROM relationships_relationshipevent event WHERE event.relationship_id = link.id
      AND event.details ->> 'source' = 'student' AND event.details ? 'primary_since'));

-- name: make_guardians(student_id)
SELECT tandem_make_guardians(:student_id);
