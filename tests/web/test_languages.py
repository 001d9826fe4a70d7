"""Pages in the language of their reader: what the reader chose, what was chosen for them, or what
their browser asks.
"""

import re
from typing import Any

from django.test import Client
from pytest_django import Settings

from tandem.lessons.actions import complete
from tandem.lessons.models import Session
from tandem.people.guardians import create_guardian
from tandem.people.models import Guardian
from tandem.people.requester import Requester
from tests.cast import DECEMBER, NOW, Cast, at, booked
from tests.web.reading import read, words

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def guardian_of(cast: Cast, language: str) -> Guardian:
    """Return a guardian of two students whose language was chosen as ``language``."""
    made: Guardian = create_guardian(
        requester=Requester(cast.owner, NOW),
        student_ids=[cast.ana.pk, cast.cleo.pk],
        fields={"full_name": "Maria Ruiz", "email": "maria@home.example", "language": language},
    )
    return made


def test_a_browser_that_asks_german_is_answered_in_german(cast: Cast) -> None:
    """The parent's page, whole: headings, marks, dates and hours."""
    held = booked(cast.ben_ana, at(12, 15, month=10))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk, homework="Page 4", progress=4)
    booked(cast.cara_ana, at(9, 16))
    page = Client(headers=GERMAN).get(f"/parent/{cast.ana.parent_link_token}")
    seen = words(page)
    assert '<html lang="de">' in page.content.decode()
    assert "Accept-Language" in page["Vary"]
    assert "Wie kommt Ana voran?" in seen
    assert "Alle Zeiten gelten für London." in seen
    assert "Ben Physics Hauptlehrkraft seit " in seen
    assert "Mo, 9. Nov 2026 16:00 bis 17:00 Uhr Maths bei Cara" in seen
    assert "Hausaufgaben Page 4 Fortschritt 4 von 5" in seen


def test_any_other_browser_is_answered_in_english(cast: Cast) -> None:
    """No language, one that there is not, and one that is none."""
    address = f"/parent/{cast.ana.parent_link_token}"
    for asked in ("", "fr", "*", "\x7f;;q"):
        assert "How is Ana getting on?" in read(Client(headers={"Accept-Language": asked}), address)


def test_a_guardian_reads_the_language_that_was_chosen_for_them(cast: Cast) -> None:
    """Whatever their browser asks; without a choice the browser decides."""
    guardian = guardian_of(cast, "de-CH")
    for path in ("", f"/{cast.ana.pk}"):
        seen = read(
            Client(headers={"Accept-Language": "en"}), f"/family/{guardian.link_token}{path}"
        )
        assert "Ihre Kinder" in seen
    Guardian.objects.update(language="")
    address = f"/family/{guardian.link_token}"
    assert "Your children" in read(Client(), address)
    assert "Ihre Kinder" in read(Client(headers=GERMAN), address)


def test_a_reader_chooses_on_the_page_and_the_browser_keeps_it(cast: Cast) -> None:
    """Before what was chosen for them, on every page of this browser, and back again."""
    guardian, client = guardian_of(cast, "de"), Client()
    address = f"/family/{guardian.link_token}"
    assert '<a href="?lang=en" lang="en"' in client.get(address).content.decode()
    assert "Your children" in read(client, f"{address}?lang=en")
    cookie = client.cookies["django_language"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("en-gb", True, "Lax")
    assert "Your children" in read(client, address)
    assert "Anmelden" in read(client, "/accounts/login/?lang=de")
    assert "Ihre Kinder" in read(client, address)


def test_a_language_that_there_is_not_is_not_kept(cast: Cast) -> None:
    """Nor is anything else that stands there."""
    client = Client()
    page = client.get("/accounts/login/?lang=fr&next=/students")
    assert ("Sign in" in words(page), client.cookies.get("django_language")) == (True, None)
    assert "?lang=de&amp;next=%2Fstudents" in page.content.decode()


def test_refusals_are_said_in_the_readers_language(cast: Cast, settings: Settings) -> None:
    """Pages of what is not there, of links that open nothing, and of who asks too often."""
    client = Client(headers=GERMAN)
    assert "Hier ist nichts" in words(client.get("/nowhere"))
    assert "Dieser Link öffnet nichts" in words(client.get("/parent/nothing"))
    settings.PARENT_READS_PER_MINUTE = 0
    page = client.get(f"/parent/{cast.ana.parent_link_token}")
    assert page.status_code == 429
    assert re.search(r"Zu viele Anfragen\. Fragen Sie in \d+ Sekunden noch einmal\.", words(page))


def test_signing_in_is_refused_in_the_readers_language(cast: Cast) -> None:
    """In Tandem's own words."""
    typed = {"login": "nobody@tandem.example", "password": "wrong"}
    page = Client(headers=GERMAN).post("/accounts/login/", typed)
    assert "Adresse und Passwort gehören nicht zusammen." in words(page)
    assert "do not belong together" not in words(page)


def test_programs_are_answered_in_english(cast: Cast) -> None:
    """Whatever language their request asks for."""
    for path, status in (("/api/students", 401), ("/api/nothing", 404)):
        plain, asked = (Client(headers=how).get(path) for how in ({}, GERMAN))
        assert (plain.status_code, asked.status_code) == (status, status)
        assert asked.json()["detail"] == plain.json()["detail"]


def test_a_calendar_program_is_told_in_the_language_that_it_asks(cast: Cast, settings: Any) -> None:
    """Calendar programs send the language of their reader."""
    booked(cast.cara_ana, at(9, 16))
    client = Client(headers=GERMAN)
    page = client.post(f"/parent/{cast.ana.parent_link_token}/calendar", {"make": "yes"})
    address = re.search(r'value="http://[^/]+(/[^"]+)"', page.content.decode())
    assert address
    assert "Maths bei Cara" in client.get(address[1]).content.decode()
    assert "Maths with Cara" in Client().get(address[1]).content.decode()
    assert Session.objects.exists()
