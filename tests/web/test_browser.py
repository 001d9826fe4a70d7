"""The pages in a real browser: what people do, and what each page owes to everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, resolve
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.lessons.models import TimeOff
from tandem.people.models import Account
from tandem.people.requester import Requester
from tandem.people.sign_in_address import ask_for_address
from tandem.web import urls
from tests.cast import NOW, Cast, an_account, user
from tests.web.every_page import NOWHERE, pages_of
from tests.web.furnished import furnish
from tests.web.screenshots import sign_in
from tests.web.troubles import TOO_WIDE, bring_axe, troubles_of

PASSWORD = "correct horse battery"


@pytest.fixture
def site(live_server: LiveServer, browser: Browser, cast: Cast) -> LiveServer:
    """The site with something on every page, long names and a fault among it."""
    furnish(cast)
    return live_server


@dataclass
class Visit:
    """A page, the hosts it asked, and what the browser complained of."""

    page: Page
    host: str
    others: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("console", lambda message: self._said(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, url: str) -> None:
        if urlsplit(url).netloc != self.host:
            self.others.append(url)

    def _said(self, kind: str, text: str) -> None:
        # A page that is not there, what cannot be, a form that is refused, and a call without a
        # token that is one, are meant to be.
        meant = any(f"status of {status}" in text for status in (401, 404, 409, 422))
        if kind in {"error", "warning"} and not meant:
            self.complaints.append(text)


@contextmanager
def visit(
    browser: Browser, site: LiveServer, account: Account | None = None, **options: Any
) -> Iterator[Page]:
    """Yield a page of a fresh context; afterwards no other host was asked and nothing broke."""
    with browser.new_context(base_url=site.url, **options) as context:
        if account:
            context.add_cookies([{**session_of(account), "url": site.url}])  # type: ignore[typeddict-item] # a plain dict
        watched = Visit(context.new_page(), urlsplit(site.url).netloc)
        watched.watch()
        yield watched.page
        assert watched.others == []
        assert watched.complaints == []


def session_of(account: Account) -> dict[str, str]:
    """Return the cookie of somebody who has signed in."""
    client = Client()
    client.force_login(account)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value}


def test_the_owner_signs_in_finds_a_student_and_reads(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """By password, then search as one types, then her page."""
    cast.owner.set_password(PASSWORD)
    cast.owner.save()
    with visit(browser, site) as page:
        sign_in(page, site.url, cast.owner.email, PASSWORD)
        page.get_by_role("link", name="Students", exact=True).click()
        expect(page.get_by_role("link", name="Cleopatra")).to_be_visible()
        page.get_by_label("Name").press_sequentially("ana")
        expect(page.get_by_role("link", name="Cleopatra")).to_have_count(0)
        expect(page).to_have_url(f"{site.url}/students?q=ana&which=active&as_of=&sort=name")
        page.get_by_role("link", name="Ana Ruiz").click()
        expect(page.get_by_role("heading", name="Who teaches Ana?")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_search_needs_no_script(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """With scripts off the form still searches and filters."""
    with visit(browser, site, cast.owner, java_script_enabled=False) as page:
        page.goto("/students")
        page.get_by_label("Name").fill("שירה")
        page.get_by_label("Show").select_option("untaught")
        page.get_by_role("button", name="Search").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.get_by_role("link", name="שירה לוי")).to_be_visible()


def test_a_search_that_fails_says_so(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """A lost connection is told in the place where the list stands."""
    with browser.new_context(base_url=site.url) as context:
        context.add_cookies([{**session_of(cast.owner), "url": site.url}])  # type: ignore[typeddict-item] # a plain dict
        page = context.new_page()
        page.goto("/students")
        context.set_offline(True)
        page.get_by_label("Name").press_sequentially("ana")
        expect(page.get_by_text("could not be brought up to date")).to_be_visible()


def test_the_parents_link_is_copied(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """One press puts the whole address on the clipboard and says so."""
    permissions = ["clipboard-read", "clipboard-write"]
    with visit(browser, site, user(cast.ben), permissions=permissions) as page:
        page.goto(f"/students/{cast.ana.pk}")
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{site.url}/parent/{cast.ana.parent_link_token}"


def test_a_parent_opens_the_link(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """In a browser that never was here, without an account, with no cookie left behind."""
    with visit(browser, site) as page:
        page.goto(f"/parent/{cast.ana.parent_link_token}")
        expect(page.get_by_role("heading", name="How is Ana getting on?")).to_be_visible()
        expect(page.get_by_text("Page 4").first).to_be_visible()
        assert page.context.cookies() == []


def test_an_absence_is_covered_and_the_parent_sees_it(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """Time off, who could take the session, a look at what will happen, and it is done."""
    TimeOff.objects.all().delete()
    with visit(browser, site, cast.owner, java_script_enabled=False) as page:
        page.goto(f"/tutors/{cast.ben.pk}")
        page.get_by_role("link", name="Add time off").click()
        page.get_by_label("First day").fill("2026-11-09")
        page.get_by_role("button", name="Show what will happen").click()
        lesson = page.get_by_label("Mon 9 Nov 2026, 16:00")
        lesson.select_option(f"cover {cast.dev.pk}")
        page.get_by_role("button", name="Show what will happen").click()
        expect(page.get_by_text("Dev takes Ana Ruiz on Mon 9 Nov 2026, 16:00")).to_be_visible()
        page.get_by_role("button", name="Save the time off").click()
        expect(page.get_by_text("The time off is saved.")).to_be_visible()
        expect(page.get_by_text("No lessons in it.")).to_be_visible()
    with visit(browser, site) as page:
        page.goto(f"/parent/{cast.ana.parent_link_token}")
        monday = page.locator(".session").filter(has_text="Mon 9 Nov 2026")
        expect(monday).to_contain_text("with Dev")


def test_the_keyboard_comes_first_to_the_content(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """The first stop is a way past the menu."""
    with visit(browser, site, cast.owner) as page:
        page.goto("/students")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Add a student")).to_be_focused()


def test_forms_at_secret_addresses_are_sent_by_a_browser(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """Where the page tells no referrer, a browser hides whose form it is, and it is refused."""
    account = user(cast.ben)
    account.set_password(PASSWORD)
    account.save()
    email = "new@tandem.example"
    _, secret = ask_for_address(
        requester=Requester(account, NOW), account_id=account.pk, email=email, password=PASSWORD
    )
    with visit(browser, site) as page:
        page.goto(f"/parent/{cast.ana.parent_link_token}")
        page.get_by_role("link", name="See them in your own calendar").click()
        page.get_by_role("button", name="Make a calendar address").click()
        expect(page.get_by_role("heading", name="Copy the calendar address now")).to_be_visible()
        page.get_by_role("link", name="I have copied it").click()
        page.get_by_role("button", name="End it").click()
        expect(page.get_by_text("None yet.")).to_be_visible()
    with visit(browser, site, account) as page:
        page.goto(f"/account/address/{secret}")
        page.get_by_role("button", name="Change the address").click()
        expect(page.get_by_text(email)).to_be_visible()
    account.refresh_from_db()
    assert account.email == email


COLOURS = ["color-contrast"]
LOOKS: tuple[tuple[int, Literal["light", "dark"], list[str]], ...] = (
    (360, "light", []),
    (360, "dark", COLOURS),
    (1280, "light", []),
)
"""Width, theme, and the rules that axe has to ask there, all if none is named: a theme changes no
more than colours."""


MAGNIFIED = (320, 640)
"""How wide a desk of 1280 is at 400 and at 200 per cent."""


NOT_PAGES = {
    *("hours_file", "outcomes_file", "student_export_file", "tutor_export_file", "links_csv"),
    *("sample_of_students", "sample_of_tutors"),
    *("parent_slashed", "calendar_feed", "week", "business_logo"),
    *("suggest_tutors", "suggest_students", "suggest_subjects", "suggest_anybody"),
    "suggest_pairings",
}
"""Addresses at which there is a file, or which lead on at once."""


@pytest.mark.usefixtures("site")
def test_no_page_is_left_out(cast: Cast) -> None:
    """Every address that Tandem's pages have is looked at."""
    paths = {path.split("?")[0] for some in pages_of(cast).values() for path in some}
    seen = {resolve(path).url_name for path in paths - {NOWHERE}}
    there = {one.name for one in urls.urlpatterns if isinstance(one, URLPattern)}
    assert there - seen - NOT_PAGES == set()


