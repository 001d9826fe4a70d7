"""Every limit is set by the environment, holds for all workers, and says when to come again."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.cli.running import Browser
from tests.served.conftest import Start
from tests.served.people import PASSWORD
from tests.served.site import Answer, Site
from tests.served.windows import in_one_window

ALLOWED = 5
LIMITS = {
    "TANDEM_REQUESTS_PER_MINUTE": 60,
    "TANDEM_WRONG_TOKENS_PER_MINUTE": 60,
    "TANDEM_PARENT_READS_PER_MINUTE": 60,
    "TANDEM_CALENDAR_READS_PER_TEN_MINUTES": 600,
    "TANDEM_WRONG_LINKS_PER_TEN_MINUTES": 600,
}
"""Each, and the seconds of its window; that of pages is for who is signed in (below)."""
Ask = Callable[[Site], Answer]
_number = count()


@pytest.fixture(scope="module")
def one(start: Start) -> Iterator[Site]:
    """A site of four workers that allows little."""
    few = dict.fromkeys([*LIMITS, "TANDEM_PAGES_PER_MINUTE"], str(ALLOWED))
    with start(TANDEM_WORKERS="4", **few) as running:
        yield running


def by_token(site: Site) -> Answer:
    return site.ask("GET", "/api/students")


def by_wrong_token(site: Site) -> Answer:
    wrong = {"Authorization": f"Bearer tdm_wrong{next(_number)}"}
    return site.ask("GET", "/api/students", headers=wrong, who=None)


def by_parent(site: Site) -> Answer:
    return site.ask("GET", f"/parent/{site.people.parent_link}", who=None)


def by_wrong_link(site: Site) -> Answer:
    return site.ask("GET", f"/parent/nothing{next(_number)}", who=None)


def by_calendar(site: Site) -> Ask:
    """Return what reads a calendar that is made now."""
    made = site.ask("POST", "/api/feeds", {"of": "tutor"}, who="ben")
    assert made.status == 201, made.body
    path = "/calendar/" + made.json["url"].rpartition("/")[2]
    return lambda site: site.ask("GET", path, who=None)


def expect_so_many(site: Site, ask: Ask, seconds: int, good: int) -> Answer:
    """Expect so many to be answered, whichever worker is asked, then nobody; return the last."""
    answers = in_one_window(seconds, lambda: [ask(site) for _ in range(ALLOWED + 8)])
    assert [one.status for one in answers] == [good] * ALLOWED + [429] * 8
    assert all(1 <= int(one.headers["retry-after"]) <= seconds for one in answers[ALLOWED:])
    return answers[-1]


@pytest.mark.parametrize(
    ("limit", "ask", "good"),
    [
        ("TANDEM_REQUESTS_PER_MINUTE", by_token, 200),
        ("TANDEM_WRONG_TOKENS_PER_MINUTE", by_wrong_token, 401),
    ],
)
def test_a_limit_of_the_api(one: Site, limit: str, ask: Ask, good: int) -> None:
    """What is refused is a problem."""
    last = expect_so_many(one, ask, LIMITS[limit], good)
    assert last.problem["type"] == "urn:tandem:problem:too-many-requests"


@pytest.mark.parametrize(
    ("limit", "ask", "good"),
    [
        ("TANDEM_PARENT_READS_PER_MINUTE", by_parent, 200),
        ("TANDEM_WRONG_LINKS_PER_TEN_MINUTES", by_wrong_link, 404),
    ],
)
def test_a_limit_of_families(one: Site, limit: str, ask: Ask, good: int) -> None:
    """What is refused is a page."""
    last = expect_so_many(one, ask, LIMITS[limit], good)
    assert last.headers["content-type"].startswith("text/html")


def test_the_limit_of_calendars(one: Site) -> None:
    """It is one address's."""
    limit = "TANDEM_CALENDAR_READS_PER_TEN_MINUTES"
    expect_so_many(one, by_calendar(one), LIMITS[limit], 200)


def test_the_limit_of_pages(one: Site) -> None:
    """Of one who is signed in; the sign-in leads to a page, which is one of them."""
    seen, words = in_one_window(60, lambda: pages(one.browser()))
    assert seen == [200] * (ALLOWED - 1) + [429] * 8
    assert "Ask again in" in words


def pages(browser: Browser) -> tuple[list[int], str]:
    browser.send("/accounts/login/", login="oona@tandem.example", password=PASSWORD)
    found = [browser.get("/tutors") for _ in range(ALLOWED + 7)]
    return [status for status, _ in found], found[-1][1]
