"""All that stands against a session is told at once, each with its code."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.lessons import actions
from tandem.lessons.closures import add_closure
from tandem.lessons.cover import Choice, cover_all, preview_cover
from tandem.lessons.models import Session
from tandem.lessons.recording import record_held
from tandem.lessons.revising import revise
from tandem.lessons.swapping import swap
from tandem.lessons.time_off import add_time_off
from tandem.lessons.transfers import transfer
from tandem.people.actions import update_student
from tandem.people.requester import Requester
from tandem.relationships.actions import pair, pause
from tests.cast import HOUR, NOW, Cast, at, booked, link

OWN: dict[str, Any] = {"requester": Requester(None, NOW)}
HOURS: dict[str, Any] = {"starts_at": at(17, 16), "ends_at": at(17, 17)}


def refused(deed: Callable[[], object]) -> ConflictError:
    """Return why something is refused."""
    with pytest.raises(ConflictError) as refusal:
        deed()
    return refusal.value


def codes(refusal: ConflictError) -> list[str]:
    """Return the codes of all that stands against it."""
    return [one["code"] for one in refusal.details["conflicts"]]


def nothing_fits(cast: Cast) -> Session:
    """Fill an hour of Ben's and Ana's with all that could stand against a session in it."""
    booked(cast.cara_ana, at(17, 16))
    booked(cast.ben_cleo, at(17, 16))
    add_time_off(**OWN, tutor_id=cast.ben.pk, starts_at=at(17, 0), ends_at=at(18, 0))
    add_closure(**OWN, starts_on=date(2026, 11, 17), ends_on=date(2026, 11, 18), name="Storm")
    return booked(cast.ben_ana, at(19, 16))


ALL = ["tutor_away", "closed", "student_busy", "tutor_busy"]


def test_a_new_session_is_refused_with_all_of_it(cast: Cast) -> None:
    """The first is the reason, as ever; each has its code, its day and its words."""
    nothing_fits(cast)
    refusal = refused(partial(actions.schedule, **OWN, tutor_student_id=cast.ben_ana.pk, **HOURS))
    assert refusal.reason == "tutor_away"
    assert sorted(codes(refusal)) == sorted(ALL)
    assert {one["date"] for one in refusal.details["conflicts"]} == {"2026-11-17"}
    for one in refusal.details["conflicts"]:
        assert one["detail"] in str(refusal)
    assert len(refusal.details["sessions"]) == 2
    assert "Storm" in str(refusal)


def test_what_an_owner_overrides_is_not_among_it(cast: Cast) -> None:
    """Never a clash, which stays."""
    nothing_fits(cast)
    plan = partial(actions.schedule, **OWN, tutor_student_id=cast.ben_ana.pk, **HOURS)
    assert sorted(codes(refused(partial(plan, override=["tutor_away"])))) == sorted(ALL[1:])
    assert sorted(codes(refused(partial(plan, override=ALL[:2])))) == sorted(ALL[2:])


def test_a_move_and_a_plan_anew_are_refused_with_all_of_it(cast: Cast) -> None:
    """The relationship that is paused, too."""
    session = nothing_fits(cast)
    move = partial(revise, **OWN, session_id=session.pk, **HOURS)
    assert sorted(codes(refused(move))) == sorted(ALL)
    actions.cancel(**OWN, session_id=session.pk)
    pause(**OWN, tutor_student_id=cast.ben_ana.pk)
    again = partial(revise, **OWN, session_id=session.pk, status="scheduled", **HOURS)
    assert sorted(codes(refused(again))) == sorted(["wrong_status", *ALL])
    session.refresh_from_db()
    assert (session.status, session.starts_at) == ("cancelled", at(19, 16))


def test_a_group_is_refused_with_what_stands_against_any(cast: Cast) -> None:
    """Ana is busy, Cleo inactive, Ben away."""
    booked(cast.cara_ana, at(17, 16))
    add_time_off(**OWN, tutor_id=cast.ben.pk, starts_at=at(17, 0), ends_at=at(18, 0))
    update_student(**OWN, student_id=cast.cleo.pk, changes={"active": False})
    both = [cast.ben_ana.pk, cast.ben_cleo.pk]
    refusal = refused(partial(actions.schedule_group, **OWN, tutor_student_ids=both, **HOURS))
    assert codes(refusal) == ["student_inactive", "tutor_away", "student_busy"]


def test_what_was_held_is_refused_with_all_of_it(cast: Cast) -> None:
    """Not begun, before the relationship, and in somebody else's hour."""
    booked(cast.ben_cleo, at(17, 16))
    later = pair(
        **OWN,
        tutor_id=cast.ben.pk,
        student_id=cast.ana.pk,
        subject="Art",
        started_on=date(2026, 11, 18),
    )
    held = partial(record_held, **OWN, tutor_student_id=later.pk, **HOURS)
    assert codes(refused(held)) == ["not_begun", "outside_relationship", "tutor_busy"]


