"""A tutor is back early: what others cover in the part that falls away goes back, and is undone."""

from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import complete, reschedule, schedule
from tandem.lessons.cover import cover
from tandem.lessons.end_absence import EndedAbsence, end_absence, preview_end_absence
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Deed, Session, SessionEvent, TimeOff
from tandem.lessons.time_off import add_time_off
from tandem.lessons.touched import Decision
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tests.cast import HOUR, NOW, TERM, Cast, at, booked, user


def away(cast: Cast, *covered: Session) -> TimeOff:
    """Let Ben be away from 17 up to 20 November, Dev covering these."""
    done = add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(17, 0),
        ends_at=at(20, 0),
        reason="Ill",
        decisions=[Decision(one.pk, "cover", tutor_id=cast.dev.pk) for one in covered],
    )
    return done.time_off


def back(cast: Cast, off: TimeOff, **other: Any) -> EndedAbsence:
    """Let Ben be back on 18 November, as the owner says on the 2nd unless told otherwise."""
    return end_absence(**_given(cast, off, other))


def seen(cast: Cast, off: TimeOff, **other: Any) -> EndedAbsence:
    """Return what that would do."""
    return preview_end_absence(**_given(cast, off, other))


def _given(cast: Cast, off: TimeOff, other: dict[str, Any]) -> dict[str, Any]:
    given = {
        "requester": Requester(cast.owner, NOW),
        "tutor_id": cast.ben.pk,
        "time_off_id": off.pk,
    }
    return {**given, "ends_at": at(18, 0), **other}


def tutors(*sessions: Session) -> list[str]:
    """Return who holds each now."""
    return [Session.objects.get(pk=one.pk).tutor.full_name for one in sessions]


def test_what_falls_away_goes_back(cast: Cast) -> None:
    """The lesson of the 17th stays covered, those of the 18th and 19th go back; one deed."""
    first, second, third = (booked(cast.ben_ana, at(day, 9)) for day in (17, 18, 19))
    off = away(cast, first, second, third)
    assert tutors(first, second, third) == ["Dev"] * 3
    plan = seen(cast, off)
    assert [one.pk for one in plan.sessions] == [second.pk, third.pk]
    assert tutors(first, second, third) == ["Dev"] * 3
    assert TimeOff.objects.get().ends_at == at(20, 0)
    done = back(cast, off, expect=fingerprint(plan.shown))
    assert tutors(first, second, third) == ["Dev", "Ben", "Ben"]
    assert TimeOff.objects.get().ends_at == at(18, 0)
    lines = SessionEvent.objects.filter(what=SessionEvent.What.GIVEN_BACK)
    assert {one.session_id for one in lines} == {second.pk, third.pk}
    # Dev's cover of these two days is gone, the one of the 17th is not.
    assert TutorStudent.objects.filter(tutor=cast.dev).count() == 1
    assert Deed.objects.get(pk=done.deed).kind == "absence_ended"


def test_it_is_undone_at_one_go(cast: Cast) -> None:
    """The time off is as long as it was, and the same tutor covers again."""
    second, third = (booked(cast.ben_ana, at(day, 9)) for day in (18, 19))
    off = away(cast, second, third)
    done = back(cast, off)
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert [one.session.pk for one in plan.covered] == [second.pk, third.pk]
    undo_deed(
        requester=Requester(cast.owner, NOW), deed_id=done.deed, expect=fingerprint(plan.shown)
    )
    assert tutors(second, third) == ["Dev", "Dev"]
    assert TimeOff.objects.get().ends_at == at(20, 0)
    with pytest.raises(ConflictError) as refused:
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert refused.value.reason == "undone"


def test_undoing_leaves_what_was_changed_since(cast: Cast) -> None:
    """A lesson that Cara took since stays hers."""
    second, third = (booked(cast.ben_ana, at(day, 9)) for day in (18, 19))
    off = away(cast, second, third)
    done = back(cast, off)
    cover(requester=Requester(cast.owner, NOW), session_id=third.pk, tutor_id=cast.cara.pk)
    plan = undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert [(one.session.pk, one.reason) for one in plan.left] == [(third.pk, "changed_since")]
    assert tutors(second, third) == ["Dev", "Cara"]
    assert TimeOff.objects.get().ends_at == at(20, 0)


def test_the_absence_is_undone_whole_after_the_early_return_was(cast: Cast) -> None:
    """Who covers again holds the lesson in a new relationship, and it goes back from there."""
    second, third = (booked(cast.ben_ana, at(day, 9)) for day in (18, 19))
    off = away(cast, second, third)
    done = back(cast, off)
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    undo_deed(**who, deed_id=done.deed)
    assert tutors(second, third) == ["Dev", "Dev"]
    plan = undo_deed(**who, deed_id=Deed.objects.get(kind="time_off").pk)
    assert plan.left == ()
    assert tutors(second, third) == ["Ben", "Ben"]
    assert not TutorStudent.objects.filter(tutor=cast.dev).exists()
    assert not TimeOff.objects.exists()


