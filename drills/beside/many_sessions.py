"""One student with a million sessions."""

import psycopg

from drills.beside.stand import stand, writing

MILLION = """INSERT INTO "Session" (id, "studentId", "startTime", "endTime", notes, "createdAt", "updatedAt")
SELECT 'm' || n, 's007', timestamp '1990-01-01' + n * interval '20 minutes',
  timestamp '1990-01-01' + n * interval '20 minutes' + interval '15 minutes', 'note ' || n, now(), now()
FROM generate_series(1, 1000000) AS n"""
LONGEST_WAIT = 1.0
"""Seconds; the busy machine of a drill has its own part in it."""


def a_million_sessions_of_one() -> str:
    """Whoever writes to that student, or to another, meanwhile does not wait for them."""
    with stand() as place:
        with psycopg.connect(place.url, autocommit=True) as connection:
            connection.execute(MILLION.encode())
            connection.execute("ANALYZE")
        place.run("expand")
        with writing(place.url) as writers:
            seconds = place.run("backfill")["seconds"]
        differing = place.differing()
        failed = [words for writer in writers for words in writer.failed]
        worst = max(writer.worst for writer in writers)
    if differing or failed or worst > LONGEST_WAIT:
        raise RuntimeError(f"{differing} rows differ, the longest wait {worst:.2f} s; {failed[:2]}")
    return f"backfill {seconds:.0f} s, the longest wait of an old write {worst:.2f} s"
