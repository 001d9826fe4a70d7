"""Two sessions that change places: both, or none."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.lessons import actions
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.swapping import swap
from tandem.lessons.time_off import add_time_off
from tandem.people.requester import Requester
from tandem.relationships.actions import pause
from tests.cast import HOUR, NOW, Cast, at, booked, user


def swapped(cast: Cast, *sessions: Session) -> list[Session]:
    return swap(requester=Requester(cast.owner, NOW), session_ids=[one.pk for one in sessions])


def refused(deed: Callable[[], object], *sessions: Session) -> str:
    """Return why something is refused, after a look that nothing has moved."""
    before = [one.starts_at for one in sessions]
    with pytest.raises(ConflictError) as conflict:
        deed()
    for one in sessions:
        one.refresh_from_db()
    assert [one.starts_at for one in sessions] == before
    assert {one.status for one in sessions} == {"scheduled"}
    return conflict.value.reason


def test_two_sessions_of_one_tutor_change_places(cast: Cast) -> None:
    """At 10 and 11: neither could be moved alone, together they can, by their tutor."""
    ten, eleven = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(17, 11))
    move = partial(actions.reschedule, requester=Requester(user(cast.ben), NOW), session_id=ten.pk)
    alone = partial(move, starts_at=at(17, 11), ends_at=at(17, 12))
    assert refused(alone, ten, eleven) == "tutor_busy"
    swap(requester=Requester(user(cast.ben), NOW), session_ids=[ten.pk, eleven.pk])
    ten.refresh_from_db()
    eleven.refresh_from_db()
    assert (ten.starts_at, eleven.starts_at) == (at(17, 11), at(17, 10))
    assert {ten.status, eleven.status} == {"scheduled"}


def test_each_takes_the_whole_of_the_others_hours(cast: Cast) -> None:
    """An hour and a half goes with the hour at which it was."""
    short = booked(cast.ben_ana, at(17, 10))
    long = booked(cast.ben_cleo, at(17, 11), at(17, 12, 30))
    first, second = swapped(cast, short, long)
    assert (first.pk, first.ends_at - first.starts_at) == (short.pk, 1.5 * HOUR)
    assert second.ends_at - second.starts_at == HOUR


def test_two_tutors_of_one_student_change_places(cast: Cast) -> None:
    """Ben and Cara both teach Ana that day."""
    ben, cara = booked(cast.ben_ana, at(17, 10)), booked(cast.cara_ana, at(17, 11))
    assert [one.starts_at for one in swapped(cast, ben, cara)] == [at(17, 11), at(17, 10)]


def test_none_is_moved_where_one_cannot_be(cast: Cast) -> None:
    """Cleo is taught by somebody else at 11; Ben is away; Ana's relationship ends; it is paused."""
    ten, noon = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(20, 10))
    there = booked(cast.cara_ana, at(20, 10, 30))
    act = partial(swapped, cast, ten, noon)
    assert refused(act, ten, noon) == "student_busy"
    there.delete()
    off = add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(20, 0),
        ends_at=at(21, 0),
    ).time_off
    assert refused(act, ten, noon) == "tutor_away"
    off.delete()
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk)
    assert refused(act, ten, noon) == "wrong_status"
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        on=date(2026, 11, 20),
    )
    assert refused(act, ten, noon) == "outside_relationship"


def test_only_what_is_planned_is_swapped(cast: Cast) -> None:
    """What was called off has no hours to give."""
    ten, off = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(17, 11))
    actions.cancel(requester=Requester(None, NOW), session_id=off.pk)
    assert refused(partial(swapped, cast, ten, off), ten) == "wrong_status"


def test_two_are_named_and_both_are_seen(cast: Cast) -> None:
    """One alone, one twice, and one of somebody else's."""
    ten, hers = booked(cast.ben_ana, at(17, 10)), booked(cast.cara_ana, at(17, 11))
    for named in ([ten], [ten, ten], [ten, hers, hers]):
        with pytest.raises(InvalidError, match="two different"):
            swapped(cast, *named)
    with pytest.raises(NotFoundError):
        swap(requester=Requester(user(cast.ben), NOW), session_ids=[ten.pk, hers.pk])


def test_two_in_the_same_hours_have_nothing_to_swap(cast: Cast) -> None:
    """Ben with Cleo and Cara with Ana, both at ten: refused, and nothing is told."""
    one, other = booked(cast.ben_cleo, at(17, 10)), booked(cast.cara_ana, at(17, 10))
    assert refused(lambda: swapped(cast, one, other), one, other) == "unchanged"
    moved = SessionEvent.objects.filter(what=SessionEvent.What.MOVED)
    assert not moved.exists()


def test_an_owner_swaps_in_spite_of_time_off(cast: Cast) -> None:
    """Ben is away on the 20th: the history of what goes there says so, the other's does not."""
    ten, noon = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(20, 10))
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(20, 0),
        ends_at=at(21, 0),
    )
    named: dict[str, Any] = {"session_ids": [ten.pk, noon.pk]}
    with pytest.raises(ForbiddenError):
        swap(requester=Requester(user(cast.ben), NOW), override=["tutor_away"], **named)
    only_closed = partial(swap, requester=Requester(cast.owner, NOW), override=["closed"], **named)
    assert refused(only_closed, ten, noon) == "tutor_away"
    swap(requester=Requester(cast.owner, NOW), override=["tutor_away", "closed"], **named)
    lines = SessionEvent.objects.filter(what="moved", session_id__in=[ten.pk, noon.pk])
    said = {line.session_id: line.details.get("override") for line in lines}
    assert said == {ten.pk: ["tutor_away"], noon.pk: None}


def test_nobody_swaps_into_what_others_have_planned(cast: Cast) -> None:
    """A clash is never overridden, and cannot be asked for."""
    ten, noon = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(20, 10))
    booked(cast.cara_ana, at(20, 10, 30))
    act = partial(swap, requester=Requester(cast.owner, NOW), session_ids=[ten.pk, noon.pk])
    assert refused(partial(act, override=["tutor_away", "closed"]), ten, noon) == "student_busy"
    with pytest.raises(InvalidError):
        act(override=["student_busy"])