def test_who_has_another_lesson_by_now_does_not_cover_again(cast: Cast) -> None:
    """Undone after a look: that one stays with Ben, to be covered by somebody else."""
    second, third = (booked(cast.ben_ana, at(day, 9)) for day in (18, 19))
    off = away(cast, second, third)
    done = back(cast, off)
    dev_cleo = pair(
        requester=Requester(None, NOW), student_id=cast.cleo.pk, tutor_id=cast.dev.pk,
        subject="Art", started_on=TERM,
    )  # fmt: skip
    there = booked(dev_cleo, at(19, 9))
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "deed_id": done.deed}
    plan = preview_undo_of(**who)
    assert [(one.session.pk, one.reason, one.busy_with) for one in plan.left] == [
        (third.pk, "tutor_busy", there)
    ]
    with pytest.raises(ConflictError, match="look at what would be"):
        undo_deed(**who)
    assert TimeOff.objects.get().ends_at == at(18, 0)
    undo_deed(**who, expect=fingerprint(plan.shown))
    assert tutors(second, third) == ["Dev", "Ben"]
    assert TimeOff.objects.get().ends_at == at(20, 0)


def test_nobody_covers_again_where_the_time_off_is_another_by_now(cast: Cast) -> None:
    """It was shortened once more, or undone itself: Ben is there, so Ben teaches."""
    second = booked(cast.ben_ana, at(18, 9))
    off = away(cast, second)
    done = back(cast, off)
    shorter = back(cast, off, ends_at=at(17, 12))
    with pytest.raises(ConflictError) as refused:
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert refused.value.reason == "nothing_to_undo"
    assert tutors(second) == ["Ben"]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=shorter.deed)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=Deed.objects.get(kind="time_off").pk)
    with pytest.raises(ConflictError):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert tutors(second) == ["Ben"]
    assert not TimeOff.objects.exists()


def test_an_absence_that_does_not_come_is_gone(cast: Cast) -> None:
    """Ended at its beginning it is removed, and undone it is there again, with its reason."""
    second = booked(cast.ben_ana, at(18, 9))
    off = away(cast, second)
    done = back(cast, off, ends_at=at(17, 0))
    assert done.is_removed
    assert not TimeOff.objects.exists()
    assert tutors(second) == ["Ben"]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    again = TimeOff.objects.get()
    assert (again.pk, again.starts_at, again.ends_at, again.reason) == (
        off.pk,
        at(17, 0),
        at(20, 0),
        "Ill",
    )
    assert tutors(second) == ["Dev"]


def test_what_cannot_go_back_stays_and_is_named(cast: Cast) -> None:
    """Ben has another lesson at one of the hours by now, and does not teach Cleo any more."""
    ana, cleo = booked(cast.ben_ana, at(18, 9)), booked(cast.ben_cleo, at(19, 9))
    off = away(cast, ana, cleo)
    schedule(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_cleo.pk,
        starts_at=at(18, 9),
        ends_at=at(18, 10),
        override=["tutor_away"],
    )
    plan = seen(cast, off)
    assert [(one.session.pk, one.reason) for one in plan.left] == [(ana.pk, "tutor_busy")]
    done = back(cast, off, expect=fingerprint(plan.shown))
    assert [one.pk for one in done.sessions] == [cleo.pk]
    assert tutors(ana, cleo) == ["Dev", "Ben"]


def test_who_does_not_teach_the_student_any_more_gets_nothing_back(cast: Cast) -> None:
    """Their relationship ended while they were away."""
    ana = booked(cast.ben_ana, at(19, 9))
    off = away(cast, ana)
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk, on=at(18, 0).date())
    plan = back(cast, off)
    assert [(one.session.pk, one.reason) for one in plan.left] == [(ana.pk, "outside_relationship")]
    assert tutors(ana) == ["Dev"]


def test_other_time_off_still_counts(cast: Cast) -> None:
    """Ben is at a fair on the 19th, whatever became of the illness."""
    second, third = (booked(cast.ben_ana, at(day, 9)) for day in (18, 19))
    off = away(cast, second, third)
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(19, 0),
        ends_at=at(22, 0),
        reason="Fair",
    )
    done = back(cast, off)
    assert [(one.session.pk, one.reason) for one in done.left] == [(third.pk, "tutor_away")]
    assert tutors(second, third) == ["Ben", "Dev"]


def test_single_lessons_stay_covered_by_choice(cast: Cast) -> None:
    """Of two, one stays with Dev because they have prepared it."""
    second, third = (booked(cast.ben_ana, at(day, 9)) for day in (18, 19))
    off = away(cast, second, third)
    done = back(cast, off, keep=[third.pk])
    assert [one.pk for one in done.kept] == [third.pk]
    assert tutors(second, third) == ["Ben", "Dev"]
    with pytest.raises(InvalidError) as refused:
        back(cast, off, ends_at=at(17, 9), keep=["no such lesson"])
    assert [one.field for one in refused.value.errors] == ["keep"]


