"""Two applications at work on the same people at once: nothing fails, nothing is lost."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Self

import psycopg
import pytest
from django.db import connection

from tandem.kit.errors import NotFoundError, TandemError
from tandem.lessons import actions as lessons
from tandem.lessons.transfers import transfer
from tandem.people import actions as people
from tandem.people.requester import Requester
from tests.upgrade.live.onlooker import Onlooker
from tests.upgrade.live.playing import Busy, OldApplication, Stage, step
from tests.upgrade.live.rows import write
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.old_databases import Row, database, session, student, tutor, write_postgres

LASTS = 1.0
"""Seconds: what waits so long for the upgrade waits for its end. ``bench backfill`` has figures."""
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
    begun = time.monotonic()
    done: list[bool] = []
    refused: list[str] = []

    def is_over() -> bool:
        """After three seconds, or on a slow machine when enough has been done."""
        seconds = time.monotonic() - begun
        return seconds > 3 and ((len(busy.futures) > 100 and sum(done) > 20) or seconds > 30)

    def work(seed: int) -> None:
        chance = random.Random(seed)
        while not is_over():
            done.append(attempt(lambda: one_of_tandems(chance), refused))
        connection.close()

    with Busy(old, deeds()) as busy, ThreadPoolExecutor(2) as workers:
        list(workers.map(work, (1, 2)))
    assert busy.failures() == []
    assert len(busy.futures) > 100
    assert sum(done) > 20, refused
    live.in_step()


class AtWork:
    """Tandem at work in the background, by its own actions; ``refused`` gets what it could not."""

    def __init__(self, refused: list[str]) -> None:
        self.done, self._refused = 0, refused
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        chance = random.Random(5)
        while not self._over.wait(0.01):
            self.done += attempt(lambda: one_of_tandems(chance), self._refused)
        connection.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


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
            requester=Requester(None, now),
            student_id=who,
            changes={"full_name": f"N{chance.random()}"},
        )
    elif deed == 1:
        transfer(
            requester=Requester(None, now),
            student_id=who,
            to_tutor_id=f"t{chance.randrange(3)}",
            on=now.date(),
            future_sessions="cancel",
        )
    else:
        lessons.edit(
            requester=Requester(None, now),
            session_id=f"x{who[1:]}-{chance.randrange(6)}",
            changes={"homework": "p"},
        )


def fill(live: Live, rows: list[Row]) -> None:
    """Write rows into the old tables that are there already."""
    write(live.url, rows)


def test_nobody_notices_the_upgrade(
    live: Live, old: OldApplication, stage: Stage, tandem: None
) -> None:
    """Fifty writes a second through every step and back: none fails, and no lock lasts.

    Tandem is at work on the same students meanwhile, from the first expansion on. What a slow
    machine alone makes a write take, the same application shows on a database without an upgrade.
    """
    many = [
        *(student(f"z{n:04}", f"t{n % 3}") for n in range(400)),
        *(
            session(f"y{n}", f"z{n % 400:04}", f"2025-{1 + n // 400:02}-01 10:00")
            for n in range(4000)
        ),
    ]
    fill(live, [*crowd(), *many])
    refused: list[str] = []
    with (
        database() as without,
        OldApplication(stage, write_postgres(without, [*crowd(), *many])) as control,
        Busy(control, deeds()),
        Busy(old, deeds()) as busy,
        Onlooker(live.url) as onlooker,
    ):
        live.expand()
        with AtWork(refused) as tandems:
            live.backfill()
            time.sleep(0.5)
            assert live.verify() == []
            live.rollback()
        live.join()
        time.sleep(0.3)
        assert live.verify() == []
    assert busy.failures() == []
    assert len(busy.futures) > 50
    assert tandems.done > 3, refused
    live.in_step()
    assert onlooker.looks > 50
    seconds, what = onlooker.longest()
    assert seconds < LASTS, what
    assert median(old.milliseconds) < 1000 * LASTS + median(control.milliseconds)


def test_an_onlooker_sees_what_is_held_and_who_waits(live: Live, old: OldApplication) -> None:
    """Whatever outlives its time is seen: a lock of a whole table, and a wait for a single row."""
    fill(live, crowd(1))
    touch = step("student", "update", where={"id": "s0"}, data={"year": "9"})
    with Onlooker(live.url) as onlooker, connected(live.url) as upgrade:
        with upgrade.transaction():
            upgrade.execute('LOCK TABLE "Tutor" IN SHARE ROW EXCLUSIVE MODE')
            upgrade.execute('SELECT FROM "Student" FOR SHARE')
            answer = old.begin(touch)
            deadline = time.monotonic() + 20
            while onlooker.longest()[0] < 0.3 or len(onlooker.waiting) == 0:
                assert time.monotonic() < deadline, "nothing was seen"
                time.sleep(0.02)
        answer.result(30)
    assert [what.split(" by ")[0] for what in onlooker.locked] == ["ShareRowExclusiveLock on Tutor"]
    assert any('UPDATE "public"."Student"' in what for what in onlooker.waiting)


@pytest.mark.parametrize("kind", ["student", "tutor"])
def test_somebody_whom_the_old_application_deletes_while_tandem_waits(
    live: Live, tandem: None, kind: str
) -> None:
    """Tandem waits for the lock, and then says that there is nobody any more."""
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1")).join()

    def change_somebody() -> None:
        now = datetime.now(UTC)
        try:
            if kind == "student":
                people.update_student(
                    requester=Requester(None, now), student_id="ana", changes={"year": "9"}
                )
            else:
                people.update_tutor(
                    requester=Requester(None, now), tutor_id="t2", changes={"full_name": "T"}
                )
        finally:
            connection.close()

    gone = {"student": """DELETE FROM "Student" WHERE id = 'ana'""",
            "tutor": """DELETE FROM "Tutor" WHERE id = 't2'"""}[kind]  # fmt: skip
    with psycopg.connect(live.url) as old_application, ThreadPoolExecutor(1) as threads:
        old_application.execute(gone.encode())
        waiting = threads.submit(change_somebody)
        while not live.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            assert not waiting.done(), waiting.result()
        old_application.commit()
        with pytest.raises(NotFoundError):
            waiting.result(20)
    live.in_step()


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


def test_a_tutor_whom_two_bring_at_the_same_moment(live: Live) -> None:
    """A trigger brings the tutor of a new student just when the backfill does: it goes on."""
    live.fill(tutor("t1"), student("ana", "t1")).expand()
    with connected(live.url) as written, ThreadPoolExecutor(1) as commands:
        with written.transaction():
            written.execute("SELECT tandem_sync.take_tutor('t1')")
            backfill = commands.submit(live.backfill)
            while not live.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
                assert not backfill.done(), backfill.result()
        backfill.result(60)
    live.in_step()
