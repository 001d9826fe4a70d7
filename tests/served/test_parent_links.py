"""One stale bookmark at a school's address does not close the page to every family there."""

import time

import pytest

from tandem.people.link_keys import link_keys
from tests.cli.running import PATIENCE
from tests.served.conftest import Start
from tests.served.site import Site
from tests.served.windows import in_one_window

FEW = {"TANDEM_WRONG_LINKS_PER_TEN_MINUTES": "2"}
SCHOOL, HOME = "203.0.113.7", "203.0.113.8"


def opened(site: Site, *tries: tuple[str, str, int]) -> list[list[int]]:
    """Open links by token, sender and times, all within ten minutes; return each one's statuses."""
    return in_one_window(600, lambda: [statuses(site, *one) for one in tries])


def statuses(site: Site, token: str, sender: str, times: int) -> list[int]:
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
        stale, good, still, elsewhere = opened(
            site,
            ("stale", SCHOOL, 3),
            (right, SCHOOL, 3),
            ("stale", SCHOOL, 1),
            ("stale", HOME, 1),
        )
        assert stale == [404, 404, 429, 429, 429, 429]
        assert good == [200] * 6
        assert still == [429, 429]
        # Behind a proxy that is named, each visitor has guesses of their own; else all have these.
        assert elsewhere[0] == (404 if proxies else 429)


def test_an_ended_link_counts_as_a_wrong_one(start: Start) -> None:
    """Else the limit would tell that it was right once."""
    with start(**FEW) as site:
        ended = site.people.parent_link
        site.query(
            "INSERT INTO people_parentlink (student_id, last_day) SELECT id, '2020-01-31'"
            " FROM people_student WHERE parent_link_token = ANY (%s)",
            link_keys().forms_of(ended),
        )
        assert opened(site, (ended, SCHOOL, 2)) == [[404, 404, 429, 429]]


def test_a_weak_link_waits_with_the_guesses(start: Start) -> None:
    """It can be guessed, so the limit is all that keeps it until it is made anew."""
    with start(**FEW) as site:
        site.query(
            "UPDATE people_student SET parent_link_token = '4711'"
            " WHERE parent_link_token = ANY (%s)",
            link_keys().forms_of(site.people.parent_link),
        )
        weak, guess, closed = opened(
            site, ("4711", SCHOOL, 1), ("4712", SCHOOL, 2), ("4711", SCHOOL, 1)
        )
        assert weak == [200, 200]
        assert guess == [404, 404, 429, 429]
        assert closed == [429, 429]


def test_what_the_table_holds_opens_nothing_and_plain_links_are_sealed(start: Start) -> None:
    """A plain one that came by SQL opens at once; the worker seals it, and it opens on."""
    with start(worker=True, TANDEM_HEARTBEAT_SECONDS="1") as site:
        token = site.people.parent_link
        sealed = link_keys().seal(token)
        assert statuses(site, sealed, HOME, 1) == [404, 404]
        site.query(
            "UPDATE people_student SET parent_link_token = %s WHERE parent_link_token = %s",
            *(token, sealed),
        )
        assert statuses(site, token, HOME, 1) == [200, 200]
        found = "SELECT count(*) FROM people_student WHERE parent_link_token = %s"
        until = time.monotonic() + PATIENCE
        while site.query(found, sealed) != [(1,)]:
            assert time.monotonic() < until
        assert statuses(site, token, HOME, 1) == [200, 200]
