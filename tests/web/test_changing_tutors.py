"""Tutors, by clicking: new ones, their record, subjects, invitation, handing over, erasure."""

import re
from datetime import date
from typing import Any

from django.core import mail
from django.test import Client

from tandem.people.models import Account, Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tandem.web.letters import CONSOLE
from tests.cast import NOW, Cast, a_tutor, at, booked, user
from tests.web.reading import read, words
from tests.web.sending import fields, send, sent

PASSWORD = "correct horse battery"


def test_an_owner_adds_a_tutor_and_what_they_teach(oona: Client, cast: Cast) -> None:
    """The record first, then the subjects with levels."""
    added = send(oona, "/tutors/new", full_name="Eve", email="eve@tandem.example", capacity="3")
    assert "Eve is added." in words(added)
    path = added.redirect_chain[-1][0]
    typed = {"subject_1": "Physics", "level_1": "expert", "subject_2": "Greek"}
    seen = words(sent(oona, path, fields(added), **typed))
    assert "Greek Level not stated Physics Expert" in seen
    assert "0 of 3 places taken" in seen
    fewer = words(send(oona, path, subject_1=""))
    assert "Physics Expert" in fewer
    assert "Greek" not in fewer


def test_refusals_stand_beside_their_field(oona: Client, cast: Cast) -> None:
    """An address of another tutor, a subject twice: in words, nothing lost."""
    taken = send(oona, "/tutors/new", full_name="Eve", email="BEN@tandem.example")
    assert taken.status_code == 409
    assert "Another tutor has this e-mail address." in words(taken)
    assert fields(taken)["full_name"] == "Eve"
    path = f"/tutors/{cast.ben.pk}/subjects"
    twice = send(oona, path, subject_1="Greek", subject_2="greek")
    assert twice.status_code == 422
    assert "greek is listed twice." in words(twice)


def test_a_tutor_edits_their_own_record_but_for_the_capacity(
    ben: Client, dev: Client, cast: Cast
) -> None:
    """The form does not ask for what is the owner's; others' records are refused."""
    path = f"/tutors/{cast.ben.pk}/edit"
    assert "Most students at once" not in read(ben, path)
    nowhere = words(send(ben, path, time_zone="Mars/Olympus"))
    assert "That is not to be chosen any more. Choose one that is shown." in nowhere
    assert "’s record is saved." in words(send(ben, path, phone="123", time_zone="Asia/Tokyo"))
    cast.ben.refresh_from_db()
    assert (cast.ben.phone, cast.ben.time_zone, cast.ben.active) == ("123", "Asia/Tokyo", True)
    assert dev.get(path).status_code == 404
    assert ben.get(f"/tutors/{cast.cara.pk}/edit").status_code == 403
    for page in ("/tutors/new", f"/tutors/{cast.ben.pk}/invite", f"/tutors/{cast.ben.pk}/erase"):
        assert ben.get(page).status_code == 403


def test_an_owner_sets_the_capacity_and_makes_inactive(oona: Client, cast: Cast) -> None:
    """An inactive tutor takes no new students."""
    send(oona, f"/tutors/{cast.dev.pk}/edit", capacity="9", active=None)
    cast.dev.refresh_from_db()
    assert (cast.dev.capacity, cast.dev.active) == (9, False)
    assert "Inactive" in read(oona, f"/tutors/{cast.dev.pk}")


def test_without_a_mail_server_no_letter_is_said_to_be_on_its_way(
    oona: Client, cast: Cast, settings: Any
) -> None:
    """An invitation, and a link to the parents, went nowhere but into the log."""
    settings.EMAIL_BACKEND = CONSOLE
    Student.objects.filter(pk=cast.ana.pk).update(parent_email="parent@example.org")
    for path in (f"/tutors/{cast.dev.pk}/invite", f"/students/{cast.ana.pk}/mail"):
        said = words(send(oona, path))
        assert "No mail server is named (EMAIL_URL), so the letter reached nobody" in said
        assert "on its way" not in said