def test_a_swap_is_refused_with_all_of_it(cast: Cast) -> None:
    """Ben is away at the one hour, and Ana is with Cara at the other."""
    one, other = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_cleo, at(18, 16))
    booked(cast.cara_ana, at(18, 16))
    add_time_off(**OWN, tutor_id=cast.ben.pk, starts_at=at(17, 0), ends_at=at(18, 0))
    refusal = refused(partial(swap, **OWN, session_ids=[one.pk, other.pk]))
    assert codes(refusal) == ["tutor_away", "student_busy"]


def test_a_cover_is_refused_with_all_of_it_and_looked_at_before(cast: Cast) -> None:
    """Dev is away, and has a lesson there."""
    session = booked(cast.ben_ana, at(17, 16))
    dev_cleo = pair(**OWN, tutor_id=cast.dev.pk, student_id=cast.cleo.pk, subject="Art")
    booked(dev_cleo, at(17, 16))
    add_time_off(**OWN, tutor_id=cast.dev.pk, starts_at=at(17, 0), ends_at=at(18, 0))
    choices = [Choice(session.pk, cast.dev.pk)]
    seen = preview_cover(**OWN, choices=choices)
    assert sorted(one.reason for one in seen[0].clashes) == ["tutor_away", "tutor_busy"]
    refusal = refused(partial(cover_all, **OWN, choices=choices))
    assert sorted(codes(refusal)) == ["tutor_away", "tutor_busy"]
    session.refresh_from_db()
    assert session.tutor == cast.ben


def test_a_transfer_is_refused_with_all_of_it(cast: Cast) -> None:
    """Each session that cannot move, and why."""
    first, second = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_ana, at(18, 16))
    dev_cleo = pair(**OWN, tutor_id=cast.dev.pk, student_id=cast.cleo.pk, subject="Art")
    booked(dev_cleo, at(17, 16))
    add_time_off(**OWN, tutor_id=cast.dev.pk, starts_at=at(17, 0), ends_at=at(19, 0))
    refusal = refused(
        partial(
            transfer,
            **OWN,
            student_id=cast.ana.pk,
            to_tutor_id=cast.dev.pk,
            on=date(2026, 11, 16),
        )
    )
    told = [(one["sessionId"], one["code"]) for one in refusal.details["conflicts"]]
    assert sorted(told) == sorted(
        [(first.pk, "tutor_away"), (first.pk, "tutor_busy"), (second.pk, "tutor_away")]
    )


def test_what_stands_alone_is_told_as_before(cast: Cast) -> None:
    """One sentence, and the ids of what is there."""
    there = booked(cast.ben_cleo, at(17, 16))
    refusal = refused(partial(booked, cast.ben_ana, at(17, 16), at(17, 16) + HOUR))
    assert (refusal.reason, refusal.details["sessions"]) == ("tutor_busy", [there.pk])
    assert str(refusal) == "The tutor already has a session in these hours."
    assert codes(refusal) == ["tutor_busy"]
    assert link(cast.ben, cast.ana).status == "active"
