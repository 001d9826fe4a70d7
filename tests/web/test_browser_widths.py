"""Tables stay in their column, and labels in their cell, where words are long."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast, user
from tests.web.chromium import CHROMIUM, OPTIONS
from tests.web.furnished import furnish
from tests.web.test_browser import visit

STICKS_OUT = """() => [...document.querySelectorAll('main table, main td, main th')]
  .filter(one => one.getBoundingClientRect().width > 2)
  .filter(one => one.tagName === 'TABLE'
    ? one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1
    : one.scrollWidth > one.clientWidth + 2)
  .map(one => `${one.tagName} ${one.className} ${one.innerText.slice(0, 40)}`)"""

BROKEN_WORDS = """() => [...document.querySelectorAll('main td.whole')]
  .filter(one => one.innerText.trim() && !one.innerText.trim().includes(' '))
  .filter(one => {
    const all = document.createRange();
    all.selectNodeContents(one);
    return new Set([...all.getClientRects()].map(line => line.top)).size > 1;
  })
  .map(one => one.innerText)"""
"""A single word that stands in two lines."""


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_table_sticks_out(
    browser: Browser, live_server: LiveServer, cast: Cast, language: str
) -> None:
    """Beside the lessons of the day, among the accounts, and in a report on a small phone."""
    furnish(cast)
    for account in (cast.owner, user(cast.ben)):
        account.language = language
        account.save()
    with visit(browser, live_server, cast.owner) as page:
        for address in ("/", "/accounts", "/reports?first_day=2026-01-01&last_day=2027-12-31"):
            page.goto(address)
            for width in (1280, 1100, 1024, 768, 390, 320):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate(STICKS_OUT) == [], (address, width)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, address
                assert page.evaluate(BROKEN_WORDS) == [], (address, width)


def test_lists_stay_inside_where_letters_are_large(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """Who reads letters of twice the size has half the room: a row is a card by then.

    A query of the width in pixels does not know of that. The size is the browser's own setting.
    """
    furnish(cast)
    kind, large = browser.browser_type, "--blink-settings=defaultFontSize=32"
    with (
        kind.launch(executable_path=CHROMIUM, args=[*OPTIONS, large]) as second,
        visit(second, live_server, cast.owner) as page,
    ):
        for address in (
            "/students", "/tutors", "/sessions", "/accounts", "/deeds", "/",
            "/reports?first_day=2026-01-01&last_day=2027-12-31",
        ):  # fmt: skip
            page.goto(address)
            assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
            for width in (640, 700, 780, 860, 940, 1000):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate(STICKS_OUT) == [], (address, width)
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (address, width)
