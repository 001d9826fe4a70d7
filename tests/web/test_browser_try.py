"""A call of the API is tried in a browser, with a token."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from tandem.people.models import Student
from tandem.people.tokens import create_token
from tandem.relationships.models import TutorStudent
from tests.api.test_document import document
from tests.cast import NOW, Cast
from tests.web.test_browser import visit
from tests.web.troubles import troubles_of

LIST = "GET-/api/students"
ADD = "POST-/api/students"
TRANSFER = "POST-/api/students/{studentId}/transfer"
OPEN_ALL = "all => document.querySelectorAll(all).forEach(one => one.click())"
STORED = "[localStorage.length, sessionStorage.length, document.cookie]"


@pytest.fixture
def key(cast: Cast) -> str:
    """The owner's token."""
    return create_token(account=cast.owner, now=NOW)[1]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, cast: Cast) -> Iterator[Page]:
    """The page, to whom the owner comes who is signed in on the site."""
    with visit(browser, live_server, cast.owner) as opened:
        yield opened


def opened(page: Page, anchor: str) -> Locator:
    """Return the call that an address opens."""
    page.goto("about:blank")
    page.goto(f"/api/docs/try#{anchor}")
    call = page.locator(".opblock.is-open")
    expect(call.get_by_role("button", name="Execute")).to_be_visible()
    return call


def use(page: Page, token: str) -> None:
    page.get_by_label("Token").fill(token)
    page.get_by_label("Token").press("Enter")
    expect(page.get_by_text(f"the token that ends in {token.strip()[-4:]}")).to_be_visible()


def executed(call: Locator) -> Locator:
    """Return what a call answered, once it is sent."""
    call.get_by_role("button", name="Execute").click()
    return call.locator(".live-responses-table")


def sent(page: Page) -> list[Request]:
    """Collect the calls that are sent from now on."""
    found: list[Request] = []
    page.on("request", lambda one: found.append(one) if "/api/students" in one.url else None)
    return found


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 390)]
)
def test_a_call_with_a_token_shows_the_rows(
    browser: Browser, live_server: LiveServer, cast: Cast, key: str, scheme: str, width: int
) -> None:
    """Status, body and headers; readable in light and dark, and on a phone."""
    viewport = {"width": width, "height": 800}
    with visit(browser, live_server, color_scheme=scheme, viewport=viewport) as page:
        call = opened(page, LIST)
        use(page, key)
        assert troubles_of(page) == []
        answer = executed(call)
        expect(answer).to_contain_text("200")
        for words in ('"fullName": "Ana Ruiz"', "etag: W/", "x-request-id: "):
            expect(answer).to_contain_text(words)
        assert troubles_of(page) == []


def test_a_wrong_token_is_told_in_words(page: Page) -> None:
    """The problem is shown whole, as the API says it."""
    call = opened(page, LIST)
    use(page, "tdm_nobodys_at_all")
    answer = executed(call)
    expect(answer).to_contain_text("401")
    expect(answer).to_contain_text("urn:tandem:problem:unauthenticated")


def test_a_preview_is_sent_from_its_example(page: Page, cast: Cast, key: str) -> None:
    """With real ids in place of braces it shows the effect, and nothing changes."""
    call = opened(page, TRANSFER)
    use(page, key)
    call.get_by_placeholder("studentId").fill(cast.ana.pk)
    body = call.get_by_role("textbox", name="Body")
    example = json.loads(body.input_value())
    assert example["dryRun"] is True
    body.fill(json.dumps({**example, "toTutorId": cast.dev.pk}))
    answer = executed(call)
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text('"expect": ')
    assert not TutorStudent.objects.filter(tutor=cast.dev, student=cast.ana).exists()


def test_a_write_is_done(page: Page, cast: Cast, key: str) -> None:
    """Without the preview it is a call as any other, with the headers that one gives it."""
    call = opened(page, ADD)
    use(page, f"  Bearer {key} ")
    call.get_by_placeholder("Idempotency-Key").fill("once")
    body = call.get_by_role("textbox", name="Body")
    body.fill(json.dumps({"fullName": "Finn Moss", "tutorId": cast.ben.pk}))
    requests = sent(page)
    answer = executed(call)
    expect(answer).to_contain_text("201")
    expect(answer).to_contain_text("location: /api/students/")
    assert Student.objects.filter(full_name="Finn Moss").count() == 1
    assert requests[0].all_headers()["idempotency-key"] == "once"


