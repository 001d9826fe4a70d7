"""The page about notices: switched on and off, texts read beforehand, what waits and failed."""

from typing import Any

from django.test import Client

from tandem.lessons.outbox import Notice, NoticeSettings, TutorNotices
from tandem.lessons.sending import REFUSED
from tandem.people.guardians import create_guardian
from tandem.people.requester import Requester
from tandem.web.letters import CONSOLE
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import send


def test_an_owner_switches_them(oona: Client, ben: Client, cast: Cast) -> None:
    """Off at first; on, what is done is told; a tutor is refused."""
    assert "Notices are off: nobody is told anything." in read(oona, "/notices")
    assert ben.get("/notices").status_code == 403
    seen = words(send(oona, "/notices", is_on="on"))
    assert "Saved." in seen
    assert "Notices are on. No letters wait to be sent." in seen
    create_guardian(
        requester=Requester(cast.owner, NOW),
        student_ids=[cast.ana.pk],
        fields={"full_name": "Maria Ruiz", "email": "maria@home.example", "notices": ["summary"]},
    )
    booked(cast.ben_ana, at(9, 16))
    NoticeSettings.objects.update(kinds=["planned"])
    booked(cast.ben_ana, at(10, 16))
    assert not Notice.objects.exists()
    assert "Notices are off" in words(send(oona, "/notices", is_on=None))


def test_each_text_is_there_to_be_read(oona: Client) -> None:
    """As it would be sent, about people who are made up."""
    seen = read(oona, "/notices")
    for said in (
        "What has changed in the lessons of Ana",
        "Reminder: lessons of Ana",
        "The week ahead",
    ):
        assert said in seen
    assert "Tuesday 8 December, 15:00 to 16:00, Maths with Cara Lind" in seen


def test_what_waits_and_what_failed(oona: Client, cast: Cast) -> None:
    guardian = create_guardian(
        requester=Requester(cast.owner, NOW),
        student_ids=[cast.ana.pk],
        fields={"full_name": "Maria Ruiz", "email": "maria@home.example"},
    )
    for deed, failure in (("1", ""), ("2", REFUSED)):
        Notice.objects.create(kind="changes", deed=deed, guardian=guardian, failure=failure)
    seen = read(oona, "/notices")
    assert "1 letter waits to be sent." in seen
    assert "Maria Ruiz : the mail server refuses the address, or it is none." in seen


def test_a_text_can_be_read_in_each_language(oona: Client) -> None:
    seen = read(oona, "/notices")
    assert "Deutsch : Geänderte Stunden: Ana" in seen.replace("Deutsch:", "Deutsch :")
    assert "Dienstag, 8. Dezember, 15:00 bis 16:00 Uhr, Maths bei Cara Lind" in seen


def test_without_a_mail_server_the_page_says_so(oona: Client, settings: Any) -> None:
    """Else letters would seem to be sent."""
    said = "letters reach nobody"
    assert said not in read(oona, "/notices")
    settings.EMAIL_BACKEND = CONSOLE
    assert said in read(oona, "/notices")


def test_a_tutor_chooses_what_they_are_told(oona: Client, ben: Client, cast: Cast) -> None:
    """On a page of their own account; who is no tutor has nothing to choose."""
    assert "Choose what you are told" in read(ben, "/account")
    page = read(ben, "/account/letters")
    assert "Notices are off for everybody at the moment" in page
    assert "Saved." in words(send(ben, "/account/letters", kinds="cancelled"))
    assert TutorNotices.objects.get().kinds == ["cancelled"]
    assert "Choose what you are told" not in read(oona, "/account")
    assert "You teach nobody here, so no letters come to you." in read(oona, "/account/letters")
    assert oona.post("/account/letters", {"kinds": "cancelled"}).status_code == 403


def test_a_letter_to_a_tutor_that_did_not_arrive_names_them(oona: Client, cast: Cast) -> None:
    Notice.objects.create(kind="diary", deed="1", tutor=cast.ben, failure=REFUSED)
    assert "Ben : the mail server refuses the address, or it is none." in read(oona, "/notices")
    assert f"/tutors/{cast.ben.pk}" in oona.get("/notices").content.decode()


def test_an_owner_writes_what_letters_say(oona: Client, ben: Client) -> None:
    """And sees one as it goes out; a part that is emptied is Tandem's own again."""
    path = "/notices/reminder/en"
    assert f'href="{path}"' in oona.get("/notices").content.decode()
    assert "Reminder: lessons of Ana" in read(oona, path)
    assert ben.get(path).status_code == 403
    assert oona.get("/notices/gossip/en").status_code == 404
    assert oona.get("/notices/reminder/fr").status_code == 404
    seen = words(send(oona, path, subject="Soon: {names}", closing="Bring <ink>."))
    assert "Saved. The letter below is how it goes out now. " in seen
    assert "Soon: Ana" in seen
    assert "Bring <ink>." in seen
    assert "Soon: Ana" in read(oona, "/notices")
    refused = send(oona, path, subject="Soon: {name}")
    assert refused.status_code == 422
    assert "Between braces only {names} can stand" in words(refused)
    assert "Reminder: lessons of Ana" in words(send(oona, path, subject=""))
