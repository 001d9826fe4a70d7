"""Both applications go on by themselves after a rollback, whatever they do: then they are joined.

Each write of the old application while Tandem was away stands at the end, column by column. What
Tandem did then stands where the old schema has no word for it. The oracle shares no code with
`verify`: it remembers what was written, and looks whether it is there.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import psycopg
import pytest

from tandem.kit.errors import TandemError
from tandem.lessons import actions as lessons
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.transfers import transfer
from tandem.people import actions as people
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.relationships import requests
from tandem.relationships.actions import Pairing
from tandem.relationships.models import TutorStudent
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_any_writes import Writer
from tests.upgrade.old_databases import session, student, tutor

OLD_TABLES = {"Tutor", "Student", "Session", "StudentTutorConnection"}
BY_THE_DATABASE = {"updatedAt"}
TANDEM_ALONE_SAYS = ("title", "location", "meeting_link", "status", "progress")
SEEDS = (0, 1, 2, 13, 120, 127, 168)
"""What once failed."""
Cell = tuple[str, str, str]


def now() -> datetime:
    return datetime.now(UTC)


class Deeds:
    """Makes up deeds of Tandem about the rows that are there."""

    def __init__(self, random: Random) -> None:
        self.random, self.made = random, 0

    def do(self) -> None:
        """Do one thing; Tandem may refuse it."""
        deed = self.random.choice([
            self.transfer, self.transfer, self.end, self.pair, self.pair, self.cover, self.enrol,
            self.rename, self.plan, self.cancel, self.edit, self.move, self.delete, self.complete,
            self.pause, self.make_primary, self.request, self.plan_weekly,
        ])  # fmt: skip
        print("Tandem:", deed.__name__)  # noqa: T201 - shown when the test fails
        try:
            deed()
        except (TandemError, IndexError) as refused:
            print("  refused:", repr(refused))  # noqa: T201

    def one(self, rows: Any) -> Any:
        return self.random.choice(list(rows.order_by("pk").values_list("pk", flat=True)))

    def link(self) -> Any:
        return self.one(TutorStudent.objects.filter(status="active"))

    def session(self) -> Any:
        return self.one(Session.objects.filter(status="scheduled"))

    def hours(self) -> tuple[datetime, datetime]:
        starts = now() + timedelta(hours=self.random.randrange(1, 900))
        return starts, starts + timedelta(minutes=50)

    def transfer(self) -> None:
        transfer(
            requester=Requester(None, now()), student_id=self.one(Student.objects),
            to_tutor_id=self.one(Tutor.objects), on=self.day(),
            future_sessions=self.random.choice(["move", "cancel"]),
        )  # fmt: skip

    def day(self) -> date:
        return now().date() + timedelta(days=self.random.choice([0, 0, 3]))

    def end(self) -> None:
        end(
            requester=Requester(None, now()), tutor_student_id=self.link(), on=self.day(),
            future_sessions="cancel",
        )  # fmt: skip

    def pair(self) -> None:
        relationships.pair(
            requester=Requester(None, now()), tutor_id=self.one(Tutor.objects),
            student_id=self.one(Student.objects), subject=self.random.choice(["Maths", "Botany"]),
        )  # fmt: skip

    def request(self) -> None:
        requests.request(
            requester=Requester(None, now()), tutor_id=self.one(Tutor.objects),
            student_id=self.one(Student.objects), subject="Latin",
        )  # fmt: skip

    def cover(self) -> None:
        cover(
            requester=Requester(None, now()), session_id=self.session(),
            tutor_id=self.one(Tutor.objects),
        )  # fmt: skip

    def enrol(self) -> None:
        self.made += 1
        new = people.create_tutor(
            requester=Requester(None, now()), full_name="New", email=f"new{self.made}@x.org"
        )
        relationships.enrol(
            requester=Requester(None, now()),
            full_name="New one",
            tutors=[Pairing(new.pk, "Botany", None)],
        )

    def rename(self) -> None:
        people.update_student(
            requester=Requester(None, now()), student_id=self.one(Student.objects),
            changes={"full_name": "Of Tandem", "year": "13"},
        )  # fmt: skip

    def plan(self) -> None:
        link, (starts, ends) = self.link(), self.hours()
        lessons.schedule(
            requester=Requester(None, now()), tutor_student_id=link, starts_at=starts, ends_at=ends
        )

    def plan_weekly(self) -> None:
        wanted = NewSeries(
            self.link(), "FREQ=WEEKLY;COUNT=3", now().date() + timedelta(days=2), time(7), 45
        )
        plan_series(requester=Requester(None, now()), wanted=wanted)

    def cancel(self) -> None:
        lessons.cancel(requester=Requester(None, now()), session_id=self.session())

    def move(self) -> None:
        session, (starts, ends) = self.session(), self.hours()
        lessons.reschedule(
            requester=Requester(None, now()), session_id=session, starts_at=starts, ends_at=ends
        )

    def delete(self) -> None:
        lessons.delete(requester=Requester(None, now()), session_id=self.session())

    def edit(self) -> None:
        lessons.edit(
            requester=Requester(None, now()), session_id=self.session(),
            changes={"notes": "of Tandem", "title": "of Tandem", "location": "of Tandem"},
        )  # fmt: skip

    def complete(self) -> None:
        held = Session.objects.filter(status="scheduled", starts_at__lt=now())
        lessons.complete(requester=Requester(None, now()), session_id=self.one(held), progress=3)

    def pause(self) -> None:
        relationships.pause(requester=Requester(None, now()), tutor_student_id=self.link())

    def make_primary(self) -> None:
        relationships.make_primary(requester=Requester(None, now()), tutor_student_id=self.link())


class Memory:
    """What the old application wrote, cell by cell: a row that it deleted has the value None."""

    def __init__(self, live: Live) -> None:
        self.live, self.written = live, dict[Cell, Any]()
        there = live.rows("SELECT relname FROM pg_class WHERE relkind = 'r'")
        self.joined, self.heard = False, set[tuple[str, str]]()
        self.tables = {row["relname"] for row in there} & OLD_TABLES

    def cells(self) -> dict[Cell, Any]:
        """Return every cell of the old tables by table, id and column."""
        return {
            (table, row["id"], column): value
            for table in self.tables
            for row in self.live.rows(f'SELECT * FROM "{table}"')
            for column, value in row.items()
            if column not in BY_THE_DATABASE
        }

    def of(self, write: Callable[[], None]) -> None:
        """Write, and remember what has become other."""
        changed = self._changed(write)
        self.written |= changed
        if self.joined:
            self.heard |= {cell[:2] for cell in changed}

    def beside(self, deed: Callable[[], None]) -> None:
        """Do a deed of Tandem's once both are joined: it counts in rows that Tandem has heard."""
        for cell in self._changed(deed):
            if cell[:2] in self.heard:
                self.written.pop(cell, None)

    def _changed(self, write: Callable[[], None]) -> dict[Cell, Any]:
        before = self.cells()
        write()
        after = self.cells()
        gone = dict.fromkeys(before.keys() - after.keys())
        new = {c: value for c, value in after.items() if c not in before or before[c] != value}
        return {**gone, **new}

    def agree(self) -> None:
        """Forget whose a session is where Tandem gave it to the same: it follows its student.

        And that a student has no tutor: a further one of Tandem's is shown then.
        """
        for row in self.live.rows("SELECT id, tutor_id FROM lessons_session"):
            cell = "Session", row["id"], "tutorId"
            if self.written.get(cell) == row["tutor_id"]:
                del self.written[cell]
        for cell in [c for c, value in self.written.items() if c[2] == "tutorId" and value is None]:
            del self.written[cell]

    def forgotten(self) -> list[str]:
        """Return what was written and is not there, but for tutors whom Tandem shows again."""
        there = self.cells()
        return [
            f"{cell}: {there.get(cell)!r}, written was {value!r}"
            for cell, value in sorted(self.written.items())
            if there.get(cell) != value and not (cell[0] == "Tutor" and value is None)
        ]


