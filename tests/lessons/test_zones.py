"""A tutor moves to another time zone: what it touches is told, and what was held is recorded."""

from datetime import date
from functools import partial

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError
from tandem.lessons import actions
from tandem.lessons.models import Session
from tandem.lessons.revising import revise
from tandem.lessons.zones import touched_by_zone
from tandem.people.actions import update_tutor
from tandem.people.models import Tutor
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tests.cast import HOUR, NOW, Cast, a_tutor, at, booked, user

BEGIN = at(1, 14, month=3, year=2027)
"""In Sydney it is one in the morning of 2 March, the first day; in Los Angeles it is 1 March."""
SYDNEY, LOS_ANGELES = "Australia/Sydney", "America/Los_Angeles"


@pytest.fixture
def sid(cast: Cast) -> Tutor:
    """A tutor in Sydney."""
    return a_tutor(cast.owner, "Sid", time_zone=SYDNEY)


def first_session(cast: Cast, sid: Tutor) -> Session:
    link = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=sid.pk,
        student_id=cast.ana.pk,
        started_on=date(2027, 3, 2),
    )
    return booked(link, BEGIN)


def move(cast: Cast, sid: Tutor, zone: str = LOS_ANGELES) -> None:
    update_tutor(requester=Requester(cast.owner, NOW), tutor_id=sid.pk, changes={"time_zone": zone})


def test_the_sessions_that_a_zone_touches_are_told(cast: Cast, sid: Tutor) -> None:
    """The one of the first night, with both dates; not one in the middle, or called off."""
    session = first_session(cast, sid)
    booked(session.tutor_student, at(8, 14, month=3, year=2027))
    off = booked(session.tutor_student, at(1, 16, month=3, year=2027))
    actions.cancel(requester=Requester(None, NOW), session_id=off.pk)
    look = partial(touched_by_zone, viewer_of(cast.owner), sid.pk)
    (touched,) = look(LOS_ANGELES)
    assert (touched.session, touched.before, touched.after) == (
        session,
        date(2027, 3, 2),
        date(2027, 3, 1),
    )
    assert look(SYDNEY) == look("Australia/Brisbane") == []
    with pytest.raises(InvalidError):
        look("Mars/Olympus")
    assert touched_by_zone(viewer_of(user(sid)), sid.pk, LOS_ANGELES) == [touched]


def test_the_zone_of_another_is_not_looked_at(cast: Cast) -> None:
    """Cara sees Ben, because both teach Ana; his zone is not hers to change."""
    with pytest.raises(ForbiddenError):
        touched_by_zone(viewer_of(user(cast.cara)), cast.ben.pk, SYDNEY)


@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_what_was_held_is_recorded_after_the_move(cast: Cast, sid: Tutor, status: str) -> None:
    """It was planned in the relationship; that its date is another now is nobody's fault."""
    session = first_session(cast, sid)
    move(cast, sid)
    record = partial(revise, requester=Requester(user(sid), BEGIN + HOUR), session_id=session.pk)
    assert record(status=status).status == status
    assert record(status="scheduled").status == "scheduled"


def test_it_is_recorded_with_the_hours_that_it_took(cast: Cast, sid: Tutor) -> None:
    """Twenty minutes late is the same day; a day earlier is outside, as ever."""
    session = first_session(cast, sid)
    move(cast, sid)
    record = partial(
        revise,
        requester=Requester(user(sid), BEGIN + HOUR),
        session_id=session.pk,
        status="completed",
    )
    earlier = BEGIN - 24 * HOUR
    with pytest.raises(ConflictError) as refused:
        record(starts_at=earlier, ends_at=earlier + HOUR)
    assert refused.value.reason == "outside_relationship"
    late = BEGIN + HOUR / 3
    assert record(starts_at=late, ends_at=late + HOUR).starts_at == late


def test_nothing_new_is_planned_outside(cast: Cast, sid: Tutor) -> None:
    """Another session of that night is refused after the move, and so is moving this one there."""
    session = first_session(cast, sid)
    move(cast, sid)
    with pytest.raises(ConflictError) as refused:
        booked(session.tutor_student, BEGIN + HOUR)
    assert refused.value.reason == "outside_relationship"
    with pytest.raises(ConflictError):
        revise(
            requester=Requester(user(sid), NOW),
            session_id=session.pk,
            starts_at=BEGIN + HOUR,
            ends_at=BEGIN + 2 * HOUR,
        )
