"""Time off by clicking: every lesson in it is looked at and decided about before it is saved."""

from typing import Any

from django.test import Client

from tandem.lessons.models import Deed, Session, TimeOff
from tests.cast import Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import fields, send, sent

TYPED = {"first_day": "2026-11-17", "reason": "Flu"}


def path_of(cast: Cast) -> str:
    return f"/tutors/{cast.ben.pk}/time-off"


def test_lessons_are_decided_about_one_by_one(oona: Client, cast: Cast) -> None:
    """One covered, one cancelled, one moved, one kept: in one confirmation, with one undo."""
    covered, off, moved = (booked(cast.ben_ana, at(17, hour)) for hour in (9, 11, 13))
    kept = booked(cast.ben_cleo, at(17, 15))
    path = path_of(cast)
    typed: dict[str, Any] = {**TYPED, "sessions": "keep", "cancel_reason": "Doctor"}
    first = words(oona.get(path, typed))
    assert "4 sessions stay planned" in first
    assert "Cara covers. Teaches this student already." in first
    assert "Move it to Wed 18 Nov 2026, 13:00" in first
    choices = {
        f"do_{covered.pk}": f"cover {cast.cara.pk}",
        f"do_{off.pk}": "cancel",
        f"do_{moved.pk}": f"move {at(18, 13).isoformat()}",
        f"do_{kept.pk}": "keep",
    }
    seen = oona.get(path, {**typed, "decided_as": "keep", **choices})
    for said in (
        "1 will be covered Cara takes Ana Ruiz on Tue 17 Nov 2026, 09:00",
        "1 session will be cancelled",
        "from Tue 17 Nov 2026, 13:00 to Wed 18 Nov 2026, 13:00",
        "1 session stays planned",
    ):
        assert said in words(seen), said
    assert not TimeOff.objects.exists()
    after = words(sent(oona, path, fields(seen)))
    assert "The time off is saved. Undo it" in after
    assert [one.status for one in Session.objects.order_by("starts_at")] == [
        "scheduled",
        "cancelled",
        "scheduled",
        "scheduled",
    ]
    assert "Cancelled, because the tutor was away: “Doctor”" in read(oona, f"/sessions/{off.pk}")
    said = "Ben is away, and lessons were cancelled, covered or moved."
    assert said in read(oona, "/deeds")
    assert "It is undone." in words(send(oona, f"/deeds/{Deed.objects.get().pk}/undo"))
    rows = Session.objects.order_by("starts_at").values_list("status", "tutor", "starts_at")
    assert [*rows] == [("scheduled", cast.ben.pk, at(17, hour)) for hour in (9, 11, 13, 15)]
    assert not TimeOff.objects.exists()


def test_all_at_once_and_another_choice_for_all_later(oona: Client, cast: Cast) -> None:
    """The choice for all is each one's answer, also where single ones had others before."""
    one, two = booked(cast.ben_ana, at(17, 9)), booked(cast.ben_ana, at(17, 11))
    path = path_of(cast)
    assert "2 will be covered" in words(oona.get(path, {**TYPED, "sessions": "cover"}))
    before = {**TYPED, "decided_as": "cover", f"do_{one.pk}": "keep", f"do_{two.pk}": "cancel"}
    assert "1 session will be cancelled" in words(oona.get(path, {**before, "sessions": "cover"}))
    seen = oona.get(path, {**before, "sessions": "move"})
    assert "2 will be moved" in words(seen)
    sent(oona, path, fields(seen))
    assert [*Session.objects.order_by("starts_at").values_list("starts_at", flat=True)] == [
        at(18, 9),
        at(18, 11),
    ]


def test_a_tutor_is_offered_no_cover(ben: Client, cast: Cast) -> None:
    """But other hours; what was sent all the same is refused beside the lesson."""
    session = booked(cast.ben_ana, at(17, 9))
    path = path_of(cast)
    seen = ben.get(path, {**TYPED, "sessions": "cancel"})
    assert "covers." not in words(seen)
    assert "Move it to" in words(seen)
    form = fields(seen)
    wrong = sent(ben, path, form, **{f"do_{session.pk}": f"cover {cast.cara.pk}"})
    assert wrong.status_code == 422
    assert "This cannot be chosen any more." in words(wrong)
    assert "Choose one of these" in words(ben.get(path, {**TYPED, "sessions": ""}))
    assert not TimeOff.objects.exists()
    sent(ben, path, form)
    assert Session.objects.get().status == "cancelled"


def test_a_lesson_that_came_since_is_shown_before_anything_is_done(
    oona: Client, cast: Cast
) -> None:
    """Saved only once it was looked at; without a look nothing is."""
    booked(cast.ben_ana, at(17, 9))
    path = path_of(cast)
    form = fields(oona.get(path, {**TYPED, "sessions": "cancel"}))
    booked(cast.ben_cleo, at(17, 11))
    refused = sent(oona, path, form)
    assert refused.status_code == 409
    assert "Something has changed since you looked" in words(refused)
    assert "2 sessions will be cancelled" in words(refused)
    assert not TimeOff.objects.exists()
    sent(oona, path, fields(refused), plan="")
    assert not TimeOff.objects.exists()
    sent(oona, path, fields(refused))
    assert {*Session.objects.values_list("status", flat=True)} == {"cancelled"}


def test_closed_days_move_and_cancel(oona: Client, cast: Cast) -> None:
    """Each lesson by itself, with the same undo."""
    off, moved = booked(cast.ben_ana, at(17, 9)), booked(cast.cara_ana, at(17, 11))
    typed = {"name": "Storm", "first_day": "2026-11-17", "last_day": "", "sessions": "move"}
    choices = {"decided_as": "move", f"do_{off.pk}": "cancel",
               f"do_{moved.pk}": f"move {at(18, 11).isoformat()}"}  # fmt: skip
    seen = oona.get("/closures/new", {**typed, **choices})
    assert "1 session will be cancelled" in words(seen)
    assert "Ana Ruiz with Cara : from Tue 17 Nov 2026, 11:00 to Wed 18 Nov 2026, 11:00" in words(
        seen
    )
    sent(oona, "/closures/new", fields(seen))
    said = "Cancelled, because the business was closed: “Storm”"
    assert said in read(oona, f"/sessions/{off.pk}")
    moved.refresh_from_db()
    assert moved.starts_at == at(18, 11)
