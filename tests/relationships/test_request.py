"""Asking a colleague to take a student on."""

from datetime import date
from functools import partial

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.lessons.end_relationship import end
from tandem.people.actions import update_tutor
from tandem.people.queries import viewer_of, visible_students
from tandem.people.requester import Requester
from tandem.relationships.actions import enrol, pair
from tandem.relationships.models import TutorStudent
from tandem.relationships.requests import accept, decline, request
from tests.cast import NOW, Cast, user


def offered_to_dev(cast: Cast) -> TutorStudent:
    """Ben asks Dev to teach Ana from the ninth of November."""
    return request(
        requester=Requester(user(cast.ben), NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Art",
        started_on=date(2026, 11, 9),
    )


def test_an_offer_is_accepted_by_the_colleague(cast: Cast) -> None:
    """Dev learns of Ana by the offer, and teaches her from the day asked for."""
    dev = viewer_of(user(cast.dev))
    assert not visible_students(dev).exists()
    asked = offered_to_dev(cast)
    assert [*visible_students(dev)] == [cast.ana]
    taken = accept(requester=Requester(user(cast.dev), NOW), tutor_student_id=asked.pk)
    assert (taken.status, taken.started_on, taken.is_primary) == (
        "active",
        date(2026, 11, 9),
        False,
    )


def test_a_late_yes_starts_today(cast: Cast) -> None:
    """The day asked for has passed when Dev says yes; an explicit day is taken as it is."""
    asked = offered_to_dev(cast)
    later = NOW.replace(day=20)
    assert accept(
        requester=Requester(user(cast.dev), later), tutor_student_id=asked.pk
    ).started_on == date(2026, 11, 20)


def test_a_declined_offer_is_forgotten(cast: Cast) -> None:
    """Dev says no, and no longer sees Ana; the row stays, and another offer may follow."""
    asked = offered_to_dev(cast)
    decline(requester=Requester(user(cast.dev), NOW), tutor_student_id=asked.pk, reason="No time")
    assert not visible_students(viewer_of(user(cast.dev))).exists()
    with pytest.raises(NotFoundError):
        accept(requester=Requester(user(cast.dev), NOW), tutor_student_id=asked.pk)
    assert offered_to_dev(cast) != asked


def test_who_asked_withdraws_but_does_not_accept(cast: Cast) -> None:
    """Ben cannot say yes for Dev, nor can Cara say anything; Ben can take it back."""
    asked = offered_to_dev(cast)
    for colleague in (cast.ben, cast.cara):
        with pytest.raises(ForbiddenError):
            accept(requester=Requester(user(colleague), NOW), tutor_student_id=asked.pk)
    with pytest.raises(ForbiddenError):
        decline(requester=Requester(user(cast.cara), NOW), tutor_student_id=asked.pk)
    assert (
        decline(requester=Requester(user(cast.ben), NOW), tutor_student_id=asked.pk).status
        == "declined"
    )


def test_a_former_tutor_asks_for_themselves_only(cast: Cast) -> None:
    """Cara would have Ana back: Ben, who teaches her now, says yes; offering her on is refused."""
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    ask = partial(
        request, requester=Requester(user(cast.cara), NOW), student_id=cast.ana.pk, subject="Art"
    )
    with pytest.raises(ForbiddenError):
        ask(tutor_id=cast.dev.pk)
    asked = ask(tutor_id=cast.cara.pk)
    with pytest.raises(ForbiddenError):
        accept(requester=Requester(user(cast.cara), NOW), tutor_student_id=asked.pk)
    assert (
        accept(requester=Requester(user(cast.ben), NOW), tutor_student_id=asked.pk).status
        == "active"
    )


def test_nobody_asks_about_a_student_they_have_no_link_to(cast: Cast) -> None:
    """For Dev there is no Ana; and there is no colleague who is inactive or unknown."""
    ask = partial(request, student_id=cast.ana.pk)
    with pytest.raises(NotFoundError):
        ask(requester=Requester(user(cast.dev), NOW), tutor_id=cast.dev.pk)
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, changes={"active": False}
    )
    for tutor_id in (cast.dev.pk, "nobody"):
        with pytest.raises(NotFoundError):
            ask(requester=Requester(user(cast.ben), NOW), tutor_id=tutor_id)


def test_a_yes_is_given_once_and_needs_room(cast: Cast) -> None:
    """A full tutor cannot accept; and what is accepted cannot be declined."""
    asked = offered_to_dev(cast)
    update = partial(update_tutor, requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk)
    update(changes={"capacity": 0})
    with pytest.raises(ConflictError, match="room for 0"):
        accept(requester=Requester(user(cast.dev), NOW), tutor_student_id=asked.pk)
    update(changes={"capacity": 1})
    accept(requester=Requester(user(cast.dev), NOW), tutor_student_id=asked.pk)
    with pytest.raises(ConflictError, match="it is planned"):
        decline(requester=Requester(user(cast.dev), NOW), tutor_student_id=asked.pk)


def test_an_accepted_request_of_a_student_nobody_teaches_is_primary(cast: Cast) -> None:
    """A pending request holds no mark; the yes brings it, unless another took it meanwhile."""
    finn = enrol(requester=Requester(cast.owner, NOW), full_name="Finn")
    asked = request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=finn.pk)
    other = request(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, student_id=finn.pk)
    assert accept(requester=Requester(user(cast.dev), NOW), tutor_student_id=asked.pk).is_primary
    assert not accept(
        requester=Requester(user(cast.ben), NOW), tutor_student_id=other.pk
    ).is_primary
    with pytest.raises(ConflictError, match="already have"):
        pair(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, student_id=finn.pk)


def test_who_asks_is_not_told_with_whom_and_when_a_colleague_has_agreed(cast: Cast) -> None:
    """An owner is; Ben and Dev, who may not know, hear that there is something."""
    pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Art",
        started_on=date(2026, 12, 1),
    )
    for actor, said in ((user(cast.ben), "^This tutor and stud"), (cast.owner, "^Dev and Ana")):
        with pytest.raises(ConflictError, match=said) as refused:
            request(
                requester=Requester(actor, NOW),
                tutor_id=cast.dev.pk,
                student_id=cast.ana.pk,
                subject="Art",
            )
        assert ("2026" in str(refused.value)) == (actor == cast.owner)
