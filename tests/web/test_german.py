"""Sentences that a page puts together, as somebody who chose German reads them."""

from typing import Any

import pytest
from django.test import Client

from tandem.insights.dashboard import Week
from tandem.insights.personal_data import TABLES
from tandem.insights.rules import Facts, Wish, why_not
from tandem.kit.language import gettext as _
from tandem.kit.language import speaking
from tandem.kit.time import moment_at_wall_time
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session, SessionSeries
from tandem.people.actions import set_subjects
from tandem.people.devices import browser_in_words, device_words
from tandem.people.guardians import create_guardian, update_guardian
from tandem.people.models import Account, Student
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.web.charts import bars
from tests.cast import DECEMBER, NOW, Cast, at, booked
from tests.kit.test_time import NEW_YORK, wall
from tests.web.reading import read, words
from tests.web.sending import fields, send, sent
from tests.web.test_devices import FIREFOX, SAFARI
from tests.web.test_series import TYPED


@pytest.fixture
def ina(cast: Cast, oona: Client) -> Client:
    """The owner, who chose German; her browser asks for English."""
    Account.objects.filter(pk=cast.owner.pk).update(language="de")
    return oona


def test_a_time_that_does_not_exist_is_refused_in_german(cast: Cast, ina: Client) -> None:
    """In Ben's zone clocks go from 02:00 to 03:00 on 14 March 2027."""
    with speaking("de"), pytest.raises(Exception, match="gibt es in") as refused:
        moment_at_wall_time(wall("2027-03-14T02:30"), NEW_YORK)
    assert str(refused.value) == (
        "02:30 Uhr am So, 14. Mär 2027 gibt es in America/New_York nicht: Die Uhren werden darüber "
        "hinweg vorgestellt. Wählen Sie eine frühere oder spätere Zeit."
    )


def test_a_page_of_the_account_speaks_the_language_of_the_account(ina: Client) -> None:
    """Also those that belong to signing in: they are not behind the pages' own door."""
    pages = {"password/set/": "Passwort", "logout/": "Abmelden"}
    for path, heading in pages.items():
        page = words(ina.get(f"/accounts/{path}", follow=True))
        assert heading in page, path
        assert "Your account" not in page


def test_a_week_below_its_bar(cast: Cast) -> None:
    """There is little room for it."""
    week = Week(monday=at(9, 16).date(), sessions=3)
    assert bars([week])[0].label == "9 Nov"
    with speaking("de"):
        assert bars([week])[0].label == "9. Nov"


@pytest.mark.parametrize(
    ("agent", "english", "german"),
    [
        (FIREFOX, "Firefox on Windows", "Firefox auf Windows"),
        (SAFARI, "Safari on an iPhone", "Safari auf einem iPhone"),
        ("", "An unknown browser", "Unbekannter Browser"),
        ("Linux", "An unknown browser on Linux", "Unbekannter Browser auf Linux"),
    ],
)
def test_a_browser_by_its_name(agent: str, english: str, german: str) -> None:
    """It is kept in English, whoever signs in, and said to who reads."""
    with speaking("de"):
        kept = browser_in_words(agent)
        assert (kept, device_words(kept)) == (english, german)
    assert device_words(kept) == english


def test_what_is_held_is_named_in_german(cast: Cast, ina: Client) -> None:
    """Every table that an export can hold; the file itself keeps its names."""
    page = read(ina, f"/students/{cast.ana.pk}/export")
    assert "Zuordnungen" in page
    assert "Relationships" not in page
    with speaking("de"):
        same = {known.name for known in TABLES.values() if known.student or known.tutor}
        assert {name for name in same if _(name) == name} == set()
    assert "relationships" in ina.get(f"/students/{cast.ana.pk}/export/file").json()["held"]


def test_who_did_something_is_not_who_it_belongs_to(cast: Cast, ina: Client) -> None:
    """ "Hauptlehrkraft von Oona" would be Oona's primary tutor."""
    send(ina, f"/relationships/{cast.cara_ana.pk}/primary", sure="on")
    assert "Cara wurde Hauptlehrkraft durch Oona" in read(ina, f"/students/{cast.ana.pk}")


def test_a_list_of_sessions_from_a_day_on(cast: Cast, ina: Client) -> None:
    booked(cast.ben_ana, at(9, 16))
    assert "ab Mo, 2. Nov 2026 ." in read(ina, "/sessions")


