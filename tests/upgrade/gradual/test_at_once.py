"""Two applications at work on the same people at once: nothing fails, nothing is lost."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from tandem.kit.errors import TandemError
from tandem.lessons import actions as lessons
from tandem.lessons.transfers import transfer
from tandem.people import actions as people
from tests.upgrade.gradual.playing import Busy, OldApplication, step
from tests.upgrade.gradual.rows import write
from tests.upgrade.gradual.steering import Live
from tests.upgrade.old_databases import Row, session, student, tutor

WORST = 250
STUDENTS = 8


def crowd(students: int = STUDENTS, sessions: int = 6) -> list[Row]:
    """Three tutors, some students, and sessions at hours that nobody else has."""
    return [
        *(tutor(f"t{n}") for n in range(3)),
        *(student(f"s{n}", f"t{n % 3}") for n in range(students)),
        *(
            session(
                f"x{n}-{m}",
                f"s{n}",
                f"202{6 + m % 2}-{1 + m % 12:02}-{1 + n % 28:02} {n % 24:02}:00",
            )
            for n in range(students)
            for m in range(sessions)
        ),
    ]


def deeds() -> list[list[dict[str, Any]]]:
    """Everything that the old application does to a student, alone and in one transaction."""
    chance = random.Random(7)
    found: list[list[dict[str, Any]]] = []
    for number in range(400):
        who = f"s{chance.randrange(STUDENTS)}"
        starts = datetime(2031, 1, 1, tzinfo=UTC) + timedelta(hours=2 * number)
        times = {"startTime": starts, "endTime": starts + timedelta(hours=1)}
        add = step("session", "create", data={"studentId": who, **times})
        touch = step("student", "update", where={"id": who}, data={"year": str(number)})
        move = step("student", "update", where={"id": who}, data={"tutorId": f"t{number % 3}"})
        switch = step("student", "update", where={"id": who}, data={"active": number % 2 == 0})
        note = step("session", "updateMany", where={"studentId": who}, data={"notes": f"n{number}"})
        found += [[add], [touch], [move], [switch], [note], [add, touch], [move, add]]
    chance.shuffle(found)
    return found


def test_both_applications_at_once(live: Live, old: OldApplication, tandem: None) -> None:
    """Tandem gives way and tries again; the old application never fails; both agree at the end."""
    fill(live, crowd())
    live.join()
    over = time.monotonic() + 5
    refused: list[str] = []

    def work(seed: int) -> int:
        chance = random.Random(seed)
        done = 0
        while time.monotonic() < over:
            done += attempt(lambda: one_of_tandems(chance), refused)
        connection.close()
        return done

    with Busy(old, deeds()) as busy, ThreadPoolExecutor(2) as workers:
        done = sum(workers.map(work, (1, 2)))
    assert busy.failures() == []
    assert len(busy.futures) > 100
    assert done > 20, refused
    live.in_step()


def attempt(deed: Callable[[], Any], refused: list[str]) -> bool:
    try:
        deed()
    except TandemError as refusal:
        refused.append(str(refusal))
        return False
    return True


def one_of_tandems(chance: random.Random) -> None:
    now, who = datetime.now(UTC), f"s{chance.randrange(STUDENTS)}"
    deed = chance.randrange(3)
    if deed == 0:
        people.update_student(
            actor=None, now=now, student_id=who, changes={"full_name": f"N{chance.random()}"}
        )
    elif deed == 1:
        transfer(
            actor=None,
            now=now,
            student_id=who,
            to_tutor_id=f"t{chance.randrange(3)}",
            on=now.date(),
            future_sessions="cancel",
        )
    else:
        lessons.edit(
            actor=None,
            now=now,
            session_id=f"x{who[1:]}-{chance.randrange(6)}",
            changes={"homework": "p"},
        )


def fill(live: Live, rows: list[Row]) -> None:
    """Write rows into the old tables that are there already."""
    write(live.url, rows)


def test_nobody_notices_the_upgrade(live: Live, old: OldApplication) -> None:
    """Fifty writes a second through every step and back: none fails or waits long."""
    many = [
        *(student(f"z{n:04}", f"t{n % 3}") for n in range(400)),
        *(
            session(f"y{n}", f"z{n % 400:04}", f"2025-{1 + n // 400:02}-01 10:00")
            for n in range(4000)
        ),
    ]
    fill(live, [*crowd(), *many])
    with Busy(old, deeds()) as busy:
        live.join()
        time.sleep(0.5)
        assert live.verify() == []
        live.rollback()
        live.join()
        time.sleep(0.3)
    assert busy.failures() == []
    assert len(busy.futures) > 50
    live.in_step()
    assert max(old.milliseconds) < 4 * WORST, "far beyond what a short lock can explain"


def test_a_reassignment_in_mid_batch(live: Live, old: OldApplication) -> None:
    """While a batch waits, Student.tutorId changes from t1 to t2: the primary is t2."""
    fill(live, crowd(3))
    live.expand()
    late = threading.Thread(target=live.backfill)
    with Busy(old, [[step("student", "update", where={"id": "s0"}, data={"tutorId": "t2"})]]):
        late.start()
        late.join()
    assert [link["tutor_id"] for link in live.links("s0") if link["is_primary"]] == ["t2"]
    live.in_step()


def test_a_hundred_sessions_while_a_backfill_runs(live: Live, old: OldApplication) -> None:
    """All are linked, none twice."""
    fill(live, crowd(30))
    live.expand()
    late = threading.Thread(target=live.backfill)
    late.start()
    starts = datetime(2031, 1, 1, tzinfo=UTC)
    answers = [
        old.begin(
            step(
                "session",
                "create",
                data={
                    "id": f"new{n}",
                    "studentId": f"s{n % 30}",
                    "startTime": starts + timedelta(hours=n),
                    "endTime": starts + timedelta(hours=n, minutes=50),
                },
            )
        )
        for n in range(100)
    ]
    for answer in answers:
        answer.result(30)
    late.join()
    assert len(live.rows("SELECT FROM lessons_session WHERE id LIKE 'new%'")) == 100
    live.in_step()
