"""One press on the first page records a lesson, says whose, and one more takes that back."""

from datetime import timedelta

from django.test import Client

from tandem.lessons.actions import edit
from tandem.lessons.models import Session, SessionEvent
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, booked
from tests.web.reading import read, words
from tests.web.sending import fields, send


def pressed(client: Client, page: str, address: str) -> str:
    """Press the button of the form on ``page`` that leads to ``address``; return what is read."""
    answer = client.get(page)
    assert f'action="{address}"' in answer.content.decode()
    form = {name: value for name, value in fields(answer).items() if name != "just_done"}
    return words(client.post(address, form, follow=True))


def test_a_lesson_is_recorded_as_held_by_one_press(ben: Client, cast: Cast) -> None:
    """What is written of it stays; the page stays, names it, and offers to undo it."""
    session = booked(cast.ben_ana, NOW - 2 * HOUR)
    edit(requester=Requester(cast.owner, NOW), session_id=session.pk, changes={"notes": "Levers"})
    seen = pressed(ben, "/", f"/sessions/{session.pk}/held?from=today")
    assert "The session is recorded. Ana Ruiz with Ben: Mon 2 Nov 2026, 07:00 to 08:00." in seen
    assert "Undo it" in seen
    session.refresh_from_db()
    assert (session.status, session.notes) == ("completed", "Levers")
    answer = send(ben, f"/sessions/{session.pk}/undo")
    assert "It is undone. Ana Ruiz with Ben" in words(answer)
    session.refresh_from_db()
    assert session.status == "scheduled"
    assert [one.what for one in SessionEvent.objects.filter(session=session).order_by("id")][
        -2:
    ] == [
        "recorded",
        "reinstated",
    ]


def test_the_message_has_the_button_that_undoes_it(ben: Client, oona: Client, cast: Cast) -> None:
    """After recording, missing and cancelling; pressed once it is done, and leads back."""
    for number, (verb, typed) in enumerate(
        {"complete": {}, "missed": {}, "cancel": {"by": "tutor"}}.items()
    ):
        session = booked(cast.ben_ana, NOW - timedelta(hours=number + 2))
        answer = send(ben, f"/sessions/{session.pk}/{verb}", **typed)
        assert "Ana Ruiz with Ben: " in words(answer)
        assert f'action="/sessions/{session.pk}/undo"' in answer.content.decode()
        done = ben.post(f"/sessions/{session.pk}/undo", fields(answer), follow=True)
        assert "It is undone." in words(done)
        assert Session.objects.get(pk=session.pk).status == "scheduled"
        again = ben.post(f"/sessions/{session.pk}/undo", fields(answer), follow=True)
        assert again.status_code == 200
        assert SessionEvent.objects.filter(session=session, what="reinstated").count() == 1


def test_what_lies_ahead_and_what_is_recorded_has_no_button(ben: Client, cast: Cast) -> None:
    """And a press that comes too late is refused in words."""
    ahead, held = booked(cast.ben_ana, NOW + 2 * HOUR), booked(cast.ben_ana, NOW - 2 * HOUR)
    form = fields(ben.get("/"))
    ben.post(f"/sessions/{held.pk}/held?from=today", form)
    page = ben.get("/").content.decode()
    for session in (ahead, held):
        assert f"/sessions/{session.pk}/held" not in page
    assert send(ben, f"/sessions/{ahead.pk}/held").status_code == 409
    assert read(ben, f"/sessions/{ahead.pk}")
