"""A return and a rollback are stopped at each table: what the old application writes then holds.

Triggers come and go table by table. So for a time the old application's writes to one table are
told of and those to another are not, and what follows the one may have rows of the other shown.
Locks stop the command at each table in turn; meanwhile both applications write.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tandem.kit.errors import TandemError
from tandem.lessons import actions as lessons
from tandem.lessons.transfers import transfer
from tandem.people import actions as people
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.upgrade.live.shown_days import carry_over
from tests.upgrade.live.onlooker import UPGRADE
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.live.test_tandem_writes import booked, now, today
from tests.upgrade.old_databases import EPOCH, Row, change, connection, session, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")
LIST = "the list"
OLD = ("Tutor", "Student", "StudentTutorConnection", "Session", "Subscription", "Parent")
NEW = ("people_tutor", "people_student", "relationships_tutorstudent", "lessons_session")
EXPANDS = (*OLD, LIST)
ROLLS_BACK = (
    *("Parent", "Session", "Student", "StudentTutorConnection", "Subscription", "Tutor"),
    *("relationships_primaryperiod", *NEW),
)
LONGEST = 20.0
"""Seconds until a command must have come to the next stop."""
STARTS = (now() - EPOCH) // timedelta(milliseconds=1) + 40 * 86_400_000


def stops(
    url: str, command: Callable[[], Any], tables: tuple[str, ...], mode: str = "ROW EXCLUSIVE"
) -> Iterator[str]:
    """Run a command beside; yield each of the tables while a lock on it keeps the command there."""
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(1))
        holders = [stack.enter_context(psycopg.connect(url)) for _ in tables]
        _hold(holders[0], tables[0], mode)
        future = pool.submit(command)
        for number, (name, holder) in enumerate(zip(tables, holders, strict=True), start=1):
            _wait_for(url, holder, future)
            yield name
            if number < len(tables):
                _hold(holders[number], tables[number], mode)
            holder.rollback()
        future.result(LONGEST)


def _hold(holder: psycopg.Connection, name: str, mode: str) -> None:
    """Take a lock on a table, or on the row that stands for every row, while the list is made."""
    if name == LIST:
        holder.execute("SELECT FROM tandem_sync.unheard WHERE source_table = '*' FOR UPDATE")
    else:
        lock = sql.SQL("LOCK TABLE {} IN {} MODE")
        holder.execute(lock.format(sql.Identifier(*name.split(".")), sql.SQL(mode)))


def _wait_for(url: str, holder: psycopg.Connection, future: Future[Any]) -> None:
    """Return once the command waits for the one who holds the lock."""
    deadline = monotonic() + LONGEST
    with psycopg.connect(url, autocommit=True) as onlooker:
        while not future.done() and monotonic() < deadline:
            waits = onlooker.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = %s"
                " AND datname = current_database() AND %s = ANY (pg_blocking_pids(pid)))",
                [UPGRADE, holder.info.backend_pid],
            ).fetchone()
            if waits == (True,):
                return
            sleep(0.005)
    raise AssertionError(future.result(0))


def rows_for(number: int) -> Iterator[Row]:
    """Of one stop: a student who gets another name, and one of whose rows others change."""
    for who in (f"a{number}", f"b{number}"):
        yield student(who, "t1")
        yield connection(f"beside-{who}", who, "t4", subject="Art")
    yield connection(f"c{number}", f"b{number}", "t2", subject="Latin")
    starts = STARTS + number * 7_200_000
    yield session(f"x{number}", f"b{number}", starts, tutorId="t1", status="scheduled")


@pytest.fixture
def school(live: Live) -> Live:
    """Both run and are in step; each student a0, a1 … is to have another tutor in two months."""
    numbers = range(max(len(EXPANDS), len(ROLLS_BACK)))
    rows = [row for number in numbers for row in rows_for(number)]
    live.fill(*(tutor(f"t{n}") for n in range(1, 5)), *rows, half=True).join()
    for number in numbers:
        transfer(
            requester=Requester(None, now()), student_id=f"a{number}", to_tutor_id="t3",
            on=today() + timedelta(days=60),
        )  # fmt: skip
    live.in_step()
    return live


def writes(live: Live, number: int) -> None:
    """The old application writes what is looked for in the end."""
    change(
        live.url,
        f"""UPDATE "Student" SET "fullName" = 'Name {number}' WHERE id = 'a{number}';
        UPDATE "Session" SET notes = 'Notes {number}' WHERE id = 'x{number}';
        UPDATE "StudentTutorConnection" SET subject = 'Subject {number}' WHERE id = 'c{number}'""",
    )


def provokes(live: Live, number: int, stop: int) -> None:
    """Both applications write of the same students what has them, or what is theirs, shown."""
    status, to = ("inactive", "t3") if stop % 2 else ("active", "t1")
    change(
        live.url,
        f"""UPDATE "StudentTutorConnection" SET status = '{status}'
        WHERE id = 'beside-a{number}'""",
    )
    change(live.url, f"""UPDATE "Student" SET "tutorId" = '{to}' WHERE id = 'b{number}'""")
    for act in (_teaches_otherwise, _is_older, _is_elsewhere):
        with suppress(TandemError):
            act(number, stop)
    with connected(live.url) as clock, suppress(psycopg.errors.UndefinedTable):
        clock.execute("UPDATE tandem_sync.shown_until SET until = tandem_sync.today()")
        carry_over(clock)


def _teaches_otherwise(number: int, stop: int) -> None:
    act = relationships.resume if stop % 2 else relationships.pause
    act(requester=Requester(None, now()), tutor_student_id=f"beside-b{number}")


def _is_older(number: int, stop: int) -> None:
    people.update_student(
        requester=Requester(None, now()), student_id=f"a{number}", changes={"year": str(stop)}
    )


def _is_elsewhere(number: int, stop: int) -> None:
    lessons.edit(
        requester=Requester(None, now()),
        session_id=f"x{number}",
        changes={"location": f"Room {stop}"},
    )


def holds(live: Live, number: int) -> None:
    """Both sides say what the old application wrote at that stop."""
    said = live.one(
        f"""SELECT (SELECT "fullName" FROM "Student" WHERE id = 'a{number}') AS name,
        (SELECT notes FROM "Session" WHERE id = 'x{number}') AS notes,
        (SELECT subject FROM "StudentTutorConnection" WHERE id = 'c{number}') AS subject"""
    )
    told = live.one(
        f"""SELECT (SELECT full_name FROM people_student WHERE id = 'a{number}') AS name,
        (SELECT notes FROM lessons_session WHERE id = 'x{number}') AS notes,
        (SELECT name FROM people_subject u JOIN relationships_tutorstudent r ON r.subject_id = u.id
          WHERE r.id = 'c{number}') AS subject"""
    )
    written = {
        "name": f"Name {number}", "notes": f"Notes {number}", "subject": f"Subject {number}"
    }  # fmt: skip
    assert (number, said, told) == (number, written, written)


def write_at_each(live: Live, command: Callable[[], Any], tables: tuple[str, ...]) -> None:
    for stop, _ in enumerate(stops(live.url, command, tables)):
        writes(live, stop)
        for number in range(max(0, stop - 2), stop + 1):
            provokes(live, number, stop)


def test_an_expansion_stopped_at_each_table(school: Live) -> None:
    school.rollback()
    write_at_each(school, school.expand, EXPANDS)
    school.backfill()
    school.in_step()
    for number in range(len(EXPANDS)):
        holds(school, number)


def test_a_rollback_stopped_at_each_table(school: Live) -> None:
    write_at_each(school, school.rollback, ROLLS_BACK)
    school.join()
    school.in_step()
    for number in range(len(ROLLS_BACK)):
        holds(school, number)


def test_what_tandem_makes_while_a_rollback_is_stopped(school: Live) -> None:
    """It was never shown, or it was: so it was not deleted there, and is there after the return."""
    made = []
    (link,) = [one["id"] for one in school.links("b0") if one["tutor_id"] == "t1"]
    for stop, _ in enumerate(stops(school.url, school.rollback, ROLLS_BACK)):
        whom = people.create_student(requester=Requester(None, now()), full_name=f"New {stop}")
        relationships.pair(
            requester=Requester(None, now()), tutor_id="t1", student_id=whom.pk, subject="Maths"
        )
        made.append((whom.pk, booked(link, 100 + stop).pk))
    school.join()
    school.in_step()
    for table in ("people_student", '"Student"'):
        there = {row["id"] for row in school.rows(f"SELECT id FROM {table}")}
        assert {whom for whom, _ in made} - there == set()
    for table in ("lessons_session", '"Session"'):
        there = {row["id"] for row in school.rows(f"SELECT id FROM {table}")}
        assert {lesson for _, lesson in made} - there == set()


def test_what_was_shown_as_a_rollback_began_may_be_deleted_there(school: Live) -> None:
    """A session that Tandem makes and shows then is not made anew after the old side deleted it."""
    (link,) = [one["id"] for one in school.links("b0") if one["tutor_id"] == "t1"]
    lesson = ""
    for _ in stops(school.url, school.rollback, ("tandem_sync.unheard",), "SHARE"):
        lesson = booked(link, 100).pk
    assert len(school.rows(f"""SELECT FROM "Session" WHERE id = '{lesson}'""")) == 1
    change(school.url, f"""DELETE FROM "Session" WHERE id = '{lesson}'""")
    school.join()
    school.in_step()
    assert school.rows(f"SELECT FROM lessons_session WHERE id = '{lesson}'") == []
