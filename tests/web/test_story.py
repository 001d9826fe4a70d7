"""The whole story in a browser: a student with two tutors, up to an undone transfer."""

from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.people.models import Student
from tests.cast import Cast, user
from tests.web.screenshots import sign_in
from tests.web.test_browser import PASSWORD, session_of, visit
from tests.web.troubles import troubles_of


def press(page: Page, name: str) -> None:
    """Press the button of that name in the page's main part."""
    page.get_by_role("main").get_by_role("button", name=name).click()


def follow(page: Page, name: str) -> None:
    """Follow the link of that name in the page's main part."""
    page.get_by_role("main").get_by_role("link", name=name, exact=True).click()


def pick(page: Page, label: str, typed: str, name: str) -> None:
    """Type into a field and take the suggestion of that name."""
    page.get_by_label(label, exact=True).press_sequentially(typed)
    page.get_by_role("option").filter(has=page.get_by_text(name, exact=True)).click()


def plan(page: Page, tutor: str, day: str) -> None:
    """Plan an hour at nine with one of Eva's tutors, from her page."""
    page.get_by_role("link", name=f"Plan a session with {tutor}").click()
    page.get_by_label("Day").fill(day)
    page.get_by_label("Starts at").fill("09:00")
    press(page, "Plan it")
    expect(page.get_by_role("status").filter(has_text="The session is planned.")).to_be_visible()


def test_the_whole_story(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    """Add, plan with each, record, transfer, read the history and the parent's page, undo."""
    cast.owner.set_password(PASSWORD)
    cast.owner.save()
    with visit(browser, live_server) as page:
        sign_in(page, live_server.url, cast.owner.email, PASSWORD)
        page.get_by_role("link", name="Students", exact=True).click()
        follow(page, "Add a student")
        page.get_by_label("Name", exact=True).fill("Eva Lund")
        pick(page, "Primary tutor", "be", "Ben")
        page.get_by_label("Subject", exact=True).fill("Physics")
        page.get_by_text("Further tutors").click()
        pick(page, "Tutor 2", "car", "Cara")
        page.get_by_label("Subject with tutor 2", exact=True).fill("Maths")
        press(page, "Add the student")
        expect(page.get_by_role("heading", name="Who teaches Eva?")).to_be_visible()
        plan(page, "Ben", "2026-11-02")
        plan(page, "Cara", "2026-11-03")
        plan(page, "Ben", "2026-11-10")
        page.get_by_role("link", name="Mon 2 Nov 2026").click()
        follow(page, "Record how it went")
        page.get_by_label("What was done").fill("Levers, then pulleys.")
        page.get_by_label("Homework").fill("Page 4")
        page.get_by_label("Progress").select_option("4 of 5")
        press(page, "Record it")
        follow(page, "with Ben")
        follow(page, "Transfer Eva to another tutor")
        pick(page, "To", "d", "Dev")
        page.get_by_label("On", exact=True).fill("2026-11-09")
        press(page, "Show what will happen")
        expect(page.get_by_role("heading", name="1 session will move")).to_be_visible()
        assert troubles_of(page) == []
        press(page, "Transfer")
        expect(page.get_by_text("The transfer on Mon 9 Nov 2026 is set.")).to_be_visible()
        expect(page.get_by_text("Ben will hand over to Dev")).to_be_visible()
        expect(page.locator("svg polyline")).to_have_count(1)
        eva = Student.objects.get(full_name="Eva Lund")
        with visit(browser, live_server) as parents:
            parents.goto(f"/parent/{eva.parent_link_token}")
            expect(parents.get_by_text("Levers, then pulleys.")).to_be_visible()
            expect(parents.get_by_text("with Dev")).to_be_visible()
        page.get_by_role("link", name="Change how Dev teaches Eva Physics").click()
        follow(page, "Undo the transfer that began it")
        press(page, "Undo the transfer")
        expect(page.get_by_text("The transfer is undone.")).to_be_visible()
        expect(page.locator(".relationship").first).to_contain_text("Ben")


def test_the_story_of_a_tutor(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    """Ben adds a student, plans, records, asks a colleague who accepts; the parent reads it all."""
    with visit(browser, live_server, user(cast.ben)) as page:
        page.goto("/students")
        follow(page, "Add a student")
        page.get_by_label("Name", exact=True).fill("Eva Lund")
        page.get_by_label("Subject", exact=True).fill("Physics")
        press(page, "Add the student")
        expect(page.get_by_role("heading", name="Who teaches Eva?")).to_be_visible()
        plan(page, "Ben", "2026-11-02")
        page.get_by_role("link", name="Mon 2 Nov 2026").click()
        follow(page, "Record how it went")
        page.get_by_label("What was done").fill("Levers, then pulleys.")
        press(page, "Record it")
        page.get_by_role("main").get_by_role("link", name="Eva Lund").first.click()
        follow(page, "Ask a colleague")
        pick(page, "Tutor", "car", "Cara")
        page.get_by_label("Subject").fill("Maths")
        press(page, "Ask")
        expect(page.get_by_text("The request is sent.")).to_be_visible()
        eva = Student.objects.get(full_name="Eva Lund")
        with visit(browser, live_server, user(cast.cara)) as caras:
            caras.goto("/")
            caras.get_by_role("button", name="Accept").click()
            expect(caras.get_by_text("The request is accepted.")).to_be_visible()
        page.goto(f"/students/{eva.pk}")
        expect(page.locator(".relationship")).to_have_count(2)
        expect(page.get_by_text("The request for Cara was accepted")).to_be_visible()
        assert page.get_by_role("link", name="Transfer").count() == 0
        with visit(browser, live_server) as parents:
            parents.goto(f"/parent/{eva.parent_link_token}")
            expect(parents.get_by_text("Levers, then pulleys.")).to_be_visible()
            expect(parents.get_by_text("Cara")).to_be_visible()


FOCUSED = """() => {
    const at = document.activeElement;
    const label = at.labels && at.labels.length ? at.labels[0].innerText : at.innerText;
    return (label || '').replace(/\\s+/g, ' ').trim();
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field, button or link of that name has the focus, or fail."""
    passed = []
    for _ in range(60):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUSED))
        if passed[-1] == name:
            return
    raise AssertionError(f"Nothing called {name!r} can be reached by keyboard, only {passed}.")


