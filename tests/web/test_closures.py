"""Closing the business on days by clicking, after a look at what is planned on them."""

from datetime import date

from django.test import Client

from tandem.lessons.closures import add_closure
from tandem.lessons.models import Closure, Session
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import fields, send, sent

TYPED = {"name": "Christmas", "first_day": "2026-12-21", "last_day": "2027-01-03",
         "sessions": "cancel"}  # fmt: skip


def test_days_are_closed_after_a_look_and_opened_by_one_click(oona: Client, cast: Cast) -> None:
    """With the sessions on them; the list and the week say so, and the undo plans them again."""
    booked(cast.ben_ana, at(22, 16, month=12))
    assert "No closed days are ahead." in read(oona, "/closures")
    seen = oona.get("/closures/new", TYPED)
    assert "1 lesson will be cancelled" in words(seen)
    assert "Tue 22 Dec 2026" in words(seen)
    after = sent(oona, "/closures/new", fields(seen))
    closed = "Days were closed: Christmas, Mon 21 Dec 2026 to Sun 3 Jan 2027."
    assert f"The business is closed on these days. {closed} Undo it" in words(after)
    assert "Christmas Mon 21 Dec 2026 to Sun 3 Jan 2027" in words(after)
    assert "Closed: Christmas" in read(oona, "/calendar", date="2026-12-28")
    assert "Closed: Christmas" not in read(oona, "/calendar", date="2027-01-04")
    assert Session.objects.get().status == "cancelled"
    assert closed in read(oona, "/deeds")


def test_kept_sessions_are_listed_as_planned_all_the_same(oona: Client, cast: Cast) -> None:
    """Under the closure, for the owner everybody's."""
    booked(cast.ben_ana, at(22, 16, month=12))
    seen = oona.get("/closures/new", {**TYPED, "sessions": "keep"})
    assert "1 lesson stays planned" in words(seen)
    sent(oona, "/closures/new", fields(seen))
    assert "1 lesson planned all the same" in read(oona, "/closures")
    assert "16:00 to 17:00" in read(oona, f"/closures/{Closure.objects.get().pk}")


def test_one_day_is_closed_and_opened_again(oona: Client, cast: Cast) -> None:
    """Without a last day it is one; a session is refused on it with the reason in the form."""
    seen = oona.get("/closures/new", {**TYPED, "last_day": ""})
    assert "Nothing is planned on these days." in words(seen)
    assert "Christmas Mon 21 Dec 2026" in words(sent(oona, "/closures/new", fields(seen)))
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    refused = send(oona, path, day="2026-12-21", starts="16:00")
    assert refused.status_code == 409
    assert "The business is closed on that day: Christmas." in words(refused)
    send(oona, f"/closures/{Closure.objects.get().pk}/open")
    assert not Closure.objects.exists()
    assert send(oona, path, day="2026-12-21", starts="16:00").status_code == 200


def test_wrong_days_stand_beside_their_field(oona: Client, cast: Cast) -> None:
    """And nothing is closed."""
    wrong = oona.get("/closures/new", {**TYPED, "last_day": "2026-12-01"})
    assert "The last day is before the first. Exchange the two." in words(wrong)
    assert "Close it" not in words(wrong)
    assert cast.owner.is_owner
    assert not Closure.objects.exists()


def test_a_tutor_reads_what_is_closed_and_their_own_sessions(ben: Client, cast: Cast) -> None:
    """They close nothing; somebody else's session is not counted for them."""
    booked(cast.ben_ana, at(22, 16, month=12))
    booked(cast.cara_ana, at(23, 16, month=12))
    row = add_closure(
        requester=Requester(cast.owner, NOW),
        name="Christmas",
        starts_on=date(2026, 12, 21),
        ends_on=date(2027, 1, 4),
        default="keep",
    ).closure
    seen = read(ben, "/closures")
    assert "1 lesson planned all the same" in seen
    assert "Close more days" not in seen
    assert "Open again" not in read(ben, f"/closures/{row.pk}")
    assert ben.get("/closures/new").status_code == 403
    assert ben.get(f"/closures/{row.pk}/open").status_code == 403


def test_an_owner_ticks_that_it_is_planned_all_the_same(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """The session's history says so; a tutor is not asked."""
    sent(oona, "/closures/new", fields(oona.get("/closures/new", TYPED)))
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    asked = "Even if the tutor is away or the business is closed"
    assert asked in read(oona, path)
    assert asked not in read(ben, path)
    assert send(oona, path, day="2026-12-22", starts="16:00").status_code == 409
    send(oona, path, day="2026-12-22", starts="16:00", override="on")
    session = Session.objects.get().pk
    assert "Planned, although the business was closed" in read(ben, f"/sessions/{session}")
    move = f"/sessions/{session}/move"
    assert send(oona, move, day="2026-12-23").status_code == 409
    send(oona, move, day="2026-12-23", override="on")
    assert Session.objects.get().starts_at == at(23, 16, month=12)


def test_days_that_are_widened_after_the_look_are_looked_at_again(oona: Client, cast: Cast) -> None:
    """One lesson kept and a day more: neither was what the look showed."""
    session = booked(cast.ben_ana, at(22, 16, month=12))
    path = "/closures/new"
    changed = {f"do_{session.pk}": "keep", "last_day": "2027-01-04"}
    refused = sent(oona, path, {**fields(oona.get(path, TYPED)), **changed})
    assert not Closure.objects.exists()
    sent(oona, path, fields(refused))
    assert Session.objects.get(pk=session.pk).status == "scheduled"
    assert Closure.objects.get().ends_on == date(2027, 1, 5)
