"""Of two tabs that act on the same thing the second loses no word: it is given back, with why."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.test import Client

from tandem.lessons.actions import cancel, edit
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.people.requester import Requester
from tandem.web.forms.relationships import HandOverSheet
from tandem.web.forms.typed import chosen_otherwise, chosen_words, marks_of_shown
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import words
from tests.web.sending import fields, opened, send, sent
from tests.web.test_cannot_come import page, policy

WROTE = "Moves to Ghent & is sorry"


def kept(answer: Any, status: int) -> str:
    """Return what is read on a page that gives back what was written."""
    assert answer.status_code == status
    assert f">{WROTE.replace('&', '&amp;')}</textarea>" in answer.content.decode()
    said = words(answer)
    assert "What you wrote It is not saved." in said
    return said


def test_what_has_ended_meanwhile(oona: Client, cast: Cast) -> None:
    """The reason of the second tab stands below what happened."""
    path = f"/relationships/{cast.ben_cleo.pk}/end"
    second = opened(oona, path)
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_cleo.pk,
        on=date(2026, 11, 2),
        future_sessions="cancel",
    )
    said = kept(sent(oona, path, second, on="2026-11-02", reason=WROTE), 409)
    assert "This relationship is ended" in said
    assert "Why" in said


def test_what_is_gone_meanwhile(oona: Client, cast: Cast) -> None:
    """A session was removed while its notes were written."""
    session = booked(cast.ben_ana, at(9, 16))
    path = f"/sessions/{session.pk}/edit"
    second = opened(oona, path)
    send(oona, f"/sessions/{session.pk}/delete")
    assert not Session.objects.filter(pk=session.pk).exists()
    said = kept(sent(oona, path, second, notes=WROTE), 404)
    assert "This is not here any more" in said


def test_only_what_was_altered_is_given_back(oona: Client, cast: Cast) -> None:
    """What the form showed of itself is not what somebody wrote; what was emptied is nothing."""
    session = booked(cast.ben_ana, at(9, 16))
    before = {"notes": "As it was,\non two lines", "homework": "Page 4", "location": "Room 2"}
    edit(requester=Requester(cast.owner, NOW), session_id=session.pk, changes=before)
    path = f"/sessions/{session.pk}/edit"
    second = opened(oona, path)
    send(oona, f"/sessions/{session.pk}/delete")
    lines = second["notes"].replace("\n", "\r\n")
    answer = sent(oona, path, second, notes=lines, homework=WROTE, location="")
    said = kept(answer, 404)
    assert "Homework" in said
    assert "As it was," not in said
    assert answer.content.decode().count("</textarea>") == 1


def test_where_nothing_was_altered_nothing_is_given_back(oona: Client, cast: Cast) -> None:
    """What it was about is gone all the same, and that is said; a doubled tab is led on."""
    edit(
        requester=Requester(cast.owner, NOW),
        session_id=(session := booked(cast.ben_ana, at(9, 16))).pk,
        changes={"notes": "As it was"},
    )
    path = f"/sessions/{session.pk}/edit"
    first = opened(oona, path)
    assert sent(oona, path, first, homework="Page 4").status_code == 200
    assert sent(oona, path, first).status_code == 200
    second = opened(oona, path)
    send(oona, f"/sessions/{session.pk}/delete")
    said = words(sent(oona, path, second))
    assert "This is not here any more" in said
    assert "What you wrote" not in said


def test_the_same_form_with_other_words(oona: Client, cast: Cast) -> None:
    """A tab that was doubled, or the way back: what is done is done, and the words stay."""
    path = f"/relationships/{cast.ben_ana.pk}/notes"
    form = opened(oona, path)
    sent(oona, path, form, notes="First")
    assert sent(oona, path, form, notes="First").status_code == 200
    said = kept(sent(oona, path, form, notes=WROTE), 409)
    assert "This form was sent before" in said
    cast.ben_ana.refresh_from_db()
    assert cast.ben_ana.notes == "First"


def test_the_same_form_with_another_hour(oona: Client, cast: Cast) -> None:
    """Days, hours, numbers and addresses are written too, and called as the form calls them."""
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    form = opened(oona, path)
    first = {"day": "2026-11-10", "starts": "16:00"}
    assert sent(oona, path, form, **first).status_code == 200
    assert sent(oona, path, form, **first).status_code == 200
    answer = sent(oona, path, form, **first | {"starts": "17:00", "minutes": "45"})
    assert answer.status_code == 409
    assert "This form was sent before" in words(answer)
    assert ">17:00</textarea>" in answer.content.decode()
    assert ">45</textarea>" in answer.content.decode()
    assert Session.objects.count() == 1
    path = f"/students/{cast.ana.pk}/guardians/new"
    form = opened(oona, path)
    sent(oona, path, form, full_name="Rosa", email="rosa@example.org")
    answer = sent(oona, path, form, full_name="Rosa", email="rosa@example.net")
    assert answer.status_code == 409
    assert ">rosa@example.net</textarea>" in answer.content.decode()
    path = f"/relationships/{cast.ben_ana.pk}/start"
    form = opened(oona, path)
    sent(oona, path, form, started_on="2026-09-02")
    answer = sent(oona, path, form, started_on="2026-09-03")
    assert "Began on" in words(answer)
    assert sent(oona, path, form, started_on=form["started_on"]).status_code == 200


def before(answer: Any) -> str:
    """Return what is read where a form was sent before, and asks for something else now."""
    assert answer.status_code == 409
    said = words(answer)
    assert "This form was sent before" in said
    return said


def test_the_same_form_with_another_tick(oona: Client, cast: Cast) -> None:
    """A tick alone, one of several, and one that was taken away; untouched it leads on."""
    path = f"/students/{cast.ana.pk}/edit"
    form = opened(oona, path)
    assert sent(oona, path, form, year="11").status_code == 200
    assert sent(oona, path, form, year="11").status_code == 200
    assert "What you chose Learning here now: no" in before(
        sent(oona, path, form, year="11", active=None)
    )
    assert sent(oona, path, form).status_code == 200
    path = "/notices"
    form = opened(oona, path)
    few = {**form, "kinds": ["moved", "reminder"]}
    for _ in range(2):
        assert oona.post(path, few, follow=True).status_code == 200
    said = before(oona.post(path, {**few, "kinds": ["moved"]}, follow=True))
    assert "What they can be told: Lessons that move to another time See" in said
    assert "Tell families by e-mail: yes" in before(oona.post(path, {**few, "is_on": "on"}))


def test_the_same_form_with_another_choice(oona: Client, cast: Cast) -> None:
    """From a list, of names that are typed, of students who come too, and one asked for later."""
    path = f"/students/{cast.ana.pk}/guardians/new"
    form = opened(oona, path)
    rosa = {"full_name": "Rosa Ruiz"}
    assert sent(oona, path, form, **rosa).status_code == 200
    assert "Language: something else" in before(sent(oona, path, form, **rosa, language="de"))
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    form = opened(oona, path)
    typed = {"day": "2026-11-12", "starts": "16:00"}
    assert sent(oona, path, form, **typed).status_code == 200
    assert sent(oona, path, form, **typed).status_code == 200
    before(sent(oona, path, form, **typed, together=cast.ben_cleo.pk))
    form = opened(oona, "/students/new")
    who = {"full_name": "Eva Lund", "tutor": "Ben"}
    assert sent(oona, "/students/new", form, **who).status_code == 200
    assert sent(oona, "/students/new", form, **who).status_code == 200
    assert "Cara" in before(sent(oona, "/students/new", form, **who | {"tutor": "Cara"}))
    past = {"day": "2026-11-02", "starts": "07:00"}
    asked = fields(sent(oona, path, opened(oona, path), **past))
    assert sent(oona, path, asked, held="yes").status_code == 200
    assert sent(oona, path, asked, held="yes").status_code == 200
    before(sent(oona, path, asked, held="no"))
    assert cast.ben_ana.sessions.filter(starts_at__lt=NOW).count() == 1


def test_a_list_in_which_nobody_chose_is_untouched() -> None:
    """A browser sends its first line, as the form showed it."""
    nobody: Any = (None, "")
    shown = {"form_shown": marks_of_shown(HandOverSheet(tutors=nobody))}
    sent_so = QueryDict(urlencode({**shown, "future_sessions": "move"}))
    assert chosen_otherwise(sent_so) == {}
    other = QueryDict(urlencode({**shown, "future_sessions": "cancel"}))
    assert chosen_otherwise(other) == {"future_sessions": ["cancel"]}
    assert [one.text for one in chosen_words(other)] == ["Are cancelled"]


def test_a_family_in_two_tabs(cast: Cast) -> None:
    """Pressed twice it is one; with other words these are given back."""
    policy(cast, families_cancel=True)
    session = booked(cast.ben_ana, at(9, 16))
    family, path = Client(), page(cast, session)
    first, second = opened(family, path), opened(family, path)
    sent(family, path, first, reason="Flu")
    again = sent(family, path, first, reason="Flu")
    assert "What you wrote" not in words(again)
    said = kept(sent(family, path, second, reason=WROTE), 409)
    assert "You said that you cannot come" in said


def test_a_family_whose_tutor_was_first(cast: Cast) -> None:
    """Why it cannot be cancelled any more, and what was written."""
    policy(cast, families_cancel=True)
    session = booked(cast.ben_ana, at(9, 16))
    family, path = Client(), page(cast, session)
    form = opened(family, path)
    cancel(requester=Requester(cast.owner, NOW), session_id=session.pk)
    kept(sent(family, path, form, reason=WROTE), 409)


def test_a_page_that_is_read_gives_nothing_back(oona: Client, cast: Cast) -> None:
    """Nor does a form whose fields were left empty."""
    answer = oona.get("/students/none", {"notes": WROTE})
    assert answer.status_code == 404
    assert WROTE not in answer.content.decode()
    assert "What you wrote" not in words(oona.post("/students/none/edit", {"notes": ""}))
