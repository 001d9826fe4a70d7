"""An owner adds a student whom nobody teaches yet, and they wait for a tutor."""

from django.test import Client

from tandem.people.models import Student
from tests.cast import Cast
from tests.web.reading import read, words
from tests.web.sending import fields, sent

PATH = "/students/new"


def test_who_has_no_tutor_yet_waits(oona: Client, cast: Cast) -> None:
    """The name is enough; the student stands among those who wait."""
    after = words(sent(oona, PATH, {**fields(oona.get(PATH)), "full_name": "Kim Wu"}))
    assert "Kim Wu is added. Nobody teaches them yet" in after
    kim = Student.objects.get(full_name="Kim Wu")
    assert not kim.relationships.exists()
    assert "Kim Wu" in read(oona, "/students/match")


def test_what_only_a_tutor_can_have_needs_one(oona: Client, cast: Cast) -> None:
    """A day, further tutors: said to no tutor they would be lost."""
    form = fields(oona.get(PATH))
    for more in (
        {"started_on": "2026-12-01"},
        {"tutor_2": cast.ben.full_name},
    ):
        seen = oona.post(PATH, {**form, "full_name": "Kim Wu", **more})
        assert "Name the primary tutor" in words(seen)
    assert not Student.objects.filter(full_name="Kim Wu").exists()