@pytest.mark.parametrize("anchor", [LIST, ADD])
def test_who_is_signed_in_is_not_used(page: Page, cast: Cast, key: str, anchor: str) -> None:
    """The owner's cookie goes along with no call: neither without a token nor beside one."""
    call, requests = opened(page, anchor), sent(page)
    if anchor == ADD:
        body = {"fullName": "Finn Moss", "tutorId": cast.ben.pk}
        call.get_by_role("textbox", name="Body").fill(json.dumps(body))
    expect(executed(call)).to_contain_text("401")
    assert not Student.objects.filter(full_name="Finn Moss").exists()
    use(page, key)
    expect(executed(call)).to_contain_text("200" if anchor == LIST else "201")
    page.get_by_role("button", name="Forget it").click()
    expect(executed(call)).to_contain_text("401")
    headers = [one.all_headers() for one in requests]
    assert [one.get("authorization") for one in headers] == [None, f"Bearer {key}", None]
    assert [one for one in headers if "cookie" in one] == []


def test_the_token_is_kept_nowhere(
    browser: Browser, live_server: LiveServer, cast: Cast, key: str
) -> None:
    """Not in storage, a cookie, the page or the command it shows; gone when the page is left."""
    with visit(browser, live_server) as page:
        call = opened(page, LIST)
        use(page, key)
        expect(executed(call)).to_contain_text("200")
        expect(call.locator(".curl")).to_contain_text("Authorization: Bearer YOUR_TOKEN")
        assert key not in page.content()
        expect(page.get_by_label("Token")).to_have_value("")
        assert page.evaluate(STORED) == [0, 0, ""]
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
        expect(page.get_by_text("Without a token every call")).to_be_visible()
        expect(executed(call)).to_contain_text("401")


@pytest.mark.asked_of_both_by(
    "tests.api.test_document.test_the_document_is_the_one_that_was_reviewed"
)
def test_every_call_is_there(page: Page) -> None:
    """Each operation of the document opens; axe finds nothing; the field tells of tokens."""
    page.goto("/api/docs/try")
    expect(page.locator(".opblock-tag").first).to_be_visible()
    page.evaluate(OPEN_ALL, ".opblock-tag")
    operations = [one for methods in document()["paths"].values() for one in methods]
    expect(page.locator(".opblock")).to_have_count(len(operations))
    page.evaluate(OPEN_ALL, ".opblock-summary-control")
    expect(page.locator(".execute")).to_have_count(len(operations), timeout=60_000)
    assert troubles_of(page) == []
    about = page.get_by_role("link", name="your account")
    expect(about).to_have_attribute("href", "/account/tokens/new")


def test_reading_leads_to_trying_and_back(page: Page) -> None:
    """A call's own link opens it; from there one leads to what it answers."""
    page.goto("/api/docs")
    page.get_by_role("link", name="Try POST /api/students/{studentId}/transfer").click()
    call = page.locator(".opblock.is-open")
    expect(call).to_contain_text("/api/students/{studentId}/transfer")
    with page.context.expect_page() as there:
        call.get_by_role("link", name="What it answers, and when").click()
    there.value.wait_for_load_state()
    assert there.value.evaluate("document.querySelector(':target').id") == TRANSFER


def test_without_a_script_one_reads(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    """No field that would do nothing; the page for reading is named."""
    with visit(browser, live_server, java_script_enabled=False) as page:
        page.goto("/api/docs/try")
        expect(page.get_by_label("Token")).to_be_hidden()
        page.get_by_role("link", name="page for reading").click()
        expect(page.get_by_text("Version")).to_be_visible()


def test_a_document_that_does_not_come_is_told(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """In the place where the calls would stand."""
    with browser.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        page.route("**/api/openapi.json", lambda route: route.abort())
        page.goto("/api/docs/try")
        expect(page.get_by_text("The calls cannot be had just now.")).to_be_visible()
