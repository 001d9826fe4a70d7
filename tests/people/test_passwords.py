"""Which passwords will do: long enough, and not among the first that anybody would try."""

import pytest

from tandem.kit.errors import InvalidError
from tandem.kit.language import speaking
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


WORDS = "four or five words in a row"
WOERTER = "vier oder fünf Wörter hintereinander"
SAID = {
    "Zq7 wR2!t": (
        "too short: take at least 12 characters.",
        "zu kurz: Nehmen Sie mindestens 12 Zeichen.",
    ),
    "blue cat": (
        f"too short and easy to guess: {WORDS}, at least 12 characters, are a good one.",
        f"zu kurz und leicht zu erraten: V{WOERTER[1:]}, mindestens 12 Zeichen, sind ein gutes.",
    ),
    "qwerty123456": (
        f"too common and easy to guess: {WORDS} are a good one.",
        f"zu verbreitet und leicht zu erraten: V{WOERTER[1:]} sind ein gutes.",
    ),
    "oona@tandem.example": (
        (
            "too much like your name or address and easy to guess: "
            f"take {WORDS} that have nothing to do with you."
        ),
        (
            "Ihrem Namen oder Ihrer Adresse zu ähnlich und leicht zu erraten: "
            f"Nehmen Sie {WOERTER}, die nichts mit Ihnen zu tun haben."
        ),
    ),
    "bergstrom": (
        (
            "too short, too much like your name or address and easy to guess: "
            f"take {WORDS}, at least 12 characters, that have nothing to do with you."
        ),
        (
            "zu kurz, Ihrem Namen oder Ihrer Adresse zu ähnlich und leicht zu erraten: "
            f"Nehmen Sie {WOERTER}, mindestens 12 Zeichen, die nichts mit Ihnen zu tun haben."
        ),
    ),
}


@pytest.mark.parametrize("password", SAID)
def test_one_sentence_says_all_that_is_wrong(db: None, password: str) -> None:
    """And what to do, in both languages."""
    account = Account(email="oona@tandem.example", full_name="Oona Bergstrom")
    begins = {"en": "This password is ", "de": "Dieses Passwort ist "}
    for (language, begin), said in zip(begins.items(), SAID[password], strict=True):
        with speaking(language), pytest.raises(InvalidError) as refused:
            check_password(password, account)
        assert [one.message for one in refused.value.errors] == [f"{begin}{said}"]


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
