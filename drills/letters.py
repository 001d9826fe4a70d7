"""``python -m drills letters``: site and worker killed at random, while a mail server counts what comes.

Meanwhile lessons are planned, moved and called off over HTTP, and some of it is refused. At the end a
worker that lives sends what is left. Then each family has to know exactly the lessons that there are:
no letter missing, none of what was never committed, none twice but under its own name.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import psutil
from rich.console import Console

from drills.server import empty_tandem
from tests.cli.running import free_port, started, wait_for
from tests.served.letters_read import Told, belief_of, read
from tests.served.site import People, Site, gathered
from tests.served.test_notices import MOMENTS, ON, PATIENCE, Post, post_office
from tests.upgrade.old_databases import database

FIRST = datetime(2150, 5, 4, 8, tzinfo=UTC)
LINKS = ("ben_ana", "ben_cleo")
FAMILIES = {"ana@home.example": "ana", "cleo@home.example": "cleo"}
VICTIMS = (
    "worker",
    "worker",
    "worker in a letter",
    "worker in a letter",
    "site",
    "one of the site",
)
LONGEST = 1.5
"""Seconds from a kill to the next, at most."""
WAITING = "SELECT count(*) FROM lessons_notice WHERE sent_at IS NULL AND failure = ''"
KNOWN = "SELECT id::text FROM lessons_notice"
FAILED = "SELECT count(*) FROM lessons_notice WHERE failure <> ''"
TOLD = """SELECT id FROM lessons_session WHERE status = 'scheduled' AND NOT EXISTS (
  SELECT FROM lessons_sessionevent event JOIN lessons_notice notice
    ON notice.about @> to_jsonb(event.id) AND notice.sent_at IS NULL
  WHERE event.session_id = lessons_session.id AND event.what = ANY (%s)) ORDER BY id"""
FIRST_TOLD = {"move": ["planned", "moved"], "cancel": ["moved"]}
"""Where a letter that may have arrived has not, the next one tells of hours that nobody knows: so a
lesson is changed a second time only once the first is told."""
PLANNED = """SELECT id, starts_at FROM lessons_session
WHERE student_id = %s AND status = 'scheduled' ORDER BY starts_at"""


@dataclass
class Tally:
    """What was done and found."""

    kills: int = 0
    done: list[str] = field(default_factory=list)
    """The ids of the lessons whose planning was acknowledged."""
    answers: dict[int, int] = field(default_factory=dict)
    letters: int = 0
    again: int = 0
    faults: list[str] = field(default_factory=list)


def main(options: argparse.Namespace) -> int:
    """Return 1 where anybody was not told, or was told what is not so."""
    console, begun = Console(), time.monotonic()
    with (
        empty_tandem() as empty,
        database(empty) as url,
        tempfile.TemporaryDirectory(prefix="tandem-drills-") as folder,
    ):
        kills = max(1, options.kills // 10)
        tally = killed(url, Path(folder), Random(options.seed), kills=kills)
    console.print(
        f"Letters: {tally.kills} kills, answers {tally.answers}, {tally.letters} letters came, "
        f"{tally.again} of them again; {len(tally.faults)} faults; seed {options.seed}; "
        f"{time.monotonic() - begun:.0f} seconds"
    )
    for line in tally.faults[:20]:
        console.print(line, markup=False, highlight=False)
    return 1 if tally.faults else 0


def killed(url: str, folder: Path, random: Random, *, kills: int) -> Tally:
    """Kill so often, let one worker live, and return what was found on a database of Tandem's."""
    tally, people = Tally(), gathered(url)
    with post_office() as post, ExitStack() as stack:
        stand = Stand(url, people, folder, post, stack)
        stand.begin("site")
        _settle(stand.site)
        stand.begin("worker")
        with acting(stand, Random(random.random()), tally):
            for _ in range(kills):
                _kill(stand, random)
                tally.kills += 1
        _until_all_is_sent(stand)
        _judge(stand.site, post, tally)
    return tally


class Stand:
    """A site and a worker beside it, each begun again whenever it is gone."""

    def __init__(
        self, url: str, people: People, folder: Path, post: Post, stack: ExitStack
    ) -> None:
        self.url, self.people = url, people
        self.folder, self.post, self.stack = folder, post, stack
        self.port = free_port()
        self.processes: dict[str, Any] = {}
        self.environment = {
            "DATABASE_URL": url,
            "TANDEM_HOME": str(folder / "home"),
            "TANDEM_HEARTBEAT_SECONDS": "1",
            "TANDEM_REQUESTS_PER_MINUTE": "1000000",
            "EMAIL_URL": f"smtp://127.0.0.1:{post.port}",
        }

    @property
    def site(self) -> Site:
        """The site as it runs now."""
        process, output = self.processes["site"], self.folder / "site"
        return Site(self.port, process, output, self.url, self.people)

    def begin(self, name: str) -> None:
        """Start it; the site answers then."""
        arguments = ["serve", "--port", str(self.port), "--no-worker"]
        output = self.folder / name
        command = started(
            *(arguments if name == "site" else ["worker"]), output=output, **self.environment
        )
        self.processes[name] = self.stack.enter_context(command)
        if name == "site":
            wait_for(r"Tandem is at", output, self.processes[name])

    def kill(self, name: str) -> None:
        """Kill it with all that it has started, as a machine that loses its power does."""
        process = psutil.Process(self.processes[name].pid)
        family = [process, *process.children(recursive=True)]
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.processes[name].wait()
        psutil.wait_procs(family[1:], PATIENCE)

    def kill_one(self, random: Random) -> None:
        """Kill one of the processes that answer; the others go on."""
        children = psutil.Process(self.processes["site"].pid).children()
        if children:
            with suppress(psutil.NoSuchProcess):
                random.choice(children).kill()


