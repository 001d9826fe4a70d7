"""Whatever moves or brings lessons back asks the same, and tells every reason of every lesson."""

from datetime import date, timedelta
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons import actions
from tandem.lessons.closures import add_closure, preview_closure
from tandem.lessons.cover import Choice, cover_all
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Closure, Session, TimeOff
from tandem.lessons.revising import revise
from tandem.lessons.touched import Decision
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked

THE_17TH = date(2026, 11, 17)
A_DAY = timedelta(days=1)


def closing(cast: Cast, *decisions: Decision, **other: Any) -> dict[str, Any]:
    """Return what closes the business on the 17th."""
    days = {"starts_on": THE_17TH, "ends_on": THE_17TH + A_DAY}
    return {
        "requester": Requester(cast.owner, NOW),
        "name": "Fair",
        **days,
        "decisions": decisions,
        **other,
    }


def test_all_reasons_against_a_move_are_told(cast: Cast) -> None:
    """The tutor is away on another closed day on which somebody else has the student."""
    session = booked(cast.ben_ana, at(17, 16))
    booked(cast.cara_ana, at(19, 16, 30))
    TimeOff.objects.create(tutor=cast.ben, starts_at=at(19, 9), ends_at=at(19, 18))
    Closure.objects.create(name="Storm", starts_on=date(2026, 11, 19), ends_on=date(2026, 11, 20))
    move = Decision(session.pk, "move", starts_at=at(19, 16), ends_at=at(19, 17))
    plan = preview_closure(**closing(cast, move))
    reasons = [one.reason for one in plan.touched.clashes]
    assert reasons == ["tutor_away", "closed", "student_busy"]


def test_both_of_two_lessons_that_meet_are_named(cast: Cast) -> None:
    """Whichever has the smaller id."""
    one, other = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_cleo, at(17, 17))
    moves = [
        Decision(row.pk, "move", starts_at=at(19, hour), ends_at=at(19, hour) + HOUR * 2)
        for row, hour in ((one, 16), (other, 17))
    ]
    plan = preview_closure(**closing(cast, *moves))
    pairs = {(clash.session, clash.busy_with) for clash in plan.touched.clashes}
    assert pairs == {(one, other), (other, one)}


def test_nothing_is_planned_again_where_it_could_not_be_reinstated(cast: Cast) -> None:
    """A closure is undone: what it cancelled stays so with an inactive tutor, and says why."""
    session = booked(cast.ben_ana, at(17, 16))
    deed = add_closure(**closing(cast, default="cancel")).deed
    Tutor.objects.filter(pk=cast.ben.pk).update(active=False)
    look = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    expect = fingerprint(look.shown)
    plan = undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed, expect=expect)
    assert [(one.session, one.reason) for one in plan.left] == [(session, "tutor_inactive")]
    assert Session.objects.get().status == "cancelled"
    with pytest.raises(ConflictError) as refused:
        actions.reinstate(requester=Requester(cast.owner, NOW), session_id=session.pk)
    assert refused.value.reason == "tutor_inactive"


def test_a_covered_lesson_goes_back_only_where_it_can_be(cast: Cast) -> None:
    """The look names what stands against it, the deed refuses: an end, and an inactive tutor."""
    session = booked(cast.ben_ana, at(17, 16))
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    choices = [Choice(session.pk, cast.dev.pk)]
    (covered,) = cover_all(**who, choices=choices)
    end(**who, tutor_student_id=cast.ben_ana.pk, on=date(2026, 11, 10))
    Tutor.objects.filter(pk=cast.ben.pk).update(active=False)
    plan = preview_undo_of(**who, deed_id=covered.deed)
    assert [one.reason for one in plan.clashes] == ["outside_relationship", "tutor_inactive"]
    with pytest.raises(ConflictError, match="does not teach the student then") as refused:
        undo_deed(**who, deed_id=covered.deed)
    assert refused.value.reason == "clashes"
    assert Session.objects.get().tutor == cast.dev


def test_lessons_given_back_to_one_tutor_do_not_meet(cast: Cast) -> None:
    """Two were covered, one was moved since to the hours of the other: both are named."""
    one, other = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_cleo, at(17, 17))
    choices = [Choice(one.pk, cast.dev.pk), Choice(other.pk, cast.cara.pk)]
    deed = cover_all(requester=Requester(cast.owner, NOW), choices=choices)[0].deed
    move: dict[str, Any] = {"starts_at": at(17, 17), "ends_at": at(17, 18)}
    actions.reschedule(requester=Requester(cast.owner, NOW), session_id=one.pk, **move)
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert {one.reason for one in plan.clashes} == {"tutor_busy"}
    assert {one.session for one in plan.clashes} == {one, other}


def test_what_was_missed_lies_in_the_relationship(cast: Cast) -> None:
    """As what was held: at other hours of a day before it began it is refused."""
    session = booked(cast.ben_ana, at(17, 16))
    missed: dict[str, Any] = {
        "requester": Requester(cast.owner, DECEMBER),
        "session_id": session.pk,
        "status": "no_show",
    }
    with pytest.raises(ConflictError) as refused:
        revise(**missed, starts_at=at(31, 16, month=8), ends_at=at(31, 17, month=8))
    assert refused.value.reason == "outside_relationship"
    assert revise(**missed, starts_at=at(17, 17), ends_at=at(17, 18)).status == "no_show"
