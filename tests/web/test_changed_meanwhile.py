"""What a form shows was changed since: whether by somebody else or by oneself is said."""

import pytest
from django.test import Client

from tandem.people.actions import update_student
from tandem.people.guardians import create_guardian, update_guardian
from tandem.people.requester import Requester
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import create_wish
from tests.cast import NOW, Cast, at, booked, user
from tests.web.reading import words
from tests.web.sending import fields, opened, sent
from tests.web.test_group import a_group

YOURS = "You changed this in another window since you opened it here."
THEIRS = "Somebody else changed this while you were writing."
SOMEBODYS = "This was changed since you opened it."


def test_of_a_student(oona: Client, cast: Cast) -> None:
    """Oneself at another window, then a tutor: whose the last change was is told."""
    path = f"/students/{cast.ana.pk}/edit"
    first, second = opened(oona, path), opened(oona, path)
    sent(oona, path, first, year="11")
    answer = sent(oona, path, second, year="12")
    assert answer.status_code == 409
    assert YOURS in words(answer)
    assert "Saved now: 11" in words(answer)
    change = {"phone": "1"}
    ben = Requester(user(cast.ben), NOW)
    update_student(requester=ben, student_id=cast.ana.pk, changes=change)
    assert THEIRS in words(sent(oona, path, fields(answer)))


def test_of_a_tutor(oona: Client, cast: Cast) -> None:
    """Subjects are a form of their own, of the same tutor."""
    path, subjects = f"/tutors/{cast.ben.pk}/edit", f"/tutors/{cast.ben.pk}/subjects"
    second = opened(oona, path)
    sent(oona, subjects, opened(oona, subjects), subject_1="Latin", new_subjects="Latin")
    assert YOURS in words(sent(oona, path, second, full_name="Benn"))


def test_of_a_tutors_week(oona: Client, ben: Client, cast: Cast) -> None:
    """It has no history; what an owner had saved just before is not what came in between."""
    path, week = f"/tutors/{cast.ben.pk}/edit", f"/tutors/{cast.ben.pk}/week"
    sent(oona, path, opened(oona, path), phone="1")
    second = opened(oona, path)
    sent(ben, week, opened(ben, week), monday_1_from="09:00", monday_1_until="10:00")
    said = words(sent(oona, path, second, phone="2"))
    assert SOMEBODYS in said
    assert YOURS not in said


def test_of_a_guardian(oona: Client, cast: Cast) -> None:
    requester = Requester(cast.owner, NOW)
    one = create_guardian(
        requester=requester, student_ids=[cast.ana.pk], fields={"full_name": "Rosa"}
    )
    path = f"/guardians/{one.pk}/edit"
    second = opened(oona, path)
    update_guardian(requester=requester, guardian_id=one.pk, changes={"phone": "1"})
    assert YOURS in words(sent(oona, path, second, full_name="Rosalia"))


def test_of_a_wish(oona: Client, cast: Cast) -> None:
    """What else was changed about the student is not taken for it."""
    requester = Requester(cast.owner, NOW)
    wish = create_wish(requester=requester, student_id=cast.ana.pk, wanted=Wanted("Latin", "", []))
    path = f"/wishes/{wish.pk}/edit"
    first, second = opened(oona, path), opened(oona, path)
    sent(oona, path, first, level="expert")
    ben = Requester(user(cast.ben), NOW)
    update_student(requester=ben, student_id=cast.ana.pk, changes={"phone": "1"})
    assert YOURS in words(sent(oona, path, second, level="beginner"))


def test_of_a_session(ben: Client, oona: Client, cast: Cast) -> None:
    """Its own history tells."""
    session = booked(cast.ben_ana, at(9, 16))
    path = f"/sessions/{session.pk}/edit"
    first, second = opened(oona, path), opened(oona, path)
    sent(oona, path, first, notes="Waves")
    answer = sent(oona, path, second, notes="Tides")
    assert YOURS in words(answer)
    sent(ben, path, opened(ben, path), notes="Light")
    assert THEIRS in words(sent(oona, path, fields(answer)))


def test_of_a_lesson_of_several(ben: Client, cast: Cast) -> None:
    """One of them was changed at another window."""
    ana, cleo = a_group(cast)
    path = f"/sessions/{ana.pk}/group"
    second = opened(ben, path)
    edit = f"/sessions/{cleo.pk}/edit"
    sent(ben, edit, opened(ben, edit), notes="Late")
    assert YOURS in words(sent(ben, path, second))


@pytest.mark.parametrize("who", ["oneself", "another"])
def test_of_a_relationship_nobody_knows(oona: Client, ben: Client, cast: Cast, who: str) -> None:
    """Its notes have no history, so nothing is made up."""
    path = f"/relationships/{cast.ben_ana.pk}/notes"
    second = opened(oona, path)
    other = oona if who == "oneself" else ben
    sent(other, path, opened(other, path), notes="First")
    said = words(sent(oona, path, second, notes="Second"))
    assert SOMEBODYS in said
    assert YOURS not in said


def test_of_what_letters_say(oona: Client, cast: Cast) -> None:
    """It knows who wrote it last."""
    path = "/notices/changes/en"
    first, second = opened(oona, path), opened(oona, path)
    sent(oona, path, first, subject="Dear all")
    assert YOURS in words(sent(oona, path, second, subject="Hello"))
