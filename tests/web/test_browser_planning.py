"""Planning from the calendar in a real browser: two clicks and a name, or a name and Enter."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.lessons.models import Closure, Session
from tests.cast import Cast, at, booked, third, user
from tests.web.test_browser import COLOURS, session_of, site, visit
from tests.web.test_browser_jobs import Hand, hand
from tests.web.troubles import troubles_of

__all__ = ["site"]
CLEO = "Cleopatra" * 12
WEEK = "/calendar?date=2026-11-11"


def hour(page: Page, at_hour: str) -> None:
    """Click an empty hour of the calendar."""
    page.locator(f'a.hour[data-at="{at_hour}"]').first.click()


def typed(own: Hand, letters: str, name: str) -> None:
    """Type into the field that has the focus, and take the first who may be meant."""
    expect(own.page.get_by_label("Whose lesson?")).to_be_focused()
    own.page.keyboard.type(letters)
    own.page.keyboard.press("Enter")
    expect(own.page.get_by_label("Whose lesson?")).to_have_value(name)


def test_a_tutor_of_several_plans_by_two_clicks(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """An empty hour, letters of a name, and the button; one more click takes it back."""
    third(cast)
    with hand(browser, site, user(cast.ben), WEEK, at_most=2) as own:
        own.click(own.page.locator('a.hour[data-at="2026-11-11T14:00Z"]'))
        typed(own, "cleo", CLEO)
        own.button("Plan it")
        own.sees("The session is planned. Cleopatra")
        assert Session.objects.filter(tutor_student=cast.ben_cleo, starts_at=at(11, 14)).exists()
        own.clicks = 0
        own.button("Undo it")
        own.sees("It is undone. Cleopatra")
        expect(own.page).to_have_url(f"{site.url}/calendar?view=week&date=2026-11-11")
    assert not Session.objects.filter(tutor_student=cast.ben_cleo, starts_at=at(11, 14)).exists()


def test_an_owner_plans_by_two_clicks_for_a_tutor_of_the_filter(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """By Enter alone after the hour, it is one."""
    third(cast)
    with hand(browser, site, cast.owner, f"{WEEK}&tutor=Ben", at_most=2) as own:
        own.click(own.page.locator('a.hour[data-at="2026-11-11T14:00Z"]'))
        typed(own, "finn", "Finn Moss")
        own.button("Plan it")
        own.sees("The session is planned. Finn Moss with Ben")
        own.clicks = 0
        own.click(own.page.locator('a.hour[data-at="2026-11-11T15:00Z"]'))
        typed(own, "finn", "Finn Moss")
        own.page.keyboard.press("Enter")
        own.sees("Wed 11 Nov 2026, 15:00 to 16:00")
        assert own.clicks == 1


def test_the_button_of_the_calendar_plans_by_two_clicks(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """With the keyboard all the way: the day that is shown is filled in."""
    with hand(browser, site, cast.owner, WEEK, at_most=0) as own:
        own.page.get_by_role("link", name="Plan a lesson", exact=True).focus()
        own.page.keyboard.press("Enter")
        typed(own, "cleo", CLEO)
        expect(own.page.get_by_label("Day", exact=True)).to_have_value("2026-11-11")
        own.page.get_by_label("Starts at").fill("18:30")
        own.page.get_by_label("Starts at").press("Enter")
        own.sees("Wed 11 Nov 2026, 18:30 to 19:30")


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_refusals_come_where_it_was_typed(
    browser: Browser, site: LiveServer, cast: Cast, width: int
) -> None:
    """A clash, a closed day, a name that nobody has: nothing typed is lost, axe finds nothing."""
    Closure.objects.create(name="Break", starts_on=at(12, 0).date(), ends_on=at(13, 0).date())
    booked(cast.ben_ana, at(10, 14))
    size = {"width": width, "height": 844}
    with visit(browser, site, cast.owner, viewport=size) as page:
        page.goto("/calendar?view=day&date=2026-11-11&tutor=Ben")
        hour(page, "2026-11-11T14:00Z")
        panel = page.get_by_role("dialog", name="Plan a lesson")
        panel.get_by_label("Whose lesson?").fill("Nobody at all")
        panel.get_by_role("button", name="Plan it").click()
        expect(panel.get_by_text("Nobody here is called")).to_be_visible()
        panel.get_by_label("Whose lesson?").fill("Cleopatra")
        panel.get_by_role("option").first.click()
        expect(panel.locator(".about")).to_have_text("Maths")
        panel.get_by_label("Day", exact=True).fill("2026-11-10")
        expect(panel.get_by_text("Tuesday")).to_be_visible()
        panel.get_by_label("Minutes").fill("45")
        panel.get_by_role("button", name="Plan it").click()
        expect(panel.get_by_text("already has a session in these hours")).to_be_visible()
        expect(panel.get_by_label("Minutes")).to_have_value("45")
        assert troubles_of(page) == []
        page.emulate_media(color_scheme="dark")
        assert troubles_of(page, COLOURS) == []
        panel.get_by_label("Day", exact=True).fill("2026-11-12")
        panel.get_by_role("button", name="Plan it").click()
        panel.get_by_label("Even if the tutor is away").check()
        panel.get_by_role("button", name="Plan it").click()
        expect(page.get_by_text("Thu 12 Nov 2026, 14:00 to 14:45")).to_be_visible()


def test_letters_that_come_before_the_names_are_offered(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """Whoever types on while a refused form is still arriving is shown names as well."""
    with visit(browser, site, cast.owner) as page:
        page.goto(WEEK)
        hour(page, "2026-11-11T14:00Z")
        panel = page.get_by_role("dialog", name="Plan a lesson")
        panel.get_by_label("Whose lesson?").fill("Nobody at all")
        page.evaluate("htmx.config.defaultSettleDelay = 1500")
        panel.get_by_role("button", name="Plan it").click()
        expect(panel.get_by_text("Nobody here is called")).to_be_visible()
        panel.get_by_label("Whose lesson?").fill("Cleopatra")
        expect(panel.get_by_role("option").first).to_contain_text("Cleopatra")


def test_the_panel_is_left(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """By Escape, by a word, by a click beside it; the hour has the focus again."""
    with visit(browser, site, cast.owner, viewport={"width": 1280, "height": 900}) as page:
        page.goto(WEEK)
        panel = page.get_by_role("dialog", name="Plan a lesson")
        for leave in ("Escape", "a word", "beside it"):
            hour(page, "2026-11-11T14:00Z")
            expect(panel).to_be_visible()
            if leave == "Escape":
                page.keyboard.press("Escape")
            elif leave == "a word":
                panel.get_by_role("link", name="Leave it").click()
            else:
                page.mouse.click(8, 8)
            expect(panel).to_have_count(0)
            expect(page.locator('a.hour[data-at="2026-11-11T14:00Z"]')).to_be_focused()


def test_what_could_not_be_sent_is_kept(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """A lost connection is said in the panel; pressed again, it is planned once."""
    with browser.new_context(base_url=site.url) as context:
        context.add_cookies([{**session_of(cast.owner), "url": site.url}])  # type: ignore[typeddict-item] # a plain dict
        page = context.new_page()
        page.goto(f"{WEEK}&tutor=Ben&student=Cleopatra")
        hour(page, "2026-11-11T14:00Z")
        panel = page.get_by_role("dialog", name="Plan a lesson")
        expect(panel.get_by_role("button", name="Plan it")).to_be_focused()
        page.route("**/calendar/plan?*", lambda route: route.abort())
        panel.get_by_role("button", name="Plan it").click()
        expect(panel.get_by_text("It could not be sent")).to_be_visible()
        page.unroute("**/calendar/plan?*")
        panel.get_by_role("button", name="Plan it").click()
        expect(page.get_by_text("The session is planned. Cleopatra")).to_be_visible()


def test_without_script_an_hour_is_planned_on_a_page(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """Two clicks and the name as well; the whole form is one step away."""
    with visit(browser, site, cast.owner, java_script_enabled=False) as page:
        page.goto(f"{WEEK}&tutor=Ben")
        hour(page, "2026-11-11T14:00Z")
        page.get_by_label("Whose lesson?").fill("Cleopatra")
        page.get_by_role("button", name="Plan it").click()
        expect(page.get_by_text("Who of them?")).to_be_visible()
        page.get_by_role("radio").first.check()
        page.get_by_role("button", name="Say more").click()
        expect(page.get_by_label("Online at")).to_be_visible()
        expect(page.get_by_label("Starts at")).to_have_value("14:00")
        page.get_by_role("button", name="Plan it").click()
        expect(page.get_by_text("The session is planned. Cleopatra")).to_be_visible()


def test_the_page_of_its_own_is_open_to_everybody(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    with visit(browser, site, cast.owner, viewport={"width": 320, "height": 800}) as page:
        page.goto("/calendar/plan?at=2026-11-09T16:00Z")
        assert troubles_of(page) == []
        page.emulate_media(color_scheme="dark")
        assert troubles_of(page, COLOURS) == []
