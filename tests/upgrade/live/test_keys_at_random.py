"""Tutors' keys change while others write sessions, at every isolation level, as chance has it."""

import random
import threading
import time

import psycopg
import pytest

from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import session, student, tutor

SECONDS = 5.0
LEVELS = ("READ_COMMITTED", "REPEATABLE_READ", "READ_COMMITTED", "SERIALIZABLE")
STUDENTS = 30


def rename(chance: random.Random, n: str) -> str:
    return f"""UPDATE "Tutor" SET id = 't{n}' WHERE id = (
      SELECT id FROM "Tutor" ORDER BY md5(id || '{chance.random()}') LIMIT 1)"""


def insert(chance: random.Random, n: str) -> str:
    day = chance.randrange(1, 28)
    return f"""INSERT INTO "Session" (id, "studentId", "startTime", "endTime", "updatedAt")
      VALUES ('{n}', 's{chance.randrange(STUDENTS)}', '2027-03-{day:02} 10:00',
        '2027-03-{day:02} 10:30', now())"""


def move(chance: random.Random, _: str) -> str:
    return f"""UPDATE "Session" SET "studentId" = 's{chance.randrange(STUDENTS)}'
      WHERE id = 'x{chance.randrange(STUDENTS)}'"""


def write(live: Live, level: str, seed: int, over: threading.Event, failed: list[str]) -> None:
    """Write until it is over; what collides on the old side alone is tried no more."""
    chance = random.Random(seed)
    with psycopg.connect(live.url) as connection:
        connection.isolation_level = psycopg.IsolationLevel[level]
        n = 0
        while not over.is_set():
            n += 1
            try:
                for part in range(chance.choice([1, 1, 2, 3])):
                    deed = chance.choice([rename, insert, move])
                    connection.execute(deed(chance, f"{seed}-{n}-{part}").encode())
                connection.commit()
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
                connection.rollback()  # the old application's own
            except psycopg.Error as error:
                failed.append(str(error))
                connection.rollback()
            time.sleep(chance.random() * 0.02)


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_stays_under_a_former_key(live: Live, seed: int) -> None:
    """No write fails, no note tells of a rule, and each side has the same tutors."""
    live.fill(
        *(tutor(f"t{n}") for n in range(4)),
        *(student(f"s{n}", f"t{n % 4}") for n in range(STUDENTS)),
        *(session(f"x{n}", f"s{n}", f"2026-03-{n % 28 + 1:02} 16:00") for n in range(STUDENTS)),
    ).join()
    over = threading.Event()
    failed: list[str] = []
    writers = [
        threading.Thread(target=write, args=(live, level, 10 * seed + n, over, failed))
        for n, level in enumerate(LEVELS)
    ]
    for writer in writers:
        writer.start()
    time.sleep(SECONDS)
    over.set()
    for writer in writers:
        writer.join()
    assert failed == []
    assert set(live.missed()) <= {"the student was in hand"}
    assert live.verify() == []
    assert live.rows("SELECT * FROM upgrade_gonefromoldside") == []
    assert live.rows(
        """SELECT t.id FROM people_tutor t LEFT JOIN "Tutor" o ON o.id = t.id AND
        o."userId" = t.auth_subject WHERE o.id IS NULL OR t.legacy_fault <> ''"""
    ) == []  # fmt: skip
    live.in_step()
