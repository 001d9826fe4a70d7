"""Spreadsheets that come at the same moment, and large ones."""

from threading import Event

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tandem.kit.errors import ConflictError, InvalidError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.imports import one_at_a_time
from tandem.lessons.undoing import undo_deed
from tandem.people.actions import update_tutor
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tests.cast import NOW, Cast
from tests.lessons.test_imports import STUDENTS, TUTORS, brought, looked
from tests.together import together


@pytest.mark.django_db(transaction=True)
def test_one_file_twice_at_once_comes_once(cast: Cast) -> None:
    """The second waits for the first, and finds everybody here."""

    def try_it() -> str:
        try:
            return brought(cast, STUDENTS).deed and "done"
        except ConflictError as refusal:
            return refusal.reason

    assert sorted(together(try_it, try_it)) == ["done", "nothing_to_bring_in"]
    assert Student.objects.filter(full_name="Kim Vale").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("of", ["students", "tutors"])
def test_one_file_that_two_owners_have_looked_at_comes_once(cast: Cast, of: str) -> None:
    """The second is told that all are here by now, and not that their file has changed."""
    text = STUDENTS if of == "students" else TUTORS
    expect = fingerprint(looked(cast, text, of).shown)

    def try_it() -> str:
        try:
            return brought(cast, text, of, expect=expect).deed and "done"
        except ConflictError as refusal:
            return f"{refusal.reason}: {refusal}"

    first, second = sorted(together(try_it, try_it))
    assert first == "done"
    assert second.startswith("nothing_to_bring_in: Everybody in this file is here by now")
    assert Student.objects.filter(full_name="Kim Vale").count() == (of == "students")
    assert Tutor.objects.filter(full_name="Ada Byron").count() == (of == "tutors")


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_a_large_file_does_is_told_whom_they_wait_for(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of theirs is done; so is who takes an import back."""
    monkeypatch.setattr(one_at_a_time, "LONGEST_WAIT", 200)
    earlier = brought(cast, "Name\nEva Lund\n").deed
    is_in, is_told = Event(), Event()

    def bring() -> None:
        with transaction.atomic():
            brought(cast, STUDENTS)
            is_in.set()
            is_told.wait(20)

    def come_too() -> list[str]:
        is_in.wait(20)
        told = []
        for action in (
            lambda: brought(cast, STUDENTS),
            lambda: undo_deed(requester=Requester(cast.owner, NOW), deed_id=earlier),
        ):
            with pytest.raises(ConflictError) as refused:
                action()
            told.append(f"{refused.value.reason}: {refused.value}")
        is_told.set()
        return told

    _, told = together(bring, come_too)
    assert {one[:66] for one in told} == {
        "busy: Somebody else is bringing people in from a spreadsheet just "
    }
    assert Student.objects.filter(full_name="Kim Vale").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_fill_no_tutor_beyond_the_limit(cast: Cast) -> None:
    """Who comes second is refused, and names the day."""
    requester = Requester(cast.owner, NOW)
    update_tutor(requester=requester, tutor_id=cast.dev.pk, changes={"capacity": 3})

    def try_it(name: str) -> str:
        try:
            rows = "".join(f"{name} {n},Dev\n" for n in range(2))
            return brought(cast, f"Name,Tutor\n{rows}").deed and "done"
        except InvalidError as refusal:
            return str(refusal)

    first, second = sorted(together(lambda: try_it("Kim"), lambda: try_it("Lou")))
    assert "This tutor has room for 3" in first
    assert second == "done"
    assert cast.dev.relationships.count() == 2


def test_two_thousand_rows_take_as_many_statements_as_twenty(cast: Cast) -> None:
    """Of students with guardians, wishes and two tutors each."""

    def statements(name: str, number: int) -> int:
        rows = "".join(
            f"{name} {n},{name}{n}@c.example,Adult {n},{name}{n}@h.example,{tutor},Maths\n"
            for n in range(number)
            for tutor in ("Ben", "Cara")
        )
        waiting = "".join(f"{name} who waits {n},,,,,Latin\n" for n in range(number))
        text = f"Name,E-mail,Parent,Parent’s e-mail,Tutor,Subject\n{rows}{waiting}"
        with CaptureQueriesContext(connection) as captured:
            done = brought(cast, text)
        assert done.people == 2 * number
        with CaptureQueriesContext(connection) as undoing:
            undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
        assert not Student.objects.filter(full_name__startswith=name).exists()
        assert len(undoing) < 100
        return len(captured)

    few = statements("few", 20)
    assert few < 50
    assert statements("many", 667) <= few
