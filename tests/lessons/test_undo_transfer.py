"""Undoing a transfer while the new tutor has not taught."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.lessons.actions import cancel, complete
from tandem.lessons.models import SessionEvent
from tandem.lessons.transfer_plans import FutureSessions
from tandem.lessons.transfers import transfer, transfer_all
from tandem.lessons.undo import preview_undo, undo_transfer
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.models import Tutor
from tandem.people.queries import viewer_of, visible_students
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol, make_primary
from tandem.relationships.models import TutorStudent
from tests.cast import DECEMBER, NOW, Cast, at, booked, link, user

THE_16TH = date(2026, 11, 16)


def moved_to_dev(cast: Cast, future_sessions: FutureSessions = "move") -> TutorStudent:
    return transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_16TH,
        future_sessions=future_sessions,
    ).new


def test_an_undone_transfer_leaves_things_as_they_were(cast: Cast) -> None:
    """Ben teaches Ana again, as primary, with the session that moved and one planned since."""
    before = booked(cast.ben_ana, at(17, 16))
    new = moved_to_dev(cast)
    since = booked(new, at(24, 16))

    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)

    cast.ben_ana.refresh_from_db()
    assert (cast.ben_ana.status, cast.ben_ana.ended_on) == ("active", None)
    assert cast.ben_ana.is_primary
    assert [*cast.ben_ana.sessions.order_by("starts_at")] == [before, since]
    assert {session.tutor_id for session in cast.ben_ana.sessions.all()} == {cast.ben.pk}
    assert not TutorStudent.objects.filter(pk=new.pk).exists()


def test_what_the_new_tutor_called_off_goes_back_called_off(cast: Cast) -> None:
    """So nothing of the new tutor's stays, and the student is nothing to them any more."""
    booked(cast.ben_ana, at(17, 16))
    new = moved_to_dev(cast)
    called_off = booked(new, at(24, 16))
    cancel(requester=Requester(cast.owner, NOW), session_id=called_off.pk)
    assert visible_students(viewer_of(user(cast.dev))).exists()
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    called_off.refresh_from_db()
    assert (called_off.status, called_off.tutor_student_id) == ("cancelled", cast.ben_ana.pk)
    assert called_off.tutor_id == cast.ben.pk
    assert not TutorStudent.objects.filter(pk=new.pk).exists()
    assert not visible_students(viewer_of(user(cast.dev))).exists()
    last = SessionEvent.objects.filter(session=called_off).last()
    assert last
    assert (last.what, last.details) == (
        "given_back", {"from": new.pk, "to": cast.ben_ana.pk}
    )  # fmt: skip


