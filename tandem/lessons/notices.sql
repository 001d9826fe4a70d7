-- name: make_beforehand(kind, deed, starts, ends)
-- One letter to each guardian who wants them, of all that is planned in these hours; once.
INSERT INTO lessons_notice (id, kind, deed, guardian_id, about)
SELECT tandem_new_id(), :kind, :deed, guardian.id, jsonb_agg(session.id ORDER BY session.starts_at)
FROM lessons_noticesettings settings
JOIN lessons_session session ON session.starts_at >= :starts AND session.starts_at < :ends
  AND session.status = 'scheduled'
JOIN people_guardianstudent child ON child.student_id = session.student_id
JOIN people_guardian guardian ON guardian.id = child.guardian_id
WHERE settings.is_on AND settings.kinds ? :kind AND guardian.notices ? :kind
  AND guardian.email IS NOT NULL AND guardian.email_refused_at IS NULL
GROUP BY guardian.id ORDER BY guardian.id
ON CONFLICT (guardian_id, deed) DO NOTHING;
