-- What pgloader copied, brought into Tandem's tables as a careful person would by hand. Their indexes, keys and
-- exclusions are set aside before this, and made after it.
INSERT INTO people_tutor (id, full_name, email, time_zone, active, legacy_fault, auth_subject, stripe_customer_id,
  created_at, updated_at)
SELECT id, '', email, '', true, '', userid, stripecustomerid, createdat, updatedat FROM tutor;

INSERT INTO people_subscription (id, tutor_id, status, stripe_customer_id, stripe_sub_id, current_period_end,
  created_at, updated_at)
SELECT id, tutorid, status, stripecustomerid, stripesubid, currentperiodend, createdat, updatedat FROM subscription;

INSERT INTO people_student (id, full_name, year, active, time_zone, legacy_fault, parent_email, parent_link_token,
  created_at, updated_at)
SELECT id, fullname, year, active, '', '', parentemail, parentlinktoken, createdat, updatedat FROM student;

INSERT INTO people_subject (id, name)
SELECT DISTINCT ON (lower(name)) tandem_ulid(now(), 'subject ' || lower(name)), name
FROM (SELECT regexp_replace(btrim(subject), '\s+', ' ', 'g') AS name, count(*) AS times FROM student GROUP BY 1) spelled
WHERE name <> '' ORDER BY lower(name), times DESC, name;

CREATE TEMPORARY TABLE pair AS
SELECT tandem_ulid(s.createdat, 'primary ' || s.id) AS id, s.id AS student_id, s.tutorid AS tutor_id, u.id AS subject_id,
  CASE WHEN s.active THEN 'active' ELSE 'paused' END AS status,
  (least(s.createdat, first.starts) AT TIME ZONE 'Europe/London')::date AS started_on, s.createdat, s.updatedat
FROM student s
LEFT JOIN people_subject u ON lower(u.name) = lower(regexp_replace(btrim(s.subject), '\s+', ' ', 'g'))
LEFT JOIN (SELECT studentid, min(starttime) AS starts FROM session GROUP BY 1) first ON first.studentid = s.id;
ANALYZE pair;

INSERT INTO people_tutorsubject (id, tutor_id, subject_id, level)
SELECT DISTINCT ON (tutor_id, subject_id) tandem_ulid(now(), 'teaches ' || tutor_id || ' ' || subject_id), tutor_id,
  subject_id, '' FROM pair WHERE subject_id IS NOT NULL;

INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, subject_id, started_on, status, is_primary, kind,
  end_reason, legacy_fault, created_at, updated_at)
SELECT id, tutor_id, student_id, subject_id, started_on, status, true, 'regular', '', '', createdat, updatedat FROM pair;

INSERT INTO relationships_relationshipevent (relationship_id, what, on_date, at, details)
SELECT id, 'imported', started_on, now(), jsonb_build_object('source', 'student', 'old', '{}'::jsonb, 'set',
  jsonb_build_object('tutor', tutor_id, 'student', student_id, 'subject', subject_id, 'started_on', started_on,
    'ended_on', NULL, 'status', status, 'is_primary', true, 'kind', 'regular', 'transferred_from', NULL)) FROM pair;

INSERT INTO lessons_session (id, tutor_student_id, tutor_id, student_id, starts_at, ends_at, status, notes, homework,
  legacy_fault, created_at, updated_at)
SELECT id, pair_id, tutor_id, studentid, starttime, endtime, status, notes, homework, concat_ws(' ',
    CASE WHEN endtime <= starttime THEN 'times' END, CASE WHEN endtime > starttime + interval '24 hours' THEN 'too_long' END,
    CASE WHEN status = 'scheduled' AND (starttime < tutor_busy_until OR starttime < student_busy_until) THEN 'overlap' END),
  createdat, updatedat
FROM (
  SELECT x.*, p.id AS pair_id, p.tutor_id, CASE WHEN endtime < now() THEN 'completed' ELSE 'scheduled' END AS status,
    max(endtime) OVER (PARTITION BY p.tutor_id, endtime < now() ORDER BY starttime, endtime, x.id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS tutor_busy_until,
    max(endtime) OVER (PARTITION BY x.studentid, endtime < now() ORDER BY starttime, endtime, x.id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS student_busy_until
  FROM session x JOIN pair p ON p.student_id = x.studentid
) placed;
