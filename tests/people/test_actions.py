"""Changing tutors, students and what they teach."""

from functools import partial

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.lessons.end_relationship import end
from tandem.people import actions
from tandem.people.models import Student, Subject, Tutor, TutorSubject
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tests.cast import NOW, Cast, user


def test_an_owner_adds_a_tutor(cast: Cast) -> None:
    """Only an owner, and only with an address that no other tutor has, whatever its case."""
    add = partial(actions.create_tutor, full_name="Eve")
    eve = add(requester=Requester(cast.owner, NOW), email="eve@tandem.example", capacity=3)
    assert (eve.full_name, eve.capacity, eve.active) == ("Eve", 3, True)
    with pytest.raises(ConflictError) as refused:
        add(requester=Requester(cast.owner, NOW), email="EVE@tandem.example")
    assert refused.value.reason == "email_taken"
    with pytest.raises(ForbiddenError):
        add(requester=Requester(user(cast.ben), NOW), email="eva@tandem.example")


def test_a_tutor_keeps_their_own_record(cast: Cast) -> None:
    """Their phone, not their capacity; a colleague's record is not theirs, nor always visible."""
    update = partial(actions.update_tutor, requester=Requester(user(cast.ben), NOW))
    assert update(tutor_id=cast.ben.pk, changes={"phone": "123"}).phone == "123"
    with pytest.raises(ForbiddenError):
        update(tutor_id=cast.ben.pk, changes={"capacity": 99})
    with pytest.raises(ForbiddenError):
        update(tutor_id=cast.cara.pk, changes={"phone": "123"})
    with pytest.raises(NotFoundError):
        update(tutor_id=cast.dev.pk, changes={"phone": "123"})


def test_subjects_are_put_whole(cast: Cast) -> None:
    """What is not listed goes, what is listed has the level said, a new name is a new subject."""
    put = partial(
        actions.set_subjects, requester=Requester(user(cast.ben), NOW), tutor_id=cast.ben.pk
    )
    put(subjects=[Taught("Maths", "expert"), Taught("Latin")])
    put(subjects=[Taught("maths", "advanced"), Taught("Greek")])
    taught = TutorSubject.objects.filter(tutor=cast.ben).order_by("subject__name")
    assert [(str(one.subject), one.level) for one in taught] == [
        ("Greek", ""),
        ("Maths", "advanced"),
    ]
    assert Subject.objects.filter(name__iexact="maths").count() == 1
    with pytest.raises(InvalidError, match="listed twice"):
        put(subjects=[Taught("Art"), Taught("ART")])
    with pytest.raises(ForbiddenError):
        put(requester=Requester(user(cast.cara), NOW), subjects=[])
    assert put(subjects=[]).subjects.count() == 0


def test_who_writes_a_students_record(cast: Cast) -> None:
    """A present tutor and an owner do; a former tutor is told no; others find no such student."""
    update = partial(actions.update_student, student_id=cast.ana.pk, changes={"year": "11"})
    assert update(requester=Requester(user(cast.cara), NOW)).year == "11"
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    with pytest.raises(ForbiddenError):
        update(requester=Requester(user(cast.cara), NOW))
    with pytest.raises(NotFoundError):
        update(requester=Requester(user(cast.dev), NOW))


def test_two_students_do_not_share_an_address_but_parents_do(cast: Cast) -> None:
    """Siblings have one parent's address and stay two students."""
    update = partial(actions.update_student, requester=Requester(cast.owner, NOW))
    update(student_id=cast.ana.pk, changes={"email": "ana@x.example"})
    with pytest.raises(ConflictError) as refused:
        update(student_id=cast.cleo.pk, changes={"email": "ana@x.example"})
    assert refused.value.reason == "email_taken"
    update(student_id=cast.cleo.pk, changes={"parent_email": cast.ana.parent_email})
    assert Student.objects.filter(parent_email=cast.ana.parent_email).count() == 2


def test_a_given_name_repairs_an_imported_one(cast: Cast) -> None:
    """An imported blank name carries a fault until somebody gives a name."""
    Student.objects.filter(pk=cast.cleo.pk).update(full_name="", legacy_fault="blank_name")
    update = partial(
        actions.update_student, requester=Requester(cast.owner, NOW), student_id=cast.cleo.pk
    )
    assert update(changes={"year": "9"}).legacy_fault == "blank_name"
    assert update(changes={"full_name": "Cleo"}).legacy_fault == ""


def test_an_address_that_repairs_nothing_is_refused(cast: Cast) -> None:
    """Two imported tutors share an address: giving one the same again leaves the fault."""
    Tutor.objects.filter(pk=cast.dev.pk).update(
        email=cast.ben.email.upper(), legacy_fault="duplicate_email"
    )
    update = partial(
        actions.update_tutor, requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk
    )
    with pytest.raises(ConflictError):
        update(changes={"email": cast.ben.email})
    assert update(changes={"email": "dev2@tandem.example"}).legacy_fault == ""


def test_only_an_owner_adds_a_student_whom_nobody_teaches(cast: Cast) -> None:
    """A tutor could not see such a student, so enrols one instead."""
    finn = actions.create_student(requester=Requester(cast.owner, NOW), full_name="Finn", year="7")
    assert (finn.year, finn.active) == ("7", True)
    with pytest.raises(ForbiddenError):
        actions.create_student(requester=Requester(user(cast.ben), NOW), full_name="Gus")
