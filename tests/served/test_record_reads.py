"""Who read a child's record on the started server, by page, directly or on the ordinary way."""

import time

from tests.served.conftest import Start
from tests.served.people import PASSWORD
from tests.served.site import PATIENCE, Site

WHO = "SELECT account_id FROM people_recordread WHERE student_id = %s"
OONA = "oona@tandem.example"


def readers(site: Site) -> list[str]:
    """Return the accounts that read Ana's record."""
    return [account for (account,) in site.query(WHO, site.id("ana"))]


def test_a_read_is_a_line(start: Start) -> None:
    """Once, by however many ways and workers; a list, a refusal and Ana's own tutor leave none."""
    with start(TANDEM_WORKERS="2") as site:
        ana, owner = site.id("ana"), site.id("owner")
        path = f"/api/students/{ana}"
        for who in ("ben", "guest", "owner"):
            site.ask("GET", "/api/students", who=who)
        assert site.ask("GET", path, who="ben").status == 200
        assert site.ask("GET", path, who="guest").status == 404
        assert site.ask("GET", f"/api/students/{site.id('ana')}x").status == 404
        ordinary = {"Authorization": f"bearer {site.people.tokens['owner']}"}
        for _ in range(4):
            assert site.ask("GET", path).status == 200
            assert site.ask("GET", path, headers=ordinary, who=None).status == 200
        soon = time.monotonic() + PATIENCE
        while not readers(site) and time.monotonic() < soon:
            time.sleep(0.05)
        oona = site.browser()
        oona.send("/accounts/login/", login=OONA, password=PASSWORD)
        assert "Oona" in oona.get(f"/students/{ana}/reads")[1]
        assert readers(site) == [owner]


def test_a_page_and_the_last_moment(start: Start) -> None:
    """What was read just before a graceful stop is written."""
    with start(TANDEM_WORKERS="1") as site:
        oona = site.browser()
        oona.send("/accounts/login/", login=OONA, password=PASSWORD)
        assert "Ana" in oona.get(f"/students/{site.id('ana')}")[1]
        site.process.terminate()
        site.process.wait()
        assert readers(site) == [site.id("owner")]
