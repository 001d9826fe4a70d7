"""Old sessions that fitted nowhere find their place once a person says who held them."""

from datetime import date
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.lessons.models import Session
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tandem.upgrade.models import UnlinkedLegacyRow
from tandem.upgrade.unplaced.repairs import hours_of, place_session, place_sessions
from tests.cast import NOW, Cast, at, user


def old(student_id: str, number: int, source_id: str = "", **row: Any) -> UnlinkedLegacyRow:
    """Return an old session on a day of June 2026, of a student who never had a tutor."""
    moment = f"2026-06-{number:02}T10:00:00.123+00:00"
    return UnlinkedLegacyRow.objects.create(
        source_table="Session",
        source_id=source_id or f"s{number}",
        reason="no_relationship",
        row={
            "id": f"s{number}",
            "studentId": student_id,
            "startTime": moment,
            "endTime": moment.replace("T10", "T11"),
            "createdAt": moment,
            "notes": " as it was\n",
            **row,
        },
    )


def test_one_tutor_held_them_all(cast: Cast) -> None:
    """A relationship begins with the first; ids, times and texts are as they were."""
    una = Student.objects.create(full_name="Una")
    for number in (8, 1):
        old(una.pk, number)
    place_sessions(
        requester=Requester(cast.owner, NOW),
        student_id=una.pk,
        tutor_id=cast.dev.pk,
        subject="Greek",
    )
    link = TutorStudent.objects.get(student=una)
    assert (link.started_on, link.status, link.is_primary) == (date(2026, 6, 1), "active", True)
    first, second = Session.objects.filter(tutor_student=link).order_by("starts_at")
    assert (first.pk, second.pk) == ("s1", "s8")
    assert first.starts_at == at(1, 10, month=6).replace(microsecond=123000)
    assert (first.notes, first.status, first.legacy_fault) == (" as it was\n", "completed", "")
    assert not UnlinkedLegacyRow.objects.exists()


def test_a_relationship_that_is_there_reaches_back(cast: Cast) -> None:
    """Ben teaches Ana physics since September: with a session of June, since June."""
    old(cast.ana.pk, 1)
    place_sessions(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        tutor_id=cast.ben.pk,
        subject="physics",
    )
    cast.ben_ana.refresh_from_db()
    assert cast.ben_ana.started_on == date(2026, 6, 1)
    assert Session.objects.get().tutor_student == cast.ben_ana


def test_what_overlaps_is_placed_with_its_fault(cast: Cast) -> None:
    """Nothing is lost: the later one of two at once waits for a person among the sessions."""
    una = Student.objects.create(full_name="Una")
    old(una.pk, 1)
    old(una.pk, 1, "s2", startTime="2026-06-01T10:30:00+00:00")
    place_sessions(requester=Requester(cast.owner, NOW), student_id=una.pk, tutor_id=cast.dev.pk)
    faults = dict(Session.objects.values_list("pk", "legacy_fault"))
    assert faults == {"s1": "", "s2": "overlap"}


def test_one_session_is_put_where_it_belongs(cast: Cast) -> None:
    """Its student is gone: the owner names the relationship and the hours."""
    row = old("gone", 1)
    row.reason = "no_student"
    row.save()
    session = place_session(
        requester=Requester(cast.owner, NOW),
        row_id=row.pk,
        tutor_student_id=cast.ben_cleo.pk,
        starts_at=at(1, 10, month=9),
        ends_at=at(1, 11, month=9),
    )
    assert (session.pk, session.student_id) == ("s1", cast.cleo.pk)
    assert not UnlinkedLegacyRow.objects.exists()


def test_only_an_owner_places_and_only_what_waits(cast: Cast) -> None:
    """Refused to a tutor; an unknown row is not found; without any, there is nothing to place."""
    row = old(cast.ana.pk, 1)
    hours = {"starts_at": at(1, 10, month=9), "ends_at": at(1, 11, month=9)}
    asked: dict[str, Any] = {"tutor_student_id": cast.ben_ana.pk, **hours}
    with pytest.raises(ForbiddenError):
        place_session(requester=Requester(user(cast.ben), NOW), row_id=row.pk, **asked)
    with pytest.raises(NotFoundError):
        place_session(requester=Requester(cast.owner, NOW), row_id="nothing", **asked)
    with pytest.raises(ConflictError, match="None of this student"):
        place_sessions(
            requester=Requester(cast.owner, NOW), student_id=cast.cleo.pk, tutor_id=cast.ben.pk
        )


def test_dates_that_cannot_be_read_are_none(cast: Cast) -> None:
    """Nobody guesses them, nor what has the form of a date and is none."""
    assert hours_of(old(cast.ana.pk, 1, endTime="soon")) is None
    assert hours_of(old(cast.ana.pk, 2, startTime="2026-13-40T10:00:00+00:00")) is None


def test_a_day_that_there_is_not_fails_no_repair(cast: Cast) -> None:
    """What cannot be read of when it was written is not kept; of when it was held, it is asked."""
    row = old(cast.ana.pk, 1, createdAt="2026-02-31T10:00:00+00:00")
    hours = {"starts_at": at(1, 10, month=9), "ends_at": at(1, 11, month=9)}
    requester = Requester(cast.owner, NOW)
    placed = place_session(
        requester=requester, row_id=row.pk, tutor_student_id=cast.ben_ana.pk, **hours
    )
    assert placed.created_at == NOW
