INSERT INTO people_tutor (id, full_name, email, time_zone, active, legacy_fault, auth_subject, created_at, updated_at)
SELECT id, '', email, '', true, '', "userId", "createdAt" AT TIME ZONE 'UTC', "updatedAt" AT TIME ZONE 'UTC' FROM "Tutor";
INSERT INTO people_student (id, full_name, year, active, time_zone, legacy_fault, parent_link_token, created_at, updated_at)
SELECT id, "fullName", year, active, '', '', "parentLinkToken", "createdAt" AT TIME ZONE 'UTC', "updatedAt" AT TIME ZONE 'UTC'
FROM "Student";
INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, started_on, status, is_primary, kind, end_reason,
  legacy_fault, created_at, updated_at)
SELECT 'r' || id, "tutorId", id, "createdAt"::date, 'active', true, 'regular', '', '', "createdAt" AT TIME ZONE 'UTC',
  "updatedAt" AT TIME ZONE 'UTC' FROM "Student";
INSERT INTO relationships_relationshipevent (relationship_id, what, on_date, at, details)
SELECT 'r' || id, 'imported', "createdAt"::date, now(), '{}' FROM "Student";
-- Foreign keys are looked up row by row, with a plan that is kept.
ANALYZE people_tutor, people_student, relationships_tutorstudent;
INSERT INTO lessons_session (id, tutor_student_id, tutor_id, student_id, starts_at, ends_at, status, notes, homework,
  legacy_fault, created_at, updated_at)
SELECT s.id, 'r' || s."studentId", student."tutorId", s."studentId", "startTime" AT TIME ZONE 'UTC',
  "endTime" AT TIME ZONE 'UTC', CASE WHEN "endTime" AT TIME ZONE 'UTC' < now() THEN 'completed' ELSE 'scheduled' END,
  notes, homework, '', s."createdAt" AT TIME ZONE 'UTC', s."updatedAt" AT TIME ZONE 'UTC'
FROM "Session" s LEFT JOIN "Student" student ON student.id = s."studentId";
