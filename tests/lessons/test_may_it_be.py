"""What stands against a session: its day, who is there, what has not begun."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.lessons import actions
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.lessons.revising import revise
from tandem.lessons.time_off import add_time_off
from tandem.lessons.transfers import preview_transfer, transfer
from tandem.people.actions import update_student, update_tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import pause
from tandem.relationships.models import TutorStudent
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked, link, user

THE_14TH = date(2026, 11, 14)
MINUTE = timedelta(minutes=1)


def reason(deed: Callable[[], object]) -> str:
    """Return why something is refused."""
    with pytest.raises(ConflictError) as refused:
        deed()
    return refused.value.reason


def test_the_day_of_a_transfer_is_the_new_tutors(cast: Cast) -> None:
    """What was held that day before the transfer stays, and can be recorded still."""
    held = booked(cast.ben_ana, at(14, 9))
    actions.complete(requester=Requester(user(cast.ben), at(14, 10)), session_id=held.pk)
    transfer(
        requester=Requester(cast.owner, at(14, 11)),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_14TH,
    )
    assert reason(partial(booked, cast.ben_ana, at(14, 16))) == "outside_relationship"
    assert booked(link(cast.dev, cast.ana), at(14, 16)).tutor == cast.dev
    missed = partial(
        actions.no_show, requester=Requester(user(cast.ben), DECEMBER), session_id=held.pk
    )
    assert missed().status == "no_show"


def test_nothing_is_planned_in_a_relationship_of_no_day(cast: Cast) -> None:
    """It began and ended on one day, by mistake."""
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        on=cast.ben_ana.started_on,
    )
    cast.ben_ana.refresh_from_db()
    assert cast.ben_ana.ended_on == cast.ben_ana.started_on
    day = at(1, 16, month=9)
    assert reason(partial(booked, cast.ben_ana, day)) == "outside_relationship"


def test_a_substitute_plans_nothing_of_their_own(cast: Cast) -> None:
    """Neither a second hour of the day, nor a move to the next one."""
    session = booked(cast.ben_ana, at(17, 16))
    cover(requester=Requester(cast.owner, NOW), session_id=session.pk, tutor_id=cast.dev.pk)
    covering = TutorStudent.objects.get(kind="cover")
    assert reason(partial(booked, covering, at(17, 18))) == "only_cover"
    move = partial(
        actions.reschedule, requester=Requester(user(cast.dev), NOW), session_id=session.pk
    )
    assert reason(partial(move, starts_at=at(18, 16), ends_at=at(18, 17))) == "outside_relationship"
    assert move(starts_at=at(17, 17), ends_at=at(17, 18)).starts_at == at(17, 17)


@pytest.mark.parametrize("verb", [actions.complete, actions.no_show])
def test_nothing_is_recorded_before_it_begins(cast: Cast, verb: Callable[..., Session]) -> None:
    """Who is there a quarter of an hour early may."""
    session = booked(cast.ben_ana, at(17, 16))
    record = partial(verb, session_id=session.pk)
    early, late = (
        Requester(user(cast.ben), one) for one in (at(17, 15, 45) - MINUTE, at(17, 15, 45))
    )
    assert reason(partial(record, requester=early)) == "not_begun"
    assert record(requester=late).status in {"completed", "no_show"}


def test_a_cancelled_session_is_planned_again_only_where_a_new_one_could_be(cast: Cast) -> None:
    """The tutor and the student work on, the relationship is not paused, nobody is away."""
    session = booked(cast.ben_ana, at(17, 16))
    actions.cancel(requester=Requester(None, NOW), session_id=session.pk)
    again = partial(actions.reinstate, requester=Requester(cast.owner, NOW), session_id=session.pk)
    tutor = partial(update_tutor, requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk)
    student = partial(update_student, requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    for change, said in ((tutor, "tutor_inactive"), (student, "student_inactive")):
        change(changes={"active": False})
        assert reason(again) == said
        change(changes={"active": True})
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(17, 9),
        ends_at=at(17, 16, 30),
    )
    assert reason(again) == "tutor_away"
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    assert reason(again) == "wrong_status"


def test_a_session_that_ran_late_is_recorded_with_its_hours(cast: Cast) -> None:
    """At once, though a scheduled one alone can be moved."""
    session = booked(cast.ben_ana, at(17, 16))
    done = revise(
        requester=Requester(user(cast.ben), at(17, 18)), session_id=session.pk, status="completed",
        starts_at=at(17, 16, 20), ends_at=at(17, 17, 30), changes={"notes": "Late bus."},
    )  # fmt: skip
    assert (done.status, done.starts_at, done.ends_at) == (
        "completed",
        at(17, 16, 20),
        at(17, 17, 30),
    )
    later = partial(revise, requester=Requester(user(cast.ben), DECEMBER), session_id=session.pk)
    assert reason(partial(later, starts_at=at(17, 9), ends_at=at(17, 10))) == "wrong_status"


def test_a_cancelled_session_is_planned_again_at_another_hour(cast: Cast) -> None:
    """Its old one is taken by now; one that is taken, too, is refused."""
    session = booked(cast.ben_ana, at(17, 16))
    actions.cancel(requester=Requester(None, NOW), session_id=session.pk)
    booked(cast.ben_cleo, at(17, 16))
    again = partial(
        revise, requester=Requester(cast.owner, NOW), session_id=session.pk, status="scheduled"
    )
    assert reason(again) == "tutor_busy"
    assert reason(partial(again, starts_at=at(17, 16, 30), ends_at=at(17, 18))) == "tutor_busy"
    done = again(starts_at=at(17, 17), ends_at=at(17, 18))
    assert (done.status, done.starts_at) == ("scheduled", at(17, 17))


def test_nobody_is_booked_while_away(cast: Cast) -> None:
    """By planning, by moving, or by a transfer, which names it beforehand."""
    away = at(17, 9), at(17, 18)
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=away[0],
        ends_at=away[1],
    )
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        starts_at=at(18, 9),
        ends_at=at(19, 9),
    )
    assert reason(partial(booked, cast.ben_ana, at(17, 17, 30))) == "tutor_away"
    session = booked(cast.ben_ana, at(17, 18))
    move = partial(actions.reschedule, requester=Requester(cast.owner, NOW), session_id=session.pk)
    assert reason(partial(move, starts_at=at(17, 16), ends_at=at(17, 17))) == "tutor_away"
    move(starts_at=at(18, 16), ends_at=at(18, 16) + HOUR)
    to_dev: dict[str, Any] = {
        "requester": Requester(cast.owner, NOW),
        "student_id": cast.ana.pk,
        "to_tutor_id": cast.dev.pk,
    }
    plan = preview_transfer(**to_dev, on=THE_14TH)
    assert [(clash.session, clash.reason) for clash in plan.clashes] == [(session, "tutor_away")]
    assert reason(partial(transfer, **to_dev, on=THE_14TH)) == "clashes"
