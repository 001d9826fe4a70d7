"""What a refusal says that was done since a transfer, and what it says to do is what helps."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.lessons.actions import complete
from tandem.lessons.corrections import correct_dates, remove
from tandem.lessons.end_relationship import end
from tandem.lessons.hand_overs import Taker, hand_over
from tandem.lessons.reopening import reopen
from tandem.lessons.transfer_plans import Transfer
from tandem.lessons.transfers import transfer
from tandem.lessons.undo import preview_undo, undo_transfer
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, Cast, at, booked

THE_10TH, THE_16TH, THE_23RD = date(2026, 11, 10), date(2026, 11, 16), date(2026, 11, 23)
LATER = at(24, 9)
TO_CARA = "a transfer to Cara on Mon 16 Nov 2026"


def by(cast: Cast, now: datetime = NOW) -> dict[str, Any]:
    return {"requester": Requester(cast.owner, now)}


def handed_over(cast: Cast, *others: TutorStudent) -> list[Transfer]:
    """Hand Ana, and others of Ben's, over to Dev."""
    takers = [Taker(one.pk, cast.dev.pk) for one in (cast.ben_ana, *others)]
    return hand_over(**by(cast), from_tutor_id=cast.ben.pk, takers=takers, on=THE_10TH)


def moved_on(cast: Cast, row: TutorStudent, tutor: Tutor, on: date = THE_16TH) -> TutorStudent:
    wanted: dict[str, Any] = {"to_tutor_id": tutor.pk, "on": on, "tutor_student_id": row.pk}
    return transfer(**by(cast), student_id=row.student_id, **wanted).new


def ended(cast: Cast, row: TutorStudent, on: date = THE_23RD) -> None:
    end(**by(cast), tutor_student_id=row.pk, on=on, future_sessions="cancel")


def taught(cast: Cast, row: TutorStudent) -> None:
    lesson = booked(row, at(17, 18))
    complete(**by(cast, LATER), session_id=lesson.pk)


def refused(deed: Callable[[], object]) -> ConflictError:
    with pytest.raises(ConflictError) as refusal:
        deed()
    return refusal.value


def of_pairing(cast: Cast, row: TutorStudent, now: datetime = NOW) -> Callable[[], object]:
    return partial(undo_transfer, **by(cast, now), tutor_student_id=row.pk)


def of_deed(cast: Cast, deed: str, now: datetime = NOW) -> Callable[[], object]:
    return partial(undo_deed, **by(cast, now), deed_id=deed)


def test_after_a_later_transfer_that_one_is_undone_first(cast: Cast) -> None:
    """Whichever way the hand-over is to be undone; done so, it is undone."""
    (done,) = handed_over(cast)
    on = moved_on(cast, done.new, cast.cara)
    refusal = refused(of_pairing(cast, done.new))
    assert str(refusal).endswith(f"what was done since: {TO_CARA}. Undo that transfer first.")
    assert (refusal.reason, refusal.details["tutorStudentId"]) == ("transferred", on.pk)
    refusal = refused(of_deed(cast, done.deed))
    assert str(refusal).endswith(f" Ana Ruiz: {TO_CARA}. Undo that transfer first.")
    assert refusal.reason == "nothing_to_undo"
    of_pairing(cast, on)()
    of_deed(cast, done.deed)()
    cast.ben_ana.refresh_from_db()
    assert cast.ben_ana.ended_on is None


def test_of_several_the_last_one_comes_first(cast: Cast) -> None:
    """Two transfers and an end: each is named with its day, and this way back leads there."""
    (done,) = handed_over(cast)
    cara = moved_on(cast, done.new, cast.cara)
    dev = moved_on(cast, cara, cast.dev, THE_23RD)
    ended(cast, dev, date(2026, 11, 30))
    story = f"{TO_CARA} and a transfer to Dev on Mon 23 Nov 2026 and an end on Mon 30 Nov 2026"
    way = "Undo each of them, the last one first."
    for deed in (of_pairing(cast, done.new), of_deed(cast, done.deed)):
        assert str(refused(deed)).endswith(f"{story}. {way}")
    reopen(**by(cast), tutor_student_id=dev.pk)
    for row in (dev, cara, done.new):
        of_pairing(cast, row)()
    assert not TutorStudent.objects.filter(transferred_from__isnull=False).exists()


