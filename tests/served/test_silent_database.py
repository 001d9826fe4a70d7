"""A database that says nothing, or takes too long, costs nobody more than a while.

It may be stopped, or the network may drop what is sent: connections stay, and nothing comes.
"""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.forked import forked
from tests.cli.running import free_port, started, wait_for
from tests.kit.embedded_server import new_home
from tests.served.conftest import Start
from tests.served.people import PASSWORD
from tests.served.site import Answer, People, Site, served
from tests.served.test_logs import lines_with
from tests.served.test_processes import wait_until
from tests.served.way import Way, way_to
from tests.upgrade.old_databases import database

SECONDS, WHILE = 2, 15
"""How long a statement may take here; and what is a while, on a busy machine."""
LIMITS = {
    "TANDEM_STATEMENT_SECONDS": str(SECONDS),
    "TANDEM_POOL_SECONDS": "2",
    "TANDEM_WORKERS": "2",
    "TANDEM_THREADS": "2",
    "TANDEM_HEARTBEAT_SECONDS": "1",
}
PAGE = {"Cookie": f"sessionid={32 * 'x'}"}


def ready(site: Site) -> Answer:
    return site.ask("GET", "/readyz", who=None)


def unavailable(answer: Answer) -> None:
    """Expect what is said while the database is away: when to come again, and no more."""
    assert answer.status == 503, answer.body
    assert int(answer.headers["retry-after"]) > 0
    if answer.headers["content-type"].startswith("text/html"):
        assert b"waits too long" in answer.body
    else:
        assert answer.problem["type"] == "urn:tandem:problem:unavailable"


def ask_while_silent(site: Site) -> None:
    """Ask by every way for reads and changes, all at once: each is answered within a while."""
    booking = {"tutorStudentId": site.id("ben_ana"), "startTime": "2027-03-01T16:00:00Z",
               "endTime": "2027-03-01T17:00:00Z"}  # fmt: skip
    asked: list[tuple[Any, ...]] = [
        ("GET", "/api/students"),
        ("GET", "/api/students?tutorId=nobody"),
        ("GET", "/students", None, PAGE),
        ("POST", "/api/sessions", booking),
        ("PATCH", f"/api/students/{site.id('ana')}", {"year": "13"}),
    ] * 4
    began = time.monotonic()
    with ThreadPoolExecutor(len(asked) + 1) as people:
        watched = people.submit(ready, site)
        answers = [people.submit(site.ask, *one) for one in asked]
        alive = site.ask("GET", "/healthz", who=None, seconds=5)
        assert (alive.status, alive.json) == (200, {"status": "alive"})
        found = watched.result()
        assert (found.status, "does not answer" in found.json["database"]) == (503, True)
        for one in answers:
            unavailable(one.result())
    assert time.monotonic() - began < WHILE


@contextmanager
def on_a_way(peopled: tuple[str, People], folder: Path) -> Iterator[tuple[Site, Way]]:
    """A site that reaches its database by TCP."""
    name, people = peopled
    with database(name) as url, way_to(url) as way, served(way.url, people, folder, **LIMITS) as at:
        yield at, way
        way.open.set()


def test_packets_that_are_dropped(peopled: tuple[str, People], tmp_path: Path) -> None:
    """Before, each request held a thread for ever, and whoever came after waited behind it.

    Once it is known, that is said at once; and when packets pass again, all is as before.
    """
    with on_a_way(peopled, tmp_path) as (site, way):
        wait_until(lambda: ready(site).status == 200)
        assert site.ask("GET", "/api/students").status == 200
        assert site.ask("GET", "/students", headers=PAGE).status == 302
        way.open.clear()
        ask_while_silent(site)
        began = time.monotonic()
        unavailable(site.ask("GET", "/students", headers=PAGE))
        assert time.monotonic() - began < WHILE / 2
        assert lines_with(site, event="database unavailable", why="ServerSilentError")
        way.open.set()
        wait_until(lambda: ready(site).status == 200, seconds=30)
        for _ in range(10):
            assert site.ask("GET", "/api/students").status == 200
            assert site.ask("GET", "/students", headers=PAGE).status == 302


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[tuple[Site, Callable[[int], None]]]:
    """A site with a server of its own, and what sends a signal to all of that server."""
    port, output = free_port(), tmp_path / "output"
    with new_home() as home:
        where = {"DATABASE_URL": "", "TANDEM_HOME": str(home), **LIMITS}
        with started("serve", "--port", str(port), output=output, **where) as process:
            wait_for("Tandem is at", output, process)
            owner = ("--email", "oona@tandem.example")
            forked("user", "create", *owner, "--owner", "--password-stdin", given=PASSWORD, **where)
            token = forked("token", "create", *owner, **where).stdout.strip()
            people = People({"owner": token}, {}, "")

            def send(number: int) -> None:
                main = psutil.Process(
                    int((home / "postgres/data/postmaster.pid").read_text().split()[0])
                )
                for one in [main, *main.children(recursive=True)]:
                    one.send_signal(number)

            try:
                yield Site(port, process, output, "", people), send
            finally:
                send(signal.SIGCONT)


