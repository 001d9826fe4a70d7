"""Anybody is found from anywhere: people, addresses, subjects; never more than one sees."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.people.models import Student
from tandem.people.queries import viewer_of
from tandem.web.places import PLACES, places
from tests.cast import Cast, user
from tests.web.reading import read, words
from tests.web.test_guardians import guardian


def suggested(client: Client, q: str) -> list[dict[str, Any]]:
    """Return what the box suggests, within what a page may ask."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/suggest/anybody", {"q": q})
    assert answer.status_code == 200
    assert len(captured) <= 8
    found: list[dict[str, Any]] = answer.json()["found"]
    return found


def names(client: Client, q: str) -> list[str]:
    return [one["name"] for one in suggested(client, q)]


def test_an_owner_finds_everybody(oona: Client, cast: Cast) -> None:
    """By a part of the name or address; the likeliest first, each leads to a page of its own."""
    guardian(cast, full_name="Benita Ruiz")
    assert names(oona, "ben") == ["Ben", "Benita Ruiz"]
    ben, benita = suggested(oona, "ben")
    assert ben["href"] == f"/tutors/{cast.ben.pk}"
    assert ben["about"].startswith("Tutor · ")
    assert benita["about"] == "Guardian · guardian of Ana Ruiz"
    assert oona.get(benita["href"]).status_code == 200
    ana = suggested(oona, "ana ruiz")[0]
    assert (ana["name"], ana["href"]) == ("Ana Ruiz", f"/students/{cast.ana.pk}")
    assert "Student · " in ana["about"]
    assert "with Ben" in ana["about"]
    assert "Ana Ruiz" in names(oona, "ruiz@home.example")
    assert "Dev" in names(oona, "dev@tandem")
    (physics,) = [one for one in suggested(oona, "physics") if one["name"] == "Physics"]
    assert physics["href"] == "/calendar?subject=Physics"
    assert oona.get(physics["href"]).status_code == 200


def test_a_tutor_finds_no_more_than_they_see(ben: Client, dev: Client, cast: Cast) -> None:
    """Dev has never taught Ana: neither she, nor her guardian, nor the address is found."""
    guardian(cast, full_name="Maria Ruiz")
    assert names(ben, "ruiz") == ["Ana Ruiz", "Maria Ruiz"]
    assert names(dev, "ruiz") == []
    assert "Ana Ruiz" not in names(ben, "home.example")
    assert names(dev, "dev") == ["Dev", "Your account"]  # where the devices are


def test_its_page_needs_no_script(oona: Client, stranger: Client, cast: Cast) -> None:
    """The box is a form that leads there; a stranger finds nobody."""
    assert 'action="/find"' in oona.get("/").content.decode()
    assert "Ana Ruiz Student" in read(oona, "/find", q="ana")
    assert "Nobody and nothing has that in the name." in read(oona, "/find", q="xyz")
    assert "Nobody" not in read(oona, "/find")
    assert Client().get("/find?q=ana").status_code == 302
    assert b"Ana Ruiz" not in stranger.get("/find?q=ana").content


def test_many_of_a_name_are_said_to_be_more(oona: Client, cast: Cast) -> None:
    Student.objects.bulk_create(Student(full_name=f"Ana {number}") for number in range(60))
    assert len(suggested(oona, "ana")) == 8
    assert oona.get("/suggest/anybody?q=ana").json()["more"]


@pytest.mark.parametrize(
    "typed", ["stefan", "swiatek", "STEFAN SWIATEK", "S\u0326tefan", "Ștefan Świątek", "świat"]
)
def test_a_name_is_found_by_the_letters_of_any_keyboard(
    oona: Client, cast: Cast, typed: str
) -> None:
    """In the box, in a list and where a form names somebody, with marks or without."""
    Student.objects.filter(pk=cast.ana.pk).update(full_name="Ștefan Świątek")
    Student.objects.create(full_name="Bastefan Oswiatek")
    assert names(oona, typed)[0] == "Ștefan Świątek"
    assert "Ștefan Świątek" in read(oona, "/students", q=typed)
    picked = oona.get("/suggest/students", {"q": typed}).json()["found"]
    assert "Ștefan Świątek" in [one["name"] for one in picked]


