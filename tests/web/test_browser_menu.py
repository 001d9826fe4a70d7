"""The menu at the top: one row of it at any width; what has no room stands behind one word."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast, user
from tests.web.test_browser import visit
from tests.web.troubles import troubles_of

ROW, TABLET = 48, 768
"""A row of the menu is no higher."""
DESK = 1248
"""From here on all pages are shown, and nothing is behind a word."""
MENU = "header nav a:visible, header nav summary:visible"
ALL = ["/", "/students", "/calendar", "/sessions", "/tutors", "/reports", "/attention", "/settings"]
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
        for width, shown in (
            (1440, 8),
            (1280, 8),
            (1152, 4),
            (1024, 4),
            (768, 4),
            (390, 4),
            (320, 4),
        ):
            page.set_viewport_size({"width": width, "height": 800})
            links = places(page)
            assert len(links) == shown + (width < DESK), width
            assert len({link["top"] for link in links}) == 1, width
            assert all(link["left"] >= 0 and link["right"] <= width for link in links), width
            assert min(link["height"] for link in links) >= 44, width
            assert troubles_of(page, ["target-size"]) == [], width
            top = page.locator("header.top").bounding_box()
            assert top is not None
            # On a phone the name and the way out have a row of their own, with the brand.
            assert top["height"] <= ROW * (1 if width >= TABLET else 2), width
        current = page.get_by_role("navigation").first.locator("[aria-current=page]")
        expect(current).to_have_attribute("href", "/sessions")


@pytest.mark.parametrize(
    "name",
    [
        "Nachhilfeinstitut Donaudampfschifffahrtsgesellschaft Wien 12",
        "مركز الأمل للدروس الخصوصية والتقوية الدراسية في المدينة",
        "W" * 60,
    ],
)
def test_a_long_name_of_the_business_takes_no_row(
    browser: Browser, live_server: LiveServer, cast: Cast, settings: Any, name: str
) -> None:
    """It ends where there is no room; it begins in sight, from whichever side it is read."""
    settings.BUSINESS_NAME = name
    cast.owner.language = "de"
    cast.owner.save()
    with visit(browser, live_server, cast.owner) as page:
        page.goto("/sessions")
        for width in (1440, 1280, 1024, 768, 640, 390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            top = page.locator("header.top").bounding_box()
            brand = page.locator(".brand").bounding_box()
            assert top is not None
            assert brand is not None
            assert top["height"] <= ROW * (1 if width >= TABLET else 2), width
            assert brand["width"] >= 64, width
            assert troubles_of(page, ["target-size"]) == [], width
        expect(page.locator(".brand")).to_have_accessible_name(name)


@pytest.mark.parametrize("how", ["by script", "without"])
def test_the_further_pages_fold_out(
    browser: Browser, live_server: LiveServer, cast: Cast, how: str
) -> None:
    """By the keyboard, without a script too; every page is in the menu, each of them once."""
    with visit(
        browser,
        live_server,
        cast.owner,
        java_script_enabled=how == "by script",
        viewport={"width": 320, "height": 800},
    ) as page:
        page.goto("/settings")
        more = page.locator(".further > summary")
        expect(page.get_by_role("link", name="Reports", exact=True)).to_be_hidden()
        more.press("Enter")
        for width in (320, 768, 1024, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            links = page.locator("header nav a:visible")
            shown = [link.get_attribute("href") or "" for link in links.all()]
            assert sorted(set(shown) - {"/find"}) == sorted(ALL), width
            assert len(shown) == len(set(shown)), width
        page.set_viewport_size({"width": 320, "height": 800})
        expect(page.locator(".further a[aria-current=page]")).to_have_text("Settings")
        if how == "by script":
            assert troubles_of(page) == []
            more.press("Escape")
            expect(page.get_by_role("link", name="Reports", exact=True)).to_be_hidden()
            expect(more).to_be_focused()
            more.click()
            page.mouse.click(20, 700)
            expect(page.get_by_role("link", name="Reports", exact=True)).to_be_hidden()


def places(page: Page) -> list[dict[str, Any]]:
    """Return where the links of the menu stand."""
    found: list[dict[str, Any]] = page.locator(MENU).evaluate_all(WHERE_LINKS_STAND)
    return found
