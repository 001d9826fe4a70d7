"""A student's page as of another day, in a browser: by keyboard, on a phone, without a script."""

from datetime import date

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tandem.lessons.transfers import transfer
from tandem.people.requester import Requester
from tests.cast import NOW, Cast
from tests.web.test_browser import visit
from tests.web.troubles import troubles_of

DAY, LATER = "2026-12-13", "2026-12-14"


@pytest.fixture(autouse=True)
def moved(cast: Cast) -> None:
    """On 14 December Ana goes from Ben to Dev."""
    transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        tutor_student_id=cast.ben_ana.pk,
        to_tutor_id=cast.dev.pk,
        on=date(2026, 12, 14),
        future_sessions="move",
    )


@pytest.mark.parametrize("has_script", [True, False])
def test_two_clicks_lead_to_a_day_and_one_back(
    browser: Browser, live_server: LiveServer, cast: Cast, *, has_script: bool
) -> None:
    """On a phone: the day, Show, another day from there, and back to today."""
    phone = {"width": 320, "height": 800}
    options = {"viewport": phone, "java_script_enabled": has_script}
    with visit(browser, live_server, cast.owner, **options) as page:
        page.goto(f"/students/{cast.ana.pk}")
        for day, tutor in ((DAY, "Ben"), (LATER, "Dev")):
            page.get_by_label("As of").fill(day)
            page.get_by_role("button", name="Show").click()
            primary = page.locator("li").filter(has_text="Primary")
            expect(primary).to_contain_text(f"{tutor} Physics")
            expect(page.get_by_label("As of")).to_have_value(day)
        if has_script:
            assert troubles_of(page) == []
        page.get_by_role("link", name="Back to today").click()
        expect(page.get_by_role("link", name="Add a tutor")).to_be_visible()


def test_the_keyboard_does_it_alone(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    """A day typed into the field and Enter; the way back is the first link after the name."""
    with visit(browser, live_server, cast.owner) as page:
        page.goto(f"/students/{cast.ana.pk}")
        page.get_by_label("As of").focus()
        page.get_by_label("As of").fill(DAY)
        page.get_by_label("As of").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("As of Sun 13 Dec 2026")
        back = page.get_by_role("link", name="Back to today")
        back.focus()
        back.press("Enter")
        expect(page).to_have_url(f"{live_server.url}/students/{cast.ana.pk}")


def test_the_bar_is_one_row_on_a_desk(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """The day, the way back, the field and its button; on a phone the field keeps its button."""
    with visit(browser, live_server, cast.owner) as page:
        page.goto(f"/students/{cast.ana.pk}?as_of={DAY}")
        for width, highest in ((1280, 88), (768, 88), (390, 130), (320, 140)):
            page.set_viewport_size({"width": width, "height": 800})
            bar = page.locator("main .said").bounding_box()
            field = page.get_by_label("As of").bounding_box()
            button = page.get_by_role("button", name="Show").bounding_box()
            assert bar is not None
            assert field is not None
            assert button is not None
            assert bar["height"] <= highest, width
            assert abs(field["y"] - button["y"]) <= 1, width
            assert troubles_of(page, ["color-contrast"]) == [], width