def _settle(site: Site) -> None:
    """Let families be told, each of one child."""
    site.query(ON)
    for address, child in FAMILIES.items():
        body = {"fullName": "Guardian", "email": address, "studentIds": [site.id(child)]}
        assert site.ask("POST", "/api/guardians", body).status == 201


def _kill(stand: Stand, random: Random) -> None:
    """Kill one of them at some moment, and begin it again."""
    victim = random.choice(VICTIMS)
    time.sleep(random.uniform(0, LONGEST))
    if victim == "one of the site":
        stand.kill_one(random)
        return
    name = victim.partition(" ")[0]
    if victim == "worker in a letter":
        stand.post.moment = random.choice(MOMENTS)
        stand.post.victim = stand.processes[name].pid
        with suppress(Exception):
            stand.processes[name].wait(LONGEST * 2)
        stand.post.victim = None
    if stand.processes[name].poll() is None:
        stand.kill(name)
    stand.begin(name)


@contextmanager
def acting(stand: Stand, random: Random, tally: Tally) -> Iterator[None]:
    """Have somebody plan, move and call off lessons for as long as the block lasts."""
    is_over = threading.Event()
    thread = threading.Thread(target=_act_until, args=[is_over, stand, random, tally], daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(PATIENCE)


def _act_until(is_over: threading.Event, stand: Stand, random: Random, tally: Tally) -> None:
    number = 0
    while not is_over.wait(0.02):
        number += 1
        try:
            status = _act(stand.site, random, number, tally)
        except (OSError, HTTPException):
            status = 0  # nobody listens, or whoever listened was killed
        tally.answers[status] = tally.answers.get(status, 0) + 1


def _act(site: Site, random: Random, number: int, tally: Tally) -> int:
    """Plan one more lesson, or one where another is; move what families know of, call one off."""
    what = random.choice(["plan", "plan", "plan", "clash", "move", "cancel"])
    told = site.query(TOLD, FIRST_TOLD[what]) if what in FIRST_TOLD else []
    if told:
        path = f"/api/sessions/{random.choice(told)[0]}"
        if what == "cancel":
            return site.ask("POST", f"{path}/cancel", {}).status
        return site.ask("PATCH", path, _hours(20_000 + number)).status
    hours = _hours(max(1, number - 1) if what == "clash" else number)
    body = {"tutorStudentId": site.id(random.choice(LINKS)), **hours}
    answer = site.ask("POST", "/api/sessions", body)
    if answer.status == 201:
        tally.done.append(answer.json["session"]["id"])
    return answer.status


def _hours(number: int) -> dict[str, str]:
    starts = FIRST + timedelta(days=number // 8 % 9000, hours=number % 8)
    ends = starts + timedelta(minutes=45)
    return {"startTime": starts.isoformat(), "endTime": ends.isoformat()}


def _until_all_is_sent(stand: Stand) -> None:
    until = time.monotonic() + PATIENCE
    while stand.site.query(WAITING) != [(0,)]:
        assert time.monotonic() < until, (stand.folder / "worker").read_text()[-2000:]
        time.sleep(0.2)


def _judge(site: Site, post: Post, tally: Tally) -> None:
    """Note what is missing, and what should not be there."""
    came = [read(one) for one in post.letters]
    names = {one.name for one in came}
    tally.letters, tally.again = len(came), len(came) - len(names)
    known = {f"<{row[0]}@tandem.invalid>" for row in site.query(KNOWN)}
    tally.faults += [f"{name} is the letter of nothing" for name in names - known]
    if site.query(FAILED) != [(0,)]:
        tally.faults.append("letters were given up")
    first: dict[str, Told] = {}
    for one in came:
        if first.setdefault(one.name, one) != one:
            tally.faults.append(f"{one.name} came with other words: {first[one.name]} and {one}")
    for address, child in FAMILIES.items():
        there = site.query(PLANNED, site.id(child))
        wanted = {told_time(starts_at) for _pk, starts_at in there}
        believed = belief_of(one for one in first.values() if one.to == address)
        tally.faults += [f"{address} does not know of {one}" for one in sorted(wanted - believed)]
        tally.faults += [f"{address} expects {one}" for one in sorted(believed - wanted)]
    rows = {row[0] for row in site.query("SELECT id FROM lessons_session")}
    tally.faults += [f"{pk} was acknowledged and is not there" for pk in {*tally.done} - rows]


def told_time(moment: datetime) -> str:
    """Return when a lesson begins, as letters say it: by the clocks of the business."""
    local = moment.astimezone(ZoneInfo("Europe/London"))
    return f"{local.day} {local:%B %Y %H:%M}"
