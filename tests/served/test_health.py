"""Who watches can see whether the process answers, and whether people can be let in."""

import re
import time
import urllib.request

import psutil

from tests.cli.running import free_port, started, wait_for
from tests.served.conftest import Start
from tests.served.people import PASSWORD
from tests.served.site import Site
from tests.served.test_logs import lines_with

EVIL = {"Host": "evil.example"}


def becomes_ready(site: Site, status: int = 200, seconds: float = 20) -> dict[str, str]:
    """Return what /readyz says once it answers with ``status``."""
    until = time.monotonic() + seconds
    while True:
        answer = site.ask("GET", "/readyz", headers=EVIL, who=None)
        if answer.status == status:
            return dict(answer.json)
        assert time.monotonic() < until, answer
        time.sleep(0.1)


def test_a_started_site_is_alive_and_ready(site: Site) -> None:
    """Asked by any name, as a balancer does; neither is logged or kept."""
    before = len(requests_logged(site))
    said = becomes_ready(site)
    assert set(said) == {"database", "migrations", "worker"}
    alive = site.ask("GET", "/healthz", headers=EVIL, who=None)
    assert alive.status == 200
    assert alive.headers["cache-control"] == "no-store"
    asked = site.ask("GET", "/api/students").headers["x-request-id"]
    assert lines_with(site, event="request", request_id=asked)
    assert [one["request_id"] for one in requests_logged(site)[before:]] == [asked]


def requests_logged(site: Site) -> list[dict[str, object]]:
    return [one for one in site.log() if one.get("event") == "request"]


def test_a_missing_migration_is_not_ready(site: Site) -> None:
    """And it is named; the process is alive all the same."""
    becomes_ready(site)
    site.query("UPDATE django_migrations SET name = 'x_' || name WHERE app = 'serving'")
    try:
        assert "serving 0001_heartbeat" in becomes_ready(site, 503)["migrations"]
        assert site.ask("GET", "/healthz", who=None).status == 200
    finally:
        site.query("UPDATE django_migrations SET name = substr(name, 3) WHERE app = 'serving'")
    becomes_ready(site)


def test_a_worker_of_its_own(start: Start) -> None:
    """Without one the site is not ready; with `tandem worker` it is; a stopped one is noticed."""
    with start("--no-worker", TANDEM_HEARTBEAT_SECONDS="1") as site:
        assert "not been heard of yet" in becomes_ready(site, 503)["worker"]
        with started(
            "worker",
            output=site.output.with_name("worker"),
            DATABASE_URL=site.database,
            TANDEM_HOME=str(site.output.with_name("home")),
            TANDEM_HEARTBEAT_SECONDS="1",
        ) as worker:
            becomes_ready(site)
            worker.terminate()
            assert worker.wait(20) == 0
        assert "not been heard of since" in becomes_ready(site, 503)["worker"]


def test_a_worker_that_says_nothing_is_missed(start: Start) -> None:
    """Until it goes on."""
    with start(worker=True, TANDEM_HEARTBEAT_SECONDS="1") as site:
        becomes_ready(site)
        (worker,) = workers_of(site)
        worker.suspend()
        becomes_ready(site, 503)
        worker.resume()
        becomes_ready(site)


def test_a_worker_that_dies_is_started_again(start: Start) -> None:
    """And it ends with the site."""
    with start(worker=True, TANDEM_HEARTBEAT_SECONDS="1") as site:
        becomes_ready(site)
        (first,) = workers_of(site)
        first.kill()
        until = time.monotonic() + 20
        while first.pid in (there := [one.pid for one in workers_of(site)]) or not there:
            assert time.monotonic() < until
            time.sleep(0.05)
        becomes_ready(site)
        (second,) = workers_of(site)
    assert not second.is_running()


def workers_of(site: Site) -> list[psutil.Process]:
    """Those that run: one that died is a child, and says nothing, until it is waited for."""
    return [one for one in psutil.Process(site.process.pid).children() if is_worker(one)]


