"""Students whose tutor changes in one statement come to what they come to one by one."""

from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

import pytest

from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, connection, database, session, student, tutor

STUDENTS = "abcdefgh"
PEOPLE = (
    *(tutor(f"t{n}") for n in range(1, 4)),
    *(student(s, "t1" if s < "e" else "t2") for s in STUDENTS),
)
SESSIONS = tuple(
    session(f"{s}{n}", s, f"{start} {10 + STUDENTS.index(s)}:00")
    for s in STUDENTS
    for n, start in enumerate(("2026-03-02", "2099-03-02", "2099-03-09"))
)
TUTOR = """UPDATE "Student" SET "tutorId" = 't3', "updatedAt" = now() WHERE {}"""
MORE = """UPDATE "Student" SET "tutorId" = CASE WHEN id < 'd' THEN 't3' WHEN id < 'g' THEN 't1' END,
  subject = CASE id WHEN 'b' THEN 'Latin' WHEN 'f' THEN 'Greek' ELSE subject END,
  active = id <> 'c', year = '11', "updatedAt" = now() WHERE {}"""
IN_TANDEM = """
SET LOCAL tandem.application = 'on';
UPDATE lessons_session SET progress = 4 WHERE id = 'a2';
INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, subject_id, started_on, status,
  is_primary, kind, end_reason, legacy_fault, created_at, updated_at)
SELECT 'further', 't3', 'd', subject_id, started_on, 'active', false, 'regular', '', '',
  now(), now()
FROM relationships_tutorstudent WHERE student_id = 'd' AND is_primary;
INSERT INTO relationships_relationshipevent (relationship_id, what, on_date, at, details)
SELECT id, 'started', started_on, now(), jsonb_build_object('set', tandem_sync.standing(r))
FROM relationships_tutorstudent r WHERE id = 'further';
INSERT INTO lessons_sessionseries (id, tutor_student_id, rule, first_date, starts_on,
  planned_until, wall_time, minutes, time_zone, created_at, updated_at)
SELECT 'series', id, 'FREQ=WEEKLY', '2099-03-02', '2099-03-02', '2099-03-02', '16:00', 60, 'UTC',
  now(), now()
FROM relationships_tutorstudent WHERE student_id = 'b' AND is_primary"""
CONNECTIONS = (
    connection("of a", "a", "t1"),
    connection("of b", "b", "t3"),
    connection("of f", "f", "t1"),
)


@pytest.fixture
def other(template: str) -> Iterator[Live]:
    """Where the same is written one student at a time."""
    with database(template) as url:
        yield Live(url)


def what_is(live: Live) -> dict[str, list[str]]:
    """Return rows and history; relationships and subjects under their names, not ids."""
    links = live.rows(
        "SELECT * FROM relationships_tutorstudent r ORDER BY student_id, (SELECT min(id)"
        " FROM relationships_relationshipevent e WHERE e.relationship_id = r.id)"
    )
    of_pair: dict[str, int] = {}
    names = {r["id"]: r["name"] for r in live.rows("SELECT id, name FROM people_subject")}
    for link in links:
        pair = f"{link['student_id']} with {link['tutor_id']} of {names.get(link['subject_id'])}"
        of_pair[pair] = of_pair.get(pair, 0) + 1
        names[link["id"]] = f"{pair}, {of_pair[pair]}"
    history = live.rows(
        """SELECT relationship_id, what, on_date, details FROM relationships_relationshipevent e
           JOIN relationships_tutorstudent r ON r.id = relationship_id ORDER BY student_id, e.id"""
    )
    sessions = live.rows(
        """SELECT id, tutor_student_id, tutor_id, student_id, starts_at, ends_at, status, notes,
           progress, legacy_fault, updated_at FROM lessons_session ORDER BY id"""
    )
    others = {
        table: live.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2")
        for table, columns in (
            ("lessons_sessionseries", "id, tutor_student_id"),
            ("people_tutorsubject", "tutor_id, subject_id"),
            ("people_student", "id, active, year, legacy_fault"),
        )
    }
    moments = ("created_at", "updated_at")
    said = [{k: v for k, v in link.items() if k not in moments} for link in links]
    return {
        name: sorted(_named(rows, names)) if name == "links" else _named(rows, names)
        for name, rows in {
            "links": said,
            "history": history,
            "sessions": sessions,
            **others,
        }.items()
    }


def _named(rows: list[dict[str, Any]], names: dict[str, str]) -> list[str]:
    """Return a line for each row. Ids that are made just now differ from database to database."""
    lines = [str({key: str(value) for key, value in row.items()}) for row in rows]
    for made, name in names.items():
        lines = [line.replace(made, name) for line in lines]
    return lines