@pytest.mark.asked_of_both_by("tests.web.test_every_word.test_no_word_stands_outside_a_text")
@pytest.mark.parametrize("half", [0, 1])
def test_every_page_is_open_to_everybody(
    browser: Browser, site: LiveServer, cast: Cast, half: int
) -> None:
    """Axe finds nothing, nothing sticks out at the side, and no browser complains.

    On a phone and on a desk, in light and in dark, and magnified; each page is opened once and
    looked at in turn. Two halves, so that two processes share the work.
    """
    found: dict[str, Any] = {}
    for reader, paths in pages_of(cast).items():
        with visit(browser, site, reader) as page:
            bring_axe(page.context)
            for path in paths[half::2]:
                page.goto(path)
                if troubles := troubles_in_every_look(page):
                    found[path] = troubles
    assert found == {}


def troubles_in_every_look(page: Page) -> list[str]:
    """Return what is wrong with the page that is open, at each width and in each theme."""
    troubles: list[str] = []
    for width, scheme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        troubles += [f"{width} {scheme}: {one}" for one in troubles_of(page, rules)]
    for width in MAGNIFIED:
        page.set_viewport_size({"width": width, "height": 800})
        troubles += [f"{width}: it is too wide"] * (page.evaluate(TOO_WIDE) > 0)
    return troubles


