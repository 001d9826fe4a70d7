"""Lists of a large business: read along an index, in a number of queries that does not grow."""

import json
import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.client import Caller, said, tutor_caller
from tests.cast import Cast

MANY_STUDENTS = """
INSERT INTO people_student (id, full_name, year, active, time_zone, created_at, updated_at,
  legacy_fault)
SELECT 's' || n, 'Student ' || md5(n::text), '', true, '', now(), now(), ''
FROM generate_series(%s, %s) n
"""
# Each has one tutor of a thousand, and started on some day of the last three years.
MANY_TUTORS = """
INSERT INTO people_tutor (id, full_name, email, time_zone, active, created_at, updated_at,
  legacy_fault)
SELECT 't' || n, 'Tutor ' || n, n || '@many.example', '', true, now(), now(), ''
FROM generate_series(0, 999) n
"""
MANY_RELATIONSHIPS = """
INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, started_on, status, is_primary,
  kind, end_reason, created_at, updated_at, legacy_fault)
SELECT 'r' || n, 't' || n %% 1000, 's' || n, date '2023-09-01' + n %% 1000, 'active', true,
  'regular', '', now(), now(), ''
FROM generate_series(%s, %s) n
"""
MANY_SESSIONS = """
INSERT INTO lessons_session (id, tutor_student_id, tutor_id, student_id, starts_at, ends_at,
  status, created_at, updated_at, legacy_fault)
SELECT 'l' || n, 'r' || n, 't' || n %% 1000, 's' || n, t, t + interval '1 hour', 'completed',
  now(), now(), ''
FROM generate_series(%s, %s) n,
LATERAL (SELECT timestamptz '2026-09-01' + n * interval '1 minute' AS t) at
"""
LARGE = ("people_student", "relationships_tutorstudent", "lessons_session")


def grow(students: int) -> None:
    """Add a thousand tutors and as many students, relationships and sessions as asked for.

    Each table is analysed before rows that refer to it come, and when it has its first thousand:
    the server keeps the plan by which it looks a row up, and one that was made for a small table
    reads the whole of a large one for each row of a statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(MANY_TUTORS)
        for table, statement in zip(
            LARGE, (MANY_STUDENTS, MANY_RELATIONSHIPS, MANY_SESSIONS), strict=True
        ):
            for first, last in ((1, min(1_000, students)), (1_001, students)):
                cursor.execute(statement, [first, last])
                cursor.execute(f"ANALYZE people_tutor, {table}")


def plans(request: Callable[[], Any]) -> list[Any]:
    """Return the plans of every SELECT that a request takes: for its values, and for any."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, values: Any, *rest: Any) -> Any:
        asked.append((sql, values or []))
        return execute(sql, values, *rest)

    with connection.execute_wrapper(note):
        request()
    selects = [one for one in asked if re.match(r"\(?SELECT", one[0])]
    assert selects
    return [plan for sql, values in selects for plan in (plan_of(sql, values), any_plan_of(sql))]


def plan_of(sql: str, values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        (plan,) = cursor.fetchone()
    return plan if isinstance(plan, list) else json.loads(plan)


def any_plan_of(sql: str) -> Any:
    """Return the plan that the server may keep of a prepared statement, made without values."""
    numbers: dict[str, int] = {}

    def number(placeholder: re.Match[str]) -> str:
        name = placeholder[1] or f"the {len(numbers)}th"
        return f"${numbers.setdefault(name, len(numbers) + 1)}"

    numbered = re.sub(r"%(?:\((\w+)\))?s", number, sql).replace("%%", "%")
    nulls = ", ".join(["NULL"] * len(numbers))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE asked AS {numbered}")
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE asked{f'({nulls})' if nulls else ''}")
        (plan,) = cursor.fetchone()
        cursor.execute("DEALLOCATE asked")
        cursor.execute("SET LOCAL plan_cache_mode = auto")
    return plan if isinstance(plan, list) else json.loads(plan)


def read_whole(plan: Any) -> list[str]:
    """Return the large tables that a plan reads from end to end."""
    if isinstance(plan, list):
        return [name for one in plan for name in read_whole(one)]
    if not isinstance(plan, dict):
        return []
    inside = [name for value in plan.values() for name in read_whole(value)]
    whole = plan.get("Node Type") == "Seq Scan" and plan.get("Relation Name") in LARGE
    return [*inside, plan["Relation Name"]] if whole else inside


def whole_tables(caller: Caller, path: str, **query: Any) -> list[str]:
    """Return the large tables that a GET reads from end to end."""
    return read_whole(plans(lambda: said(caller.get(path, **query))))


def test_lists_are_read_along_an_index(cast: Cast) -> None:
    """With 40,000 students: first and further pages, an owner's and a tutor's, filtered or not.

    So is what the tutor and the student of a booking have in its hours.
    """
    grow(40_000)
    owner, ben = Caller(cast.owner), tutor_caller(cast.ben)
    for path in ("students", "tutor-students", "sessions", "tutors"):
        for caller in (owner, ben):
            first = said(caller.get(path))
            further = {"cursor": first["next"]} if first["next"] else {}
            for query in ({}, further):
                assert whole_tables(caller, path, **query) == [], (path, query)
    newest: dict[str, Any] = {"sort": "-createdAt", "lastSession": "true"}
    further = {"cursor": said(owner.get("students", **newest))["next"]}
    for query in (newest, newest | further):
        assert whole_tables(owner, "students", **query) == [], query
    one_student = {"studentId": "s5000"}
    for path, query in (
        ("students", {"tutorId": "t5"}),
        ("students", {"tutorId": "t5", "asOf": "2026-01-01"}),
        ("tutor-students", {"tutorId": "t5", "asOf": "2026-01-01"}),
        ("tutor-students", one_student),
        ("sessions", one_student),
        ("sessions", {"from": "2026-10-01T00:00:00Z", "to": "2026-10-02T00:00:00Z"}),
        ("sessions", {"tutorId": "t5"}),
    ):
        assert whole_tables(owner, path, **query) == [], (path, query)
    assert whole_tables(owner, "students/s5000") == []
    hours = {"startTime": "2027-03-01T10:00:00Z", "endTime": "2027-03-01T11:00:00Z"}
    booking = {"tutorStudentId": "r5000", **hours}
    assert read_whole(plans(lambda: said(owner.post("sessions", booking), 201))) == []


def test_a_large_business_takes_no_more_queries(cast: Cast) -> None:
    """A full page of a list of a thousand, and one of two rows: the same few queries."""
    owner = Caller(cast.owner)

    def queries() -> dict[str, int]:
        counts = {}
        for path in ("students", "tutor-students", "sessions", "tutors", "dashboard"):
            with CaptureQueriesContext(connection) as seen:
                said(owner.get(path))
            counts[path] = len(seen)
        return counts

    queries()  # The first use of a token is noted.
    before = queries()
    grow(1_000)
    assert queries() == before
