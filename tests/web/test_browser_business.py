"""The logo in a real browser: a picture that is too large is told of before it is sent."""

from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast
from tests.web.test_browser import visit

TOO_LARGE = "one => one.validationMessage"


def test_a_picture_that_is_too_large_is_told_of_when_it_is_chosen(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    """The form stays as it is, with the name that was written; a smaller one may go."""
    with visit(browser, live_server, cast.owner) as page:
        page.goto("/settings/business")
        page.fill("[name=name]", "Ruiz")
        logo = page.locator("[name=logo]")
        for size, said in ((200_001, "This picture is too large: at most 200 kB."), (200_000, "")):
            picture = {"name": "logo.png", "mimeType": "image/png", "buffer": b"." * size}
            logo.set_input_files([picture])  # type: ignore[list-item]  # a plain dict
            assert logo.evaluate(TOO_LARGE) == said
        logo.set_input_files([{**picture, "buffer": b"." * 300_000}])  # type: ignore[list-item]  # as above
        page.get_by_role("button", name="Save").click()
        assert page.input_value("[name=name]") == "Ruiz"
        assert page.url.endswith("/settings/business")
