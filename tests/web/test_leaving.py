"""A tutor leaves: who takes each student is found, changed, looked at and done at one go."""

from django.test import Client

from tandem.lessons.models import Deed, Session
from tandem.people.actions import set_subjects
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import words
from tests.web.sending import fields, send, sent
from tests.web.test_time_off import looked

MONDAY = {"on": "2026-11-16", "future_sessions": "move"}


def teaches(cast: Cast, tutor: Tutor, *subjects: str) -> None:
    taught = [Taught(name, "expert") for name in subjects]
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=tutor.pk, subjects=taught)


def test_students_go_where_the_plan_and_the_owner_say(oona: Client, cast: Cast) -> None:
    """Both are offered Dev; Cleo stays by choice; then Ana's lesson moves, with one undo."""
    teaches(cast, cast.dev, "Physics", "Maths")
    lesson = booked(cast.ben_ana, at(17, 16))
    path = f"/tutors/{cast.ben.pk}/leave"
    assert path in oona.get(f"/tutors/{cast.ben.pk}").content.decode()
    assert "Who takes each student of Ben?" in words(oona.get(path))
    seen = oona.get(path, MONDAY)
    assert "2 relationships will move" in words(seen)
    assert "Teaches Physics up to expert." in seen.content.decode()
    again = looked(oona, path, seen, **{f"tutor_{cast.ben_cleo.pk}": ""})
    assert "1 relationship will move" in words(again)
    assert Session.objects.get(pk=lesson.pk).tutor == cast.ben
    after = words(sent(oona, path, fields(again)))
    assert "The transfers on Mon 16 Nov 2026 are set." in after
    assert Session.objects.get(pk=lesson.pk).tutor == cast.dev
    assert TutorStudent.objects.get(pk=cast.ben_cleo.pk).ended_on is None
    assert "It is undone." in words(send(oona, f"/deeds/{Deed.objects.get().pk}/undo"))
    assert Session.objects.get(pk=lesson.pk).tutor == cast.ben


def test_it_says_why_there_is_nobody(oona: Client, ben: Client, cast: Cast) -> None:
    """For each student; with nobody for anybody there is nothing to do; only owners see it."""
    path = f"/tutors/{cast.ben.pk}/leave"
    seen = words(oona.get(path, MONDAY))
    assert "Nobody here teaches Physics." in seen
    assert "Nobody is chosen for anybody" in seen
    assert ben.get(path).status_code == 403
    assert not Deed.objects.exists()


def test_what_changed_since_the_look_is_shown_again(oona: Client, cast: Cast) -> None:
    """Another lesson was planned in between: nothing is done."""
    teaches(cast, cast.dev, "Physics", "Maths")
    path = f"/tutors/{cast.ben.pk}/leave"
    seen = oona.get(path, MONDAY)
    booked(cast.ben_ana, at(17, 16))
    answer = sent(oona, path, fields(seen))
    assert answer.status_code == 409
    assert not Deed.objects.exists()
