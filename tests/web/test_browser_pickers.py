"""Names typed into a browser's fields: by the keyboard, by a finger, and without a script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tandem.people.models import Student
from tandem.relationships.models import TutorStudent
from tests.cast import Cast, user
from tests.web.test_browser import visit
from tests.web.troubles import troubles_of


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, cast: Cast) -> Iterator[Page]:
    """The page on which a tutor for Cleo is named, on a phone."""
    viewport = {"width": 320, "height": 800}
    with visit(browser, live_server, cast.owner, viewport=viewport) as opened:
        opened.goto(f"/students/{cast.cleo.pk}/pair")
        yield opened


def tutor_field(page: Page) -> Locator:
    """Return the field for the tutor."""
    return page.get_by_role("combobox", name="Tutor", exact=True)


def test_the_keyboard_chooses_and_takes(page: Page, cast: Cast) -> None:
    """Down twice and Enter; the form is not sent by it, and then it is."""
    field, options = tutor_field(page), page.locator("[role=option]")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("ArrowDown")
    expect(options).to_have_count(3)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    field.press("ArrowUp")
    field.press("ArrowUp")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    active = field.get_attribute("aria-activedescendant")
    assert options.nth(1).get_attribute("id") == active
    field.press("ArrowDown")
    assert troubles_of(page) == []
    field.press("Enter")
    expect(field).to_have_value("Dev")
    expect(options.first).to_be_hidden()
    field.press("Enter")
    expect(page.get_by_text("The tutor is added.")).to_be_visible()
    assert TutorStudent.objects.filter(tutor=cast.dev, student=cast.cleo).exists()


def test_escape_closes_and_keeps_what_was_typed(page: Page) -> None:
    """And a press beside the list closes it too."""
    field, options = tutor_field(page), page.locator("[role=option]")
    field.press_sequentially("c")
    expect(options).to_have_text(["Cara No subject stated"])
    field.press("Escape")
    expect(options).to_be_hidden()
    expect(field).to_have_value("c")
    field.press("ArrowDown")
    expect(options).to_be_visible()
    page.get_by_label("Notes").click()
    expect(options).to_be_hidden()


def test_a_finger_takes_and_another_name_replaces_it(page: Page, cast: Cast) -> None:
    """What was chosen before counts no more."""
    field = tutor_field(page)
    field.press_sequentially("ca")
    page.get_by_role("option", name="Cara").click()
    expect(field).to_have_value("Cara")
    field.fill("Dev")
    page.get_by_role("button", name="Add the tutor").click()
    expect(page.get_by_text("The tutor is added.")).to_be_visible()
    assert not TutorStudent.objects.filter(tutor=cast.cara, student=cast.cleo).exists()


def test_who_was_suggested_for_other_letters_is_not_taken(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """Enter before the answer comes takes the one whom the letters mean, or looks for them."""
    with visit(browser, live_server, cast.owner) as page:
        page.goto(f"/students/{cast.cleo.pk}/pair")
        field, options = tutor_field(page), page.locator("[role=option]:visible")
        field.fill("car")
        expect(options).to_have_text(["Cara No subject stated"])
        held: list[Route] = []
        page.route("**/suggest/tutors?*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no built-in method
        field.fill("dev")
        field.press("Enter")
        expect(field).to_have_value("dev")
        expect(page.locator("[role=listbox][aria-busy=true]")).to_have_count(1)
        page.wait_for_timeout(300)
        held[-1].continue_()
        expect(field).to_have_value("Dev")
        expect(page.locator("[name=tutor_id_is]")).to_have_value(cast.dev.pk)
        box = page.get_by_role("combobox", name="Find anybody")
        box.fill("ana")
        expect(options).to_have_count(1)
        box.fill("zed")
        box.press("Enter")
        expect(page).to_have_url(re.compile(r"/find\?q=zed"))


def test_a_new_subject_is_said_to_be_new(page: Page) -> None:
    """Before anything is sent; nobody of that name is said too."""
    subject = page.locator("#id_subject").last
    subject.press_sequentially("Greek")
    expect(page.get_by_text("“Greek” is a new subject.")).to_be_visible()
    tutor_field(page).press_sequentially("zed")
    expect(page.get_by_text("Nobody and nothing has that in the name.")).to_be_visible()


def test_a_lost_connection_is_said(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    """In the place where suggestions would stand."""
    with browser.new_context(base_url=live_server.url) as context:
        with visit(browser, live_server, cast.owner) as there:
            context.add_cookies(there.context.cookies(live_server.url))  # type: ignore[arg-type] # the same cookies
        page = context.new_page()
        page.goto(f"/students/{cast.cleo.pk}/pair")
        context.set_offline(True)
        tutor_field(page).press_sequentially("d")
        expect(page.get_by_text("Suggestions cannot be had just now.")).to_be_visible()


def test_without_a_script_the_page_asks_who_is_meant(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """Part of a name, then one of those who may be meant."""
    with visit(browser, live_server, user(cast.ben), java_script_enabled=False) as page:
        page.goto(f"/students/{cast.ana.pk}/ask")
        page.get_by_label("Tutor").fill("de")
        page.get_by_role("button", name="Ask").click()
        expect(page.locator(".errorlist").get_by_text("Do you mean one of these?")).to_be_visible()
        page.get_by_role("radio", name="Dev").check()
        page.get_by_role("button", name="Ask").click()
        expect(page.get_by_text("The request is sent.")).to_be_visible()


def test_the_calendar_is_narrowed_by_a_suggestion(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """Taking one is enough: the calendar follows."""
    Student.objects.create(full_name="Anatole")
    with visit(browser, live_server, cast.owner) as page:
        page.goto("/calendar")
        page.get_by_role("combobox", name="Student").press_sequentially("ana r")
        page.get_by_role("option", name="Ana Ruiz").click()
        expect(page).to_have_url(re.compile(r"student=Ana(\+|%20)Ruiz"))