def is_worker(child: psutil.Process) -> bool:
    try:
        return "worker" in child.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def test_the_worker_sweeps(start: Start) -> None:
    """What is too old goes; what is not stays."""
    with start("--no-worker") as site:
        site.query(
            "INSERT INTO django_session VALUES"
            " ('old', '', now() - interval '1 hour'), ('new', '', now() + interval '1 hour')"
        )
        site.query(
            "INSERT INTO people_requestcount (who, window_start, count) VALUES"
            " ('old', now() - interval '2 hours', 1), ('new', now(), 1)"
        )
        site.query(
            "INSERT INTO api_keptanswer (id, account_id, key, request_hash, status, headers, body,"
            " created_at) SELECT k, %s, k, '', 200, '{}', '', now() - d * interval '1 hour'"
            " FROM (VALUES ('old', 25), ('new', 23)) kept (k, d)",
            site.id("owner"),
        )
        site.query(
            "INSERT INTO web_sentform (key, account_id, led_to, sent_at)"
            " SELECT k, %s, '/', now() - d * interval '1 hour'"
            " FROM (VALUES ('old', 49), ('new', 47)) sent (k, d)",
            site.id("owner"),
        )
        with started(
            "worker", output=site.output.with_name("worker"), DATABASE_URL=site.database,
            TANDEM_HOME=str(site.output.with_name("home")),
        ):  # fmt: skip
            becomes_ready(site)
        assert site.query("SELECT session_key FROM django_session") == [("new",)]
        assert site.query("SELECT who FROM people_requestcount") == [("new",)]
        assert site.query("SELECT id FROM api_keptanswer") == [("new",)]
        assert site.query("SELECT key FROM web_sentform") == [("new",)]


def test_the_worker_plans_lessons_on(start: Start) -> None:
    """Those that come back without an end, up to half a year ahead, before it says it is ready.

    One that cannot be stops no other, and neither the site: what is said of the worker tells of it.
    """
    with start("--no-worker") as site:
        site.query(
            "INSERT INTO lessons_sessionseries (id, tutor_student_id, rule, first_date, starts_on,"
            " planned_until, wall_time, minutes, time_zone, created_at, updated_at)"
            " SELECT name, id, 'FREQ=DAILY', '2026-01-01', '2026-01-01', current_date + 179,"
            " '03:10', 10, zone, now(), now() FROM relationships_tutorstudent,"
            " (VALUES ('a-broken-one', 'Europe/Nowhere'), ('daily', 'UTC')) series (name, zone)"
            " WHERE student_id = %s AND tutor_id = %s",
            site.id("ana"),
            site.id("ben"),
        )
        with started(
            "worker", output=site.output.with_name("worker"), DATABASE_URL=site.database,
            TANDEM_HOME=str(site.output.with_name("home")),
        ):  # fmt: skip
            said = becomes_ready(site)
        assert "could not plan all weekly lessons" in said["worker"]
        assert site.query("SELECT not_planned FROM serving_heartbeat") == [(["a-broken-one"],)]
        assert "a-broken-one" in site.output.with_name("worker").read_text()
        ((planned,),) = site.query("SELECT count(*) FROM lessons_session WHERE series_id = 'daily'")
        assert 2 <= planned <= 4


def test_numbers_for_prometheus(start: Start) -> None:
    """On a port of its own, of all workers together, and without anybody's id in them."""
    port = free_port()
    with start(TANDEM_METRICS_PORT=str(port), TANDEM_WORKERS="2") as site:
        for _ in range(20):
            site.ask("GET", f"/api/students/{site.id('ana')}")
        numbers = scraped(port)
        route = 'route="api/students/<student_id>"'
        assert f'tandem_requests_total{{method="GET",{route},status="200"}} 20.0' in numbers
        assert f"tandem_request_seconds_count{{{route}}} 20.0" in numbers
        assert site.id("ana") not in numbers
        assert site.ask("GET", "/metrics", who=None).status == 404


def scraped(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def test_wrong_passwords_are_counted_for_all_workers(start: Start) -> None:
    """After five even the right one has to wait, whichever worker is asked."""
    with start(TANDEM_WORKERS="4") as site:
        pages = [signing_in(site, "wrong " + PASSWORD) for _ in range(5)]
        assert all("do not belong together" in page or "Sign in" in page for page in pages)
        assert "Sign out" not in signing_in(site, PASSWORD)


def test_the_right_password_opens(start: Start) -> None:
    """Beside the refusal above: nothing else stood in the way."""
    with start(TANDEM_WORKERS="4") as site:
        signing_in(site, "wrong " + PASSWORD)
        assert "Sign out" in signing_in(site, PASSWORD)


def signing_in(site: Site, password: str) -> str:
    return site.browser().send("/accounts/login/", login="oona@tandem.example", password=password)[
        1
    ]


def test_what_is_said_at_the_start(site: Site) -> None:
    """Where it is, in one line; the log is JSON from then on."""
    assert re.search(r"Tandem is at http://127\.0\.0\.1:\d+/", site.words())
    assert wait_for("Tandem is at", site.output, site.process)
    rest = [one for one in site.words().splitlines() if one and "Tandem is at" not in one]
    assert all(one.startswith("{") for one in rest)
