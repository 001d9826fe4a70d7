"""Started workers remind of tomorrow and of the week at four o'clock, also where clocks change."""

import os
import signal
import subprocess
import sys
import time as clock
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tandem.kit.time import utc_now
from tests.served.conftest import Start
from tests.served.letters_read import opened
from tests.served.site import Site
from tests.served.test_notices import ON, PATIENCE, Post, post_office

ZONES = ("Europe/Helsinki", "Europe/London", "America/New_York")
YEAR = utc_now().year + 2
"""Far enough ahead that all of it is, and near enough to be planned."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
WALLS = ("15:05", "15:55", "16:00", "16:10", "17:05")
"""When somebody looks at the clock on the day of the change: at four, and an hour off it."""
OTHER_WALLS = ("15:55", "16:00")
FOUR = (time(16), time(16, 9))
ALL_ON = ON.replace('"cancelled"]', '"cancelled", "reminder", "summary"]')
SENT = "SELECT deed, sent_at FROM lessons_notice WHERE guardian_id IS NOT NULL"
TOLD_BEFORE = "DELETE FROM lessons_notice"
WANTS = '["reminder", "summary"]'


@dataclass(frozen=True)
class Lesson:
    """One lesson as its child's family reads of it."""

    child: str
    starts_at: datetime
    minutes: int

    def line(self, zone: str) -> str:
        starts = self.starts_at.astimezone(ZoneInfo(zone))
        ends = (self.starts_at + timedelta(minutes=self.minutes)).astimezone(ZoneInfo(zone))
        return f"{starts:%A} {starts.day} {starts:%B}, {starts:%H:%M} to {ends:%H:%M}"


Mail = tuple[str, str, tuple[str, ...]]
"""Whom it went to, its subject's first word, its lines."""


def days_of_change(zone: str) -> list[date]:
    """Return the days of a year on which clocks are not where they were the day before."""
    days = [date(YEAR, 1, 1) + DAY * n for n in range(365)]
    offsets = [datetime.combine(day, time(), ZoneInfo(zone)).utcoffset() for day in days]
    return [
        day
        for day, (before, after) in zip(days, pairwise(offsets), strict=False)
        if before != after
    ]


def at(day: date, wall: time, zone: str) -> datetime:
    """Return when clocks show a time, in UTC; the first of two."""
    return datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)


class Family:
    """Ana, in the next zone, and Cleo, in the one after; a guardian of each, and one of both."""

    def __init__(self, site: Site, business: str) -> None:
        self.site, self.business = site, business
        two = [zone for zone in ZONES if zone != business]
        self.zones = {"ana": two[0], "cleo": two[1]}
        self.guardians = {"ana": ["ana"], "cleo": ["cleo"], "both": ["ana", "cleo"]}

    def settle(self) -> None:
        """Let them be told; all that they are told of is reminders and weeks."""
        self.site.query(ALL_ON)
        for child, zone in self.zones.items():
            here = "UPDATE people_student SET time_zone = %s WHERE id = %s"
            self.site.query(here, zone, self.site.id(child))
        for name, children in self.guardians.items():
            body = {
                "fullName": "Guardian",
                "email": f"{name}@home.example",
                "studentIds": [self.site.id(child) for child in children],
            }
            assert self.site.ask("POST", "/api/guardians", body).status == 201
        self.site.query("UPDATE people_guardian SET notices = %s::jsonb", WANTS)

    def plan(self, first: date) -> list[Lesson]:
        """Plan a lesson at ten each day, by the clock of the business, and two around midnight."""
        planned = []
        for child, link, wall, minutes in (
            ("ana", "ben_ana", time(10), 60),
            ("ana", "cara_ana", time(0, 30), 30),
            ("cleo", "ben_cleo", time(23, 30), 30),
        ):
            body = {
                "tutorStudentIds": [self.site.id(link)],
                "rule": "FREQ=DAILY;COUNT=13",
                "firstDate": first.isoformat(),
                "startTime": f"{wall:%H:%M}",
                "minutes": minutes,
                "timeZone": self.business,
            }
            answer = self.site.ask("POST", "/api/series", body)
            assert answer.status == 201, answer.body
            days = [first + DAY * n for n in range(13)]
            planned += [Lesson(child, at(day, wall, self.business), minutes) for day in days]
        return planned

    def mails(self, lessons: Sequence[Lesson], days: Sequence[date]) -> list[Mail]:
        """Return what has to go out on some days of the business: told one lesson at a time."""
        found = []
        for day in days:
            found += self._of("Reminder", lessons, day + DAY, 1)
            if day.weekday() == 6:
                found += self._of("The", lessons, day + DAY, 7)
        return sorted(found)

    def _of(self, kind: str, lessons: Sequence[Lesson], first: date, days: int) -> list[Mail]:
        here = ZoneInfo(self.business)
        wanted = {first + DAY * n for n in range(days)}
        there = [one for one in lessons if one.starts_at.astimezone(here).date() in wanted]
        found = []
        for name, children in self.guardians.items():
            lines = [
                one.line(self.zones[child])
                for child in children
                for one in sorted(there, key=lambda one: one.starts_at)
                if one.child == child
            ]
            found.append((f"{name}@home.example", kind, tuple(lines)))
        return found


