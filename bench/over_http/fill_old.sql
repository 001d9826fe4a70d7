-- The same business in the tables of the older application.
INSERT INTO "Tutor" (id, "userId", email, "updatedAt")
SELECT id, 'user-' || id, email, now() FROM generate_series(1, %(tutors)s) n,
LATERAL (SELECT 't' || n AS id, 't' || n || '@example.org' AS email) tutor;
INSERT INTO "Student" (id, "tutorId", "fullName", subject, year, "parentLinkToken", "updatedAt")
SELECT 's' || n, 't' || n / %(per_tutor)s + 1, 'Student ' || n, 'Maths', '9', 'link' || n, now()
FROM generate_series(0, %(students)s - 1) n;
INSERT INTO "Session" (id, "studentId", "startTime", "endTime", "updatedAt")
SELECT 'x' || n || '-' || week, 's' || n, at, at + interval '1 hour', now()
FROM generate_series(0, %(weeks)s - 1) week, generate_series(0, %(students)s - 1) n,
LATERAL (SELECT %(monday)s::timestamp + interval '1 week' * (1 - week)
  + interval '1 day' * (n %% %(per_tutor)s / 5) + interval '1 hour' * (9 + n %% 5) AS at) hour;
