"""What students would like to learn, by clicking: noted, changed, matched, fulfilled, back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tandem.lessons.models import Deed
from tandem.lessons.undoing import undo_deed
from tandem.people.actions import set_subjects
from tandem.people.models import LearningWish, Student
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import create_wish
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, Cast
from tests.web.reading import read, words
from tests.web.sending import fields, sent
from tests.web.test_time_off import looked_form

NEW, MATCH = "/students/new", "/students/match"
ASKED = {
    "full_name": "Kim Wu",
    "subject": "Chemistry",
    "level": "advanced",
    "weekday_wished": "0",
    "from_wished": "16:00",
    "until_wished": "17:00",
}


@pytest.fixture
def kim(oona: Client, cast: Cast) -> Student:
    """Kim waits for chemistry, up to advanced, on Mondays at four."""
    sent(oona, NEW, {**fields(oona.get(NEW)), **ASKED})
    return Student.objects.get(full_name="Kim Wu")


def test_who_waits_is_added_with_what_they_want(oona: Client, kim: Student) -> None:
    """The student's page says it, and for how long they have waited."""
    seen = read(oona, f"/students/{kim.pk}")
    assert "What Kim would like to learn" in seen
    assert "Chemistry , Advanced Monday 16:00 to 17:00. Waits since Mon 2 Nov 2026." in seen
    assert not kim.relationships.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"subject": ""}, "Name the subject."),
        ({"until_wished": ""}, "Say the day and both times, or none of them."),
        ({"until_wished": "15:00"}, "The end is not after it begins."),
        ({"tutor": "Ben"}, "How far and when is noted for who waits"),
        ({"tutor_2": "Ben"}, "Name the primary tutor"),
    ],
)
def test_what_is_half_said_is_asked_about(
    oona: Client, cast: Cast, change: dict[str, str], sentence: str
) -> None:
    seen = oona.post(NEW, {**fields(oona.get(NEW)), **ASKED, **change})
    assert sentence in words(seen)
    assert not Student.objects.filter(full_name="Kim Wu").exists()


def test_a_tutor_is_asked_for_no_wish(ben: Client, cast: Cast) -> None:
    """The student is the tutor's own; and the page of a student says no wishes to a tutor."""
    seen = ben.get(NEW)
    assert "level" not in fields(seen)
    create_wish(
        requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, wanted=Wanted("Latin")
    )
    assert "would like to learn" not in read(ben, f"/students/{cast.ana.pk}")
    assert ben.get(reverse("new_wish", args=[cast.ana.pk])).status_code == 403


def test_a_wish_is_added_changed_and_removed(oona: Client, ben: Client, kim: Student) -> None:
    """Two hours of the week; the same subject twice is refused in words."""
    path = reverse("new_wish", args=[kim.pk])
    given = {**fields(oona.get(path)), "subject": "Latin", "weekday_1": "2"}
    hours = {"from_1": "09:00", "until_1": "10:00"}
    second = {"weekday_3": "4", "from_3": "09:00", "until_3": "10:30"}
    after = words(sent(oona, path, {**given, **hours, **second}))
    assert "The wish is added." in after
    assert "Wednesday 09:00 to 10:00, Friday 09:00 to 10:30" in after
    refused = oona.post(path, {**fields(oona.get(path)), "subject": "latin"})
    assert "This wish is there already." in words(refused)
    wish = kim.wishes.get(subject__name="Latin")
    edit = reverse("edit_wish", args=[wish.pk])
    form = fields(oona.get(edit))
    assert (form["weekday_2"], form["from_2"], form["until_2"]) == ("4", "09:00", "10:30")
    after = words(
        sent(oona, edit, {**form, "level": "expert", "weekday_2": "", "from_2": "", "until_2": ""})
    )
    assert "The wish is saved." in after
    assert "Latin , Expert Wednesday 09:00 to 10:00." in after
    remove = reverse("remove_wish", args=[wish.pk])
    for other in (edit, remove):
        assert ben.get(other).status_code == 403
    assert "The wish is removed." in words(sent(oona, remove, fields(oona.get(remove))))
    assert not LearningWish.objects.filter(pk=wish.pk).exists()
    told = read(oona, f"/students/{kim.pk}/changes")
    assert "Oona added a wish: Latin, Wednesday 09:00 to 10:00, Friday 09:00 to 10:30" in told
    assert "Oona changed the level from nothing to expert" in told
    assert "Oona removed a wish: Latin, expert, Wednesday 09:00 to 10:00" in told


def test_matching_begins_with_the_wish(oona: Client, cast: Cast, kim: Student) -> None:
    """Nothing is typed again; the wish is fulfilled, and comes back when it is undone."""
    taught = [Taught("Chemistry", "expert"), Taught("Latin", "expert")]
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, subjects=taught)
    path = reverse("new_wish", args=[kim.pk])
    more: dict[str, Any] = {"subject": "Latin"}
    for n, weekday in ((1, "1"), (2, "3")):
        more |= {f"weekday_{n}": weekday, f"from_{n}": "16:00", f"until_{n}": "17:00"}
    sent(oona, path, {**fields(oona.get(path)), **more})
    seen = oona.get(MATCH)
    assert "1 student waits for a tutor" in words(seen)
    form = looked_form(seen)
    chemistry, latin = (kim.wishes.get(subject__name=name).pk for name in ("Chemistry", "Latin"))
    assert (form[f"subject_{chemistry}"], form[f"level_{chemistry}"]) == ("Chemistry", "advanced")
    assert (form[f"weekday_{chemistry}"], form[f"from_{chemistry}"]) == ("0", "16:00")
    assert (form[f"weekday_{latin}_2"], form[f"until_{latin}_2"]) == ("3", "17:00")
    look = oona.post(MATCH, {**form, "do": "look"})
    assert "Give 1 student all these tutors" in words(look)
    after = oona.post(MATCH, {**looked_form(look), "do": "give"}, follow=True)
    assert "They have their tutors now." in words(after)
    page = f"/students/{kim.pk}"
    assert read(oona, page).count("Has a tutor.") == 2
    made = TutorStudent.objects.filter(student=kim)
    assert sorted(row.is_primary for row in made) == [False, True]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=Deed.objects.get().pk)
    assert read(oona, page).count("Waits since Mon 2 Nov 2026.") == 2
