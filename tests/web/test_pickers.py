"""Tutors, students and subjects, named by typing: suggested, asked about, never told to others."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.people.actions import create_tutor, set_subjects, update_tutor
from tandem.people.models import Student, Subject, Tutor
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.models import TutorStudent
from tandem.relationships.requests import request
from tests.cast import NOW, Cast
from tests.web.reading import read, words
from tests.web.sending import fields, send, sent


def suggested(client: Client, what: str, **asked: str) -> list[str]:
    """Return the names that are suggested."""
    return [one["name"] for one in answer(client, what, **asked)["found"]]


def answer(client: Client, what: str, **asked: str) -> dict[str, Any]:
    """Return what the script is answered, within what a page may ask."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(f"/suggest/{what}", asked)
    assert response.status_code == 200, response.status_code
    assert response["Cache-Control"] == "private, no-store"
    assert len(captured) <= 8
    told: dict[str, Any] = response.json()
    return told


def a_namesake(cast: Cast) -> Tutor:
    """Return another Dev, who teaches Latin and has room for four."""
    other = create_tutor(
        requester=Requester(cast.owner, NOW), full_name="Dev", email="dev2@tandem.example"
    )
    subjects = [Taught("Latin"), Taught("Art")]
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=other.pk, subjects=subjects)
    return update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=other.pk, changes={"capacity": 4}
    )


def test_an_owner_is_suggested_everybody_who_works_here(oona: Client, cast: Cast) -> None:
    """Who begins so comes first; who left only where all are asked for."""
    create_tutor(
        requester=Requester(cast.owner, NOW), full_name="Ruben", email="ruben@tandem.example"
    )
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, changes={"active": False}
    )
    assert suggested(oona, "tutors") == ["Ben", "Dev", "Ruben"]
    assert suggested(oona, "tutors", q="be") == ["Ben", "Ruben"]
    assert suggested(oona, "tutors", q="be", without=cast.ben.pk) == ["Ruben"]
    assert suggested(oona, "tutors", which="all", q="c") == ["Cara"]
    assert suggested(oona, "students", q="RU an") == ["Ana Ruiz"]
    assert suggested(oona, "students", q="%") == []


def test_an_owner_is_told_room_and_subjects(oona: Client, cast: Cast) -> None:
    """By which two of one name are told apart."""
    other = a_namesake(cast)
    update_tutor(requester=Requester(cast.owner, NOW), tutor_id=other.pk, changes={"capacity": 0})
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, changes={"capacity": 3}
    )
    told = {one["about"] for one in answer(oona, "tutors")["found"]}
    assert "Art, Latin · full, with 0 · dev2@tandem.example" in told
    assert "No subject stated · dev@tandem.example" in told
    assert "No subject stated · room for 1 more" in told
    (ana,) = answer(oona, "students", q="ana")["found"]
    assert ana["about"] == "Year 10 · with Ben, Cara"


def test_a_tutor_is_suggested_whom_they_see_alone(ben: Client, dev: Client, cast: Cast) -> None:
    """Ben shares Ana with Cara; Dev teaches nobody. No load of anybody is told."""
    assert suggested(ben, "tutors") == ["Ben", "Cara"]
    assert suggested(dev, "tutors") == ["Dev"]
    assert suggested(dev, "tutors", q="ben", which="all") == []
    assert suggested(ben, "students") == ["Ana Ruiz", "Cleo Hart"]
    assert suggested(dev, "students") == []
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, changes={"capacity": 3}
    )
    Tutor.objects.filter(pk=cast.cara.pk).update(full_name="Ben")
    told = str(answer(ben, "tutors"))
    assert "room" not in told
    assert "@" not in told


def test_a_tutor_is_told_who_teaches_a_student_as_far_as_they_see(dev: Client, cast: Cast) -> None:
    """Who was only asked to teach Ana is not told who does."""
    request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    assert "Ben" not in str(answer(dev, "students", q="ana"))


def test_who_teaches_a_student_may_ask_any_colleague(ben: Client, dev: Client, cast: Cast) -> None:
    """By name alone; who does not see the student learns nothing, and who was asked themselves."""
    assert suggested(ben, "tutors", asked_for=cast.ana.pk) == ["Ben", "Cara", "Dev"]
    assert {one["about"] for one in answer(ben, "tutors", asked_for=cast.ana.pk)["found"]} == {""}
    assert dev.get("/suggest/tutors", {"asked_for": cast.ana.pk}).status_code == 404
    request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    assert suggested(dev, "tutors", asked_for=cast.ana.pk) == ["Dev"]


@pytest.mark.parametrize("what", ["tutors", "students", "subjects"])
def test_nobody_else_is_suggested_anybody(client: Client, stranger: Client, what: str) -> None:
    """Who is not signed in, and who has no role here."""
    assert client.get(f"/suggest/{what}").status_code == 302
    refused = stranger.get(f"/suggest/{what}")
    assert refused.status_code == 403
    assert "Physics" not in words(refused)


def test_a_subject_that_is_new_is_said_to_be(oona: Client, cast: Cast) -> None:
    """While it is typed; a known one is not, whatever its case."""
    assert answer(oona, "subjects", q="ph") == {
        "found": [{"id": "", "name": "Physics", "about": ""}],
        "more": False,
        "new": True,
    }
    assert not answer(oona, "subjects", q=" physics")["new"]
    assert not answer(oona, "subjects")["new"]


