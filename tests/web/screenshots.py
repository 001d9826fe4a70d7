"""Pictures of the main pages at three widths, in light and in dark, and what sticks out of them.

``python -m tests.web.screenshots URL EMAIL PASSWORD OUT_DIR`` signs in to a running site and
writes ``student-phone-dark.png`` and its like, six of each page. It says which pages are wider
than the screen, and ends with 1 where one is.
"""

import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Locator, Page

from tests.web.chromium import chromium
from tests.web.small_png import small

Scheme = Literal["light", "dark"]
WIDTHS = {"desk": 1440, "tablet": 768, "phone": 360}
HEIGHT = 844
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")
FIXED = {
    "today": "/",
    "students": "/students",
    "tutors": "/tutors",
    "sessions": "/sessions",
    "calendar-day": "/calendar?view=day",
    "calendar-week": "/calendar",
    "calendar-month": "/calendar?view=month",
    "plan": "/calendar/plan",
    "reports": "/reports",
    "outcomes": "/reports/outcomes",
    "attention": "/attention",
    "settings": "/settings",
    "closures": "/closures",
    "new-closure": "/closures/new",
    "deeds": "/deeds",
    "cancelling": "/cancelling",
    "notices": "/notices",
    "upgrade": "/upgrade",
    "match": "/students/match",
    "new-student": "/students/new",
    "bring-students": "/students/import",
}
BEHIND = {
    "student": ("/students", r"/students/[^/?]{20,}"),
    "tutor": ("/tutors", r"/tutors/[^/?]{20,}"),
    "session": ("/sessions", r"/sessions/[^/?]{20,}"),
    "closure": ("/closures", r"/closures/[^/?]{20,}"),
}
"""What has a page of its own -> the list it stands in, and what its address looks like."""
FURTHER = {
    "student": ("edit", "pair", "changes", "erase", "transfer", "guardians/new"),
    "tutor": ("edit", "subjects", "week", "time-off", "transfer", "leave", "changes"),
    "session": ("edit", "cover", "cancel", "move", "record"),
}
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def sign_in(page: Page, url: str, email: str, password: str) -> None:
    """Sign in with a password and wait for the page behind it."""
    page.goto(f"{url}/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{url}/")


def addresses(page: Page, url: str) -> dict[str, str]:
    """Return the address of each page to take, by name; of what is not there, none."""
    found = dict(FIXED)
    for name, (listed, shape) in BEHIND.items():
        page.goto(url + listed)
        shared = page.locator("main tr", has=page.locator(".relationship + .relationship"))
        inside = shared.first if shared.count() else page.locator("main")
        if link := next(_links(inside, shape), None):
            found[name] = link
    for name, lasts in FURTHER.items():
        if name in found:
            page.goto(url + found[name])
            all_links = list(_links(page.locator("main"), r"/.+"))
            own = {link.removeprefix(f"{found[name]}/"): link for link in all_links}
            found |= {f"{name}-{last.split('/')[0]}": own[last] for last in lasts if last in own}
    page.goto(url + found["student"])
    for name in ("relationships", "series"):
        if link := next(_links(page.locator("main"), rf"/{name}/[^/?]+"), None):
            found[name] = link
    parent = page.locator("#parent-link")
    if parent.count():
        found["family"] = "/parent/" + parent.input_value().rsplit("/", maxsplit=1)[-1]
    return {name: url + path for name, path in found.items()}


def take(browser: Browser, url: str, email: str, password: str, folder: Path) -> list[str]:
    """Write the pictures into ``folder``; return the names of those wider than their screen."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser.new_context() as entrance:
        page = entrance.new_page()
        page.goto(f"{url}/accounts/login/")
        (folder / "sign-in.png").write_bytes(small(page.screenshot()))
        sign_in(page, url, email, password)
        pages, account = addresses(page, url), entrance.storage_state()
    wider = []
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
                picture.write_bytes(small(page.screenshot(full_page=True)))
                if page.evaluate(WIDER):
                    wider.append(picture.name)
    return wider


def _links(part: Locator, shape: str) -> Iterator[str]:
    """Yield the addresses in a part of a page that look like this from start to end."""
    for link in part.locator("a[href]").all():
        address = link.get_attribute("href") or ""
        if re.fullmatch(shape, address):
            yield address


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: python -m tests.web.screenshots URL EMAIL PASSWORD OUT_DIR")
    site, somebody, secret, out_dir = sys.argv[1:]
    with chromium() as opened:
        stuck_out = take(opened, site, somebody, secret, Path(out_dir))
    sys.exit("\n".join(["Wider than the screen:", *stuck_out]) if stuck_out else 0)
