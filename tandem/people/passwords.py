"""Passwords that anybody would try among the first are refused, by one sentence that says why."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from tandem.kit.language import and_list, gettext_lazy
from tandem.kit.language import gettext as _
from tandem.people.models import Account

ENOUGH = 10**8
"""How many tries a password has to stand: a thief of the database makes so many in a day or so."""
LOOKED_AT = 72
"""The search takes time that grows with the length; what follows makes none easier to guess."""
OUR_OWN = ["tandem", "tutor", "tutoring"]
FAULTS = {
    "short": gettext_lazy("too short"),
    "common": gettext_lazy("too common"),
    "like": gettext_lazy("too much like your name or address"),
    "guessable": gettext_lazy("easy to guess"),
}
LONGER = gettext_lazy("This password is {faults}: take at least {number} characters.")
WHAT_TO_DO = {
    (False, False): gettext_lazy(
        "This password is {faults}: four or five words in a row are a good one."
    ),
    (False, True): gettext_lazy(
        "This password is {faults}: four or five words in a row, at least {number} characters, are "
        "a good one."
    ),
    (True, False): gettext_lazy(
        "This password is {faults}: take four or five words in a row that have nothing to do with "
        "you."
    ),
    (True, True): gettext_lazy(
        "This password is {faults}: take four or five words in a row, at least {number} "
        "characters, that have nothing to do with you."
    ),
}
"""By whether it is like somebody's name, and whether it is too short."""


class GuessableValidator:
    """Estimates by zxcvbn how many tries a password takes.

    It knows 30,000 passwords that are known from breaches, words, names, dates, keyboards, and what
    people do with them; and who it is for.
    """

    def validate(self, password: str, user: Account | None = None) -> None:
        """Raise ValidationError for one that takes fewer than ``ENOUGH``."""
        about = [user.email, user.full_name, *user.full_name.split()] if user else []
        known = [*OUR_OWN, *filter(None, about)]
        if zxcvbn(password[:LOOKED_AT], user_inputs=known)["guesses"] < ENOUGH:
            raise ValidationError(FAULTS["guessable"])


class PasswordValidator:
    """All that a password has to be, so that what is wrong with one is said in one sentence."""

    def __init__(self, min_length: int, user_attributes: Sequence[str]) -> None:
        self.min_length = min_length
        self.judges = {
            "short": MinimumLengthValidator(min_length),
            "common": CommonPasswordValidator(),
            "like": UserAttributeSimilarityValidator(user_attributes),
            "guessable": GuessableValidator(),
        }

    def validate(self, password: str, user: Account | None = None) -> None:
        """Raise ValidationError, with all that is wrong and with what to do."""
        faults = [
            fault for fault, judge in self.judges.items() if _is_refused(judge, password, user)
        ]
        if faults:
            raise ValidationError(self._sentence(faults), code=f"password_{faults[0]}")

    def get_help_text(self) -> str:
        return _(
            "At least {number} characters: four or five words in a row are a good one."
        ).format(number=self.min_length)

    def _sentence(self, faults: Sequence[str]) -> str:
        said = [str(FAULTS[one]) for one in faults]
        text = WHAT_TO_DO["like" in faults, "short" in faults]
        if faults == ["short"]:
            text = LONGER
        return str(text).format(faults=and_list(said), number=self.min_length)


def _is_refused(judge: Any, password: str, user: Account | None) -> bool:
    try:
        judge.validate(password, user)
    except ValidationError:
        return True
    return False
