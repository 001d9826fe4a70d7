"""Bringing students in by a real browser: with the keyboard, on a phone, without script."""

from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page
from pytest_django.live_server_helper import LiveServer

from tandem.lessons.imports.table import MOST_BYTES
from tandem.people.models import Account, Student
from tests.cast import Cast
from tests.lessons.test_imports import STUDENTS
from tests.web.test_browser import visit
from tests.web.troubles import TOO_WIDE, troubles_of

PHONE = {"width": 360, "height": 740}
LONG = "Wolfeschlegelsteinhausenbergerdorff-" * 4


def file(text: str) -> FilePayload:
    """Return a file as a browser sends it."""
    return {"name": "students.csv", "mimeType": "text/csv", "buffer": text.encode()}


def look(page: Page, text: str) -> None:
    """Come from the list, choose a file, and press Enter on the button."""
    page.goto("/students")
    page.get_by_role("link", name="Bring in from a spreadsheet").press("Enter")
    page.get_by_label("File").set_input_files(file(text))
    page.get_by_role("button", name="Show what will happen").press("Enter")
    page.get_by_role("heading", name="What will happen with students.csv").wait_for()


@pytest.mark.parametrize(
    "options", [{}, {"java_script_enabled": False}, {"viewport": PHONE}], ids=str
)
def test_a_file_is_chosen_looked_at_brought_in_and_taken_back(
    browser: Browser, live_server: LiveServer, cast: Cast, options: dict[str, Any]
) -> None:
    """The whole way, with and without script, on a desk and on a phone."""
    with visit(browser, live_server, cast.owner, **options) as page:
        look(page, STUDENTS)
        assert Student.objects.count() == 2
        page.get_by_role("button", name="Add 3 students").press("Enter")
        said = page.get_by_role("status").first
        assert "with Kim Vale, Lou Vale and Max Stone." in said.inner_text()
        assert Student.objects.count() == 5
        page.get_by_role("button", name="Undo it").press("Enter")
        page.get_by_text("It is undone.").wait_for()
        assert Student.objects.count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_will_happen_owes_nothing_to_anybody(
    browser: Browser, live_server: LiveServer, cast: Cast, language: str, scheme: Any
) -> None:
    """With faults, long names, names from right to left: axe finds nothing, nothing sticks out."""
    text = STUDENTS.replace("Dev", LONG).replace("Notes", LONG).replace("Max Stone", "שרה לוי")
    text += f"{LONG},,,,,Ben,{LONG},,\nCleo Hart,,,,,Ben,Maths,,\n"
    Account.objects.filter(pk=cast.owner.pk).update(language=language)
    with visit(browser, live_server, cast.owner, viewport=PHONE, color_scheme=scheme) as page:
        page.goto("/students/import")
        page.locator("[name=file]").set_input_files(file(text))
        page.locator("[name=only_looks]").press("Enter")
        page.locator("#will").wait_for()
        assert troubles_of(page) == []
        assert not page.evaluate(TOO_WIDE)


def test_a_file_that_is_too_large_is_told_of_before_it_is_sent(
    browser: Browser, live_server: LiveServer, cast: Cast
) -> None:
    with visit(browser, live_server, cast.owner) as page:
        page.goto("/students/import")
        chosen = page.get_by_label("File")
        chosen.set_input_files(file("x" * (MOST_BYTES + 1)))
        said = chosen.evaluate("one => one.validationMessage")
        assert said == "The file is too large: at most 10 MB. Divide it into several."