class Clock:
    """What the workers take to be the time; they are waited for whenever it moves."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.workers: list[subprocess.Popen[bytes]] = []

    def show(self, moment: datetime) -> None:
        """Let it be another time, and each worker go a whole round in it."""
        partial = self.file.with_suffix(".partial")
        partial.write_text(moment.isoformat(), encoding="utf-8")
        partial.replace(self.file)
        until = {one.pid: self._rounds(one.pid) + 2 for one in self.workers}
        deadline = clock.monotonic() + PATIENCE
        while any(self._rounds(pid) < number for pid, number in until.items()):
            assert not [one for one in self.workers if one.poll() is not None], (
                "A worker has ended."
            )
            assert clock.monotonic() < deadline, "A worker stands still."
            clock.sleep(0.005)

    def _rounds(self, pid: int) -> int:
        file = self.file.with_suffix(f".{pid}")
        return int(file.read_text(encoding="utf-8") or 0) if file.exists() else 0


@contextmanager
def working(site: Site, post: Post, moment: datetime, business: str) -> Iterator[Clock]:
    """Yield the clock of two workers."""
    shown = Clock(site.output.with_name("clock"))
    shown.file.write_text(moment.isoformat(), encoding="utf-8")
    environment = {
        **os.environ,
        "DATABASE_URL": site.database,
        "TANDEM_HOME": str(site.output.with_name("home")),
        "TANDEM_TIME_ZONE": business,
        "EMAIL_URL": f"smtp://127.0.0.1:{post.port}",
    }
    output = site.output.with_name("workers.txt")
    command = [sys.executable, "-m", "tests.served.moved_clock", str(shown.file)]
    with output.open("wb") as file:
        for _ in range(2):
            shown.workers.append(
                subprocess.Popen(command, env=environment, stdout=file, stderr=file)
            )
    try:
        yield shown
    finally:
        for one in shown.workers:
            one.send_signal(signal.SIGTERM)
        for one in shown.workers:
            one.wait(PATIENCE)


def read(letter: str) -> tuple[str, Mail]:
    """Return a letter's name and what it says."""
    mail, lines = opened(letter)
    said = [line.removeprefix("- ").rpartition(", ")[0] for line in lines if line.startswith("- ")]
    return mail["Message-ID"], (mail["To"], mail["Subject"].split()[0].strip(":"), tuple(said))


@pytest.mark.parametrize("business", ZONES)
def test_each_is_reminded_once_at_four_on_the_wall(start: Start, business: str) -> None:
    """In spring and in autumn, by two workers at once: none twice, none missing, none an hour off.

    The days are the business's, and the hours in each letter the child's.
    """
    spring, autumn = days_of_change(business)
    with (
        start("--no-worker", TANDEM_TIME_ZONE=business) as site,
        post_office() as post,
    ):
        family = Family(site, business)
        family.settle()
        for change in (spring, autumn):
            lessons = family.plan(change - 2 * DAY)
            site.query(TOLD_BEFORE)
            days = [change - DAY, change, change + DAY]
            moments = [
                at(day, time.fromisoformat(wall), business)
                for day in days
                for wall in (WALLS if day == change else OTHER_WALLS)
            ]
            with working(site, post, moments[0], business) as shown:
                for moment in moments:
                    shown.show(moment)
            letters = [read(one) for one in post.letters]
            post.letters.clear()
            assert sorted(mail for _name, mail in letters) == family.mails(lessons, days)
            assert max(Counter(name for name, _mail in letters).values()) == 1
            for deed, sent_at in site.query(SENT):
                here = sent_at.astimezone(ZoneInfo(business))
                assert f"{here.date() + DAY}" == deed.split()[-1]
                assert FOUR[0] <= here.time() <= FOUR[1], (deed, here)
