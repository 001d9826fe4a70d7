"""One stale bookmark at a school's address does not close the page to every family there."""

import pytest

from tests.served.conftest import Start
from tests.served.site import Site

FEW = {"TANDEM_WRONG_LINKS_PER_TEN_MINUTES": "2"}
SCHOOL, HOME = "203.0.113.7", "203.0.113.8"


def statuses(site: Site, token: str, sender: str, times: int = 1) -> list[int]:
    """Open a link as a page and as data, each so many times, from the address of ``sender``."""
    headers = {"X-Forwarded-For": sender}
    return [
        site.ask("GET", f"{path}/{token}", headers=headers, who=None).status
        for path in ("/parent", "/api/parent")
        for _ in range(times)
    ]


@pytest.mark.parametrize("proxies", ["", "127.0.0.0/8"])
def test_a_right_link_is_never_refused_because_of_wrong_ones(start: Start, proxies: str) -> None:
    """The bookmark is refused again and again, and every right link opens, proxy or none."""
    with start(**FEW, TANDEM_TRUSTED_PROXIES=proxies) as site:
        right = site.people.parent_link
        assert statuses(site, "stale", SCHOOL, 3) == [404, 404, 429, 429, 429, 429]
        assert statuses(site, right, SCHOOL, 3) == [200] * 6
        assert statuses(site, "stale", SCHOOL) == [429, 429]
        # Behind a proxy that is named, each visitor has guesses of their own; else all have these.
        assert statuses(site, "stale", HOME)[0] == (404 if proxies else 429)


def test_an_ended_link_counts_as_a_wrong_one(start: Start) -> None:
    """Else the limit would tell that it was right once."""
    with start(**FEW) as site:
        ended = site.people.parent_link
        site.query(
            "INSERT INTO people_parentlink (student_id, last_day) SELECT id, '2020-01-31'"
            " FROM people_student WHERE parent_link_token = %s",
            ended,
        )
        assert statuses(site, ended, SCHOOL, 2) == [404, 404, 429, 429]


def test_a_weak_link_waits_with_the_guesses(start: Start) -> None:
    """It can be guessed, so the limit is all that keeps it until it is made anew."""
    with start(**FEW) as site:
        site.query(
            "UPDATE people_student SET parent_link_token = '4711' WHERE parent_link_token = %s",
            site.people.parent_link,
        )
        assert statuses(site, "4711", SCHOOL) == [200, 200]
        assert statuses(site, "4712", SCHOOL, 2) == [404, 404, 429, 429]
        assert statuses(site, "4711", SCHOOL) == [429, 429]