def test_an_hour_called_off_twice_is_in_nobodys_way(cast: Cast) -> None:
    """What the new tutor called off comes back so, though its hour is taken by now."""
    new = moved_to_dev(cast)
    called_off = booked(new, at(24, 16))
    cancel(requester=Requester(cast.owner, NOW), session_id=called_off.pk)
    booked(cast.ben_cleo, at(24, 16))
    preview = preview_undo(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    assert (preview.clashes, preview.moved, preview.called_off) == ((), (), (called_off,))
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    called_off.refresh_from_db()
    assert (called_off.status, called_off.tutor_id) == ("cancelled", cast.ben.pk)


def test_cancelled_sessions_come_back(cast: Cast) -> None:
    """What the transfer called off is scheduled again."""
    session = booked(cast.ben_ana, at(17, 16))
    new = moved_to_dev(cast, "cancel")
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    session.refresh_from_db()
    assert (session.status, session.tutor_student_id) == ("scheduled", cast.ben_ana.pk)


def test_the_mark_stays_where_it_was_put_since(cast: Cast) -> None:
    """Cara was made primary after the transfer, and remains so."""
    new = moved_to_dev(cast)
    make_primary(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    assert TutorStudent.objects.get(student=cast.ana, is_primary=True) == cast.cara_ana


def test_it_can_be_transferred_again(cast: Cast) -> None:
    """After an undo the same transfer makes another row; the undone one is gone."""
    first = moved_to_dev(cast)
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=first.pk)
    second = moved_to_dev(cast)
    assert second != first
    assert TutorStudent.objects.filter(tutor=cast.dev, student=cast.ana).count() == 1


def test_once_taught_it_cannot_be_undone(cast: Cast) -> None:
    """The new tutor has completed a session: an undo would lose who held it."""
    new = moved_to_dev(cast)
    session = booked(new, at(17, 16))
    complete(requester=Requester(user(cast.dev), DECEMBER), session_id=session.pk)
    with pytest.raises(ConflictError) as refused:
        undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    assert (refused.value.reason, refused.value.details) == (
        "already_taught",
        {"sessions": [session.pk]},
    )


def test_an_hour_given_away_since_refuses_the_undo(cast: Cast) -> None:
    """Ben's freed hour went to Cleo: the preview names the clash, the undo changes nothing."""
    session = booked(cast.ben_ana, at(17, 16))
    new = moved_to_dev(cast)
    taken = booked(cast.ben_cleo, at(17, 16))
    undo = partial(undo_transfer, requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)

    preview = preview_undo(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    with pytest.raises(ConflictError, match="has another lesson then"):
        undo()

    session.refresh_from_db()
    assert [(one.session, one.busy_with) for one in preview.clashes] == [(session, taken)]
    assert session.tutor_student == new
    assert link(cast.dev, cast.ana).is_primary


def test_what_was_planned_since_does_not_give_way(cast: Cast) -> None:
    """The transfer cancelled an hour that Dev then planned anew: both cannot come back to Ben."""
    cancelled = booked(cast.ben_ana, at(17, 16))
    new = moved_to_dev(cast, "cancel")
    since = booked(new, at(17, 16, 30))
    preview = preview_undo(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    with pytest.raises(ConflictError, match="has another lesson then"):
        undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    pairs = {(clash.session, clash.busy_with) for clash in preview.clashes}
    assert pairs == {(cancelled, since), (since, cancelled)}


def test_only_an_owner_undoes_and_only_a_transfer(cast: Cast) -> None:
    """The new tutor may not; what never was a transfer cannot be undone; nor can it be twice."""
    new = moved_to_dev(cast)
    with pytest.raises(ForbiddenError):
        undo_transfer(requester=Requester(user(cast.dev), NOW), tutor_student_id=new.pk)
    with pytest.raises(ConflictError, match="did not begin with a transfer"):
        undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    with pytest.raises(NotFoundError):
        undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)


def test_it_is_refused_where_the_former_tutor_has_no_place(cast: Cast) -> None:
    """Ben has room for two, and took somebody else on; or works here no more."""
    new = moved_to_dev(cast)
    Tutor.objects.filter(pk=cast.ben.pk).update(capacity=2)
    taken = [Pairing(cast.ben.pk, "Maths", THE_16TH)]
    enrol(requester=Requester(None, NOW), full_name="Edda", tutors=taken)
    for deed in (preview_undo, undo_transfer):
        with pytest.raises(ConflictError) as refused:
            deed(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
        assert refused.value.reason == "capacity"
    Tutor.objects.filter(pk=cast.ben.pk).update(capacity=None, active=False)
    with pytest.raises(ConflictError) as refused:
        undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    assert refused.value.reason == "tutor_inactive"
    Tutor.objects.filter(pk=cast.ben.pk).update(capacity=3, active=True)
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    assert link(cast.ben, cast.ana).is_open


def test_a_hand_over_is_undone_where_there_is_a_place_for_all(cast: Cast) -> None:
    """Ben's two come back together, so one place beside the one that is taken is not enough."""
    done = transfer_all(
        requester=Requester(cast.owner, NOW),
        from_tutor_id=cast.ben.pk,
        to_tutor_id=cast.dev.pk,
        on=date(2026, 11, 16),
    )
    enrol(requester=Requester(None, NOW), full_name="Edda", tutors=[Pairing(cast.ben.pk, "Maths")])
    Tutor.objects.filter(pk=cast.ben.pk).update(capacity=2)
    back: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "deed_id": done[0].deed}
    for deed in (preview_undo_of, undo_deed):
        with pytest.raises(ConflictError) as refused:
            deed(**back)
        assert refused.value.reason == "capacity"
    Tutor.objects.filter(pk=cast.ben.pk).update(capacity=3)
    undo_deed(**back)
    assert TutorStudent.objects.filter(tutor=cast.ben, ended_on=None).count() == 3
