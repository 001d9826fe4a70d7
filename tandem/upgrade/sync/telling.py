"""The lines of history of what the older application does to sessions, as Tandem's own deeds leave them.

A set at a time, by one statement, before the rows are written: what is there then is what was before.
"""

from collections.abc import Iterator

from tandem.upgrade.sync.functions import function

BY_OLD = """jsonb_build_object('source', 'older application')"""
OF_STATUS = """CASE {} WHEN 'scheduled' THEN 'reinstated' WHEN 'completed' THEN 'recorded'
      WHEN 'cancelled' THEN 'cancelled' ELSE 'missed' END"""
TEXTS = ("homework", "location", "meeting_link", "notes", "title")
"""What a session says beside its times and its status."""
WRITE = "INSERT INTO lessons_sessionevent (session_id, student_id, what, at, details)"


def telling_functions(made: str) -> Iterator[str]:
    """Yield the functions; ``made`` is the type of a session as it is to be written."""
    yield _tell_written(made)
    yield _tell_removed()


def _tell_written(made: str) -> str:
    """One line for each thing that becomes other: new, another tutor's, moved, its state, its texts.

    As ``tandem_record_session`` writes them for other programs. What stays leaves none.
    """
    edited = " UNION ALL ".join(
        f"SELECT '{text}' WHERE x.{text} IS DISTINCT FROM m.{text}" for text in TEXTS
    )
    return function(
        "tell_written",
        f"p_made {made}[]",
        f"""
  {WRITE}
  SELECT m.id, m.student_id, line.what, clock_timestamp(), line.details || {BY_OLD}
  FROM unnest(p_made) WITH ORDINALITY AS m LEFT JOIN lessons_session x ON x.id = m.id
  CROSS JOIN LATERAL (
    SELECT 1, CASE m.status WHEN 'scheduled' THEN 'planned' ELSE {OF_STATUS.format("m.status")} END,
      '{{}}'::jsonb WHERE x.id IS NULL
    UNION ALL SELECT 2, 'handed_over', jsonb_build_object('from', x.tutor_student_id, 'to', m.tutor_student_id)
    WHERE x.tutor_student_id <> m.tutor_student_id
    UNION ALL SELECT 3, 'moved', jsonb_build_object('from_start', x.starts_at, 'from_end', x.ends_at,
      'to_start', m.starts_at, 'to_end', m.ends_at)
    WHERE (x.starts_at, x.ends_at) <> (m.starts_at, m.ends_at)
    UNION ALL SELECT 4, {OF_STATUS.format("m.status")}, '{{}}' WHERE x.status <> m.status
    UNION ALL SELECT 5, 'edited', jsonb_build_object('fields', fields)
    FROM (SELECT jsonb_agg(name) AS fields FROM ({edited}) AS other (name)) others
    WHERE x.id IS NOT NULL AND fields IS NOT NULL
  ) AS line (place, what, details)
  ORDER BY m.ordinality, line.place;""",
    )


def _tell_removed() -> str:
    return function(
        "tell_removed",
        "p_ids text[]",
        f"""
  {WRITE}
  SELECT x.id, x.student_id, 'removed', clock_timestamp(), {BY_OLD}
  FROM lessons_session x WHERE x.id = ANY (p_ids) ORDER BY x.id;""",
    )
