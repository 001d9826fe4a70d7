"""Reports in a browser: the chart and its table, on a desk, on a phone, in the dark."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.lessons.actions import cancel, complete
from tandem.lessons.cancelling_rules import Cancelling
from tandem.people.requester import Requester
from tests.cast import DECEMBER, NOW, Cast, at, booked, user
from tests.web.test_browser import visit
from tests.web.troubles import troubles_of

RANGE = "first_day=2026-11-01&last_day=2026-11-30"


@pytest.fixture(autouse=True)
def _recorded(cast: Cast) -> None:
    for link, day in ((cast.ben_ana, 3), (cast.ben_cleo, 4), (cast.cara_ana, 5)):
        complete(requester=Requester(None, DECEMBER), session_id=booked(link, at(day, 16)).pk)
    off = booked(cast.ben_ana, at(9, 16))
    cancel(requester=Requester(None, NOW), session_id=off.pk, cancelling=Cancelling("family"))


@pytest.fixture(params=["owner", "tutor"])
def outcomes(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, cast: Cast
) -> Iterator[Page]:
    """The page of outcomes, as an owner and as a tutor read it, without a script."""
    account = cast.owner if request.param == "owner" else user(cast.ben)
    with visit(browser, live_server, account, java_script_enabled=False) as page:
        page.goto(f"/reports/outcomes?{RANGE}")
        yield page


def test_the_table_stands_beside_the_chart(outcomes: Page) -> None:
    """On a desk; on a phone below it, where what is 0 is left out of a card."""
    outcomes.set_viewport_size({"width": 1280, "height": 800})
    chart, table = outcomes.get_by_role("img"), outcomes.locator("table.report")
    expect(chart).to_have_accessible_name("Sessions by what came of them")
    expect(chart).to_have_accessible_description(re.compile("Cancelled by the family: 1"))
    at_chart, at_table = chart.bounding_box(), table.bounding_box()
    assert at_chart is not None
    assert at_table is not None
    assert at_chart["x"] + at_chart["width"] < at_table["x"]
    assert at_chart["y"] < at_table["y"] + at_table["height"]
    outcomes.set_viewport_size({"width": 390, "height": 800})
    expect(table.locator("tbody .none").first).to_be_hidden()
    expect(table.get_by_text("100%").first).to_be_visible()


def test_each_theme_draws_the_bars_in_its_own_colours(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """The bar stands out from the whole behind it, and axe finds nothing at any width."""
    with visit(browser, live_server, cast.owner) as page:
        page.goto(f"/reports/outcomes?{RANGE}")
        seen = set()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (320, 390, 768, 1024, 1152, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert troubles_of(page, ["color-contrast"]) == [], (scheme, width)
            colours = [
                page.locator(f".shares {kind}").first.evaluate("one => getComputedStyle(one).fill")
                for kind in (".now", ".whole")
            ]
            assert colours[0] != colours[1]
            seen.add(tuple(colours))
        assert len(seen) == 2
