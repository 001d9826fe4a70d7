"""What is printed: the page without what can only be pressed, without secrets, and whole."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.lessons.actions import cancel, complete
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.policies import change_policy
from tandem.people.business import change_face, forget, read_again
from tandem.people.requester import Requester
from tests.cast import DECEMBER, NOW, Cast, at, booked, user
from tests.web.test_browser import visit
from tests.web.troubles import TOO_WIDE

PAPER = {"width": 718, "height": 1000}
"""What of A4 is between margins of a centimetre."""
PRESSED = "button:visible, .button:visible, nav:visible, input:visible, select:visible"
PAGES = (
    "/",
    "/reports?first_day=2026-10-01&last_day=2026-11-30",
    "/reports/outcomes?first_day=2026-10-01&last_day=2026-11-30",
    "/students",
    "/students/{ana}",
    "/tutors/{ben}",
    "/sessions",
    "/calendar?date=2026-11-09",
    "/calendar?view=month&date=2026-11-09",
)
CUT = """() => [...document.querySelectorAll('.lesson > strong')]
  .filter(one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
  .map(one => one.textContent)"""


@pytest.fixture(autouse=True)
def _lessons(cast: Cast) -> None:
    """Marks, one cancelled lesson, and two at once on a Monday."""
    for day, progress in ((5, 2), (12, 3)):
        session = booked(cast.ben_ana, at(day, 15, month=10))
        complete(requester=Requester(None, DECEMBER), session_id=session.pk, progress=progress)
    for link in (cast.ben_cleo, cast.cara_ana):
        booked(link, at(9, 16))
    off = booked(cast.ben_ana, at(10, 16))
    cancel(requester=Requester(None, NOW), session_id=off.pk, cancelling=Cancelling("tutor"))
    change_policy(requester=Requester(None, NOW), changes={"families_cancel": True})


@pytest.mark.parametrize("who", ["owner", "tutor"])
def test_paper_has_no_buttons_and_no_secrets(
    browser: Browser, live_server: LiveServer, cast: Cast, who: str
) -> None:
    """Nothing to press, no menu, no parents' link, nothing wider than the paper."""
    account = cast.owner if who == "owner" else user(cast.ben)
    secret = cast.ana.parent_link_token or ""
    with visit(browser, live_server, account, viewport=PAPER) as page:
        for path in PAGES:
            page.emulate_media(media="screen")
            page.goto(path.format(ana=cast.ana.pk, ben=cast.ben.pk))
            page.emulate_media(media="print")
            assert page.locator(PRESSED).all_text_contents() == [], path
            assert secret not in page.locator("main").inner_text(), path
            assert page.evaluate(TOO_WIDE) <= 0, path


def test_a_familys_paper_has_the_numbers_and_nothing_to_press(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """The table behind the chart stands below it; what leads elsewhere is left out."""
    with visit(browser, live_server, viewport=PAPER) as page:
        page.goto(f"/parent/{cast.ana.parent_link_token}")
        expect(page.get_by_text("We cannot come").first).to_be_visible()
        behind = page.locator(".curves + details td").first
        expect(behind).to_be_hidden()
        page.emulate_media(media="print")
        expect(behind).to_be_visible()
        expect(page.get_by_text("Cancelled by the tutor")).to_be_visible()
        for words in ("We cannot come", "See them in your own calendar", "Deutsch"):
            expect(page.get_by_text(words).first).to_be_hidden()
        assert page.locator(PRESSED).all_text_contents() == []
        assert page.evaluate(TOO_WIDE) <= 0


def test_outcomes_are_a_table_on_paper(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """As on a desk, zeros and all, though paper is as narrow as a tablet."""
    with visit(browser, live_server, cast.owner, viewport=PAPER) as page:
        page.emulate_media(media="print")
        page.goto(PAGES[2])
        assert columns_of(page) == 7
        expect(page.locator("td.none").first).to_be_visible()


def columns_of(page: Page) -> int:
    """Return how many cells of the first line stand beside one another."""
    tops: list[float] = (
        page.locator("tbody tr")
        .first.locator("th, td")
        .evaluate_all("cells => cells.map(one => Math.round(one.getBoundingClientRect().left))")
    )
    return len(set(tops))


def test_a_printed_week_lies_on_its_side_with_whole_names(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """Seven days need the longer side; two at once keep their names; all is on one page."""
    for hour in (8, 20):
        booked(cast.ben_ana, at(11, hour))
    cast.cleo.full_name = "Conceição Assunção"
    cast.cleo.save()
    with visit(browser, live_server, cast.owner, viewport={"width": 1047, "height": 718}) as page:
        page.goto("/calendar?date=2026-11-09")
        page.emulate_media(media="print")
        assert page.evaluate(CUT) == []
        printed = page.pdf(prefer_css_page_size=True)
        box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
        assert box is not None
        assert float(box[1]) > float(box[2])
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


@pytest.mark.parametrize("path", [*PAGES[:5], PAGES[7], "family"])
def test_paper_says_whose_it_is(
    browser: Browser, live_server: LiveServer, cast: Cast, path: str, request: pytest.FixtureRequest
) -> None:
    """The business's name, as on a letter, and nothing else of the header."""
    change_face(requester=Requester(cast.owner, NOW), name="Ruiz & Söhne")
    read_again()
    request.addfinalizer(forget)
    family = f"/parent/{cast.ana.parent_link_token}"
    with visit(browser, live_server, cast.owner, viewport=PAPER) as page:
        page.goto(family if path == "family" else path.format(ana=cast.ana.pk))
        page.emulate_media(media="print")
        assert page.locator(".top").inner_text().strip() == "Ruiz & Söhne"
        expect(page.locator(".brand")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_white_whatever_the_screen_is(
    browser: Browser, live_server: LiveServer, cast: Cast, scheme: Literal["light", "dark"]
) -> None:
    """Dark letters, though the reader's screen is dark."""
    with visit(browser, live_server, cast.owner, viewport=PAPER) as page:
        page.emulate_media(media="print", color_scheme=scheme)
        page.goto("/reports")
        shown = page.locator("body").evaluate(
            "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"
        )
        assert shown == ["rgb(28, 33, 31)", "rgb(255, 255, 255)"]
