"""Which passwords will do: long enough, and not among the first that anybody would try."""

import pytest

from tandem.kit.errors import InvalidError
from tandem.people.accounts import check_password, create_account
from tandem.people.models import Account


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("correct hor", "at least 12 characters"),
        ("qwerty123456", "too common"),
        ("sunshine1234", "easy to guess"),
        ("qwertyuiop123", "easy to guess"),
        ("Password2024!", "easy to guess"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
        ("oona@tandem.example", "too much like"),
        ("oona-bergstrom", "too much like"),
        ("Bergstrom2026!", "easy to guess"),
        ("tandem-tandem-1", "easy to guess"),
    ],
)
def test_a_password_that_will_not_do(db: None, password: str, sentence: str) -> None:
    """The sentence says why."""
    account = Account(email="oona@tandem.example", full_name="Oona Bergstrom")
    with pytest.raises(InvalidError, match=sentence):
        check_password(password, account)


def test_no_account_is_made_with_one(db: None) -> None:
    """At the command line it is the same check."""
    with pytest.raises(InvalidError, match="easy to guess"):
        create_account(email="oona@tandem.example", password="sunshine1234")
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "a long enough secret", "Zq7 wR2!tLm9", "é" * 3 + "kvörnuð ljós"],
)
def test_a_password_that_will_do(db: None, password: str) -> None:
    """Words in a row, or a few letters at random; none has to be of any kind."""
    assert create_account(email="oona@tandem.example", password=password).pk


def test_a_very_long_one_is_looked_through_quickly(db: None) -> None:
    """Only its beginning is; the rest makes it no easier to guess."""
    assert create_account(email="oona@tandem.example", password="Zq7 wR2!tLm9 " * 5_000).pk
