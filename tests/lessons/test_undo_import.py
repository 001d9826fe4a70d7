"""An import is taken back at one go: just what it made, and only while nothing hangs on it."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.lessons.erasure import delete_student
from tandem.lessons.imports.bring_in import bring_in
from tandem.lessons.models import Availability, Deed
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.actions import update_student, update_tutor
from tandem.people.guardians import create_guardian, update_guardian
from tandem.people.models import Change, Guardian, Student, Tutor
from tandem.people.requester import Requester
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import create_wish
from tandem.relationships.actions import pair, pause
from tandem.relationships.models import PrimaryPeriod, RelationshipEvent, TutorStudent
from tests.cast import NOW, Cast, at, booked, link, user
from tests.lessons.test_deeds import undone
from tests.lessons.test_imports import STUDENTS, TUTORS


def imported(cast: Cast, text: str = STUDENTS, of: Any = "students") -> str:
    """Bring a file in; return the deed."""
    done = bring_in(requester=Requester(cast.owner, NOW), of=of, content=text.encode())
    return done.deed


def people() -> list[Any]:
    """Everybody, with who teaches whom and the lines about it."""
    tables = (Student, Tutor, Guardian, TutorStudent, PrimaryPeriod, RelationshipEvent)
    return [
        sorted(map(str, table._default_manager.values_list()))  # noqa: SLF001 - Django documents it
        for table in tables
    ]


def test_all_that_came_goes_and_nothing_else(cast: Cast) -> None:
    before = people()
    deed = imported(cast)
    plan = undone(cast, deed)
    assert {one.full_name for one in plan.students} == {"Kim Vale", "Lou Vale", "Max Stone"}
    assert people() == before
    assert Deed.objects.get(pk=deed).undone_by == cast.owner
    assert not Change.objects.filter(values__icontains="Kim Vale").exists()
    with pytest.raises(ConflictError) as refused:
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert refused.value.reason == "undone"


def test_what_a_student_got_who_was_here_goes_and_they_stay(cast: Cast) -> None:
    """The mark lies where it lay; that there was a pairing, and that it went, stands there."""
    before = sorted(TutorStudent.objects.values_list("id", "is_primary"))
    deed = imported(cast, "Name,Tutor,Subject\nCleo Hart,Ben,Maths\nCleo Hart,Dev,Latin\n")
    (row,) = undone(cast, deed).unpaired
    assert row.tutor == cast.dev
    assert sorted(TutorStudent.objects.values_list("id", "is_primary")) == before
    assert Student.objects.filter(pk=cast.cleo.pk).exists()
    assert [*RelationshipEvent.objects.filter(relationship_id=row.pk).values_list("what")] == [
        ("started",), ("removed",),
    ]  # fmt: skip


def test_tutors_go_again(cast: Cast) -> None:
    before = people()
    plan = undone(cast, imported(cast, TUTORS, "tutors"))
    assert [one.full_name for one in plan.tutors] == ["Ada Byron"]
    assert people() == before


def kim() -> Student:
    return Student.objects.get(full_name="Kim Vale")


def later(cast: Cast) -> Requester:
    """Somebody who acts after the import."""
    return Requester(cast.owner, NOW)


HANGS: dict[str, Callable[[Cast], object]] = {
    "lessons were planned (Kim Vale)": lambda cast: booked(link(cast.ben, kim()), at(9, 16)),
    "another tutor was added (Kim Vale)": lambda cast: pair(
        requester=later(cast), tutor_id=cast.dev.pk, student_id=kim().pk
    ),
    "who teaches them was changed (Kim Vale)": lambda cast: pause(
        requester=later(cast), tutor_student_id=link(cast.ben, kim()).pk
    ),
    "the record was changed (Kim Vale)": lambda cast: update_student(
        requester=later(cast), student_id=kim().pk, changes={"year": "10"}
    ),
    "a guardian was added or changed (Kim Vale)": lambda cast: create_guardian(
        requester=later(cast), student_ids=[kim().pk], fields={"full_name": "Gran"}
    ),
    "a guardian was added or changed (Kim Vale, Lou Vale)": lambda cast: update_guardian(
        requester=later(cast), guardian_id=Guardian.objects.get().pk, changes={"phone": "1"}
    ),
    "a wish was added or changed (Kim Vale)": lambda cast: create_wish(
        requester=later(cast), student_id=kim().pk, wanted=Wanted("Latin")
    ),
}


@pytest.mark.parametrize("what", HANGS)
def test_what_hangs_on_it_since_keeps_all_of_it(cast: Cast, what: str) -> None:
    """The sentence says what and with whom; nothing is done, by the look as by the deed."""
    deed = imported(cast)
    HANGS[what](cast)
    before = people()
    for action in (preview_undo_of, undo_deed):
        with pytest.raises(ConflictError) as refused:
            action(requester=Requester(cast.owner, NOW), deed_id=deed)
        assert refused.value.reason == "used_since"
        assert what in str(refused.value)
    assert people() == before


def test_all_that_stands_against_it_is_said_at_once(cast: Cast) -> None:
    deed = imported(cast)
    plan_series(
        requester=later(cast),
        wanted=NewSeries(
            tutor_student_id=link(cast.ben, kim()).pk,
            rule="FREQ=WEEKLY;COUNT=2",
            first_date=date(2026, 11, 9),
            wall_time=time(16),
            minutes=60,
        ),
    )
    update_student(
        requester=later(cast),
        student_id=Student.objects.get(full_name="Max Stone").pk,
        changes={"year": "10"},
    )
    with pytest.raises(ConflictError) as refused:
        undone(cast, deed)
    assert "lessons were planned (Kim Vale); the record was changed (Max Stone)." in str(
        refused.value
    )


@pytest.mark.parametrize("what", ["students were given to them", "hours or time off", "the record"])
def test_tutors_with_whom_something_was_done_stay(cast: Cast, what: str) -> None:
    deed = imported(cast, TUTORS, "tutors")
    ada = Tutor.objects.get(email="ada@tandem.example").pk
    if what.startswith("students"):
        pair(requester=later(cast), tutor_id=ada, student_id=cast.cleo.pk)
    elif what.startswith("hours"):
        Availability.objects.create(tutor_id=ada, weekday=0, starts=time(9), ends=time(10))
    else:
        update_tutor(requester=later(cast), tutor_id=ada, changes={"phone": "2"})
    with pytest.raises(ConflictError) as refused:
        undone(cast, deed)
    assert f"{what}" in str(refused.value)
    assert "Ada Byron" in str(refused.value)
    assert Tutor.objects.filter(pk=ada).exists()


def test_who_was_removed_by_hand_is_no_hindrance(cast: Cast) -> None:
    before = people()
    deed = imported(cast)
    delete_student(requester=later(cast), student_id=kim().pk)
    undone(cast, deed)
    assert people() == before


def test_a_tutor_undoes_no_import(cast: Cast) -> None:
    """They do not see an owner's deed; a former owner's own is refused."""
    deed = imported(cast)
    with pytest.raises(NotFoundError):
        undo_deed(requester=Requester(user(cast.ben), NOW), deed_id=deed)
    Deed.objects.filter(pk=deed).update(actor=user(cast.ben))
    with pytest.raises(ForbiddenError):
        undo_deed(requester=Requester(user(cast.ben), NOW), deed_id=deed)