def by_keys(page: Page, *steps: tuple[str, str]) -> None:
    """Go to each thing with the Tab key and type there; '' presses Enter."""
    for name, typed in steps:
        tab_to(page, name)
        if typed:
            page.keyboard.type(typed)
        else:
            page.keyboard.press("Enter")
            page.wait_for_load_state()


def test_with_the_keyboard_alone(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    """The whole story without the mouse: add with two tutors, plan, record, transfer, undo."""
    with browser.new_context(base_url=live_server.url) as context:
        context.add_cookies([{**session_of(cast.owner), "url": live_server.url}])  # type: ignore[typeddict-item] # a plain dict
        page = context.new_page()
        page.goto("/students")
        by_keys(page, ("Add a student", ""))
        expect(page.get_by_role("heading", name="Who is new?")).to_be_visible()
        by_keys(page, ("Name", "Eva Lund"), ("Primary tutor", "Ben"), ("Further tutors", ""))
        by_keys(page, ("Tutor 2", "Cara"), ("Add the student", ""))
        expect(page.get_by_role("heading", name="Who teaches Eva?")).to_be_visible()
        by_keys(page, ("Plan a session with Ben", ""))
        expect(page.get_by_label("Starts at")).to_be_visible()
        by_keys(page, ("Day", "11022026"), ("Starts at", "0900AM"), ("Plan it", ""))
        expect(page.get_by_text("The session is planned.")).to_be_visible()
        by_keys(page, ("Mon 2 Nov 2026 09:00 to 10:00", ""))
        expect(page.get_by_role("link", name="Record how it went")).to_be_visible()
        by_keys(page, ("Record how it went", ""))
        expect(page.get_by_label("What was done")).to_be_visible()
        by_keys(page, ("What was done", "Levers."), ("Record it", ""))
        expect(page.get_by_text("Levers.")).to_be_visible()
        by_keys(page, ("with Ben", ""))
        expect(page.get_by_role("link", name="Transfer Eva to another tutor")).to_be_visible()
        by_keys(page, ("Transfer Eva to another tutor", ""))
        expect(page.get_by_label("On", exact=True)).to_be_visible()
        by_keys(page, ("To", "Dev"), ("On", "11092026"), ("Show what will happen", ""))
        expect(page.get_by_role("button", name="Transfer")).to_be_visible()
        by_keys(page, ("Transfer", ""))
        expect(page.get_by_text("The transfer on Mon 9 Nov 2026 is set.")).to_be_visible()
        by_keys(page, ("Change… Change how Dev teaches Eva", ""))
        expect(page.get_by_role("link", name="Undo the transfer")).to_be_visible()
        by_keys(page, ("Undo the transfer that began it", ""))
        expect(page.get_by_role("button", name="Undo the transfer")).to_be_visible()
        by_keys(page, ("Undo the transfer", ""))
        expect(page.get_by_text("The transfer is undone.")).to_be_visible()


def test_a_refused_form_is_open_to_everybody(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """The words of a refusal belong to their field, for axe and for who cannot see them."""
    with visit(browser, live_server, cast.owner) as page:
        page.goto(f"/students/{cast.ana.pk}/edit")
        page.get_by_label("Name", exact=True).fill("   ")
        page.get_by_label("Name", exact=True).evaluate("field => field.form.noValidate = true")
        with page.expect_response(lambda answer: answer.status == 422):
            press(page, "Save")
        field = page.get_by_label("Name", exact=True)
        expect(field).to_have_attribute("aria-invalid", "true")
        described = field.get_attribute("aria-describedby")
        assert described
        expect(page.locator(f"#{described}")).to_have_text(
            "Write something here; it cannot stay empty."
        )
        assert troubles_of(page) == []
