"""A row becomes the same, whether a backfill brings it or a trigger takes it.

The mapping decides about whole tables at once, a trigger about one row among those that are there
already. Random old rows are brought both ways, and compared column for column.

What depends on the order in which rows come is kept out of it. Which of several connections is the
primary one: the first that may be, so they are written in the mapping's order. When that began,
where the student's row was there before it: then what was known stays, so connections are made
before students here. To which of several with one tutor a session goes that names the tutor: of
those that are there, the one that held on its day; a whole table's days are known only when its
sessions have gone somewhere. Which of two of the same tutor, student and subject bears the fault
that they overlap. And who was primary on days long past, once one turns out to have begun earlier.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tests.upgrade.live.rows import write
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import (
    Row,
    change,
    connection,
    database,
    ms,
    session,
    student,
    tutor,
)

DAY = 24 * 3_600_000
SUBJECTS = ("Maths", " maths ", "Art", "General", "")
SESSION_WORDS = ("scheduled", "completed", "canceled", "no-show", "odd", " Completed ")
CONNECTION_WORDS = ("active", "accepted", "inactive", "odd", "pending", "completed", "rejected")
SUBJECT = "(SELECT lower(name) FROM people_subject WHERE id = subject_id)"
COMPARED = {
    "people_tutor": "to_jsonb(x)",
    "people_student": "to_jsonb(x)",
    "relationships_tutorstudent": f"""to_jsonb(x) - '{{subject_id,updated_at}}'::text[]
  || jsonb_build_object('subject', {SUBJECT})""",
    "lessons_session": "to_jsonb(x)",
    "people_tutorsubject": f"jsonb_build_array(tutor_id, {SUBJECT})",
    "upgrade_unlinkedlegacyrow": "to_jsonb(x) - '{id,created_at}'::text[]",
    "(SELECT * FROM relationships_primaryperiod WHERE coalesce(ends_on > current_date, true))": (
        "jsonb_build_array(student_id, tutor_student_id)"
    ),
    """(SELECT relationship_id, details -> 'old' AS old FROM relationships_relationshipevent
  WHERE details -> 'old' <> '{}')""": "to_jsonb(x)",
}
"""SQL: what is compared of each table. A subject's id, and when a row was changed, are of now."""


def rows_of(random: Random, *, half: bool) -> Iterator[Row]:
    """Yield tutors, students and what is theirs, those that are named first."""
    tutors, students = ["t0", "t1", "t2"], ["s0", "s1", "s2", "s3"]
    for key in tutors:
        yield tutor(key, **made(random))
    own: list[tuple[str, str | None]] = []
    for key in students:
        taught_by = random.choice([*tutors, None]) if half else random.choice(tutors)
        own.append((key, taught_by))
        active = random.random() < 0.7
        subject = random.choice(SUBJECTS)
        yield student(key, taught_by, subject=subject, active=active, **made(random, after=200))
    connections = list(connections_of(random, students, tutors)) if half else []
    yield from sorted(connections, key=may_be_primary)
    pairs = [(values["studentId"], values["tutorId"]) for _, values in connections] + own
    for number in range(8):
        of, more = random.choice(students), {}
        named = [key for key in tutors if pairs.count((of, key)) <= 1]
        if half:
            more = {
                "status": random.choice(SESSION_WORDS),
                "subject": random.choice(SUBJECTS),
                "tutorId": random.choice([None, None, *named, "nobody"]),
                "connectionId": random.choice([None, None, *(c["id"] for _, c in connections)]),
            }
        starts = day(random) + number * 3_600_000
        yield session(f"x{number}", of, starts, **more, **made(random))


def connections_of(random: Random, students: list[str], tutors: list[str]) -> Iterator[Row]:
    """Yield some connections, of which the old table takes one of the same three."""
    threes = {
        (of, to, subject.strip().lower()): (of, to, subject)
        for of, to, subject in (
            tuple(map(random.choice, (students, tutors, SUBJECTS))) for _ in range(5)
        )
    }
    for number, (of, to, subject) in enumerate(sorted(threes.values())):
        dates = {
            name: random.choice([None, None, day(random)]) for name in ("startDate", "endDate")
        }
        status = random.choice(CONNECTION_WORDS)
        words = {"subject": subject, "status": status, "requestMessage": random.choice([None, "?"])}
        yield connection(f"c{number}", of, to, **words, **dates, **made(random))


def may_be_primary(row: Row) -> tuple[int, int]:
    """Sort by how much a connection is the primary one, as the mapping does."""
    said = row[1]
    paused = said["status"] == "inactive" and said["endDate"] is None
    words = {"active": 0, "accepted": 0, "odd": 1, "pending": 2}
    rank = 1 if paused else words.get(said["status"], 3)
    return rank, said["startDate"] or said["createdAt"]


def day(random: Random) -> int:
    return ms("2026-03-02 08:00") + random.randrange(-400, 400) * DAY


def made(random: Random, after: int = 0) -> dict[str, int]:
    created = ms("2025-08-05 09:00") + random.randrange(after, after + 200) * DAY
    return {"createdAt": created, "updatedAt": created + random.randrange(9) * DAY}


def found(live: Live) -> dict[str, list[Any]]:
    return {
        table: [row["what"] for row in live.rows(f"SELECT {what} AS what FROM {table} x")]
        for table, what in COMPARED.items()
    }


def unlike(taken: dict[str, list[Any]], brought: dict[str, list[Any]]) -> list[str]:
    """Return what came of the same rows one way only."""
    return [
        f"{table}, {how}: {row}"
        for table in COMPARED
        for how, ones, others in (("taken", taken, brought), ("brought", brought, taken))
        for row in ones[table]
        if row not in others[table]
    ]


@pytest.mark.parametrize(
    ("seed", "half"), [*((seed, True) for seed in range(16)), *((seed, False) for seed in range(4))]
)
def test_either_way(live: Live, template: str, seed: int, *, half: bool) -> None:
    """One by one, each after those that it names."""
    rows = list(rows_of(Random(seed), half=half))
    live.fill(*rows, half=half).join()
    with database(template) as url:
        other = Live(url).fill(half=half)
        other.join()
        write(url, rows)
        other.in_step()
        taken = found(other)
    assert unlike(taken, found(live)) == []


ENDED = {
    "status": "completed",
    "startDate": ms("2026-02-11 00:00"),
    "endDate": ms("2026-05-29 00:00"),
}


@pytest.mark.parametrize("tutor_first", [False, True])
def test_a_tutor_after_an_ended_connection(live: Live, *, tutor_first: bool) -> None:
    """Of the same three: begins when that ended, whichever of the two was written first."""
    live.fill(tutor("t1"), student("ana", "t1" if tutor_first else None), half=True).join()
    write(live.url, [connection("c1", "ana", "t1", **ENDED)])
    change(live.url, """UPDATE "Student" SET "tutorId" = 't1'""")
    live.in_step()
    held = live.rows(
        "SELECT is_primary AS main, started_on::text AS began, legacy_fault AS fault"
        " FROM relationships_tutorstudent ORDER BY 2"
    )
    assert held == [
        {"main": False, "began": "2026-02-11", "fault": ""},
        {"main": True, "began": "2026-05-29", "fault": ""},
    ]
