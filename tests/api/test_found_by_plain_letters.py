"""Who is called what: found with marks or without, and listed as people look for a name."""

from typing import Any

import pytest

from tandem.people.models import Guardian, Student, Tutor
from tests.api.client import Caller, refusal, said
from tests.cast import Cast

NAMES = ["Ángel", "anna", "Łukasz", "Özil", "Zoe Müller"]


@pytest.fixture(autouse=True)
def _named(cast: Cast) -> None:
    """The same names for students, tutors and guardians."""
    Student.objects.bulk_create(Student(full_name=one) for one in reversed(NAMES))
    Tutor.objects.bulk_create(
        Tutor(full_name=one, email=f"{number}@tutors.example") for number, one in enumerate(NAMES)
    )
    for one in reversed(NAMES):
        guardian = Guardian.objects.create(full_name=one, email=None)
        guardian.students.add(cast.cleo)


def found(caller: Caller, path: str, q: str) -> list[str]:
    """Return the names on a list that are found."""
    return [one["fullName"] for one in said(caller.get(path, q=q))[path]]


@pytest.mark.parametrize("path", ["students", "tutors", "guardians"])
@pytest.mark.parametrize("q", ["muller", "MÜLLER", "Mu\u0308ller", "Müller zoe", " zoe "])
def test_a_name_is_found_by_the_letters_of_any_keyboard(owner: Caller, path: str, q: str) -> None:
    """As on the pages: each word of it, wherever it stands."""
    assert "Zoe Müller" in found(owner, path, q)
    assert "Zoe Müller" not in found(owner, path, f"{q} x")


@pytest.mark.parametrize("q", ["100%", "_", "\\"])
def test_signs_are_themselves(owner: Caller, q: str) -> None:
    """None stands for others."""
    Student.objects.create(full_name="100%_\\ Kim")
    assert found(owner, "students", q) == ["100%_\\ Kim"]


@pytest.mark.parametrize("path", ["students", "tutors", "guardians"])
def test_pages_are_in_the_order_of_names(owner: Caller, path: str) -> None:
    """Two at a time, each once, Ángel before anna and Özil before Zoe."""
    names: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = said(owner.get(path, limit=2, **cursor))
        names += [one["fullName"] for one in answer[path]]
        if not answer["next"]:
            break
        cursor = {"cursor": answer["next"]}
    assert [one for one in names if one in NAMES] == NAMES
    assert len(names) == len(set(names))


def test_a_cursor_of_the_order_before_is_refused(owner: Caller) -> None:
    """In words that say what to do."""
    old = "WyJzdHVkZW50cyIsImFuYSIsIjEiXQ"  # ["students", "ana", "1"]
    problem = refusal(owner.get("students", cursor=old), 422, "invalid")
    assert "Start again without one." in problem["errors"][0]["message"]