def both(live: Live, other: Live, write: str, *rows: Any, half: bool = False) -> None:
    """Write to all students at once, and elsewhere to one after the other, and compare."""
    for one in (live, other):
        one.fill(*PEOPLE, *SESSIONS, *rows, half=half).join()
        change(one.url, IN_TANDEM)
    change(live.url, write.format("true"))
    for of in STUDENTS:
        change(other.url, write.format(f"id = '{of}'"))
    assert other.missed() == []
    at_once, in_turn = what_is(live), what_is(other)
    for name, lines in in_turn.items():
        differs = "\n".join(unified_diff(lines, at_once[name], n=0, lineterm=""))
        assert differs == "", f"{name}:\n{differs}"
    live.in_step()


@pytest.mark.parametrize("half", [False, True])
def test_all_of_a_tutor_go_to_another(live: Live, other: Live, *, half: bool) -> None:
    """Rows, marks, sessions and lines of history are the same, to the last detail."""
    both(live, other, TUTOR, half=half)
    moved = live.one("SELECT count(*) AS n FROM lessons_session WHERE tutor_id = 't3'")
    assert moved["n"] == 2 * len(STUDENTS)


@pytest.mark.parametrize("half", [False, True])
def test_with_other_subjects_and_pauses_or_without_a_tutor(
    live: Live, other: Live, *, half: bool
) -> None:
    """What else the statement changes is taken with it; who cannot be, is taken alone."""
    write = MORE if half else MORE.replace("THEN 't1' END", "THEN 't1' ELSE 't3' END")
    both(live, other, write, half=half)


def test_where_connections_say_the_same(live: Live, other: Live) -> None:
    """A connection of the new tutor becomes the primary one, as when its student comes alone."""
    both(live, other, TUTOR, *CONNECTIONS, half=True)


def test_who_changes_places_keeps_every_hour(live: Live) -> None:
    """Two students of two tutors at one hour: nobody is in two places in the end."""
    live.fill(
        *PEOPLE,
        session("of a", "a", "2099-03-02 10:00"),
        session("of e", "e", "2099-03-02 10:00"),
    ).join()
    change(
        live.url,
        """UPDATE "Student" SET "tutorId" = CASE "tutorId" WHEN 't1' THEN 't2' ELSE 't1' END""",
    )
    sessions = live.rows("SELECT id, tutor_id, legacy_fault FROM lessons_session ORDER BY id")
    assert [(s["tutor_id"], s["legacy_fault"]) for s in sessions] == [("t2", ""), ("t1", "")]
    live.in_step()


def test_an_hour_that_the_new_tutor_has_taken(live: Live) -> None:
    """It follows with the fault; the others of the statement bear none."""
    live.fill(
        *PEOPLE,
        tutor("t4"),
        student("z", "t4"),
        session("of a", "a", "2099-03-02 10:00"),
        session("of b", "b", "2099-03-02 12:00"),
        session("of z", "z", "2099-03-02 10:30"),
    ).join()
    change(live.url, """UPDATE "Student" SET "tutorId" = 't4' WHERE id < 'e'""")
    sessions = live.rows("SELECT id, tutor_id, legacy_fault FROM lessons_session ORDER BY id")
    assert [(s["tutor_id"], s["legacy_fault"]) for s in sessions] == [
        ("t4", "overlap"),
        ("t4", ""),
        ("t4", ""),
    ]
    live.in_step()


@pytest.mark.parametrize("of", ["id = 'a'", "id < 'c'"])
def test_what_has_begun_stays_with_who_holds_it(live: Live, of: str) -> None:
    """As in Tandem: a lesson that runs is the former tutor's; of one student, and of several."""
    live.fill(
        *PEOPLE,
        session("of a now", "a", "2099-03-02 10:00"),
        session("of a then", "a", "2099-03-02 12:00"),
        session("of b then", "b", "2099-03-02 14:00"),
    ).join()
    change(
        live.url,
        """UPDATE "Session" SET "startTime" = (now() - interval '20 min') AT TIME ZONE 'UTC',
        "endTime" = (now() + interval '40 min') AT TIME ZONE 'UTC' WHERE id = 'of a now'""",
    )
    change(live.url, f"""UPDATE "Student" SET "tutorId" = 't3' WHERE {of}""")
    sessions = live.rows("SELECT id, tutor_id, status FROM lessons_session ORDER BY id")
    held = {row["id"]: row["tutor_id"] for row in sessions}
    assert (held["of a now"] == "t3", held["of a then"]) == (False, "t3")
    out = live.one(
        "SELECT details FROM relationships_relationshipevent WHERE what = 'transferred_out'"
        " AND details -> 'moved' ? 'of a then'"
    )
    assert out["details"]["moved"] == ["of a then"]
    live.in_step()
    change(live.url, """UPDATE "Session" SET "notes" = 'x' WHERE id = 'of a now'""")
    (now,) = live.rows("SELECT tutor_id FROM lessons_session WHERE id = 'of a now'")
    assert now["tutor_id"] == held["of a now"]
    live.in_step()
