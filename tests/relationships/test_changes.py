"""Pausing, resuming, changing the subject, giving the primary mark, and the history of it all."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.lessons.transfers import transfer
from tandem.people.models import Tutor
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships import actions
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.queries import history_of_student, history_of_tutor
from tests.cast import NOW, Cast, user


def test_a_pause_keeps_the_mark(cast: Cast) -> None:
    """A paused relationship is open and primary; it is resumed, not paused twice."""
    pause = partial(
        actions.pause, requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_ana.pk
    )
    assert pause().is_primary
    with pytest.raises(ConflictError, match="it is paused"):
        pause()
    resumed = actions.resume(
        requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_ana.pk
    )
    assert (resumed.status, resumed.is_primary) == ("active", True)


def test_what_holds_at_once_is_dated_no_later_than_today(cast: Cast) -> None:
    """A pause, its end and a subject hold from now on, so a day ahead is refused, as is one before
    the start; until today it is as the history says.
    """
    who: dict[str, Any] = {
        "requester": Requester(cast.owner, NOW),
        "tutor_student_id": cast.ben_ana.pk,
    }
    subject = partial(actions.change_subject, subject="Art")
    today = NOW.date()
    for change in (actions.pause, actions.resume, subject):
        for day in (today + timedelta(days=1), date(2026, 8, 31)):
            with pytest.raises(InvalidError) as refused:
                change(**who, on=day)
            assert [one.field for one in refused.value.errors] == ["on"]
        change(**who, on=today - timedelta(days=1))
    lines = RelationshipEvent.objects.filter(relationship=cast.ben_ana).order_by("id")
    assert {one.on_date for one in lines[1:]} == {today - timedelta(days=1)}


def test_what_begins_later_is_paused_before_it_does(cast: Cast) -> None:
    """And not paused twice: the refusal says what was decided."""
    later = actions.pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        started_on=date(2026, 12, 1),
    )
    pause = partial(actions.pause, requester=Requester(cast.owner, NOW), tutor_student_id=later.pk)
    pause()
    with pytest.raises(ConflictError, match="it is paused"):
        pause()
    actions.resume(requester=Requester(cast.owner, NOW), tutor_student_id=later.pk)
    with pytest.raises(ConflictError, match="it is planned"):
        actions.resume(requester=Requester(cast.owner, NOW), tutor_student_id=later.pk)


def test_the_subject_changes_unless_it_is_taught_already(cast: Cast) -> None:
    """Ben's physics becomes art, or any subject; not the maths that he teaches Ana besides."""
    maths = actions.pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.ana.pk,
        subject="Maths",
    )
    change = partial(
        actions.change_subject,
        requester=Requester(user(cast.ben), NOW),
        tutor_student_id=cast.ben_ana.pk,
    )
    assert str(change(subject="Art").subject) == "Art"
    assert change(subject="").subject is None
    with pytest.raises(ConflictError) as refused:
        change(subject="MATHS")
    assert refused.value.details == {"tutorStudentId": maths.pk}


def test_one_is_primary_after_the_mark_is_given(cast: Cast) -> None:
    """Cara takes the mark from Ben; giving it to her again decides nothing, and is refused."""
    give = partial(
        actions.make_primary,
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.cara_ana.pk,
    )
    give()
    for on in (None, date(2026, 12, 1)):
        with pytest.raises(ConflictError) as refused:
            give(on=on)
        assert refused.value.reason == "already_primary"
    assert str(refused.value) == (
        "Cara is Ana Ruiz’s primary tutor from Tue 1 Dec 2026 on already, so there is nothing to "
        "decide. Nothing was changed."
    )
    assert TutorStudent.objects.get(student=cast.ana, is_primary=True) == cast.cara_ana
    (event,) = RelationshipEvent.objects.filter(what="made_primary")
    Tutor.objects.filter(pk=cast.cara.pk).update(full_name="")
    with pytest.raises(ConflictError, match=r"^cara@tandem\.example is Ana Ruiz’s primary tutor"):
        give()
    assert event.details["instead_of"] == cast.ben_ana.pk


def test_only_an_owner_gives_the_mark(cast: Cast) -> None:
    """Cara may not take it herself; for Dev there is nothing to give."""
    with pytest.raises(ForbiddenError):
        actions.make_primary(
            requester=Requester(user(cast.cara), NOW), tutor_student_id=cast.cara_ana.pk
        )
    with pytest.raises(NotFoundError):
        actions.make_primary(
            requester=Requester(user(cast.dev), NOW), tutor_student_id=cast.cara_ana.pk
        )


def test_a_tutor_changes_only_their_own(cast: Cast) -> None:
    """Ben sees that Cara teaches Ana, but neither pauses nor annotates that."""
    for change in (
        actions.pause,
        partial(actions.change_subject, subject="Art"),
        partial(actions.annotate, notes="Mine"),
    ):
        with pytest.raises(ForbiddenError):
            change(requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.cara_ana.pk)
        with pytest.raises(NotFoundError):
            change(requester=Requester(user(cast.dev), NOW), tutor_student_id=cast.cara_ana.pk)
    noted = actions.annotate(
        requester=Requester(user(cast.cara), NOW), tutor_student_id=cast.cara_ana.pk, notes="Mine"
    )
    assert noted.notes == "Mine"


def test_history_is_read_in_order_by_those_it_concerns(cast: Cast) -> None:
    """Ben, who no longer teaches Ana, reads his part of it; an owner reads the whole."""
    actions.pause(requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_ana.pk)
    transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=NOW.date(),
    )

    def told(viewer: str) -> list[str]:
        account = cast.owner if viewer == "owner" else user(cast.ben)
        return [event.what for event in history_of_student(viewer_of(account), cast.ana.pk)]

    assert told("ben") == ["started", "paused", "transferred_out"]
    assert told("owner") == ["started", "started", "paused", "transferred_out", "transferred_in"]
    assert [event.what for event in history_of_tutor(viewer_of(cast.owner), cast.dev.pk)] == [
        "transferred_in"
    ]
    with pytest.raises(NotFoundError):
        history_of_student(viewer_of(user(cast.dev)), cast.cleo.pk)


def test_history_is_append_only(cast: Cast) -> None:
    """The database refuses to change or remove a line."""
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        RelationshipEvent.objects.update(what="ended")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        RelationshipEvent.objects.all().delete()
