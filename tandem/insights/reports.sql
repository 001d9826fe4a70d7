-- What was taught in a range of days.

-- name: hours_taught(starts, ends)
-- Counted by ids, then named: names are long to sort and to compare. A session counts in whole
-- minutes, so that sums agree whatever it is counted by; an imported one may end before it starts,
-- and took no time that could be told. Floats hold that exactly, and are quicker to add up than
-- ``numeric``, which matters in a year of a million sessions. PostgreSQL leaves out the relationship where nobody asks for it.
SELECT counted.id, coalesce({name}, ''), counted.sessions, counted.minutes, counted.no_shows,
  counted.cancelled
FROM (
  SELECT {who} AS id,
    count(*) FILTER (WHERE session.status = 'completed') AS sessions,
    coalesce(sum(floor(date_part('epoch', session.ends_at - session.starts_at) / 60 + 0.5)) FILTER (
      WHERE session.status = 'completed' AND session.ends_at > session.starts_at
    ), 0)::bigint AS minutes,
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
-- imported one has none.
SELECT counted.id, coalesce({name}, ''), counted.held, counted.no_shows, counted.by_family,
  counted.by_tutor, counted.by_business, counted.by_nobody_known
FROM (
  SELECT {who} AS id,
    count(*) FILTER (WHERE session.status = 'completed') AS held,
    count(*) FILTER (WHERE session.status = 'no_show') AS no_shows,
    count(*) FILTER (WHERE called_off.by = 'family') AS by_family,
    count(*) FILTER (WHERE called_off.by = 'tutor') AS by_tutor,
    count(*) FILTER (WHERE called_off.by = 'business') AS by_business,
    count(*) FILTER (WHERE session.status = 'cancelled' AND called_off.by IS NULL) AS by_nobody_known
  FROM lessons_session session
  LEFT JOIN relationships_tutorstudent relationship ON relationship.id = session.tutor_student_id
  LEFT JOIN LATERAL (
    SELECT event.details -> 'cancellation' ->> 'by' AS by FROM lessons_sessionevent event
    WHERE session.status = 'cancelled' AND event.session_id = session.id AND event.what = 'cancelled'
    ORDER BY event.id DESC
    LIMIT 1
  ) called_off ON true
  WHERE session.starts_at >= :starts AND session.starts_at < :ends
    AND session.status <> 'scheduled' AND {taught}
  GROUP BY 1
) counted
LEFT JOIN {names} named ON named.id = counted.id
ORDER BY tandem_name_order({name}) COLLATE "C" NULLS LAST, counted.id;

-- name: taught_by_viewer(viewer_tutor_id)
session.tutor_id = :viewer_tutor_id;

-- name: of_subject(subject)
relationship.subject_id IN (
  SELECT subject.id FROM people_subject subject WHERE upper(subject.name) = upper(:subject)
);
