"""Spreadsheets that come at the same moment, and large ones."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.kit.errors import ConflictError, InvalidError
from tandem.lessons.undoing import undo_deed
from tandem.people.actions import update_tutor
from tandem.people.models import Student
from tandem.people.requester import Requester
from tests.cast import NOW, Cast
from tests.lessons.test_imports import STUDENTS, brought
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