def test_what_begins_already_or_was_held_stays(cast: Cast) -> None:
    """On the 18th at half past nine the lesson of nine runs; the one of the 19th goes back."""
    second, third = (booked(cast.ben_ana, at(day, 9)) for day in (18, 19))
    off = away(cast, second, third)
    complete(requester=Requester(cast.owner, at(18, 9, 30)), session_id=second.pk)
    done = back(cast, off, requester=Requester(cast.owner, at(18, 9, 30)))
    assert [one.pk for one in done.sessions] == [third.pk]
    assert tutors(second, third) == ["Dev", "Ben"]


def test_a_cover_of_a_cover_goes_back_to_who_was_first(cast: Cast) -> None:
    """Dev covered for Ben, Cara then for Dev; Ben is back."""
    second = booked(cast.ben_ana, at(18, 9))
    off = away(cast, second)
    cover(requester=Requester(cast.owner, NOW), session_id=second.pk, tutor_id=cast.cara.pk)
    back(cast, off)
    assert tutors(second) == ["Ben"]


def test_other_lessons_of_the_substitute_are_not_touched(cast: Cast) -> None:
    """What Cara teaches Ana at these hours anyhow was never Ben's."""
    own = booked(cast.cara_ana, at(18, 11))
    second = booked(cast.ben_ana, at(18, 9))
    off = away(cast, second)
    assert [one.pk for one in back(cast, off).sessions] == [second.pk]
    assert tutors(own) == ["Cara"]


def test_a_lesson_moved_by_the_substitute_goes_back_at_its_new_hour(cast: Cast) -> None:
    """Its hours stay as the family knows them."""
    second = booked(cast.ben_ana, at(18, 9))
    off = away(cast, second)
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=second.pk,
        starts_at=at(18, 15),
        ends_at=at(18, 16),
    )
    back(cast, off)
    row = Session.objects.get(pk=second.pk)
    assert (row.tutor_id, row.starts_at) == (cast.ben.pk, at(18, 15))


def test_a_tutor_shortens_their_own_and_an_owner_gives_back(cast: Cast) -> None:
    """Whose lessons others hold is an owner's to decide; Ben comes back without them."""
    second = booked(cast.ben_ana, at(18, 9))
    off = away(cast, second)
    with pytest.raises(ForbiddenError):
        back(cast, off, requester=Requester(user(cast.ben), NOW))
    done = back(cast, off, requester=Requester(user(cast.ben), NOW), gives_back=False)
    assert (done.sessions, tutors(second)) == ((), ["Dev"])
    assert TimeOff.objects.get().ends_at == at(18, 0)
    with pytest.raises(ForbiddenError):
        back(cast, off, requester=Requester(user(cast.cara), NOW), gives_back=False)
    undo_deed(requester=Requester(user(cast.ben), NOW), deed_id=done.deed)
    assert TimeOff.objects.get().ends_at == at(20, 0)


def test_it_ends_earlier_not_later(cast: Cast) -> None:
    """Neither at its end nor after it, nor with no zone; nor one that is nobody's."""
    off = away(cast)
    for wrong in (at(20, 0), at(21, 0), at(18, 0).replace(tzinfo=None)):
        with pytest.raises(InvalidError) as refused:
            back(cast, off, ends_at=wrong)
        assert [one.field for one in refused.value.errors] == ["to"]
    with pytest.raises(NotFoundError):
        back(cast, off, time_off_id="no such one")
    assert TimeOff.objects.get().ends_at == at(20, 0)


def test_what_changed_since_the_look_is_refused(cast: Cast) -> None:
    """Another lesson was covered in between."""
    second, third = (booked(cast.ben_ana, at(day, 9)) for day in (18, 19))
    off = away(cast, second)
    plan = seen(cast, off)
    cover(requester=Requester(cast.owner, NOW), session_id=third.pk, tutor_id=cast.dev.pk)
    with pytest.raises(ConflictError) as refused:
        back(cast, off, expect=fingerprint(plan.shown))
    assert refused.value.reason == "changed_since_preview"
    assert tutors(second, third) == ["Dev", "Dev"]


def test_no_pairing_is_removed_that_somebody_else_made(cast: Cast) -> None:
    """Dev teaches Ana physics by an arrangement of its own, which stays when its lesson goes."""
    own = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Physics",
        started_on=TERM,
    )
    second = booked(cast.ben_ana, at(18, 9), at(18, 9) + HOUR)
    off = away(cast, second)
    back(cast, off)
    assert TutorStudent.objects.filter(pk=own.pk).exists()
