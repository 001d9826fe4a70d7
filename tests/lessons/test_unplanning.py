"""A lesson that was only planned, or recorded, is taken back: it goes, its history stays.

No letter tells of it.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.lessons.actions import (
    cancel,
    complete,
    edit,
    reinstate,
    reschedule,
    schedule,
    schedule_group,
)
from tandem.lessons.group_joining import join_lesson
from tandem.lessons.held_hours import correct_hours
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.recording import record_held
from tandem.lessons.unplanning import unplan, unrecord
from tandem.people.models import Account
from tandem.people.requester import Requester
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked, third, user
from tests.lessons.post import a_guardian, deed, letters, words


def planned(cast: Cast) -> Session:
    """Return a lesson that the owner has planned."""
    return schedule(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_cleo.pk,
        starts_at=at(9, 16),
        ends_at=at(9, 17),
    )


def told(lesson: Session) -> list[str]:
    """Return what the history says of a lesson, gone or not."""
    rows = SessionEvent.objects.filter(session=lesson.pk).order_by("id")
    return [str(one.what) for one in rows]


def test_it_goes_and_its_history_stays(cast: Cast) -> None:
    """Who planned it, and who took it back; by the tutor too, whose lesson it is."""
    for account in (cast.owner, user(cast.ben)):
        lesson = planned(cast)
        assert unplan(requester=Requester(account, NOW), session_id=lesson.pk) == []
        assert not Session.objects.exists()
        assert told(lesson) == ["planned", "removed"]
        assert SessionEvent.objects.get(session=lesson.pk, what="removed").actor == account
        assert planned(cast).starts_at == at(9, 16)
        Session.objects.all().delete()


def test_a_stranger_has_nothing_to_take_back(cast: Cast) -> None:
    lesson = planned(cast)
    with pytest.raises(NotFoundError):
        unplan(requester=Requester(user(cast.dev), NOW), session_id=lesson.pk)
    assert Session.objects.filter(pk=lesson.pk).exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda pk: edit(requester=Requester(None, NOW), session_id=pk, changes={"title": "Levers"}),
        lambda pk: complete(requester=Requester(None, DECEMBER), session_id=pk),
        lambda pk: reschedule(
            requester=Requester(None, NOW),
            session_id=pk,
            starts_at=at(9, 17),
            ends_at=at(9, 18),
        ),
        lambda pk: (
            cancel(requester=Requester(None, NOW), session_id=pk),
            reinstate(requester=Requester(None, NOW), session_id=pk),
        ),
    ],
)
def test_what_something_has_become_of_stays(cast: Cast, change: Callable[[str], object]) -> None:
    """Written, held, moved, called off and planned again: each is somebody's word since."""
    lesson = planned(cast)
    change(lesson.pk)
    with pytest.raises(ConflictError) as refused:
        unplan(requester=Requester(cast.owner, DECEMBER), session_id=lesson.pk)
    assert refused.value.reason == "changed_since"
    assert Session.objects.filter(pk=lesson.pk).exists()


def test_a_group_goes_together_unless_somebody_joined_it(cast: Cast) -> None:
    """All that were planned in the one moment; who came later is somebody's word since."""

    def group(day: int) -> list[Session]:
        return schedule_group(
            requester=Requester(cast.owner, NOW),
            tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
            starts_at=at(day, 16),
            ends_at=at(day, 17),
        )

    ana, cleo = group(9)
    (other,) = unplan(requester=Requester(cast.owner, NOW), session_id=ana.pk)
    assert (other.pk, Session.objects.count()) == (cleo.pk, 0)
    ana, _cleo = group(10)
    finn = third(cast)
    join_lesson(
        requester=Requester(cast.owner, NOW + timedelta(minutes=1)),
        session_id=ana.pk,
        tutor_student_id=finn.pk,
    )
    with pytest.raises(ConflictError):
        unplan(requester=Requester(cast.owner, NOW), session_id=ana.pk)
    assert Session.objects.count() == 3


