"""Ending a relationship."""

from datetime import date
from functools import partial

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.lessons.actions import complete
from tandem.lessons.end_relationship import end, preview_end
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tests.cast import DECEMBER, NOW, Cast, at, booked, user

THE_10TH = date(2026, 11, 10)


def test_the_end_of_the_primary_promotes_the_oldest_open_one(cast: Cast) -> None:
    """Ben stops; Cara, who began before Dev, is primary from then on."""
    pair(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    done = end(
        requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_ana.pk, on=THE_10TH
    )
    assert done.primary == cast.cara_ana
    assert TutorStudent.objects.get(student=cast.ana, is_primary=True) == cast.cara_ana
    cast.ben_ana.refresh_from_db()
    assert (cast.ben_ana.status, cast.ben_ana.ended_on) == ("active", THE_10TH)


def test_an_owner_names_the_next_primary(cast: Cast) -> None:
    """Dev is chosen though Cara is older; a relationship that is not open cannot be."""
    dev = pair(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    stop = partial(end, requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    with pytest.raises(ConflictError, match="open relationship of this student"):
        stop(next_primary=cast.ben_cleo.pk)
    with pytest.raises(ConflictError, match="open relationship of this student"):
        stop(next_primary=cast.ben_ana.pk)
    assert stop(next_primary=dev.pk).primary == dev


def test_the_last_end_leaves_no_primary(cast: Cast) -> None:
    """Nobody teaches Cleo any more, so nobody is primary."""
    done = end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk)
    assert done.primary is None
    assert not TutorStudent.objects.filter(student=cast.cleo, is_primary=True).exists()


def test_sessions_ahead_are_cancelled_only_when_asked(cast: Cast) -> None:
    """They are named first; asked to, the end calls off those from its date on."""
    before, after = booked(cast.ben_ana, at(9, 10)), booked(cast.ben_ana, at(10, 10))
    stop = partial(
        end, requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_ana.pk, on=THE_10TH
    )
    with pytest.raises(ConflictError) as refused:
        stop()
    assert (refused.value.reason, refused.value.details) == (
        "sessions_ahead",
        {"sessions": [after.pk]},
    )
    assert stop(future_sessions="cancel").cancelled == (after,)
    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.status, after.status) == ("scheduled", "cancelled")


def test_a_preview_changes_nothing(cast: Cast) -> None:
    """It names the sessions and the next primary, and the relationship goes on."""
    ahead = booked(cast.ben_ana, at(12, 10))
    told = preview_end(
        requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_ana.pk, on=THE_10TH
    )
    cast.ben_ana.refresh_from_db()
    assert (told.cancelled, told.primary, told.old.ended_on) == (
        (ahead,),
        cast.cara_ana,
        THE_10TH,
    )
    assert (cast.ben_ana.status, cast.ben_ana.is_primary) == ("active", True)


def test_no_end_before_the_start_or_before_what_was_held(cast: Cast) -> None:
    """Either would leave something outside the relationship."""
    held = booked(cast.ben_ana, at(1, 10))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk)
    stop = partial(end, requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    with pytest.raises(InvalidError, match="cannot end before"):
        stop(on=date(2026, 8, 31))
    with pytest.raises(ConflictError) as refused:
        stop(on=date(2026, 10, 31))
    assert refused.value.reason == "held_after"
    assert stop(on=date(2026, 11, 1)).old.ended_on == date(2026, 11, 1)


def test_one_comes_back_in_a_second_row(cast: Cast) -> None:
    """Ended in October and begun again in November: two rows, and both stay."""
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_cleo.pk,
        on=date(2026, 10, 1),
    )
    again = partial(
        pair,
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.cleo.pk,
        subject="Maths",
    )
    with pytest.raises(ConflictError, match="already have"):
        again(started_on=date(2026, 9, 30))
    assert again(started_on=date(2026, 11, 1)).is_primary
    assert TutorStudent.objects.filter(tutor=cast.ben, student=cast.cleo).count() == 2


def test_who_may_end_it(cast: Cast) -> None:
    """Its tutor and an owner; a colleague of hers may not; others find none."""
    with pytest.raises(ForbiddenError):
        end(requester=Requester(user(cast.cara), NOW), tutor_student_id=cast.ben_ana.pk)
    with pytest.raises(NotFoundError):
        end(requester=Requester(user(cast.dev), NOW), tutor_student_id=cast.ben_ana.pk)
    with pytest.raises(ForbiddenError):
        end(
            requester=Requester(user(cast.ben), NOW),
            tutor_student_id=cast.ben_ana.pk,
            next_primary=cast.cara_ana.pk,
        )
    assert end(requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_ana.pk).primary


def test_what_has_begun_on_the_last_day_is_not_called_off(cast: Cast) -> None:
    """The lesson of this morning is not recorded yet; the end leaves it, and it can be."""
    this_morning = booked(cast.ben_ana, at(10, 8))
    noon = at(10, 12)
    assert not preview_end(
        requester=Requester(user(cast.ben), noon), tutor_student_id=cast.ben_ana.pk
    ).cancelled
    end(requester=Requester(user(cast.ben), noon), tutor_student_id=cast.ben_ana.pk)
    held = complete(requester=Requester(user(cast.ben), noon), session_id=this_morning.pk)
    assert held.status == "completed"
