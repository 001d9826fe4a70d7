"""Who writes: the old application's connections, and Tandem's actions."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

import psycopg
from psycopg import IsolationLevel

from drills.random_writes.journal import OLD
from tandem.kit.errors import TandemError
from tandem.lessons import actions as lessons
from tandem.lessons.end_relationship import end
from tandem.lessons.transfers import transfer
from tandem.people import actions as people
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.relationships.models import TutorStudent
from tests.upgrade.live.test_any_writes import Writer

LEVELS = (IsolationLevel.READ_COMMITTED,) * 3 + (
    IsolationLevel.REPEATABLE_READ,
    IsolationLevel.SERIALIZABLE,
)
BY_ITSELF = {"23503", "23505", "23514", "40001", "40P01", "57P01"}
"""What an old write may meet with: others took the key or the row first, or it was killed."""
ROLL_BACK_WRITE = 0.1


@dataclass
class Tally:
    """What was done, by kind, and what was found."""

    done: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)


class OldWriter:
    """Writes one transaction after the other, made up from what is there."""

    def __init__(self, url: str, number: int, seed: int, tally: Tally, *, half: bool) -> None:
        self._url, self._number, self._tally, self._half = url, number, tally, half
        self._random = Random(f"old {seed} {number}")
        self._made = 0
        self.connection = self._connect()

    def write(self) -> None:
        """Write one to three statements, and commit or roll back; connect anew when killed."""
        if self.connection.closed:
            self.connection = self._connect()
        self.connection.isolation_level = self._random.choice(LEVELS)
        writer = Writer(self.connection, self._random, half=self._half)
        writer.made = self._made
        writer.new = self._new  # type: ignore[method-assign]
        try:
            for _ in range(self._random.choice((1, 1, 2, 3))):
                self.connection.execute(writer.statement().encode())
            if self._random.random() < ROLL_BACK_WRITE:
                self.connection.rollback()
            else:
                self.connection.commit()
        except psycopg.Error as error:
            self._refused(error)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._url, application_name=OLD)

    def _new(self) -> str:
        self._made += 1
        return f"n{self._made:06}w{self._number}"

    def _refused(self, error: psycopg.Error) -> None:
        if not self.connection.closed:
            with suppress(psycopg.OperationalError):  # killed just now
                self.connection.rollback()
        kind = "killed" if self.connection.closed else f"refused {error.sqlstate}"
        self._tally.done[kind] += 1
        if not self.connection.closed and error.sqlstate not in BY_ITSELF:
            self._tally.differences.append(f"an old write failed: {error}")


class TandemWriter:
    """Does one of Tandem's actions after the other, to whoever is there."""

    def __init__(self, number: int, seed: int, tally: Tally) -> None:
        self._random, self._tally = Random(f"tandem {seed} {number}"), tally

    def write(self) -> None:
        """Do one thing; Tandem may refuse it."""
        links = list(TutorStudent.objects.filter(status="active").values_list("pk", "student_id"))
        if not links:
            return
        link, who = self._random.choice(links)
        acts = [self._rename, self._plan, self._pair, self._transfer, self._mark, self._end]
        act = self._random.choices(acts, [4, 4, 4, 4, 2, 1])[0]
        try:
            act(link, who)
        except TandemError:
            self._tally.done["refused by Tandem"] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, the report names it
            self._tally.done[f"Tandem's {act.__name__.strip('_')} failed: {error!r}"] += 1

    def _rename(self, _link: str, who: str) -> None:
        name = f"N{self._random.random()}"
        people.update_student(
            requester=Requester(None, now()), student_id=who, changes={"full_name": name}
        )

    def _plan(self, link: str, _who: str) -> None:
        starts = now() + timedelta(hours=self._random.randrange(1, 9_000))
        lessons.schedule(
            requester=Requester(None, now()), tutor_student_id=link, starts_at=starts,
            ends_at=starts + timedelta(minutes=50),
        )  # fmt: skip

    def _pair(self, _link: str, who: str) -> None:
        relationships.pair(
            requester=Requester(None, now()), tutor_id=self._random.choice(["t1", "t2"]), student_id=who,
            subject=self._random.choice(["Maths", "Botany", "Física"]),
        )  # fmt: skip

    def _transfer(self, _link: str, who: str) -> None:
        to = self._random.choice(["t1", "t2"])
        transfer(
            requester=Requester(None, now()), student_id=who, to_tutor_id=to, on=self._day(),
            future_sessions="cancel",
        )  # fmt: skip

    def _mark(self, link: str, _who: str) -> None:
        relationships.make_primary(
            requester=Requester(None, now()), tutor_student_id=link, on=self._day()
        )

    def _end(self, link: str, _who: str) -> None:
        end(requester=Requester(None, now()), tutor_student_id=link, on=self._day())

    def _day(self) -> date:
        return now().date() + timedelta(days=self._random.choice([0, 0, *range(1, 60, 7)]))


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)