def test_no_letter_goes_out_of_what_was_taken_back_before_it(cast: Cast) -> None:
    """Of what a family was told of, it is told as well that it is cancelled."""
    a_guardian(cast)
    lesson = planned(cast)
    deed(1)
    unplan(requester=Requester(cast.owner, NOW), session_id=lesson.pk)
    assert letters() == []
    deed(2)
    kept = booked(cast.ben_cleo, at(10, 16))
    (first,) = letters()
    assert "Planned" in words(first)
    deed(3)
    unplan(requester=Requester(cast.owner, NOW + HOUR), session_id=kept.pk)
    (second,) = letters()
    assert "Cancelled" in words(second)


def held(cast: Cast, account: Account | None = None) -> Session:
    """Return a lesson that was recorded in one step, two hours after it began."""
    return record_held(
        requester=Requester(account or cast.owner, NOW),
        tutor_student_id=cast.ben_cleo.pk,
        starts_at=NOW - 2 * HOUR,
        ends_at=NOW - HOUR,
    )


def test_what_was_recorded_in_one_step_goes_and_its_history_stays(cast: Cast) -> None:
    """By the owner and by the tutor; the hour is free again."""
    for account in (cast.owner, user(cast.ben)):
        lesson = held(cast, account)
        unrecord(requester=Requester(account, NOW), session_id=lesson.pk)
        assert not Session.objects.exists()
        assert told(lesson) == ["recorded", "removed"]
        assert SessionEvent.objects.get(session=lesson.pk, what="removed").actor == account
    with pytest.raises(NotFoundError):
        unrecord(requester=Requester(user(cast.dev), NOW), session_id=held(cast).pk)


@pytest.mark.parametrize(
    "change",
    [
        lambda pk: edit(requester=Requester(None, NOW), session_id=pk, changes={"title": "Levers"}),
        lambda pk: reinstate(requester=Requester(None, NOW), session_id=pk),
        lambda pk: (
            reinstate(requester=Requester(None, NOW), session_id=pk),
            complete(requester=Requester(None, NOW), session_id=pk),
        ),
        lambda pk: correct_hours(
            requester=Requester(None, NOW),
            session_id=pk,
            starts_at=NOW - 3 * HOUR,
            ends_at=NOW - HOUR,
            reason="It was longer",
        ),
    ],
)
def test_what_was_recorded_and_changed_since_stays(
    cast: Cast, change: Callable[[str], object]
) -> None:
    """Written, planned again, recorded anew, corrected: each is somebody's word since."""
    lesson = held(cast)
    change(lesson.pk)
    with pytest.raises(ConflictError) as refused:
        unrecord(requester=Requester(cast.owner, NOW), session_id=lesson.pk)
    assert refused.value.reason == "changed_since"
    assert Session.objects.filter(pk=lesson.pk).exists()


def test_each_taking_back_is_of_its_own(cast: Cast) -> None:
    """What was planned and then recorded is history; what is planned was not recorded."""
    with pytest.raises(ConflictError):
        unrecord(requester=Requester(cast.owner, NOW), session_id=planned(cast).pk)
    lesson = booked(cast.ben_cleo, NOW - 2 * HOUR)
    complete(requester=Requester(cast.owner, NOW), session_id=lesson.pk)
    with pytest.raises(ConflictError):
        unrecord(requester=Requester(cast.owner, NOW), session_id=lesson.pk)
    with pytest.raises(ConflictError):
        unplan(requester=Requester(cast.owner, NOW), session_id=held_later(cast).pk)


def held_later(cast: Cast) -> Session:
    """Return one that was recorded while it goes on: a letter might still tell of it."""
    return record_held(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        starts_at=NOW - HOUR / 2,
        ends_at=NOW + HOUR / 2,
    )


def test_no_letter_tells_of_what_was_recorded_and_taken_back(cast: Cast) -> None:
    """Neither to the family nor to the tutor, though the hour is not over."""
    a_guardian(cast)
    lesson = held_later(cast)
    assert letters() == letters(domain="tandem.example") == []
    deed(1)
    unrecord(requester=Requester(cast.owner, NOW), session_id=lesson.pk)
    assert letters() == letters(domain="tandem.example") == []
