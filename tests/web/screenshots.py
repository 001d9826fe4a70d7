"""Pictures of the main pages, on a desk and on a phone, in light and in dark.

``python -m tests.web.screenshots URL EMAIL PASSWORD OUT_DIR`` signs in to a running site and
writes ``students-phone-dark.png`` and its like, four of each page.
"""

import sys
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from tests.web.chromium import chromium
from tests.web.small_png import small

Scheme = Literal["light", "dark"]
WIDTHS = {"desktop": 1280, "phone": 390}
HEIGHT = 844
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")


def sign_in(page: Page, url: str, email: str, password: str) -> None:
    """Sign in with a password and wait for the page behind it."""
    page.goto(f"{url}/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{url}/")


def addresses(page: Page, url: str) -> dict[str, str]:
    """Return the address of each page to take, by name; the parent's only where there is a link."""
    found = {"dashboard": "/", "students": "/students", "tutors": "/tutors", "reports": "/reports"}
    found |= {"week": "/calendar", "attention": "/attention"}
    for name in ("student", "tutor"):
        page.goto(f"{url}/{name}s")
        shared = page.locator("tbody tr", has=page.locator(".relationship + .relationship"))
        row = shared.first if shared.count() else page.locator("tbody tr").last
        link = row.locator("th a").get_attribute("href")
        assert link is not None
        found[name] = link
    page.goto(url + found["student"])
    parent = page.locator("#parent-link")
    if parent.count():
        found["parent"] = "/parent/" + parent.input_value().rsplit("/", maxsplit=1)[-1]
    return {name: url + path for name, path in found.items()}


def take(browser: Browser, url: str, email: str, password: str, folder: Path) -> None:
    """Write the pictures into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser.new_context() as entrance:
        page = entrance.new_page()
        page.goto(f"{url}/accounts/login/")
        (folder / "sign-in.png").write_bytes(small(page.screenshot()))
        sign_in(page, url, email, password)
        pages, account = addresses(page, url), entrance.storage_state()
    for (device, width), scheme in product(WIDTHS.items(), SCHEMES):
        with browser.new_context(
            storage_state=account,
            viewport={"width": width, "height": HEIGHT},
            color_scheme=scheme,
        ) as context:
            page = context.new_page()
            for name, address in pages.items():
                page.goto(address)
                picture = folder / f"{name}-{device}-{scheme}.png"
                picture.write_bytes(small(page.screenshot(full_page=name == "dashboard")))


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: python -m tests.web.screenshots URL EMAIL PASSWORD OUT_DIR")
    site, somebody, secret, out_dir = sys.argv[1:]
    with chromium() as opened:
        take(opened, site, somebody, secret, Path(out_dir))
