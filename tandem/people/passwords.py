"""Passwords that anybody would try among the first are refused; nobody is asked about them."""

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from tandem.kit.language import gettext as _
from tandem.people.models import Account

ENOUGH = 10**8
"""How many tries a password has to stand: a thief of the database makes so many in a day or so."""
LOOKED_AT = 72
"""The search takes time that grows with the length; what follows makes none easier to guess."""
OUR_OWN = ["tandem", "tutor", "tutoring"]


class LengthValidator(MinimumLengthValidator):
    """Django's, which says what to do."""

    def get_error_message(self) -> str:
        said = _("This password is too short: take at least {number} characters.")
        return said.format(number=self.min_length)


class CommonValidator(CommonPasswordValidator):
    """Django's, which says what to do."""

    def get_error_message(self) -> str:
        return _("This password is too common: four or five words in a row are a good one.")


class SimilarityValidator(UserAttributeSimilarityValidator):
    """Django's, which says what to do."""

    def get_error_message(self) -> str:
        return _("This password is too much like your name or address. Take words that are not.")


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
            raise ValidationError(
                _("This password is easy to guess: four or five words in a row are a good one."),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be one that is easy to guess.")
