"""What may be written about people, decided from facts alone."""

from typing import Any

import pytest

from tandem.kit.errors import ForbiddenError, InvalidError
from tandem.people.rules import (
    Taught,
    check_student_editor,
    check_tutor_editor,
    tidy_student,
    tidy_taught,
    tidy_tutor,
)


def test_texts_are_trimmed_and_empty_addresses_are_none() -> None:
    """An empty e-mail means that there is none, so that two students may have none."""
    assert tidy_student({"full_name": " Ana ", "email": " ", "year": " 10 "}) == {
        "full_name": "Ana",
        "email": None,
        "year": "10",
    }


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"full_name": "  "}, ["full_name"]),
        ({"full_name": "Ana", "email": "ana@", "parent_email": "x"}, ["email", "parent_email"]),
        ({"time_zone": "Europe/Atlantis"}, ["time_zone"]),
        ({"parent_link_token": "mine"}, ["parent_link_token"]),
    ],
)
def test_everything_wrong_with_a_student_is_told_at_once(
    fields: dict[str, Any], wrong: list[str]
) -> None:
    """Each wrong field is named; what is not given is not asked for."""
    with pytest.raises(InvalidError) as refused:
        tidy_student(fields)
    assert [error.field for error in refused.value.errors] == wrong


@pytest.mark.parametrize("fields", [{"email": ""}, {"capacity": -1}, {"email": "nobody"}])
def test_a_tutor_has_an_address_and_no_negative_room(fields: dict[str, Any]) -> None:
    """A tutor is written to, so an address is needed; room for none is room for none."""
    with pytest.raises(InvalidError):
        tidy_tutor(fields)
    assert tidy_tutor({"capacity": 0, "phone": ""}) == {"capacity": 0, "phone": None}


def test_taught_subjects_differ_and_have_known_levels() -> None:
    """Blank, repeated and unknown are refused together; a level may be left unsaid."""
    assert tidy_taught([Taught(" Maths "), Taught("Art", "expert")]) == {
        "maths": Taught("Maths"),
        "art": Taught("Art", "expert"),
    }
    with pytest.raises(InvalidError) as refused:
        tidy_taught([Taught(" "), Taught("Maths"), Taught("MATHS", "wizard")])
    assert len(refused.value.errors) == 3


def test_who_writes_what() -> None:
    """A present tutor writes the student's record; tutors their own, but not their capacity."""
    check_student_editor(is_owner=False, teaches_now=True)
    check_tutor_editor(is_owner=False, is_self=True, fields=["phone"])
    check_tutor_editor(is_owner=True, is_self=False, fields=["capacity"])
    with pytest.raises(ForbiddenError):
        check_student_editor(is_owner=False, teaches_now=False)
    with pytest.raises(ForbiddenError):
        check_tutor_editor(is_owner=False, is_self=False, fields=["phone"])
    with pytest.raises(ForbiddenError, match="capacity"):
        check_tutor_editor(is_owner=False, is_self=True, fields=["capacity"])
