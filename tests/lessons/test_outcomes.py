"""What becomes of a session: held, missed, called off, written about, brought back, removed."""

from functools import partial

import pytest

from tandem.kit.errors import ConflictError, InvalidError, NotFoundError
from tandem.lessons import actions
from tandem.lessons.models import Session
from tandem.people.requester import Requester
from tests.cast import DECEMBER, NOW, Cast, at, booked, user


def test_a_tutor_completes_a_session(cast: Cast) -> None:
    """Notes, homework and progress are kept to the byte; what is not given stays as it was."""
    session = booked(cast.ben_ana, at(3, 10))
    notes = "  Léa's\r\nforces \n"
    actions.complete(
        requester=Requester(user(cast.ben), DECEMBER),
        session_id=session.pk,
        notes=notes,
        homework="p. 4",
    )
    session.refresh_from_db()
    assert (session.status, session.notes, session.homework) == ("completed", notes, "p. 4")
    assert session.progress is None


@pytest.mark.parametrize("progress", [0, 6, -1])
def test_progress_is_one_to_five(cast: Cast, progress: int) -> None:
    """Anything else is refused, and the session is not completed."""
    session = booked(cast.ben_ana, at(3, 10))
    with pytest.raises(InvalidError, match="from 1 to 5"):
        actions.complete(
            requester=Requester(user(cast.ben), DECEMBER), session_id=session.pk, progress=progress
        )
    session.refresh_from_db()
    assert session.status == "scheduled"


def test_each_state_has_its_verbs(cast: Cast) -> None:
    """What is settled is not settled again, but can be brought back or corrected."""
    session = booked(cast.ben_ana, at(3, 10))
    cancel, complete, no_show, reinstate = (
        partial(verb, requester=Requester(None, DECEMBER), session_id=session.pk)
        for verb in (actions.cancel, actions.complete, actions.no_show, actions.reinstate)
    )
    cancel()
    for verb in (cancel, complete, no_show):
        with pytest.raises(ConflictError, match="it is cancelled"):
            verb()
    reinstate()
    no_show()
    assert complete().status == "completed"
    assert no_show().status == "no_show"
    with pytest.raises(ConflictError, match="You cannot cancel this session: it is missed"):
        cancel()


def test_what_was_held_at_one_time_was_held_by_different_people(cast: Cast) -> None:
    """A missed hour was given to Cleo and held: it cannot have been held with Ana too."""
    missed = booked(cast.ben_ana, at(3, 10))
    actions.no_show(requester=Requester(user(cast.ben), DECEMBER), session_id=missed.pk)
    held = booked(cast.ben_cleo, at(3, 10))
    actions.complete(requester=Requester(user(cast.ben), DECEMBER), session_id=held.pk)
    with pytest.raises(ConflictError) as refused:
        actions.complete(requester=Requester(user(cast.ben), DECEMBER), session_id=missed.pk)
    assert refused.value.details["sessions"] == [held.pk]


def test_nothing_is_planned_over_what_was_held(cast: Cast) -> None:
    """A completed session takes its hour although no constraint guards it."""
    held = booked(cast.ben_ana, at(3, 10))
    actions.complete(requester=Requester(user(cast.ben), DECEMBER), session_id=held.pk)
    with pytest.raises(ConflictError, match="tutor already has"):
        booked(cast.ben_cleo, at(3, 10, 30))


def test_a_faulty_imported_session_stands_in_nobodys_way(cast: Cast) -> None:
    """It can be completed as it is, and moving it to free hours repairs it."""
    faulty = booked(cast.ben_ana, at(3, 10))
    Session.objects.filter(pk=faulty.pk).update(legacy_fault="overlap")
    beside = booked(cast.ben_cleo, at(3, 10, 30))
    move = partial(actions.reschedule, requester=Requester(None, NOW), session_id=faulty.pk)
    with pytest.raises(ConflictError) as refused:
        move(starts_at=at(3, 10), ends_at=at(3, 11))
    assert refused.value.details["sessions"] == [beside.pk]
    assert move(starts_at=at(3, 9), ends_at=at(3, 10)).legacy_fault == ""
    assert (
        actions.complete(requester=Requester(None, DECEMBER), session_id=faulty.pk).status
        == "completed"
    )


def test_edits_name_known_fields_only(cast: Cast) -> None:
    """Title and notes may change in any state; the hours and the tutor not in this way."""
    session = booked(cast.ben_ana, at(3, 10))
    actions.cancel(requester=Requester(None, NOW), session_id=session.pk)
    edit = partial(actions.edit, requester=Requester(user(cast.ben), NOW), session_id=session.pk)
    assert edit(changes={"title": "Optics", "notes": None}).title == "Optics"
    with pytest.raises(InvalidError, match="no field 'tutor'"):
        edit(changes={"tutor": cast.dev})


def test_only_what_was_not_held_is_deleted(cast: Cast) -> None:
    """A plan can be removed; a held or missed session is history."""
    planned, held = booked(cast.ben_ana, at(3, 10)), booked(cast.ben_ana, at(4, 10))
    actions.complete(requester=Requester(None, DECEMBER), session_id=held.pk)
    actions.delete(requester=Requester(user(cast.ben), NOW), session_id=planned.pk)
    with pytest.raises(ConflictError, match="You cannot delete"):
        actions.delete(requester=Requester(user(cast.ben), NOW), session_id=held.pk)
    assert [*Session.objects.all()] == [held]


def test_nobody_settles_what_another_tutor_holds(cast: Cast) -> None:
    """Cara teaches Ana too, yet Ben's session is not there for her, nor for Dev."""
    session = booked(cast.ben_ana, at(3, 10))
    for stranger in (cast.cara, cast.dev):
        for verb in (actions.complete, actions.cancel, actions.no_show, actions.delete):
            with pytest.raises(NotFoundError):
                verb(requester=Requester(user(stranger), NOW), session_id=session.pk)
