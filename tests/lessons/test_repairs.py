"""Repairs: a fault goes only when the row then keeps the rules."""

from datetime import date
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.lessons.models import Session
from tandem.lessons.repairs import repair_relationship, repair_session
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.relationships.events import state_of
from tandem.relationships.history import replay
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import history_of_student
from tests.cast import NOW, Cast, at, booked, user


def faulty(cast: Cast, fault: str, **values: Any) -> Session:
    """Return a session of Ben's with Ana as an import leaves it."""
    facts = {
        "tutor_student": cast.ben_ana,
        "student": cast.ana,
        "starts_at": at(1, 16, month=10),
        "ends_at": at(1, 17, month=10),
        "status": "completed",
    }
    return Session.objects.create(tutor=cast.ben, legacy_fault=fault, **(facts | values))


def repaired(session: Session, cast: Cast, **values: Any) -> Session:
    """Put a session right, as the owner, at the hours it has unless said otherwise."""
    hours = {"starts_at": session.starts_at, "ends_at": session.ends_at, **values}
    repair_session(requester=Requester(cast.owner, NOW), session_id=session.pk, **hours)
    session.refresh_from_db()
    return session


def test_a_session_gets_its_right_hours(cast: Cast) -> None:
    """One that ended before it started, although it is completed."""
    session = faulty(cast, "ends_before_start", ends_at=at(1, 15, month=10))
    with pytest.raises(InvalidError, match="ends after it starts"):
        repaired(session, cast)
    after = repaired(session, cast, ends_at=at(1, 17, month=10))
    assert (after.legacy_fault, after.status) == ("", "completed")


def test_an_overlap_stays_one_until_it_is_solved(cast: Cast) -> None:
    """At the same hours it is refused; not held, or held together, it is solved."""
    other = faulty(cast, "", tutor_student=cast.ben_cleo, student=cast.cleo)
    session = faulty(cast, "overlap")
    with pytest.raises(ConflictError, match="already has a session"):
        repaired(session, cast)
    together = repaired(session, cast, verdict="together")
    other.refresh_from_db()
    assert together.legacy_fault == ""
    assert together.group == other.group is not None
    cancelled = repaired(faulty(cast, "overlap"), cast, verdict="cancel")
    assert (cancelled.legacy_fault, cancelled.status) == ("", "cancelled")


def test_a_session_outside_its_relationship_stays_faulty(cast: Cast) -> None:
    """Ben began in September; in August he did not teach her."""
    hours = {"starts_at": at(1, 16, month=8), "ends_at": at(1, 17, month=8)}
    session = faulty(cast, "outside_relationship", **hours)
    with pytest.raises(ConflictError, match="would be on Sat 1 Aug 2026"):
        repaired(session, cast)
    inside = {"starts_at": at(1, 16, month=9), "ends_at": at(1, 17, month=9)}
    assert repaired(session, cast, **inside).legacy_fault == ""


def test_what_is_right_is_not_repaired(cast: Cast) -> None:
    """Nor is what somebody else may not see."""
    session = booked(cast.ben_ana, at(9, 16))
    with pytest.raises(ConflictError, match="nothing wrong"):
        repaired(session, cast)
    with pytest.raises(NotFoundError):
        repair_session(
            requester=Requester(user(cast.dev), NOW),
            session_id=session.pk,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
        )


def broken(row: TutorStudent, **values: Any) -> TutorStudent:
    """Leave a relationship as an import does."""
    TutorStudent.objects.filter(pk=row.pk).update(**values)
    row.refresh_from_db()
    return row


def dates(row: TutorStudent, cast: Cast, started_on: date, ended_on: date | None) -> TutorStudent:
    """Put a relationship right, as the owner."""
    return repair_relationship(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=row.pk,
        started_on=started_on,
        ended_on=ended_on,
    )


def test_an_ended_relationship_gets_its_end(cast: Cast) -> None:
    """Marked as ended without a date: the date is given, and the history agrees with the row."""
    row = broken(cast.cara_ana, status="ended", legacy_fault="no_end_date")
    after = dates(row, cast, row.started_on, date(2026, 10, 1))
    assert (after.legacy_fault, after.status, after.ended_on) == ("", "active", date(2026, 10, 1))
    history = replay(history_of_student(Viewer(is_owner=True), cast.ana.pk))
    after.refresh_from_db()
    assert history[row.pk] == state_of(after)


def test_an_end_on_what_goes_on_is_taken_away(cast: Cast) -> None:
    """Or it did end; then the mark of the primary goes to who still teaches her."""
    row = broken(cast.ben_ana, ended_on=date(2026, 10, 1), legacy_fault="end_date_on_open")
    assert dates(row, cast, row.started_on, None).status == "active"
    row = broken(cast.ben_ana, ended_on=date(2026, 10, 1), legacy_fault="end_date_on_open")
    assert dates(row, cast, row.started_on, date(2026, 10, 1)).ended_on
    cast.cara_ana.refresh_from_db()
    assert cast.cara_ana.is_primary


def test_dates_that_leave_a_session_out_are_refused(cast: Cast) -> None:
    """What was held on other days would lie outside."""
    booked(cast.cara_ana, at(9, 16))
    row = broken(cast.cara_ana, status="ended", legacy_fault="no_end_date")
    with pytest.raises(ConflictError, match="1 session lies on another day"):
        dates(row, cast, row.started_on, date(2026, 10, 1))
    with pytest.raises(InvalidError):
        dates(row, cast, date(2026, 10, 2), date(2026, 10, 1))
    with pytest.raises(ForbiddenError):
        repair_relationship(
            requester=Requester(user(cast.ben), NOW),
            tutor_student_id=row.pk,
            started_on=row.started_on,
        )


def test_an_overlap_of_relationships_stays_one_until_it_is_solved(cast: Cast) -> None:
    """Two of one tutor, student and subject on the same days."""
    twin = TutorStudent.objects.create(
        tutor=cast.cara,
        student=cast.ana,
        subject=cast.cara_ana.subject,
        started_on=date(2026, 8, 1),
        legacy_fault="overlap",
    )
    with pytest.raises(ConflictError, match="already have a relationship"):
        dates(twin, cast, twin.started_on, None)
    after = dates(twin, cast, twin.started_on, date(2026, 9, 1))
    assert (after.ended_on, after.legacy_fault) == (date(2026, 9, 1), "")
