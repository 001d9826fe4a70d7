"""The business's own name and logo, on pages, in letters and in calendars."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string
from django.test import Client

from tandem.lessons.calendar_feeds import Calendar
from tandem.serving.environment import line, picture
from tandem.web.calendar_file import calendar_file
from tests.cast import Cast
from tests.web.reading import words

NAME = "Müller & Söhne <Nachhilfe>"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x28\0\0\0\x14" + b"a picture"


@pytest.fixture
def named(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "logo.png"
    file.write_bytes(PNG)
    monkeypatch.setenv("TANDEM_BUSINESS_LOGO", str(file))
    settings.BUSINESS_NAME = NAME
    settings.BUSINESS_LOGO = picture("TANDEM_BUSINESS_LOGO")


@pytest.mark.usefixtures("named")
def test_pages_bear_name_and_logo(oona: Client, cast: Cast) -> None:
    """Of who signs in and of families; the logo is there for both, and kept by its content."""
    for page in (oona.get("/"), Client().get(f"/parent/{cast.ana.parent_link_token}")):
        assert f"- {NAME}" in words(page)
        assert "Tandem" not in words(page)
        logo = re.findall(r'<img src="(/business/logo/\w+)" alt=""', page.content.decode())
    answer = Client().get(logo[0])
    assert (answer.content, answer["Content-Type"]) == (PNG, "image/png")
    assert "immutable" in answer["Cache-Control"]
    assert NAME in words(oona.get("/settings"))


def test_without_a_name_it_is_tandem_and_there_is_no_logo(oona: Client) -> None:
    """Nothing is asked of who only tries it."""
    page = oona.get("/")
    assert "- Tandem" in words(page)
    assert b"<img" not in page.content
    assert Client().get("/business/logo/0123456789ab").status_code == 404


@pytest.mark.usefixtures("named")
def test_letters_and_calendars_bear_the_name() -> None:
    """In plain text it is as it was given."""
    subject = render_to_string("account/email/login_code_subject.txt")
    assert subject.strip() == f"Your code for {NAME}"
    file = calendar_file(Calendar(kind="tutor", about="", events=[])).decode()
    assert f"NAME:{NAME}: my sessions" in file.replace("\\", "")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"<svg/>", "PNG or JPEG"), (PNG + b"." * 200_000, "200 kB"), (None, "cannot be read")],
)
def test_what_is_no_logo_is_refused(
    content: bytes | None, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By name, when Tandem starts."""
    file = tmp_path / "logo"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("TANDEM_BUSINESS_LOGO", str(file))
    with pytest.raises(ImproperlyConfigured, match=f"TANDEM_BUSINESS_LOGO.*{said}"):
        picture("TANDEM_BUSINESS_LOGO")


@pytest.mark.parametrize("name", ["x" * 61, "Two\nlines"])
def test_what_is_no_name_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of 60 characters is one."""
    monkeypatch.setenv("TANDEM_BUSINESS_NAME", name)
    with pytest.raises(ImproperlyConfigured, match="one line of at most 60"):
        line("TANDEM_BUSINESS_NAME", "Tandem", most=60)
    monkeypatch.setenv("TANDEM_BUSINESS_NAME", "x" * 60)
    assert line("TANDEM_BUSINESS_NAME", "Tandem", most=60) == "x" * 60
