"""The logo in a real browser: a picture that is too large is told of before it is sent."""

from playwright.sync_api import Browser, FilePayload
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast
from tests.web.test_browser import visit

TOO_LARGE = "one => one.validationMessage"


def picture(size: int) -> FilePayload:
    """Return a file as a browser sends it."""
    return {"name": "logo.png", "mimeType": "image/png", "buffer": b"." * size}


def test_a_picture_that_is_too_large_is_told_of_when_it_is_chosen(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """The form stays as it is, with the name that was written; a smaller one may go."""
    with visit(browser, live_server, cast.owner) as page:
        page.goto("/settings/business")
        page.fill("[name=name]", "Ruiz")
        logo = page.locator("[name=logo]")
        for size, said in ((200_001, "This picture is too large: at most 200 kB."), (200_000, "")):
            logo.set_input_files(picture(size))
            assert logo.evaluate(TOO_LARGE) == said
        logo.set_input_files(picture(300_000))
        page.get_by_role("button", name="Save").click()
        assert page.input_value("[name=name]") == "Ruiz"
        assert page.url.endswith("/settings/business")
