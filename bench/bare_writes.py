"""What the same rows cost where plain statements write them to Tandem's tables, all else known.

Beneath that no trigger can come: indexes, exclusion constraints and foreign keys are in it, and the
locks of the students. Each is rolled back, with its deferred constraints checked.
"""

import statistics
import time

import psycopg

OF_STUDENTS = "(SELECT md5('s' || i) FROM generate_series(0, {rows} - 1) i)"
OF_SESSIONS = "(SELECT md5('x' || i) FROM generate_series(2000, 1999 + {rows}) i)"
LOCK = (
    f"SELECT FROM people_student WHERE id = ANY (ARRAY{OF_STUDENTS}) ORDER BY id FOR NO KEY UPDATE"
)
BARE = {
    "Insert sessions": (
        """INSERT INTO lessons_session (id, tutor_student_id, tutor_id, student_id, starts_at,
  ends_at, status, notes, legacy_fault, created_at, updated_at)
SELECT gen_random_uuid()::text, r.id, r.tutor_id, r.student_id, starts,
  starts + interval '50 minutes', 'scheduled', 'new', '', now(), now()
FROM generate_series(0, {rows} - 1) i
JOIN relationships_tutorstudent r ON r.student_id = md5('s' || i) AND r.is_primary,
  LATERAL (SELECT date_trunc('hour', now()) + (9000 * 24 + i) * interval '1 hour' AS starts) at""",
    ),
    "Edit notes of sessions": (
        f"UPDATE lessons_session SET notes = 'bare', updated_at = now() WHERE id IN {OF_SESSIONS}",
    ),
    "Move sessions": (
        f"""UPDATE lessons_session SET starts_at = starts_at + interval '1 minute',
  ends_at = ends_at + interval '1 minute', updated_at = now() WHERE id IN {OF_SESSIONS}""",
    ),
    "Edit students": (
        f"UPDATE people_student SET year = 'bare', updated_at = now() WHERE id IN {OF_STUDENTS}",
    ),
    "Change the tutor of students": (
        f"""UPDATE relationships_tutorstudent SET is_primary = false,
  ended_on = greatest(current_date, started_on) WHERE is_primary AND student_id IN {OF_STUDENTS}""",
        f"""INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, subject_id,
  started_on, status, is_primary, kind, transferred_from_id, end_reason, legacy_fault, created_at,
  updated_at)
SELECT DISTINCT ON (student_id) gen_random_uuid()::text, tutor_id, student_id, subject_id,
  ended_on, 'active', true, 'regular', id, '', '', now(), now() FROM relationships_tutorstudent r
WHERE student_id IN {OF_STUDENTS} AND NOT EXISTS (SELECT FROM relationships_tutorstudent later
  WHERE later.transferred_from_id = r.id) ORDER BY student_id, started_on DESC""",
        f"""INSERT INTO relationships_relationshipevent (relationship_id, what, on_date, at,
  details)
SELECT id, what, current_date, now(), '{{{{}}}}' FROM relationships_tutorstudent,
  (VALUES ('transferred_out'), ('transferred_in')) AS line (what)
WHERE is_primary AND student_id IN {OF_STUDENTS}""",
        f"""UPDATE lessons_session x SET tutor_student_id = r.id, tutor_id = r.tutor_id
FROM relationships_tutorstudent r WHERE r.id <> x.tutor_student_id AND r.is_primary
  AND r.student_id = x.student_id AND x.status = 'scheduled' AND x.ends_at > now()
  AND x.student_id IN {OF_STUDENTS}""",
        f"UPDATE people_student SET updated_at = now() WHERE id IN {OF_STUDENTS}",
    ),
    "Delete sessions": (f"DELETE FROM lessons_session WHERE id IN {OF_SESSIONS}",),
}


def bare(connection: psycopg.Connection, name: str, rows: int, times: int) -> float:
    """Return the median seconds of one bare write of so many rows; nothing of it stays."""
    took = []
    for _ in range(times):
        with connection.transaction(force_rollback=True):
            connection.execute("SELECT set_config('tandem.quiet', 'on', true)")
            begun = time.perf_counter()
            for statement in (LOCK, *BARE[name]):
                connection.execute(statement.format(rows=rows).encode())
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            took.append(time.perf_counter() - begun)
    return statistics.median(took)
