"""An owner sets the name and the logo in Settings; every page bears them, and only pictures are."""

import re
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from tandem.people import business
from tandem.people.business import change_face, freshen, read_again
from tandem.people.models import BusinessFace
from tandem.people.requester import Requester
from tandem.serving.refusals import unread
from tests.cast import NOW, Cast
from tests.web.reading import read, words
from tests.web.sending import fields, opened, send

PATH = "/settings/business"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x28\0\0\0\x14" + b"a picture"


@pytest.fixture(autouse=True)
def known_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each page asks anew, as on another process after some seconds."""
    monkeypatch.setattr(business, "READ_AGAIN_AFTER", 0.0)
    read_again()
    yield
    business.forget()


def file(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def uploaded(client: Client, content: bytes, name: str = "logo.png") -> str:
    """Send the form with a file; return what is read."""
    form = {**opened(client, PATH), "name": "Ruiz & Söhne", "logo": file(content, name)}
    return words(client.post(PATH, form, follow=True))


def test_a_file_that_is_too_large_to_be_read(db: None) -> None:
    """The page says what was too large, how large it may be, and leads back to the form."""
    answer = unread(RequestFactory().post(PATH), "too-large")
    assert answer.status_code == 413
    assert "at most 200 kB" in words(answer)
    assert f'href="{PATH}">Open the form again' in answer.content.decode()
    other = unread(RequestFactory().post("/students/new"), "too-large")
    assert "200 kB" not in words(other)
    assert 'href="/">Go to the start page' in other.content.decode()


def test_an_owner_sets_name_and_logo(oona: Client, cast: Cast) -> None:
    """Families, who signs in and calendars bear them; taken back, the environment's are there."""
    assert "It is called Tandem. It has no logo. Change" in read(oona, "/settings")
    assert "Saved." in uploaded(oona, PNG)
    assert "It is called Ruiz & Söhne. It has a logo. Change" in read(oona, "/settings")
    for page in (
        Client().get(f"/parent/{cast.ana.parent_link_token}"),
        Client().get("/accounts/login/"),
        oona.get("/"),
    ):
        assert "Ruiz & Söhne" in words(page)
        (logo,) = re.findall(r'<img src="(/business/logo/\w+)" alt=""', page.content.decode())
    answer = Client().get(logo)
    assert (answer.content, answer["Content-Type"]) == (PNG, "image/png")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert BusinessFace.objects.get().updated_by == cast.owner
    send(oona, PATH, name="", no_logo="on")
    assert "It is called Tandem. It has no logo." in read(oona, "/settings")
    assert Client().get(logo).status_code == 404


def test_another_name_keeps_the_logo(oona: Client) -> None:
    uploaded(oona, PNG)
    assert "Saved." in words(send(oona, PATH, name="Another"))
    assert "It is called Another. It has a logo." in read(oona, "/settings")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "logo.svg"),
        (b"<svg onload='alert(1)'/>", "logo.png"),
        (b"<html>", "logo.jpg"),
        (b"GIF89a", "logo.gif"),
        (PNG + b"." * 200_000, "logo.png"),
        (PNG[:8] + b"<script>", "logo.png"),
        (PNG.replace(b"\x28", b"\xff").replace(b"\0\0\0\xff", b"\0\0\xff\xff"), "logo.png"),
    ],
)
def test_what_is_no_picture_is_refused(oona: Client, content: bytes, name: str) -> None:
    """By what it is, whatever it is called; nothing is saved, and what was typed stays."""
    form = {**opened(oona, PATH), "name": "Ruiz", "logo": file(content, name)}
    refused = oona.post(PATH, form)
    assert refused.status_code == 422
    assert "Choose a PNG or JPEG picture of at most 200 kB and 4000 by 4000 pixels." in words(
        refused
    )
    assert fields(refused)["name"] == "Ruiz"
    assert not BusinessFace.objects.exists()


def test_a_name_is_one_line(oona: Client, cast: Cast) -> None:
    """Of 60 letters at most, none that cannot be seen."""
    for name, says in (("x" * 61, "60"), ("a\u202eb", "none of which is invisible")):
        refused = send(oona, PATH, name=name)
        assert refused.status_code == 422
        assert says in words(refused)
    change_face(requester=Requester(cast.owner, NOW), name="<b>Ruiz</b>" * 5)
    assert "&lt;b&gt;Ruiz" in oona.get("/").content.decode()


def test_it_is_the_owners(ben: Client) -> None:
    """A tutor neither sees the line nor opens the page."""
    assert PATH not in ben.get("/settings").content.decode()
    assert ben.get(PATH).status_code == 403
    assert ben.post(PATH, {"name": "Mine"}).status_code == 403
    assert not BusinessFace.objects.exists()


def test_a_page_does_not_ask_each_time(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: object
) -> None:
    """Within some seconds what was read counts."""
    monkeypatch.setattr(business, "READ_AGAIN_AFTER", 10.0)
    freshen()
    with django_assert_num_queries(0):  # type: ignore[operator]
        freshen()
    read_again()
    with django_assert_num_queries(1):  # type: ignore[operator]
        freshen()