@pytest.mark.parametrize("typed", ["oconnor", "O'Connor", "o’con", "sean oconn"])
def test_an_apostrophe_is_typed_or_not(oona: Client, cast: Cast, typed: str) -> None:
    Student.objects.filter(pk=cast.ana.pk).update(full_name="Seán O’Connor")
    assert names(oona, typed) == ["Seán O’Connor"]
    assert "Seán O’Connor" in read(oona, "/students", q=typed)


@pytest.mark.parametrize("typed", ["str soren", "soren str", "SOREN Stroem"])
def test_words_that_begin_words_come_first(oona: Client, cast: Cast, typed: str) -> None:
    """In whichever order they are typed; then who has them inside of a word."""
    Student.objects.create(full_name="Astroemer Bosoren")
    Student.objects.create(full_name="Søren Strœm")
    assert names(oona, typed)[0] == "Søren Strœm"


@pytest.mark.parametrize("typed", ["%", "_", "\\", "%_\\"])
def test_signs_of_patterns_are_letters(oona: Client, cast: Cast, typed: str) -> None:
    """Nobody has them in the name but who has."""
    Student.objects.filter(pk=cast.ana.pk).update(full_name="100%_\\ Ana")
    assert names(oona, typed) == ["100%_\\ Ana"]
    assert "Cleo Hart" not in read(oona, "/students", q=typed)


@pytest.mark.parametrize("typed", ["'", "’ ʼ"])
def test_an_apostrophe_alone_finds_nobody(oona: Client, cast: Cast, typed: str) -> None:
    """It is in no name as it is looked for; beside a name it is no word."""
    assert names(oona, typed) == []
    assert names(oona, f"ben {typed}") == ["Ben"]


def test_what_is_too_long_is_told_of_the_box(oona: Client, cast: Cast) -> None:
    said = words(oona.get("/find", {"q": "x" * 201}))
    assert "or an e-mail address: That is too long." in said


@pytest.mark.parametrize(
    ("typed", "name", "address"),
    [
        ("rep", "Hours taught", "/reports"),
        ("plan", "Plan a lesson", "/calendar/plan"),
        ("import stud", "Bring in students from a spreadsheet", "/students/import"),
        ("undo", "What was done", "/deeds"),
        ("Settings", "Settings", "/settings"),
    ],
)
def test_a_page_is_found_by_what_one_wants(
    oona: Client, typed: str, name: str, address: str
) -> None:
    """By its name, or by the words in which people think of it."""
    found = {one["name"]: one for one in suggested(oona, typed)}
    assert found[name]["href"] == address
    assert found[name]["about"] == "Page"
    assert name in words(oona.get("/find", {"q": typed}))


def test_people_come_before_pages(oona: Client, cast: Cast) -> None:
    """Where they are as likely; a page that is called just so is the first."""
    Student.objects.create(full_name="Stu Dent")
    Student.objects.create(full_name="Plana Less")
    assert names(oona, "plan")[:2] == ["Plana Less", "Plan a lesson"]
    assert names(oona, "today")[0] == "Today"
    assert names(oona, "p") == [one for one in names(oona, "p") if one != "Plan a lesson"]


@pytest.mark.parametrize("who", ["oona", "ben"])
def test_every_page_that_is_offered_opens(
    who: str, request: pytest.FixtureRequest, cast: Cast
) -> None:
    """To whom it is offered; what is an owner's alone is offered to no tutor."""
    client: Client = request.getfixturevalue(who)
    viewer = viewer_of(cast.owner if who == "oona" else user(cast.ben))
    offered = {one.name: one.address for place in PLACES for one in places(viewer, str(place.name))}
    for address in offered.values():
        assert client.get(address).status_code == 200, address
    assert ("Accounts" in offered) == (who == "oona")
    assert ("Time off" in offered) == (who == "ben")


def test_pages_are_found_in_the_readers_language(oona: Client) -> None:
    oona.get("/", {"lang": "de"})
    assert "Lehrkraft hinzufügen" in names(oona, "neue lehr")


def test_what_was_typed_beside_the_words_moves_nobody(oona: Client, cast: Cast) -> None:
    """Spaces, and an apostrophe alone."""
    assert names(oona, "  ana   ruiz ’ ") == names(oona, "ana ruiz") != []
    Student.objects.create(full_name="Plan Abel")
    for typed in ("plan a", "plan  a", "plan ’ a"):
        assert names(oona, typed)[:2] == ["Plan Abel", "Plan a lesson"]