def test_troubles_are_seen(browser: Browser) -> None:
    """By any rule of axe, by the rule that is asked alone, and by the width."""
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content("<p style='width: 3000px; color: #eee; background: #fff'>Hardly there")
        every, colours = troubles_of(page), troubles_of(page, COLOURS)
    assert {"html-has-lang", "color-contrast"} <= {one.split(":")[0] for one in every}
    assert [one.split(":")[0] for one in colours] == ["color-contrast", "it is too wide"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forms_that_answer_are_open_to_everybody(
    browser: Browser, site: LiveServer, cast: Cast, scheme: Literal["light", "dark"]
) -> None:
    """A refused password, the page for the code, and the page for an account of nobody."""
    with visit(browser, site, color_scheme=scheme) as page:
        page.goto("/accounts/login/")
        page.get_by_label("E-mail").fill(cast.owner.email)
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert troubles_of(page) == []
        page.goto("/accounts/login/code/")
        page.get_by_label("E-mail").fill(cast.owner.email)
        page.get_by_role("button", name="Send the code").click()
        page.get_by_label("Code").fill("WRONG1")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator(".errorlist").get_by_text("That is not the code.")).to_be_visible()
        assert troubles_of(page) == []


def test_an_account_of_nobody_can_leave(browser: Browser, site: LiveServer) -> None:
    """The page that has nothing to show says why, and lets one sign out."""
    with browser.new_context(base_url=site.url) as context:
        account = an_account("nobody@tandem.example")
        context.add_cookies([{**session_of(account), "url": site.url}])  # type: ignore[typeddict-item] # a plain dict
        page = context.new_page()
        page.goto("/")
        assert troubles_of(page) == []
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_longest_words_stay_on_a_small_phone(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """German has longer ones; three links in one row go on in the next."""
    user(cast.ben)
    with visit(browser, site, cast.owner, viewport={"width": 320, "height": 700}) as page:
        page.goto("/accounts?lang=de")
        expect(page.get_by_role("link", name="Adresse ändern").first).to_be_visible()
        assert page.evaluate(TOO_WIDE) <= 0
