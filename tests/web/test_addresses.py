"""Addresses that are made for many rows at once are those of the patterns."""

import pytest
from django.urls import resolve, reverse

from tandem.web.addresses import address


@pytest.mark.parametrize("name", ["student", "tutor", "session", "repair_session"])
@pytest.mark.parametrize("row_id", ["01abc", "a b", "ü&?#%;:@+", "a.b~c", "!*'()$,="])
def test_an_address_is_the_patterns_own(name: str, row_id: str) -> None:
    """Whatever an id of an older database has in it."""
    assert address(name, row_id) == reverse(name, args=[row_id])


def test_an_id_with_a_slash_has_an_address_too() -> None:
    """A list with such a row is shown; the pattern itself would refuse it, and the list with it."""
    assert address("student", "a/b") == "/students/a%2Fb"
    assert resolve(address("student", "a/b")).url_name == "student"