def test_a_change_is_not_a_button(cast: Cast, ina: Client) -> None:
    """A column of differences, and a sentence around a link, in words of their own."""
    booked(cast.ben_ana, at(20, 16))
    assert "Vormonat Differenz" in read(ina, "/")
    assert "API</a>, was Sie hier tun dürfen." in ina.get("/account").content.decode()


def test_heads_of_a_report(cast: Cast, ina: Client) -> None:
    """By whichever of the three it counts."""
    heads = {"tutor": "Lehrkraft ↑", "student": "Lernende ↑", "subject": "Fach ↑"}
    booked(cast.ben_ana, at(1, 16, month=10))
    Session.objects.update(status="completed")
    for kind, head in heads.items():
        query = {"first_day": "2026-10-01", "last_day": "2026-10-31", "by": kind}
        assert head in read(ina, "/reports", **query)


def test_who_is_primary_after_an_end(cast: Cast, ina: Client) -> None:
    """Whoever teaches any subject."""
    cast.cara_ana.subject = None
    cast.cara_ana.save()
    assert "Cara, alle Fächer" in read(ina, f"/relationships/{cast.ben_ana.pk}/end")


def test_a_date_of_a_series(cast: Cast, ina: Client) -> None:
    """It is skipped, as it is called on every other page."""
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    sent(ina, path, fields(ina.get(path, TYPED)))
    row = SessionSeries.objects.get()
    page = read(ina, f"/series/{row.pk}/skip/{row.first_date}")
    assert "Montag, 22. März 2027 ausfallen lassen" in page


def test_words_of_changes(cast: Cast, ina: Client) -> None:
    """A level, and what a guardian is told: both are kept as English words."""
    taught = [Taught("Latin", "expert")]
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, subjects=taught)
    assert "ein Fach: Latin, sehr weit" in read(ina, f"/tutors/{cast.ben.pk}/changes")
    known: dict[str, Any] = {"full_name": "Maria", "notices": ["planned"]}
    row = create_guardian(
        requester=Requester(cast.owner, NOW), student_ids=[cast.ana.pk], fields=known
    )
    changes = {"notices": ["moved", "summary"]}
    update_guardian(requester=Requester(cast.owner, NOW), guardian_id=row.pk, changes=changes)
    page = read(ina, f"/students/{cast.ana.pk}/changes")
    assert "bisher geplant, jetzt verlegt, Übersicht" in page


def test_a_nameless_student_can_be_put_right(cast: Cast, ina: Client) -> None:
    """The link says whose it is to who hears the page."""
    Student.objects.filter(pk=cast.ana.pk).update(full_name=" ", legacy_fault="blank_name")
    assert "Berichtigen : Name fehlt" in read(ina, "/attention")


def test_what_is_saved_now_beside_what_was_typed(cast: Cast, ina: Client) -> None:
    """No list of code words, no "nothing", no day as the database writes it."""
    known: dict[str, Any] = {"full_name": "Maria", "notices": ["planned"], "phone": "1"}
    row = create_guardian(
        requester=Requester(cast.owner, NOW), student_ids=[cast.ana.pk], fields=known
    )
    path = f"/guardians/{row.pk}/edit"
    form = fields(ina.get(path))
    changes = {"notices": ["moved", "summary"], "phone": ""}
    update_guardian(requester=Requester(cast.owner, DECEMBER), guardian_id=row.pk, changes=changes)
    seen = words(sent(ina, path, form))
    assert "Jetzt gespeichert: nichts" in seen
    assert (
        "Jetzt gespeichert: Stunden, die auf eine andere Zeit verlegt werden, "
        "Eine Übersicht, jede Woche" in seen
    )


def test_a_level_in_the_reasons_for_a_tutor(cast: Cast, ina: Client) -> None:
    taught = [Taught("Latin", "expert")]
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, subjects=taught)
    page = read(ina, f"/students/{cast.ana.pk}/pair", subject="Latin", suggest="yes")
    assert "Unterrichtet Latin, höchste Stufe: sehr weit." in page


def test_why_a_tutor_is_left_out_is_german_to_its_end() -> None:
    """Whoever teaches the student already, with the subject and without."""
    there = Facts("x", "X", teaches_already=True)
    with speaking("de"):
        assert why_not(there, Wish("Physik")) == "Unterrichtet diese Person schon in Physik."
        assert why_not(there, Wish()) == "Unterrichtet diese Person schon."


def test_what_is_over_is_said_to_be_so(cast: Cast, ina: Client) -> None:
    """Where there is nothing to end any more."""
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk, on=NOW.date())
    seen = words(ina.get(f"/relationships/{cast.ben_cleo.pk}/end"))
    assert "beendet" in seen
    assert "ended" not in seen
