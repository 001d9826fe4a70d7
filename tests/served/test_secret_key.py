"""The key that signs sessions is one for all workers, and the same after a restart."""

import os
import subprocess
import sys
from pathlib import Path

from tests.served.conftest import Start
from tests.served.people import PASSWORD
from tests.served.site import People, Site, served
from tests.upgrade.old_databases import database

MANY = 20


def test_no_worker_makes_one_up(tmp_path: Path) -> None:
    """Whoever loads what workers load without a key is told, not served."""
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup(); import tandem.serving.application"],
        env={
            **{name: value for name, value in os.environ.items() if name != "TANDEM_SECRET_KEY"},
            "DJANGO_SETTINGS_MODULE": "tandem.settings",
            "TANDEM_HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "TANDEM_SECRET_KEY is not set. Start Tandem with `tandem serve`" in done.stderr


def test_who_signed_in_is_so_with_every_worker(start: Start) -> None:
    """Each page comes over a connection of its own."""
    with start(TANDEM_WORKERS="4", TANDEM_SECRET_KEY="") as site:
        assert statuses(site, session(site)) == {200}


def test_who_signed_in_is_so_after_a_restart(peopled: tuple[str, People], tmp_path: Path) -> None:
    """The key is kept in the data folder; with another key nobody is."""
    name, people = peopled
    with database(name) as url:
        with served(url, people, tmp_path, TANDEM_SECRET_KEY="") as site:
            cookie = session(site)
        with served(url, people, tmp_path, TANDEM_SECRET_KEY="") as site:
            assert statuses(site, cookie) == {200}
        other = "another key than the one that was made, and long enough"
        with served(url, people, tmp_path, TANDEM_SECRET_KEY=other) as site:
            assert statuses(site, cookie) == {302}


def session(site: Site) -> str:
    """Sign in as the owner, and return the cookie."""
    browser = site.browser()
    browser.send("/accounts/login/", login="oona@tandem.example", password=PASSWORD)
    return browser.cookie("sessionid")


def statuses(site: Site, cookie: str) -> set[int]:
    signed_in = {"Cookie": f"sessionid={cookie}"}
    return {site.ask("GET", "/students", headers=signed_in, who=None).status for _ in range(MANY)}
