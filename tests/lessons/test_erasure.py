"""Deleting and erasing people."""

import pytest
from django.db import IntegrityError, transaction

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.lessons import erasure
from tandem.lessons.actions import complete
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Deed, DeedPart, Session
from tandem.lessons.undoing import undo_deed
from tandem.people.models import AddressChange, Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import DECEMBER, NOW, Cast, a_tutor, at, booked, user


def test_somebody_with_sessions_is_not_deleted(cast: Cast) -> None:
    """Student and tutor stay, and so does the session."""
    booked(cast.ben_cleo, at(3, 10))
    with pytest.raises(ConflictError, match="make them inactive"):
        erasure.delete_student(requester=Requester(cast.owner, NOW), student_id=cast.cleo.pk)
    with pytest.raises(ConflictError, match="make them inactive"):
        erasure.delete_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk)
    assert Session.objects.count() == 1


def test_a_student_without_sessions_is_deleted_by_their_only_tutor(cast: Cast) -> None:
    """Ben entered Cleo by mistake; Ana is not his alone, and Dev finds no Cleo."""
    with pytest.raises(NotFoundError):
        erasure.delete_student(requester=Requester(user(cast.dev), NOW), student_id=cast.cleo.pk)
    with pytest.raises(ForbiddenError):
        erasure.delete_student(requester=Requester(user(cast.ben), NOW), student_id=cast.ana.pk)
    erasure.delete_student(requester=Requester(user(cast.ben), NOW), student_id=cast.cleo.pk)
    assert not Student.objects.filter(pk=cast.cleo.pk).exists()


def test_a_tutor_who_taught_nobody_is_deleted_by_an_owner(cast: Cast) -> None:
    """Dev never taught; Cara did, so she stays."""
    with pytest.raises(ForbiddenError):
        erasure.delete_tutor(requester=Requester(user(cast.dev), NOW), tutor_id=cast.dev.pk)
    with pytest.raises(ConflictError, match="has taught students"):
        erasure.delete_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk)
    erasure.delete_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk)
    assert not Tutor.objects.filter(pk=cast.dev.pk).exists()


def test_an_erased_student_is_gone_for_good(cast: Cast) -> None:
    """The preview counts what goes: sessions, relationships and history, and nobody else's."""
    session = booked(cast.ben_ana, at(3, 10))
    complete(requester=Requester(None, DECEMBER), session_id=session.pk)
    others = booked(cast.ben_cleo, at(4, 10))
    told = erasure.preview_erase_student(
        requester=Requester(cast.owner, NOW), student_id=cast.ana.pk
    )
    done = erasure.erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    assert told == done == erasure.Erasure(sessions=1, relationships=2, events=2)
    assert not Student.objects.filter(pk=cast.ana.pk).exists()
    assert [*Session.objects.all()] == [others]
    assert [*TutorStudent.objects.all()] == [cast.ben_cleo]
    assert RelationshipEvent.objects.count() == 1


def test_an_erased_student_is_in_no_deed_any_more(cast: Cast) -> None:
    """Nor what was written about lessons that a deed removed; the deed of another stays whole."""
    mine = end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk).deed
    other = end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk).deed
    erasure.erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    assert {*Deed.objects.values_list("pk", flat=True)} == {mine, other}
    assert [*DeedPart.objects.values_list("deed", flat=True)] == [other]
    with pytest.raises(ConflictError, match="Nothing of it is left"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=mine)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=other)


def test_an_erased_tutor_leaves_nameless_records(cast: Cast) -> None:
    """Name, addresses and sign-in are gone; the student keeps what was taught."""
    session = booked(cast.ben_cleo, at(1, 10))
    complete(requester=Requester(user(cast.ben), DECEMBER), session_id=session.pk)
    with pytest.raises(ConflictError, match="end or transfer"):
        erasure.erase_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk)
    for link in (cast.ben_ana, cast.ben_cleo):
        end(requester=Requester(cast.owner, NOW), tutor_student_id=link.pk)
    account = user(cast.ben)
    AddressChange.objects.create(
        account=account,
        email="ben@home.example",
        secret_hash="x",
        asked_by=account,
        asked_at=NOW,
    )
    done = erasure.erase_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk)
    cast.ben.refresh_from_db()
    account.refresh_from_db()
    assert done == erasure.Erasure(kept_sessions=1, kept_relationships=2)
    assert (cast.ben.full_name, cast.ben.user, cast.ben.phone) == ("Erased tutor", None, None)
    assert "ben" not in f"{cast.ben.email} {account.email} {account.full_name}"
    assert not account.is_active
    assert not AddressChange.objects.exists()
    assert Session.objects.get().tutor == cast.ben


def test_only_an_owner_erases(cast: Cast) -> None:
    """A tutor cannot, not even themselves or a student of theirs."""
    with pytest.raises(ForbiddenError):
        erasure.erase_student(requester=Requester(user(cast.ben), NOW), student_id=cast.cleo.pk)
    with pytest.raises(ForbiddenError):
        erasure.erase_tutor(requester=Requester(user(cast.dev), NOW), tutor_id=cast.dev.pk)


def test_history_is_still_append_only_after_an_erasure(cast: Cast) -> None:
    """The permission to erase does not outlast the erasure in its transaction."""
    erasure.erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        RelationshipEvent.objects.all().delete()


def test_an_owner_who_taught_can_still_sign_in(cast: Cast) -> None:
    """Erasing the tutor in an owner leaves the owner."""
    teacher = a_tutor(cast.owner, "Pia")
    account = user(teacher)
    account.is_owner = True
    account.save()
    erasure.erase_tutor(requester=Requester(cast.owner, NOW), tutor_id=teacher.pk)
    account.refresh_from_db()
    assert account.is_active
