"""What is sealed here is opened here alone, for its purpose, and under keys of before."""

import pytest
from django.test import override_settings

from tandem.kit.sealing import SealBrokenError, opened, sealed, sealed_anew

OLD, NEW = "old" * 20, "new" * 20


def test_what_is_sealed_is_opened() -> None:
    text = sealed("Ana", "a purpose")
    assert "Ana" not in text
    assert opened(text, "a purpose") == "Ana"


@pytest.mark.parametrize("change", [str.lower, lambda text: text[:-4], lambda _: "", lambda _: "é"])
def test_what_was_changed_is_not(change: object) -> None:
    """Nor what never was sealed."""
    with pytest.raises(SealBrokenError):
        opened(change(sealed("Ana", "a purpose")), "a purpose")  # type: ignore[operator]


def test_each_purpose_has_its_own_key() -> None:
    with pytest.raises(SealBrokenError):
        opened(sealed("Ana", "a purpose"), "another")


def test_a_key_of_before_opens_until_it_is_left_out() -> None:
    """What was sealed anew meanwhile needs it no more."""
    with override_settings(SECRET_KEY=OLD):
        text = sealed("Ana", "a purpose")
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert opened(text, "a purpose") == "Ana"
        anew = sealed_anew(text, "a purpose")
    with override_settings(SECRET_KEY=NEW):
        assert opened(anew, "a purpose") == "Ana"
        with pytest.raises(SealBrokenError):
            opened(text, "a purpose")
