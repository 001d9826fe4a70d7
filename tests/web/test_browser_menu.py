"""The menu at the top: all of it, in one row on a desk, in few on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast, user
from tests.web.test_browser import visit
from tests.web.troubles import troubles_of

ROW, TABLET = 48, 768
"""A row of the menu is no higher."""
WHERE_LINKS_STAND = """links => links.map(one => {
  const box = one.getBoundingClientRect();
  return {left: box.left, right: box.right, top: box.top, height: box.height};
})"""


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("who", ["owner", "tutor"])
def test_the_menu_fits(
    browser: Browser, live_server: LiveServer, cast: Cast, who: str, language: str
) -> None:
    """With the name, the box to find in and the way out beside it; German has longer words."""
    account = cast.owner if who == "owner" else user(cast.ben)
    account.language = language
    account.full_name = "Maximiliane Featherstonehaugh"
    account.save()
    with visit(browser, live_server, account) as page:
        page.goto("/sessions")
        for width, rows in ((1280, 1), (1152, 2), (TABLET, 1), (390, 3), (320, 4)):
            page.set_viewport_size({"width": width, "height": 800})
            links = places(page)
            assert len({link["top"] for link in links}) <= rows, width
            assert all(link["left"] >= 0 and link["right"] <= width for link in links), width
            assert min(link["height"] for link in links) >= 44, width
            assert troubles_of(page, ["target-size"]) == [], width
            top = page.locator("header.top").bounding_box()
            assert top is not None
            # Below a desk's width the name and the way out have a row of their own, with the brand.
            assert top["height"] <= ROW * (rows if width > TABLET else rows + 1), width
        current = page.get_by_role("navigation").first.locator("[aria-current=page]")
        expect(current).to_have_attribute("href", "/sessions")


def places(page: Page) -> list[dict[str, Any]]:
    """Return where the links of the menu stand."""
    found: list[dict[str, Any]] = page.locator("header nav a:visible").evaluate_all(
        WHERE_LINKS_STAND
    )
    return found
