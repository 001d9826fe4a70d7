"""The look before a wide deed says which lessons lie outside stated hours, and refuses none."""

from typing import Any

import pytest
from django.test import Client

from tandem.lessons.end_relationship import end
from tandem.lessons.models import Availability, Deed, Session
from tandem.people.models import Account, Tutor
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import fields, sent
from tests.web.test_leaving import teaches
from tests.web.test_series import TYPED, asked

MOVES = {"on": "2026-11-16", "future_sessions": "move"}
DEV = "Outside Dev’s stated hours: Wed 18 Nov 2026, 16:00."
BEN = "Outside Ben’s stated hours: Wed 18 Nov 2026, 16:00."
AFTER = "Wed 18 Nov 2026, 16:00: outside the hours in which"


def on_tuesdays(*tutors: Tutor) -> None:
    """Let tutors have said that they are free on Tuesday afternoons."""
    for tutor in tutors:
        Availability.objects.create(tutor=tutor, weekday=1, starts="15:00", ends="18:00")


@pytest.fixture
def lessons(cast: Cast) -> list[Session]:
    """Ana's with Ben on a Tuesday and on the day after."""
    return [booked(cast.ben_ana, at(17, 16)), booked(cast.ben_ana, at(18, 16))]


def test_a_transfer(oona: Client, cast: Cast, lessons: list[Session]) -> None:
    """By the new tutor's hours; the old one's say nothing, and not stated is neither."""
    on_tuesdays(cast.ben)
    path = f"/relationships/{cast.ben_ana.pk}/transfer"
    chosen = {"to_tutor_id": cast.dev.pk, **MOVES}
    assert "stated hours" not in read(oona, path, **chosen)
    on_tuesdays(cast.dev)
    look = oona.get(path, chosen)
    assert DEV in words(look)
    assert "The transfer on Mon 16 Nov 2026 is set." in words(sent(oona, path, fields(look)))
    assert {one.tutor for one in Session.objects.all()} == {cast.dev}
    assert len(lessons) == Session.objects.count()


def test_in_german(oona: Client, cast: Cast, lessons: list[Session]) -> None:
    """In the words and with the dates of German."""
    on_tuesdays(cast.dev)
    Account.objects.filter(pk=cast.owner.pk).update(language="de")
    path = f"/relationships/{cast.ben_ana.pk}/transfer"
    seen = read(oona, path, to_tutor_id=cast.dev.pk, **MOVES)
    assert "Außerhalb der angegebenen Zeiten von Dev: Mi, 18. Nov 2026, 16:00" in seen
    assert lessons


@pytest.mark.parametrize("page", ["transfer", "leave"])
def test_a_hand_over(oona: Client, cast: Cast, page: str) -> None:
    """To one tutor or by the best plan; told again with the deed, where cancelling says nothing."""
    teaches(cast, cast.dev, "Physics", "Maths")
    on_tuesdays(cast.dev)
    for day in (17, 18, 24):
        booked(cast.ben_ana, at(day, 16))
    path = f"/tutors/{cast.ben.pk}/{page}"
    chosen = {**MOVES, "to_tutor_id": cast.dev.pk}
    assert "stated hours" not in read(oona, path, **{**chosen, "future_sessions": "cancel"})
    look = oona.get(path, chosen)
    assert DEV in words(look)
    after = words(sent(oona, path, fields(look)))
    assert f"until the new tutor{'s have' if page == 'leave' else ' has'} taught. {AFTER}" in after


def test_a_cover_is_offered_to_nobody_outside(
    oona: Client, cast: Cast, lessons: list[Session]
) -> None:
    """Of who is free in stated hours, or stated none, nothing is to be said."""
    teaches(cast, cast.dev, "Physics")
    path = f"/sessions/{lessons[1].pk}/cover"
    look = words(oona.get(path, {"look": "1", f"cover_{lessons[1].pk}": cast.dev.pk}))
    assert "Dev takes Ana Ruiz on Wed 18 Nov 2026, 16:00" in look
    assert "stated hours" not in look
    on_tuesdays(cast.dev)
    assert "Dev" not in read(oona, path)


def test_an_end_taken_back(oona: Client, cast: Cast, lessons: list[Session]) -> None:
    """By itself, and by undoing the deed: before it is done, and with it."""
    on_tuesdays(cast.ben)
    ending: dict[str, Any] = {
        "requester": Requester(cast.owner, NOW),
        "tutor_student_id": cast.ben_ana.pk,
        "on": at(16, 0).date(),
        "future_sessions": "cancel",
    }
    end(**ending)
    path = f"/relationships/{cast.ben_ana.pk}/reopen"
    look = oona.get(path)
    assert BEN in words(look)
    after = words(sent(oona, path, fields(look)))
    assert f"The end is taken back. Ana Ruiz with Ben. {AFTER} Ben is free." in after
    deed = end(**ending).deed
    undo = f"/deeds/{deed}/undo"
    look = oona.get(undo)
    assert BEN in words(look)
    assert f"It is undone. {AFTER} Ben is free." in words(sent(oona, undo, fields(look)))
    assert len(lessons) == Session.objects.filter(status="scheduled").count()


def test_a_series(oona: Client, cast: Cast) -> None:
    """Of many dates the first are named, with how many more; changed and restored ones too."""
    on_tuesdays(cast.ben)
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    typed = {**TYPED, "first_date": "2026-11-18", "title": ""}
    look = oona.get(path, {**typed, "times": "12"})
    seen = words(look)
    assert "Outside Ben’s stated hours: Wed 18 Nov 2026, 16:00; Wed 25 Nov 2026, 16:00;" in seen
    assert "and 2 more." in seen
    sent(oona, path, fields(look))
    series = Session.objects.earliest("starts_at").series
    assert series is not None
    change = {**asked(starts="17:00", title=""), "scope": "all", "since": "", "weekday": ""}
    assert "Outside Ben’s stated hours: Wed 18 Nov 2026, 17:00;" in read(
        oona, f"/series/{series.pk}/change", **change
    )
    for verb in ("skip", "restore"):
        page = f"/series/{series.pk}/{verb}/2026-11-25"
        seen = words(sent(oona, page, fields(oona.get(page))))
    named = "Ana Ruiz with Ben: Wed 25 Nov 2026."
    outside = "Wed 25 Nov 2026, 16:00: outside the hours in which Ben"
    assert f"It is restored. {named} {outside}" in seen


def test_what_was_transferred_and_comes_back(
    oona: Client, cast: Cast, lessons: list[Session]
) -> None:
    """By the hours of who has them again."""
    path = f"/relationships/{cast.ben_ana.pk}/transfer"
    sent(oona, path, fields(oona.get(path, {"to_tutor_id": cast.dev.pk, **MOVES})))
    on_tuesdays(cast.ben)
    assert BEN in read(oona, f"/deeds/{Deed.objects.get().pk}/undo")
    new = lessons[0].student.relationships.get(tutor=cast.dev)
    assert BEN in read(oona, f"/relationships/{new.pk}/undo")
