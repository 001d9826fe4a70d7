"""A letter tells the difference to what its reader was told last; where none is, none goes."""

from datetime import datetime
from typing import Any

import pytest

from tandem.lessons.actions import cancel, delete, reinstate, reschedule
from tandem.lessons.cover import cover
from tandem.lessons.models import Session
from tandem.lessons.outbox import Notice
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, at, booked
from tests.lessons.post import a_guardian, deed, letters, switched_on, words
from tests.lessons.test_diary_letters import another_deed, planned


@pytest.fixture
def session(cast: Cast) -> Session:
    """A lesson that Maria, and Ben, were told of."""
    a_guardian(cast)
    lesson = planned(cast.ben_ana, cast.owner, 9)
    letters()
    another_deed()
    return lesson


class Owner:
    """What an owner does, each time as another deed."""

    def __init__(self, cast: Cast) -> None:
        self.who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}

    def moves(self, session: Session, starts_at: datetime, ends_at: datetime | None = None) -> None:
        hours: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at or starts_at + HOUR}
        reschedule(**self.who, session_id=session.pk, **hours)
        another_deed()

    def cancels(self, session: Session) -> None:
        cancel(**self.who, session_id=session.pk)
        another_deed()

    def reinstates(self, session: Session) -> None:
        reinstate(**self.who, session_id=session.pk)
        another_deed()


def everybody_told() -> list[str]:
    """Send what waits, to families and tutors; return what each letter says."""
    return [words(one) for one in letters(domain=".example")]


def test_what_was_moved_and_moved_back_is_told_to_nobody(cast: Cast, session: Session) -> None:
    """Before any letter went out; of what comes later a letter speaks as ever."""
    owner = Owner(cast)
    owner.moves(session, at(9, 17))
    owner.moves(session, at(9, 16))
    assert everybody_told() == []
    assert not Notice.objects.filter(sent_at=None).exists()
    owner.moves(session, at(9, 18))
    for said in everybody_told():
        assert "18:00 to 19:00" in said
        assert "(it was on Monday 9 November, 16:00)" in said


def test_what_was_moved_twice_is_told_once_from_where_it_was_known(
    cast: Cast, session: Session
) -> None:
    """The first letter tells all of it; the second has nothing left to tell."""
    owner = Owner(cast)
    owner.moves(session, at(9, 17))
    owner.moves(session, at(10, 18))
    said = everybody_told()
    assert len(said) == 2
    for one in said:
        assert "Tuesday 10 November, 18:00 to 19:00" in one
        assert "(it was on Monday 9 November, 16:00)" in one


def test_what_was_planned_and_removed_is_told_to_nobody(cast: Cast, session: Session) -> None:
    """Nor what was planned, moved, and called off."""
    owner = Owner(cast)
    other = planned(cast.ben_ana, cast.owner, 11)
    another_deed()
    delete(**owner.who, session_id=other.pk)
    another_deed()
    third = planned(cast.ben_ana, cast.owner, 12)
    another_deed()
    owner.moves(third, at(12, 18))
    owner.cancels(third)
    assert everybody_told() == []


def test_what_was_cancelled_and_reinstated_is_told_to_nobody(cast: Cast, session: Session) -> None:
    """Once the cancellation was told, it is planned again."""
    owner = Owner(cast)
    owner.cancels(session)
    owner.reinstates(session)
    assert everybody_told() == []
    owner.cancels(session)
    assert all("Cancelled: - Monday 9 November" in one for one in everybody_told())
    owner.reinstates(session)
    assert all("Planned: - Monday 9 November" in one for one in everybody_told())


def test_what_was_moved_and_cancelled_is_cancelled_where_it_was_known(
    cast: Cast, session: Session
) -> None:
    owner = Owner(cast)
    owner.moves(session, at(10, 18))
    owner.cancels(session)
    said = everybody_told()
    assert len(said) == 2
    for one in said:
        assert "Cancelled: - Monday 9 November, 16:00 to 17:00" in one
        assert "10 November" not in one


def test_what_was_planned_and_moved_is_planned_where_it_is(cast: Cast, session: Session) -> None:
    """Nobody knows where it was before."""
    other = planned(cast.ben_ana, cast.owner, 11)
    another_deed()
    Owner(cast).moves(other, at(12, 18))
    said = everybody_told()
    assert len(said) == 2
    for one in said:
        assert "Planned: - Thursday 12 November, 18:00 to 19:00" in one
        assert "it was" not in one


def test_a_cover_that_was_undone_is_told_to_nobody(cast: Cast, session: Session) -> None:
    """Neither to the family nor to who gave and who took; a cover that stands is."""
    who = Owner(cast).who
    done = cover(**who, session_id=session.pk, tutor_id=cast.dev.pk)
    another_deed()
    undo_deed(**who, deed_id=done.deed)
    another_deed()
    assert everybody_told() == []
    cover(**who, session_id=session.pk, tutor_id=cast.dev.pk)
    another_deed()
    assert len(everybody_told()) == 3


def test_another_length_is_said_as_such(cast: Cast, session: Session) -> None:
    """From when to when it is and was; a move to other hours of another length says both, too."""
    owner = Owner(cast)
    owner.moves(session, at(9, 16), at(9, 17, 30))
    said = everybody_told()
    assert len(said) == 2
    for one in said:
        assert "Longer or shorter than before: - Monday 9 November, 16:00 to 17:30, Physics" in one
        assert "(it was 16:00 to 17:00)" in one
        assert "Moved" not in one
    owner.moves(session, at(9, 18))
    for one in everybody_told():
        assert "Moved to another time: - Monday 9 November, 18:00 to 19:00, Physics" in one
        assert "(it was on Monday 9 November, 16:00 to 17:30)" in one


def test_another_year_is_named(cast: Cast) -> None:
    """Of the lesson, and of where it was; this year's is not."""
    a_guardian(cast)
    lesson = booked(cast.ben_ana, at(5, 16, month=1, year=2028))
    (letter,) = letters()
    assert "Planned: - Wednesday 5 January 2028, 16:00 to 17:00" in words(letter)
    deed(1)
    Owner(cast).moves(lesson, at(7, 16))
    (letter,) = letters()
    assert "Saturday 7 November, 16:00" in words(letter)
    assert "(it was on Wednesday 5 January 2028, 16:00)" in words(letter)


def test_a_letter_of_other_lessons_goes_out_all_the_same(cast: Cast) -> None:
    """What is told already is taken from it, and nothing else; a lesson that was held is none."""
    switched_on(cast)
    one = planned(cast.ben_ana, cast.owner, 9)
    another_deed()
    Owner(cast).moves(one, at(9, 18))
    hours: dict[str, Any] = {"starts_at": at(9, 19), "ends_at": at(9, 20)}
    reschedule(**Owner(cast).who, session_id=one.pk, **hours)
    planned(cast.ben_ana, cast.owner, 10)
    another_deed()
    first, second = everybody_told()
    assert "Planned: - Monday 9 November, 19:00" in first
    assert "Planned: - Tuesday 10 November" in second
    assert "9 November" not in second