def test_of_many_only_the_first_are_suggested(oona: Client, cast: Cast) -> None:
    """And that there are more is told."""
    Student.objects.bulk_create(Student(full_name=f"Kim {number:02}") for number in range(20))
    told = answer(oona, "students", q="kim")
    assert len(told["found"]) == 8
    assert told["more"]
    assert not answer(oona, "students", q="kim 07")["more"]
    assert oona.get("/suggest/students", {"q": "k" * 201}).status_code == 422
    assert oona.get("/suggest/students", {"q": "k\0"}).status_code == 404


def test_a_whole_name_is_enough_without_a_script(oona: Client, cast: Cast) -> None:
    """Whatever its case and spaces; the page of the student says who it is."""
    done = send(oona, f"/students/{cast.cleo.pk}/pair", tutor_id="  dEV ")
    assert "The tutor is added." in words(done)
    assert TutorStudent.objects.get(student=cast.cleo, tutor=cast.dev)


def test_part_of_a_name_is_asked_about(oona: Client, cast: Cast) -> None:
    """Nothing happens before it is chosen; what else was typed is kept."""
    path = f"/students/{cast.cleo.pk}/pair"
    asked = send(oona, path, tutor_id="de", subject="Maths")
    assert asked.status_code == 422
    assert "Do you mean one of these?" in words(asked)
    assert "Dev No subject stated" in words(asked)
    assert fields(asked)["subject"] == "Maths"
    assert not TutorStudent.objects.filter(tutor=cast.dev).exists()
    sent(oona, path, fields(asked), tutor_id_is=cast.dev.pk)
    assert TutorStudent.objects.filter(tutor=cast.dev).exists()


def test_a_choice_counts_for_the_text_that_it_was_made_for(oona: Client, cast: Cast) -> None:
    """Who chose Dev and then wrote Cara means Cara."""
    path = f"/students/{cast.cleo.pk}/pair"
    asked = send(oona, path, tutor_id="de")
    sent(oona, path, fields(asked), tutor_id_is=cast.dev.pk, tutor_id="Cara")
    assert not TutorStudent.objects.filter(tutor=cast.dev).exists()
    assert TutorStudent.objects.filter(tutor=cast.cara, student=cast.cleo).exists()


def test_two_of_one_name_are_told_apart(oona: Client, cast: Cast) -> None:
    """A name that two have decides nothing."""
    other = a_namesake(cast)
    path = f"/relationships/{cast.ben_cleo.pk}/transfer"
    typed = {"on": "2026-11-16", "future_sessions": "move", "only_looks": "yes"}
    asked = send(oona, path, to_tutor_id="dev", **typed)
    assert "Art, Latin · room for 4 more" in words(asked)
    looked = sent(oona, path, fields(asked), to_tutor_id_is=other.pk, only_looks="yes")
    assert fields(looked)["to_tutor_id_is"] == other.pk
    sent(oona, path, fields(looked))
    assert TutorStudent.objects.filter(tutor=other, student=cast.cleo).exists()


@pytest.mark.parametrize("typed", ["{ben}", "Ben", "nobody", "Ana Ruiz", "x" * 201, "a\0b"])
def test_who_cannot_be_chosen_is_nobody(oona: Client, cast: Cast, typed: str) -> None:
    """Neither by name nor by id: Ben cannot take over from himself."""
    path = f"/relationships/{cast.ben_cleo.pk}/transfer"
    typed = typed.format(ben=cast.ben.pk)
    form = {"on": "2026-11-16", "future_sessions": "move", "to_tutor_id_for": typed}
    refused = send(oona, path, to_tutor_id=typed, to_tutor_id_is=cast.ben.pk, **form)
    assert refused.status_code == 422
    cast.ben_cleo.refresh_from_db()
    assert cast.ben_cleo.ended_on is None


def test_a_tutor_cannot_name_whom_they_do_not_see(dev: Client, cast: Cast) -> None:
    """The refusal reads as if there were nobody of that name."""
    request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    for name in ("Cara", cast.cara.pk, "Zed"):
        told = words(send(dev, f"/students/{cast.ana.pk}/ask", tutor_id=name))
        assert f"Nobody here is called “{name}”." in told


def test_a_name_is_never_markup(oona: Client, cast: Cast) -> None:
    """Neither in the field nor among those who may be meant."""
    Tutor.objects.filter(pk=cast.dev.pk).update(full_name='<b>Dev</b> "D"')
    Subject.objects.create(name="<i>Art</i>")
    path = f"/students/{cast.cleo.pk}/pair"
    asked = send(oona, path, tutor_id="dev").content.decode()
    assert "<b>Dev" not in asked
    assert "&lt;b&gt;Dev&lt;/b&gt;" in asked
    assert "<b>Dev" not in oona.get(f"{path}?tutor={cast.dev.pk}").content.decode()


def test_the_list_of_sessions_is_narrowed_by_name(oona: Client, ben: Client, cast: Cast) -> None:
    """By whole names, by ids, and with a question."""
    path = "/sessions"
    assert 'value="Ben"' in oona.get(path, {"tutor": cast.ben.pk}).content.decode()
    assert oona.get(path, {"tutor": "cara", "student": "Ana Ruiz"}).status_code == 200
    asked = oona.get(path, {"student": "a"})
    assert asked.status_code == 422
    assert "Do you mean one of these?" in words(asked)
    assert ben.get(path, {"tutor": cast.dev.pk}).status_code == 422
    assert "Dev" not in read(ben, path)


def test_what_turns_text_does_not_turn_the_sentence_about_it(oona: Client, cast: Cast) -> None:
    """Pasted with a name, it would have the rest of the refusal read backwards."""
    path = f"/students/{cast.cleo.pk}/pair"
    told = words(sent(oona, path, {**fields(oona.get(path)), "tutor_id": "Xaver\u202e"}))
    assert "Nobody here is called “Xaver”. Write fewer letters of the name." in told
