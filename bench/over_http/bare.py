"""The bare limit: the web server that ``tandem serve`` starts, around a pool and one statement.

Each address is answered by one statement that makes the JSON itself. Nobody is asked who they are,
nothing is checked and nothing is counted.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import django
from psycopg_pool import ConnectionPool

STUDENT = """
  SELECT s.id, s.full_name AS "fullName", s.year, s.active, s.email, s.phone,
    s.parent_email AS "parentEmail", s.parent_link_token AS "parentLinkToken",
    s.time_zone AS "timeZone", s.created_at AS "createdAt", s.updated_at AS "updatedAt",
    (SELECT json_agg(json_build_object('id', l.id, 'tutorId', l.tutor_id, 'tutorName', t.full_name,
       'studentId', l.student_id, 'subject', u.name, 'startDate', l.started_on, 'endDate',
       l.ended_on, 'status', l.status, 'active', l.status = 'active', 'isPrimary', l.is_primary,
       'kind', l.kind, 'notes', l.notes, 'transferredFrom', l.transferred_from_id,
       'createdAt', l.created_at, 'updatedAt', l.updated_at) ORDER BY l.is_primary DESC, l.id)
     FROM relationships_tutorstudent l JOIN people_tutor t ON t.id = l.tutor_id
     LEFT JOIN people_subject u ON u.id = l.subject_id WHERE l.student_id = s.id)
    AS "tutorStudents"
  FROM people_student s
"""
ROWS = "SELECT coalesce(json_agg(row_to_json(one)), '[]')::text FROM ({}) one"
STUDENTS = ROWS.format(STUDENT + " ORDER BY lower(s.full_name), s.id LIMIT %s")
ONE_STUDENT = f"SELECT row_to_json(one)::text FROM ({STUDENT} WHERE s.id = %s) one"
VERSION = "SELECT updated_at FROM people_student WHERE id = %s"
DASHBOARD = """
SELECT json_build_object(
  'students', (SELECT count(*) FROM people_student WHERE active),
  'relationships', (SELECT count(*) FROM relationships_tutorstudent WHERE status = 'active'),
  'week', (SELECT count(*) FROM lessons_session WHERE starts_at >= date_trunc('week', now())
    AND starts_at < date_trunc('week', now()) + interval '1 week'),
  'today', (SELECT json_agg(row_to_json(s)) FROM lessons_session s
    WHERE starts_at >= date_trunc('day', now())
    AND starts_at < date_trunc('day', now()) + interval '1 day'))::text
"""
BOOK = """
INSERT INTO lessons_session AS s (id, tutor_student_id, tutor_id, student_id, starts_at, ends_at,
  status, legacy_fault, created_at, updated_at)
SELECT gen_random_uuid()::text, l.id, l.tutor_id, l.student_id, %s, %s, 'scheduled', '', now(),
  now() FROM relationships_tutorstudent l WHERE l.id = %s
RETURNING row_to_json(s)::text
"""
Start = Callable[[str, list[tuple[str, str]]], object]


@cache
def pool() -> ConnectionPool:
    """Return the pool of this process, opened at the first request."""
    ours = {"autocommit": True, "options": "-c tandem.application=on"}  # nothing is judged
    return ConnectionPool(
        os.environ["DATABASE_URL"], min_size=2, max_size=8, open=True, kwargs=ours
    )


def one_value(statement: str, *values: object) -> Any:
    """Run a statement of one column and return its first row's."""
    with pool().connection() as connection:
        row = connection.execute(statement.encode(), values).fetchone()
    return row[0] if row else None


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer as the addresses of Tandem's API do."""
    path = environ["PATH_INFO"].removeprefix("/api/")
    if "HTTP_IF_NONE_MATCH" in environ:
        one_value(VERSION, path.partition("/")[2])
        start("304 Not Modified", [("ETag", environ["HTTP_IF_NONE_MATCH"])])
        return []
    body = _booked(environ) if environ["REQUEST_METHOD"] == "POST" else _read(path, environ)
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


async def answer(*_: object) -> None:
    """Answer nothing in the loop: this application is a common one, in threads."""


def _booked(environ: dict[str, Any]) -> bytes:
    wanted = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    hours = wanted["startTime"], wanted["endTime"]
    return str(one_value(BOOK, *hours, wanted["tutorStudentId"])).encode()


def _read(path: str, environ: dict[str, Any]) -> bytes:
    if path == "dashboard":
        return str(one_value(DASHBOARD)).encode()
    if path == "students":
        limit = parse_qs(environ["QUERY_STRING"])["limit"][0]
        return str(one_value(STUDENTS, int(limit))).encode()
    return str(one_value(ONE_STUDENT, path.partition("/")[2])).encode()


def main() -> None:
    """Serve this application in Tandem's place, by Tandem's own web server."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.settings")
    django.setup()
    from tandem.cli import serve  # noqa: PLC0415 - reads DATABASE_URL

    # What the web server is told to run is found under these names, in its workers too.
    sys.modules["tandem.wsgi"] = sys.modules[__name__]
    sys.modules["tandem.serving.direct"] = sys.modules[__name__]
    serve.run_web_server("127.0.0.1", int(sys.argv[1]), "The bare limit answers.", worker=False)


if __name__ == "__main__":
    main()