def test_an_invitation_lets_a_tutor_in(oona: Client, cast: Cast) -> None:
    """The letter's link leads to choosing a password; with it the tutor signs in."""
    eve = Tutor.objects.create(full_name="Eve", email="eve@tandem.example")
    said = words(send(oona, f"/tutors/{eve.pk}/invite"))
    assert "The invitation is on its way to eve@tandem.example." in said
    (letter,) = mail.outbox
    found = re.search(r"https?://[^/]+(/\S+)", str(letter.body))
    assert found
    client = Client()
    form = client.get(found[1], follow=True)
    chosen = {"password1": PASSWORD, "password2": PASSWORD}
    client.post(form.redirect_chain[-1][0], chosen)
    entrance = client.post("/accounts/login/", {"login": eve.email, "password": PASSWORD})
    assert entrance.status_code == 302
    assert "First steps" in read(client, "/")
    assert "Invite again" in read(oona, f"/tutors/{eve.pk}")


def test_an_address_of_another_account_is_not_invited(oona: Client, cast: Cast) -> None:
    """No account is given to two people, and no letter goes out."""
    eve = Tutor.objects.create(full_name="Eve", email="OONA@tandem.example")
    answer = send(oona, f"/tutors/{eve.pk}/invite")
    assert answer.status_code == 409
    assert "There is an account for OONA@tandem.example already." in words(answer)
    assert mail.outbox == []
    assert Account.objects.filter(email__iexact=eve.email).count() == 1


def test_every_student_of_a_tutor_changes_hands(oona: Client, cast: Cast) -> None:
    """After a look at each; nothing happens before the button."""
    booked(cast.ben_ana, at(17, 16))
    path = f"/tutors/{cast.ben.pk}/transfer"
    asked = {"to_tutor_id": cast.dev.pk, "on": "2026-11-16", "future_sessions": "move"}
    preview = oona.get(path, asked)
    seen = words(preview)
    assert "2 relationships will move." in seen
    assert "1 session will move: Tue 17 Nov 2026." in seen
    assert not TutorStudent.objects.filter(tutor=cast.dev).exists()
    assert "The transfers on Mon 16 Nov 2026 are set." in words(sent(oona, path, fields(preview)))
    assert TutorStudent.objects.filter(tutor=cast.dev, status="active").count() == 2


def test_a_tutor_is_erased_once_nobody_is_taught(oona: Client, cast: Cast) -> None:
    """Refused with students; afterwards the name and the address are gone."""
    assert "still has students" in read(oona, f"/tutors/{cast.ben.pk}/erase")
    account = user(cast.dev)
    assert "The tutor is erased." in words(send(oona, f"/tutors/{cast.dev.pk}/erase"))
    cast.dev.refresh_from_db()
    account.refresh_from_db()
    assert (cast.dev.full_name, account.is_active) == ("Erased tutor", False)


def test_a_change_of_zone_is_looked_at_first(oona: Client, cast: Cast) -> None:
    """The session of the first night would fall on the day before; saved again, it is saved."""
    sid = a_tutor(cast.owner, "Sid", time_zone="Australia/Sydney")
    began = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=sid.pk,
        student_id=cast.ana.pk,
        started_on=date(2027, 3, 2),
    )
    booked(began, at(1, 14, month=3, year=2027))
    path = f"/tutors/{sid.pk}/edit"
    answer = send(oona, path, time_zone="America/Los_Angeles")
    assert answer.status_code == 409
    said = words(answer)
    assert "Nothing is saved yet" in said
    assert "would be Mon 1 Mar 2027, not Tue 2 Mar 2027" in said
    sid.refresh_from_db()
    assert sid.time_zone == "Australia/Sydney"
    assert "’s record is saved." in words(sent(oona, path, fields(answer)))
    sid.refresh_from_db()
    assert sid.time_zone == "America/Los_Angeles"
    assert "’s record is saved." in words(send(oona, path, time_zone="America/Denver"))


def test_time_zones_are_sorted_by_their_places(oona: Client, cast: Cast) -> None:
    """Whoever types the first letters of a town in the list comes to it; the zone stands beside."""
    page = read(oona, "/tutors/new")
    places = [
        page.index(f" {one}") for one in ("Abidjan (Africa/", "London (", "New York (America/")
    ]
    assert places == sorted(places)
    assert "London (Europe/London)" in page
