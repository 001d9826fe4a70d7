"""Parents' links that could be guessed: an owner sees them, makes them anew, and sends them."""

import csv
from io import StringIO

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tandem.people.models import Student
from tests.cast import Cast
from tests.web.reading import read, words
from tests.web.sending import fields, send, sent

NEW = "/attention/links/new"
TO_SEND = "/attention/links"


@pytest.fixture
def weak(cast: Cast) -> Cast:
    """The cast, with imported links."""
    for student, token in ((cast.ana, "ana-2024"), (cast.cleo, "4711")):
        Student.objects.filter(pk=student.pk).update(kept_link=token)
    return cast


def made(client: Client) -> str:
    """Return what is said once the links are made anew."""
    return words(sent(client, NEW, fields(client.get(NEW))))


def test_an_owner_is_shown_weak_links(oona: Client, ben: Client, weak: Cast) -> None:
    """With why, and without the link; a tutor is not."""
    seen = read(oona, "/attention", kind="links")
    assert "Parents’ links 2" in seen
    assert "Ana Ruiz It is so short that somebody could guess it." in seen
    assert "Cleo Hart It is digits alone, which somebody could guess." in seen
    assert "4711" not in seen
    assert "Make new links" in seen
    assert "Parents’ links" not in read(ben, "/attention")
    assert ben.get("/attention", {"kind": "links"}).status_code == 404


def test_they_are_made_anew_after_a_look(oona: Client, weak: Cast) -> None:
    """How many, whose, and what it means; then the old ones open nothing."""
    seen = read(oona, NEW)
    assert "2 links stop working at once" in seen
    assert "The parents’ e-mail address is known for 1 of the 2." in seen
    assert Client().get("/parent/4711").status_code == 200
    after = made(oona)
    assert "The new links are made" in after
    assert "Ana Ruiz ruiz@home.example" in after
    assert "Cleo Hart No address is known" in after
    assert Client().get("/parent/4711").status_code == 404
    assert "2 new links wait to be sent" in read(oona, "/attention")


def test_what_changed_since_the_look_is_looked_at_again(oona: Client, weak: Cast) -> None:
    """Nothing is done unseen."""
    form = fields(oona.get(NEW))
    Student.objects.create(full_name="Una", kept_link="una")
    refused = sent(oona, NEW, form)
    assert refused.status_code == 409
    assert "nothing was done" in words(refused)
    assert Client().get("/parent/4711").status_code == 200


def test_the_list_is_a_file(oona: Client, weak: Cast) -> None:
    """Name, address, link; no name is a formula; kept by nobody on the way."""
    Student.objects.filter(pk=weak.cleo.pk).update(full_name="=1+1;=2")
    made(oona)
    answer = oona.get("/attention/links.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    weak.ana.refresh_from_db()
    link = f"http://testserver/parent/{weak.ana.parent_link_token}"
    assert rows[0] == ["Student", "Parents' e-mail", "Link"]
    assert ["Ana Ruiz", "ruiz@home.example", link] in rows
    assert [row[0] for row in rows[1:]] == ["'=1+1;=2", "Ana Ruiz"]
    assert b'"\'=1+1;=2",' in answer.content


def test_they_are_sent_where_there_is_an_address(oona: Client, weak: Cast) -> None:
    """One letter each; whom nothing could be sent to stays on the list."""
    made(oona)
    assert "1 letter goes out" in read(oona, f"{TO_SEND}/mail")
    after = words(send(oona, f"{TO_SEND}/mail"))
    (letter,) = mail.outbox
    weak.ana.refresh_from_db()
    assert letter.to == ["ruiz@home.example"]
    assert f"/parent/{weak.ana.parent_link_token}" in str(letter.body)
    assert "Cleo Hart" in after
    assert "Ana Ruiz" not in after
    assert "Nothing waits" in words(send(oona, f"{TO_SEND}/told"))


def test_an_address_that_is_none_keeps_no_letter_back(oona: Client, weak: Cast) -> None:
    """It stays on the list, for the owner to correct."""
    made(oona)
    Student.objects.filter(pk=weak.cleo.pk).update(parent_email="mum@h.example, dad@h.example")
    assert "1 letter goes out" in read(oona, f"{TO_SEND}/mail")
    send(oona, f"{TO_SEND}/mail")
    assert [one.to for one in mail.outbox] == [["ruiz@home.example"]]
    assert "mum@h.example" in read(oona, TO_SEND)


def test_what_could_not_be_sent_stays(oona: Client, weak: Cast, settings: Settings) -> None:
    """No mail server answers: the page says so, and everybody stays on the list."""
    made(oona)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    refused = send(oona, f"{TO_SEND}/mail")
    assert refused.status_code == 409
    assert "The e-mail could not be sent." in words(refused)
    assert "Ana Ruiz" in read(oona, TO_SEND)


def test_they_are_an_owners(ben: Client, weak: Cast) -> None:
    """Nobody else opens these pages."""
    for path in (NEW, TO_SEND, f"{TO_SEND}.csv", f"{TO_SEND}/mail", f"{TO_SEND}/told"):
        assert ben.get(path).status_code == 403