def test_a_server_that_stands_still(frozen: tuple[Site, Callable[[int], None]]) -> None:
    """Nothing that was acknowledged is lost; what was not, sent again by its key, is done once."""
    site, send = frozen
    wait_until(lambda: ready(site).status == 200)
    tutor = site.ask("POST", "/api/tutors", {"fullName": "Ben", "email": "ben@home.example"})
    assert tutor.status == 201, tutor.body

    def make(number: int) -> Answer:
        new = {"fullName": f"Student {number}", "tutorId": tutor.json["tutor"]["id"]}
        return site.ask("POST", "/api/students", new, {"Idempotency-Key": f"key-{number}"})

    with ThreadPoolExecutor(4) as people:
        first = list(people.map(make, range(20)))
        assert {one.status for one in first} == {201}
        under_way = [people.submit(make, number) for number in range(20, 60)]
        time.sleep(0.2)
        send(signal.SIGSTOP)
        alive = site.ask("GET", "/healthz", who=None, seconds=5)
        assert alive.status == 200
        found = ready(site)
        assert (found.status, "does not answer" in found.json["database"]) == (503, True)
        second = [one.result() for one in under_way]
        assert {one.status for one in second} <= {201, 503}
        assert second[-1].status == 503
        send(signal.SIGCONT)
        wait_until(lambda: ready(site).status == 200, seconds=30)
        again = list(people.map(make, range(60)))
    assert {one.status for one in again} == {201}
    kept = [one.json["student"]["id"] for one in again]
    for before, after in zip([*first, *second], kept, strict=True):
        assert before.status == 503 or before.json["student"]["id"] == after
    there = site.ask("GET", "/api/students?limit=100").json
    assert sorted(one["id"] for one in there["students"]) == sorted(kept)


SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN PERFORM pg_sleep(60); RETURN NEW; END$$;
CREATE TRIGGER slow BEFORE INSERT ON lessons_session FOR EACH ROW EXECUTE FUNCTION slow();
CREATE TRIGGER slow BEFORE UPDATE ON people_student FOR EACH ROW EXECUTE FUNCTION slow()
"""


@pytest.fixture(scope="module")
def one(start: Start) -> Iterator[Site]:
    """A site on which planning a lesson and changing a student takes a minute."""
    with start(**LIMITS) as running:
        running.query(SLOW)
        yield running


def test_a_statement_that_takes_too_long(one: Site) -> None:
    """The server gives it up; who asked is told when to come again, and nothing was changed."""
    path = f"/api/students/{one.id('ana')}"
    began = time.monotonic()
    answer = one.ask("PATCH", path, {"year": "13"})
    unavailable(answer)
    assert time.monotonic() - began < WHILE
    assert one.ask("GET", path).json["student"]["year"] == "10"
    (line,) = lines_with(one, event="fault", request_id=answer.headers["x-request-id"])
    assert "QueryCanceled" in str(line["exception"])


def test_a_booking_that_takes_too_long(one: Site) -> None:
    """It is answered without a thread, and is not tried a second time with one."""
    hour = {"startTime": "2027-03-01T16:00:00Z", "endTime": "2027-03-01T17:00:00Z"}
    began = time.monotonic()
    unavailable(one.ask("POST", "/api/sessions", {"tutorStudentId": one.id("ben_ana"), **hour}))
    assert time.monotonic() - began < WHILE
    assert one.query("SELECT count(*) FROM lessons_session WHERE starts_at = '2027-03-01T16:00Z'") \
        == [(0,)]  # fmt: skip


def test_a_command_has_its_time(start: Start) -> None:
    """The limit is for requests, which people wait for."""
    with start(**LIMITS) as site:
        site.query(
            SLOW.replace("60", str(2 * SECONDS)).replace("lessons_session", "people_apitoken")
        )
        owner = ("--email", "oona@tandem.example")
        done = forked("token", "create", *owner, DATABASE_URL=site.database, **LIMITS)
        assert (done.returncode, len(done.stdout.split())) == (0, 1), done.stderr
