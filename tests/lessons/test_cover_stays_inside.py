"""A cover holds the sessions that were covered, on its days, and nothing else."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, InvalidError
from tandem.lessons import actions
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.lessons.swapping import swap
from tandem.people.actions import update_tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import make_primary, pair
from tandem.relationships.models import TutorStudent
from tandem.relationships.requests import request
from tests.cast import NOW, Cast, at, booked, user

THE_17TH, THE_24TH = date(2026, 11, 17), date(2026, 11, 24)


def week_of_cover(cast: Cast) -> TutorStudent:
    """Dev covers physics with Ana for a week."""
    return pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Physics",
        kind="cover",
        started_on=THE_17TH,
        ended_on=THE_24TH,
    )


def reason(deed: Callable[[], object]) -> str:
    """Return why something is refused."""
    with pytest.raises(ConflictError) as refused:
        deed()
    return refused.value.reason


def test_a_cover_has_an_end_and_is_never_primary(cast: Cast) -> None:
    """Without one, before its start, or as the primary it is refused, field by field."""
    make = partial(
        pair,
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        kind="cover",
        started_on=THE_17TH,
    )
    for wrong, field in (
        ({}, "ended_on"),
        ({"ended_on": THE_17TH}, "ended_on"),
        ({"ended_on": THE_24TH, "primary": True}, "is_primary"),
    ):
        with pytest.raises(InvalidError) as refused:
            make(**wrong)
        assert [error.field for error in refused.value.errors] == [field]
    with pytest.raises(InvalidError, match="Only a cover is made with its end"):
        make(kind="regular", ended_on=THE_24TH)
    made = make(ended_on=THE_24TH)
    assert (made.kind, made.ended_on, made.is_primary) == ("cover", THE_24TH, False)
    choose = partial(make_primary, requester=Requester(cast.owner, NOW))
    assert reason(partial(choose, tutor_student_id=made.pk)) == "wrong_status"


def test_an_open_cover_of_former_times_never_gets_the_mark(cast: Cast) -> None:
    """Neither by choice nor when the primary ends: then nobody is primary."""
    TutorStudent.objects.filter(pk=cast.cara_ana.pk).update(kind="cover")
    act = {"requester": Requester(cast.owner, NOW)}
    choose = partial(make_primary, **act, tutor_student_id=cast.cara_ana.pk)  # type: ignore[arg-type]
    assert reason(choose) == "only_cover"
    assert end(**act, tutor_student_id=cast.ben_ana.pk).primary is None  # type: ignore[arg-type]


def test_a_cover_alone_makes_nobody_primary(cast: Cast) -> None:
    """Nobody teaches Eva but a substitute; the first regular tutor is primary."""
    cleo = TutorStudent.objects.filter(student=cast.cleo)
    cleo.delete()
    make = partial(
        pair, requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.cleo.pk
    )
    assert not make(kind="cover", ended_on=THE_24TH).is_primary
    assert make(tutor_id=cast.ben.pk).is_primary


def test_a_cover_takes_no_place_and_works_only_with_who_works_here(cast: Cast) -> None:
    """A capacity of none stands in the way of teaching, not of covering."""
    change = partial(update_tutor, requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk)
    change(changes={"capacity": 0})
    week_of_cover(cast).delete()
    change(changes={"active": False})
    assert reason(partial(week_of_cover, cast)) == "tutor_inactive"


def test_a_covered_session_goes_into_the_cover_that_is_there(cast: Cast) -> None:
    """The week that was agreed holds it, on its days alone."""
    week = week_of_cover(cast)
    inside, after = booked(cast.ben_ana, at(18, 16)), booked(cast.ben_ana, at(24, 16))
    take = partial(cover, requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk)
    assert take(session_id=inside.pk).link == week
    assert take(session_id=after.pk).link != week


def test_who_covers_plans_nothing_and_moves_nothing_to_another_day(cast: Cast) -> None:
    """Another hour of the day is theirs to choose; another day is an owner's."""
    week = week_of_cover(cast)
    session = booked(cast.ben_ana, at(18, 16))
    cover(requester=Requester(cast.owner, NOW), session_id=session.pk, tutor_id=cast.dev.pk)
    assert reason(partial(booked, week, at(18, 18))) == "only_cover"
    assert reason(partial(booked, week, at(19, 16))) == "only_cover"
    move = partial(actions.reschedule, session_id=session.pk)
    another = partial(move, starts_at=at(19, 16), ends_at=at(19, 17))
    assert reason(partial(another, requester=Requester(user(cast.dev), NOW))) == "only_cover"
    assert (
        move(
            requester=Requester(user(cast.dev), NOW), starts_at=at(18, 10), ends_at=at(18, 11)
        ).starts_at.day
        == 18
    )
    assert another(requester=Requester(cast.owner, NOW)).starts_at.day == 19


def test_who_covers_cancels_a_lesson_and_does_not_remove_it(cast: Cast) -> None:
    """It is Ben's, and nothing of it would be kept. An owner removes it."""
    session = booked(cast.ben_ana, at(18, 16))
    cover(requester=Requester(cast.owner, NOW), session_id=session.pk, tutor_id=cast.dev.pk)
    dev: dict[str, Any] = {"requester": Requester(user(cast.dev), NOW), "session_id": session.pk}
    assert reason(partial(actions.delete, **dev)) == "only_cover"
    actions.cancel(**dev)
    assert reason(partial(actions.delete, **dev)) == "only_cover"
    actions.delete(**{**dev, "requester": Requester(cast.owner, NOW)})
    assert not Session.objects.exists()


def test_another_day_is_told_as_a_day_is(cast: Cast) -> None:
    session = booked(cast.ben_ana, at(18, 16))
    cover(requester=Requester(cast.owner, NOW), session_id=session.pk, tutor_id=cast.dev.pk)
    with pytest.raises(ConflictError, match="only covers on Wed 18 Nov 2026"):
        actions.reschedule(
            requester=Requester(user(cast.dev), NOW),
            session_id=session.pk,
            starts_at=at(19, 16),
            ends_at=at(19, 17),
        )


def test_a_swap_is_no_way_to_another_day(cast: Cast) -> None:
    """Dev would swap the covered session with one of his own; on one day he may."""
    week_of_cover(cast)
    covered = booked(cast.ben_ana, at(18, 16))
    cover(requester=Requester(cast.owner, NOW), session_id=covered.pk, tutor_id=cast.dev.pk)
    own = pair(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.cleo.pk)
    same, other = booked(own, at(18, 10)), booked(own, at(19, 10))
    act = partial(swap, requester=Requester(user(cast.dev), NOW))
    assert reason(partial(act, session_ids=[covered.pk, other.pk])) == "only_cover"
    assert act(session_ids=[covered.pk, same.pk])[0].starts_at == at(18, 10)


def test_a_cover_is_not_asked_for(cast: Cast) -> None:
    """A request is for a regular relationship."""
    asked = request(
        requester=Requester(user(cast.ben), NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk
    )
    assert asked.kind == "regular"
