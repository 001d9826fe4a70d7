-- Every tutor has some students, and hours of which no two overlap.
INSERT INTO "Tutor" (id, "userId", email, "updatedAt")
SELECT 't' || i, 'u' || i, 't' || i || '@x.org', now() FROM generate_series(0, {tutors} - 1) i;
INSERT INTO "Student" (id, "tutorId", "fullName", subject, year, "parentLinkToken", "createdAt", "updatedAt")
SELECT md5('s' || i), 't' || i % {tutors}, 'Student ' || i, (ARRAY['Maths', 'maths ', 'Physics', 'Latin'])[1 + i % 4],
  (7 + i % 6)::text, 'token' || i, now() - interval '300 days', now() FROM generate_series(0, {students} - 1) i;
INSERT INTO "Session" (id, "studentId", "startTime", "endTime", notes, homework, "createdAt", "updatedAt")
SELECT md5('x' || i), md5('s' || i % {students}), starts, starts + interval '50 minutes',
  'We went on with the chapter, part ' || i || repeat(' and some more words', 6), 'Page ' || i % 90,
  now() - interval '300 days', now()
FROM generate_series(0, {sessions} - 1) i, LATERAL (SELECT date_trunc('hour', now()) - interval '60 days'
  + i / {students} * interval '7 days' + i % {students} / {tutors} * interval '1 hour' AS starts OFFSET 0) at;
ANALYZE;
