"""Who changed a lesson, and when: one line for each change, that nobody rewrites."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.lessons import actions
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.erasure import erase_student
from tandem.lessons.history import history_of_session
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.reopening import reopen
from tandem.lessons.revising import revise
from tandem.lessons.swapping import swap
from tandem.lessons.transfers import transfer
from tandem.lessons.undo import undo_transfer
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked, user

THE_16TH = date(2026, 11, 16)


def told(session: Session) -> list[str]:
    """Return what the history says of a session."""
    return [event.what for event in SessionEvent.objects.filter(session=session)]


def test_each_change_is_a_line_with_who_and_when(cast: Cast) -> None:
    """Planned by the owner, moved and cancelled by Ben, planned again, held, put down as missed."""
    session = actions.schedule(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        starts_at=at(17, 16),
        ends_at=at(17, 17),
    )
    by_ben = partial(revise, session_id=session.pk)
    now, later = (Requester(user(cast.ben), one) for one in (NOW, DECEMBER))
    by_ben(requester=now, starts_at=at(17, 18), ends_at=at(17, 19))
    by_ben(requester=now, status="cancelled")
    by_ben(requester=now, status="scheduled")
    by_ben(requester=later, status="completed", changes={"notes": "Waves", "homework": None})
    by_ben(requester=later, status="no_show")
    events = history_of_session(viewer_of(cast.owner), session.pk)
    assert [(event.what, event.actor, event.at) for event in events] == [
        ("planned", cast.owner, NOW),
        ("moved", user(cast.ben), NOW),
        ("cancelled", user(cast.ben), NOW),
        ("reinstated", user(cast.ben), NOW),
        ("recorded", user(cast.ben), DECEMBER),
        ("edited", user(cast.ben), DECEMBER),
        ("missed", user(cast.ben), DECEMBER),
    ]
    assert events[1].details == {
        "from_start": at(17, 16).isoformat(),
        "from_end": at(17, 17).isoformat(),
        "to_start": at(17, 18).isoformat(),
        "to_end": at(17, 19).isoformat(),
    }
    assert events[5].details == {"fields": ["notes"]}


def test_what_is_refused_or_changes_nothing_writes_nothing(cast: Cast) -> None:
    """A clash, and the words that stood there already."""
    session, _ = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_cleo, at(17, 18))
    change = partial(revise, requester=Requester(cast.owner, NOW), session_id=session.pk)
    with pytest.raises(ConflictError):
        change(starts_at=at(17, 18), ends_at=at(17, 19))
    change(changes={"notes": None})
    assert told(session) == ["planned"]


def test_a_group_a_swap_and_a_removal_are_told(cast: Cast) -> None:
    """One line for each session, and the line of a session that is gone stays."""
    one, other = actions.schedule_group(
        requester=Requester(cast.owner, NOW),
        tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
        starts_at=at(17, 10),
        ends_at=at(17, 11),
    )
    third, fourth = booked(cast.ben_ana, at(18, 10)), booked(cast.ben_cleo, at(18, 11))
    swap(requester=Requester(cast.owner, NOW), session_ids=[third.pk, fourth.pk])
    actions.delete(requester=Requester(cast.owner, NOW), session_id=one.pk)
    assert told(one) == ["planned", "removed"]
    assert told(other) == ["planned"]
    assert told(third) == told(fourth) == ["planned", "moved"]


def test_what_becomes_of_a_session_with_its_relationship_is_told(cast: Cast) -> None:
    """Handed over, given back, called off by the end, planned again, covered."""
    session = booked(cast.ben_ana, at(17, 16))
    act: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    new = transfer(**act, student_id=cast.ana.pk, to_tutor_id=cast.dev.pk, on=THE_16TH).new
    undo_transfer(**act, tutor_student_id=new.pk)
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        on=THE_16TH,
        future_sessions="cancel",
    )
    reopen(**act, tutor_student_id=cast.ben_ana.pk)
    cover(**act, session_id=session.pk, tutor_id=cast.dev.pk)
    assert told(session) == [
        "planned",
        "handed_over",
        "given_back",
        "cancelled",
        "reinstated",
        "covered",
    ]
    over = SessionEvent.objects.get(what="handed_over")
    assert over.details == {"from": cast.ben_ana.pk, "to": new.pk}


def test_nobody_rewrites_it(cast: Cast) -> None:
    """The database refuses to change a line or to delete one; an erasure takes all of a student."""
    session, hers = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_cleo, at(17, 18))
    actions.delete(requester=Requester(None, NOW), session_id=session.pk)
    booked(cast.ben_ana, at(17, 16) + HOUR)
    rows = SessionEvent.objects.all()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.update(what="planned")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.delete()
    erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    assert [event.session_id for event in SessionEvent.objects.all()] == [hers.pk]


def test_who_sees_a_session_sees_its_history(cast: Cast) -> None:
    """For another tutor there is none."""
    session = booked(cast.ben_ana, at(17, 16))
    assert len(history_of_session(viewer_of(user(cast.ben)), session.pk)) == 1
    with pytest.raises(NotFoundError):
        history_of_session(viewer_of(user(cast.cara)), session.pk)
