"""What is wrong with a page for some of its readers: what axe finds, and what sticks out."""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

SCRIPT = Axe().axe_script
IS_THERE = "() => 'axe' in window"
# Axe describes at length all that it finds in order, unless told that nobody reads it.
TROUBLES_ONLY = {"resultTypes": ["violations"], "reporter": "no-passes"}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def bring_axe(context: BrowserContext) -> None:
    """Let each page of many have axe from its beginning, so that it is sent but once."""
    context.add_init_script(SCRIPT)


def troubles_of(page: Page, only: Sequence[str] = ()) -> list[str]:
    """Return what is wrong with the page that is open, by all of axe's rules or only some."""
    if not page.evaluate(IS_THERE):
        page.evaluate(SCRIPT)
    rules = {"runOnly": {"type": "rule", "values": list(only)}} if only else {}
    report: dict[str, Any] = page.evaluate(
        "options => axe.run(options)", {**TROUBLES_ONLY, **rules}
    )
    troubles = [
        f"{one['id']}: {node['html']}" for one in report["violations"] for node in one["nodes"]
    ]
    return troubles + (["it is too wide"] if page.evaluate(TOO_WIDE) > 0 else [])
