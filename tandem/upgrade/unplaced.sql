-- Old rows that fit nowhere.

-- name: how_many_undecided()
SELECT count(*) FROM upgrade_unlinkedlegacyrow leftover WHERE leftover.decided_at IS NULL;

-- name: make_guardians(student_id)
SELECT tandem_make_guardians(:student_id);