def test_after_an_end_that_is_taken_back_first(cast: Cast) -> None:
    """Before its day and after it."""
    (done,) = handed_over(cast)
    ended(cast, done.new)
    for now in (NOW, LATER):
        for deed in (of_pairing(cast, done.new, now), of_deed(cast, done.deed, now)):
            refusal = refused(deed)
            assert str(refusal).endswith("an end on Mon 23 Nov 2026. Take that end back first.")
    reopen(**by(cast), tutor_student_id=done.new.pk)
    of_deed(cast, done.deed)()


def test_once_somebody_has_taught_nothing_is_to_be_undone(cast: Cast) -> None:
    """Whoever of them it was: the student is transferred again, or paired where it is over."""
    (done,) = handed_over(cast)
    cara = moved_on(cast, done.new, cast.cara)
    taught(cast, cara)
    again = "Cara has taught since, so it cannot be undone: transfer the student again instead."
    for deed in (of_pairing(cast, done.new, LATER), of_deed(cast, done.deed, LATER)):
        assert str(refused(deed)).endswith(f"{TO_CARA}. {again}")
    back = partial(reopen, **by(cast, LATER), tutor_student_id=cast.ben_ana.pk)
    assert again in str(refused(back))
    end(**by(cast, LATER), tutor_student_id=cara.pk, on=date(2026, 11, 25))
    assert "pair the student anew instead" in str(refused(back))


def test_an_end_by_a_transfer_is_not_taken_back_by_itself(cast: Cast) -> None:
    """Nor moved, nor removed: what made it is told, with what came after it."""
    (done,) = handed_over(cast)
    story = "there was a transfer to Dev on Tue 10 Nov 2026"
    ben: dict[str, Any] = {**by(cast), "tutor_student_id": cast.ben_ana.pk}
    dev: dict[str, Any] = {**by(cast), "tutor_student_id": done.new.pk}
    ways: list[Callable[[], object]] = [
        partial(reopen, **ben),
        partial(correct_dates, **ben, ended_on=THE_16TH),
        partial(remove, **ben),
        partial(remove, **dev),
    ]
    for deed in ways:
        assert f"{story}. Undo that transfer instead." in str(refused(deed))
    on = moved_on(cast, done.new, cast.cara)
    for deed in ways[:3]:
        assert f"{story} and {TO_CARA}. Undo each of them, the last" in str(refused(deed))
    assert f"there was {TO_CARA}. Undo that transfer instead." in str(refused(ways[3]))
    for row in (on, done.new):
        of_pairing(cast, row)()
    cast.ben_ana.refresh_from_db()
    assert cast.ben_ana.ended_on is None


def test_of_a_hand_over_who_was_moved_on_is_named_as_staying(cast: Cast) -> None:
    """Beforehand and afterwards; the other student goes back."""
    done = handed_over(cast, cast.ben_cleo)
    moved_on(cast, done[0].new, cast.cara)
    seen = preview_undo_of(**by(cast), deed_id=done[0].deed)
    assert [one.pk for one in seen.kept] == [done[0].new.pk]
    assert [one.pk for one in seen.unpaired] == [done[1].new.pk]
    back = undo_deed(**by(cast), deed_id=done[0].deed)
    assert [one.pk for one in back.kept] == [done[0].new.pk]
    cast.ben_cleo.refresh_from_db()
    assert cast.ben_cleo.ended_on is None


def test_what_goes_on_is_undone(cast: Cast) -> None:
    """Nothing was done since."""
    (done,) = handed_over(cast)
    assert preview_undo(**by(cast), tutor_student_id=done.new.pk).old.pk == done.new.pk
    assert preview_undo_of(**by(cast), deed_id=done.deed).kept == ()
