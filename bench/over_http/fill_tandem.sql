-- Beside what the bench of the pages makes: every fourth student has a second tutor, in a subject.
INSERT INTO people_subject (id, name) VALUES ('maths', 'Maths'), ('physics', 'Physics');
UPDATE relationships_tutorstudent SET subject_id = 'maths';
INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, subject_id, started_on, status,
  is_primary, kind, end_reason, legacy_fault, created_at, updated_at)
SELECT 'm' || n, 't' || (n / %(per_tutor)s + 1) %% %(tutors)s + 1, 's' || n, 'physics',
  '1990-01-01', 'active', false, 'regular', '', '', now(), now()
FROM generate_series(0, %(students)s - 1, 4) n;
