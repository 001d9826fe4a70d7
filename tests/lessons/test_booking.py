"""A booking that is tried first does what the rules would do, and no more than they allow."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.transaction import atomic

from tandem.kit.errors import TandemError
from tandem.lessons.actions import book, cancel, complete, schedule
from tandem.lessons.booking import try_to_book
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Closure, Session
from tandem.lessons.time_off import add_time_off
from tandem.people.models import Student, Tutor
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.actions import pause
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked, user

FIELDS: dict[str, Any] = {
    "title": "Forces",
    "notes": "Chapter 3",
    "progress": 4,
    "location": "Room 1",
}
PAST_AND_AHEAD = at(20, 16)


def tried(cast: Cast, who: Any, link_id: str, starts_at: datetime) -> Session | None:
    """Return the session, where the try alone booked it."""
    with atomic():
        return try_to_book(
            viewer_of(who),
            now=NOW,
            tutor_student_id=link_id,
            starts_at=starts_at,
            ends_at=starts_at + HOUR,
            series_id=None,
            fields={},
        )


def columns(session: Session) -> dict[str, Any]:
    """Return everything about a session but what each has of its own."""
    row = Session.objects.values().get(pk=session.pk)
    return {name: value for name, value in row.items() if name not in {"id", "updated_at"}}


def test_a_session_is_what_the_rules_would_write(cast: Cast) -> None:
    """Column by column, and what is returned is what was written."""
    starts = at(20, 16)
    hours: dict[str, Any] = {"starts_at": starts, "ends_at": starts + HOUR}
    link = cast.ben_ana.pk
    session = schedule(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=link,
        **hours,
        **FIELDS,
    )
    quick = columns(session)
    assert {name: getattr(session, name) for name in quick} == quick
    assert (str(session.tutor), session.student.full_name) == ("Ben", "Ana Ruiz")
    assert session.tutor_student.subject == cast.ben_ana.subject
    assert session.tutor.email == cast.ben.email
    session.delete()
    with atomic():
        (slow,) = book(
            [link], Session(**hours), FIELDS, requester=Requester(cast.owner, NOW), override=()
        )
    assert columns(slow) == quick


SITUATIONS: Mapping[str, Callable[[Cast], Any]] = {
    "tutor busy": lambda cast: booked(cast.ben_cleo, PAST_AND_AHEAD - HOUR / 2),
    "student busy": lambda cast: booked(cast.cara_ana, PAST_AND_AHEAD + HOUR / 2),
    "student taught in these hours": lambda cast: complete(
        requester=Requester(None, DECEMBER), session_id=booked(cast.cara_ana, PAST_AND_AHEAD).pk
    ),
    "tutor away": lambda cast: add_time_off(
        requester=Requester(None, NOW),
        tutor_id=cast.ben.pk,
        starts_at=PAST_AND_AHEAD + HOUR / 2,
        ends_at=PAST_AND_AHEAD + HOUR,
    ),
    "business closed": lambda _cast: Closure.objects.create(
        name="Retreat", starts_on=at(20, 0).date(), ends_on=at(21, 0).date()
    ),
    "paused": lambda cast: pause(requester=Requester(None, NOW), tutor_student_id=cast.ben_ana.pk),
    "ended before": lambda cast: end(
        requester=Requester(None, NOW), tutor_student_id=cast.ben_ana.pk, on=at(19, 0).date()
    ),
    "tutor inactive": lambda cast: Tutor.objects.filter(pk=cast.ben.pk).update(active=False),
    "student inactive": lambda cast: Student.objects.filter(pk=cast.ana.pk).update(active=False),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_the_rules_refuse_is_not_booked(cast: Cast, situation: str) -> None:
    """The try writes nothing, and the action says why."""
    SITUATIONS[situation](cast)
    before = Session.objects.count()
    assert tried(cast, cast.owner, cast.ben_ana.pk, PAST_AND_AHEAD) is None
    with pytest.raises(TandemError):
        schedule(
            requester=Requester(cast.owner, NOW),
            tutor_student_id=cast.ben_ana.pk,
            starts_at=PAST_AND_AHEAD,
            ends_at=PAST_AND_AHEAD + HOUR,
        )
    assert Session.objects.count() == before


def test_only_who_may_plan_there_books(cast: Cast) -> None:
    """An owner and the tutor; not another tutor of the student, nor a stranger; nothing unknown."""
    link = cast.ben_ana.pk
    for number, who in enumerate((cast.owner, user(cast.ben), None)):
        assert tried(cast, who, link, at(20, 8 + number)) is not None
    for who in (user(cast.cara), user(cast.dev)):
        assert tried(cast, who, link, at(20, 16)) is None
    assert tried(cast, cast.owner, "nobody", at(20, 16)) is None


def test_hours_that_are_free_again_are_booked(cast: Cast) -> None:
    """Beside others, and where one was called off."""
    cancel(requester=Requester(None, NOW), session_id=booked(cast.ben_cleo, at(20, 16)).pk)
    booked(cast.ben_cleo, at(20, 15))
    booked(cast.cara_ana, at(20, 17))
    assert tried(cast, cast.owner, cast.ben_ana.pk, at(20, 16)) is not None


def test_the_first_and_the_last_day_are_the_rules_to_judge(cast: Cast) -> None:
    """There the tutor's zone decides: the try leaves them, and the action books what may be."""
    end(requester=Requester(None, NOW), tutor_student_id=cast.ben_ana.pk, on=at(20, 0).date())
    assert tried(cast, cast.owner, cast.ben_ana.pk, at(19, 16)) is None
    assert tried(cast, cast.owner, cast.ben_ana.pk, at(18, 16)) is not None
    assert booked(cast.ben_ana, at(19, 16)).starts_at == at(19, 16)
    assert at(19, 16) - NOW > timedelta(days=1)
