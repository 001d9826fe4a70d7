"""Who may see what, page by page."""

from datetime import date

from django.test import Client

from tandem.lessons.actions import complete
from tandem.lessons.transfers import transfer
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships.requests import request
from tests.cast import DECEMBER, NOW, Cast, at, booked
from tests.web.reading import read


def test_a_student_of_others_is_not_there(dev: Client, cast: Cast) -> None:
    """Dev never taught Ana: her page, her sessions and her name are nowhere."""
    booked(cast.ben_ana, at(2, 16))
    assert dev.get(f"/students/{cast.ana.pk}").status_code == 404
    assert dev.get(f"/students/{cast.ana.pk}/sessions").status_code == 404
    for path in ("/", "/students", "/tutors", f"/tutors/{cast.dev.pk}", "/attention"):
        assert "Ana" not in read(dev, path)
    assert "Ana" not in read(dev, "/students", q="ana", which="all")


def test_what_is_not_yours_reads_like_what_never_was(dev: Client, cast: Cast) -> None:
    """The two answers are the same to the byte."""
    hers, nobodys = (dev.get(f"/students/{pk}") for pk in (cast.ana.pk, "nobody"))
    assert hers.content == nobodys.content


def test_a_tutor_sees_colleagues_of_shared_students_only(ben: Client, cast: Cast) -> None:
    """Ben and Cara share Ana, so Ben sees Cara and not Dev; of Cara he sees what they share."""
    assert "Cara" in read(ben, "/tutors")
    assert "Dev" not in read(ben, "/tutors")
    assert ben.get(f"/tutors/{cast.dev.pk}").status_code == 404
    hers = read(ben, f"/tutors/{cast.cara.pk}")
    assert "Ana Ruiz" in hers
    assert "You see the students whom you share" in hers


def test_a_former_tutor_sees_the_time_taught(ben: Client, oona: Client, cast: Cast) -> None:
    """After a transfer Ben reads his own past notes, and neither the link nor what came later."""
    held = booked(cast.ben_ana, at(12, 16, month=10))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk, notes="Levers and forces.")
    booked(cast.ben_ana, at(17, 16))
    transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=date(2026, 11, 2),
    )
    seen = read(ben, f"/students/{cast.ana.pk}")
    assert "Levers and forces." in seen
    assert "17 Nov" not in seen
    assert "Dev" not in seen
    assert "Cara" not in seen
    assert "handed over to another tutor" in seen
    assert "For the parents" not in seen
    owners = read(oona, f"/students/{cast.ana.pk}")
    assert "Levers and forces." in owners
    assert "Tue 17 Nov 2026" in owners
    assert "Ben handed over to Dev" in owners


def test_who_was_only_asked_sees_no_link_and_no_sessions(dev: Client, cast: Cast) -> None:
    """Offered to Dev, Ana is on his list; what happens with the others is not his to see."""
    booked(cast.ben_ana, at(3, 16))
    request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    seen = read(dev, f"/students/{cast.ana.pk}")
    assert "Requested" in seen
    assert "No sessions yet" in seen
    assert "For the parents" not in seen
    assert "Ben" not in seen


def test_a_link_to_a_tutor_is_made_only_where_it_leads_somewhere(ben: Client, cast: Cast) -> None:
    """Ben sees that Dev was asked, but not Dev's record, so the name is no link."""
    request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    page = ben.get(f"/students/{cast.ana.pk}").content.decode()
    assert "Dev" in page
    assert f'href="/tutors/{cast.dev.pk}"' not in page
    assert f'href="/tutors/{cast.cara.pk}"' in page


def test_a_colleague_without_a_name_is_chosen_without_an_address(
    cast: Cast, ben: Client, oona: Client
) -> None:
    """Ben may ask Dev, whose record is not his to read; an owner knows the address anyway."""
    Tutor.objects.filter(pk=cast.dev.pk).update(full_name="")
    address, page = "dev@tandem.example", f"/suggest/tutors?asked_for={cast.ana.pk}"
    told = ben.get(page).json()["found"]
    assert {"id": cast.dev.pk, "name": "A tutor", "about": ""} in told
    assert address not in str(told)
    assert ben.get(page, {"q": address}).json()["found"] == []
    assert address in oona.get(page).content.decode()
