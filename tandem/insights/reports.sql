-- What was taught in a range of days.

-- name: minutes_held()
-- A session counts in whole minutes, so that sums agree whatever it is counted by; an imported one may
-- end before it starts, and took no time that could be told. Floats hold that exactly, and are quicker
-- to add up than ``numeric``, which matters in a year of a million sessions.
coalesce(sum(floor(date_part('epoch', session.ends_at - session.starts_at) / 60 + 0.5)) FILTER (
  WHERE session.status = 'completed' AND session.ends_at > session.starts_at
), 0)::bigint;

-- name: hours_taught(starts, ends)
-- Counted by ids, then named: names are long to sort and to compare. PostgreSQL leaves out the
-- relationship where nobody asks for it.
SELECT counted.id, coalesce({name}, ''), counted.sessions, counted.minutes, counted.no_shows,
  counted.cancelled
FROM (
  SELECT {who} AS id,
    count(*) FILTER (WHERE session.status = 'completed') AS sessions,
    {minutes_held} AS minutes,
    count(*) FILTER (WHERE session.status = 'no_show') AS no_shows,
    count(*) FILTER (WHERE session.status = 'cancelled') AS cancelled
  FROM lessons_session session
  LEFT JOIN relationships_tutorstudent relationship ON relationship.id = session.tutor_student_id
  WHERE session.starts_at >= :starts AND session.starts_at < :ends
    AND session.status <> 'scheduled' AND {taught}
  GROUP BY 1
) counted
LEFT JOIN {names} named ON named.id = counted.id
ORDER BY tandem_name_order({name}) COLLATE "C" NULLS LAST, counted.id;

-- name: outcomes(starts, ends)
-- Who asked that a session be called off stands in the last line of its history about that; an
-- imported one has none. It is looked for where a session was called off, of others not even asked.
SELECT counted.id, coalesce({name}, ''), counted.held, counted.no_shows, counted.by_family,
  counted.by_tutor, counted.by_business, counted.by_nobody_known
FROM (
  SELECT known.id,
    coalesce(sum(known.sessions) FILTER (WHERE known.status = 'completed'), 0)::bigint AS held,
    coalesce(sum(known.sessions) FILTER (WHERE known.status = 'no_show'), 0)::bigint AS no_shows,
    coalesce(sum(known.sessions) FILTER (WHERE known.by = 'family'), 0)::bigint AS by_family,
    coalesce(sum(known.sessions) FILTER (WHERE known.by = 'tutor'), 0)::bigint AS by_tutor,
    coalesce(sum(known.sessions) FILTER (WHERE known.by = 'business'), 0)::bigint AS by_business,
    coalesce(sum(known.sessions) FILTER (WHERE known.status = 'cancelled' AND known.by IS NULL), 0)::bigint
      AS by_nobody_known
  FROM (
    SELECT {who} AS id, session.status,
      CASE WHEN session.status = 'cancelled' THEN (
        SELECT event.details -> 'cancellation' ->> 'by' FROM lessons_sessionevent event
        WHERE event.session_id = session.id AND event.what = 'cancelled'
        ORDER BY event.id DESC
        LIMIT 1
      ) END AS by,
      count(*) AS sessions
    FROM lessons_session session
    LEFT JOIN relationships_tutorstudent relationship ON relationship.id = session.tutor_student_id
    WHERE session.starts_at >= :starts AND session.starts_at < :ends
      AND session.status <> 'scheduled' AND {taught}
    GROUP BY 1, 2, 3
  ) known
  GROUP BY known.id
) counted
LEFT JOIN {names} named ON named.id = counted.id
ORDER BY tandem_name_order({name}) COLLATE "C" NULLS LAST, counted.id;

-- name: taught_by_viewer(viewer_tutor_id)
session.tutor_id = :viewer_tutor_id;

-- name: of_subject(subject)
relationship.subject_id IN (
  SELECT subject.id FROM people_subject subject WHERE upper(subject.name) = upper(:subject)
);