def either(random: Random, *does: Callable[[], None]) -> None:
    """Do one of these."""
    random.choice(does)()


def unsayable(live: Live, *, half: bool) -> dict[tuple[str, str], Any]:
    """Return what Tandem alone can say of sessions that both have at the same hours."""
    columns = ("progress",) if half else TANDEM_ALONE_SAYS
    rows = live.rows(
        'SELECT x.* FROM lessons_session x JOIN "Session" said ON said.id = x.id'
        """ AND said."startTime" = date_trunc('milliseconds', x.starts_at AT TIME ZONE 'UTC')"""
        """ AND said."endTime" = date_trunc('milliseconds', x.ends_at AT TIME ZONE 'UTC')"""
    )
    return {
        (row["id"], column): row[column]
        for row in rows
        for column in columns
        if column != "status" or row["status"] in {"cancelled", "no_show"}
    }


def pairs(live: Live) -> set[tuple[str, str]]:
    """Return who teaches whom, or did, or is asked to."""
    rows = live.rows("SELECT tutor_id, student_id FROM relationships_tutorstudent")
    return {(row["tutor_id"], row["student_id"]) for row in rows}


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_old_writes_stand_after_a_return(
    live: Live, tandem: None, seed: int, *, half: bool
) -> None:
    """Whatever both did while they were apart, and the old application until the backfill came."""
    random = Random(f"return {seed}")
    hours = [f"2027-01-{day:02} 10:00" for day in range(1, 5)]
    live.fill(
        *(tutor(key) for key in ("t1", "t2", "t3")),
        *(student(key, "t1") for key in ("ana", "ben", "cleo")),
        *(session(f"{key}{n}", key, hours[n]) for key in ("ana", "ben") for n in range(4)),
        half=half,
    )
    with psycopg.connect(live.url, autocommit=True) as connection:
        writer, deeds, memory = Writer(connection, random, half=half), Deeds(random), Memory(live)
        for _ in range(4):
            writer.write()
        live.join()
        live.rollback()
        together = pairs(live)
        for _ in range(14):
            either(random, deeds.do, lambda: memory.of(writer.write))
        made = pairs(live) - together
        memory.agree()
        live.expand(deleted_there=True)
        memory.joined = True
        for _ in range(random.choice([0, 6])):
            either(random, lambda: memory.beside(deeds.do), lambda: memory.of(writer.write))
        memory.agree()
        said = unsayable(live, half=half)
        live.backfill()
    live.in_step()
    assert memory.forgotten() == []
    says = unsayable(live, half=half)
    assert {key: says[key] for key in said.keys() & says.keys()} == {
        key: said[key] for key in said.keys() & says.keys()
    }
    there = {row["id"] for row in live.rows('SELECT id FROM "Student"')}
    assert {pair for pair in made - pairs(live) if pair[1] in there} == set()
    live.switch()
