"""What a business says in its letters in words of its own: subject, beginning and end of each kind.

Tandem's own words stand where nothing else is written. What is told of lessons is Tandem's always.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from django.utils import timezone

from tandem.kit.errors import FieldError, InvalidError
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons.letter_words import LANGUAGES
from tandem.lessons.outbox import LetterText, Notice
from tandem.people.requester import Requester
from tandem.people.rules import check_owner, has_a_visible_sign

NAMES = "{names}"
"""Stands for the names of those whom a letter is about."""
BRACES = re.compile(r"\{[^{}]*\}|[{}]")
PARTS = ("subject", "intro", "closing")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When nothing was written yet."""


def own_text(kind: str, language: str) -> LetterText:
    """Return what the business wrote for letters of a kind; an empty one where it wrote nothing."""
    found = LetterText.objects.filter(kind=kind, language=language).first()
    return found or LetterText(kind=kind, language=language, updated_at=NEVER)


def lock_text(kind: str, language: str) -> LetterText:
    """Return the same, locked until the transaction ends, so that two who write see each other."""
    _check_known(kind, language)
    nothing = LetterText(kind=kind, language=language, updated_at=NEVER)
    LetterText.objects.bulk_create([nothing], ignore_conflicts=True)
    return LetterText.objects.select_for_update().get(kind=kind, language=language)


def own_texts() -> dict[tuple[str, str], LetterText]:
    """Return all that the business wrote, by kind and language."""
    return {(one.kind, one.language): one for one in LetterText.objects.all()}


@one_transaction({})
def write_text(*, requester: Requester, kind: str, language: str, **parts: str) -> LetterText:
    """Write ``subject``, ``intro`` and ``closing`` of letters of a kind in a language. Owners only.

    A part that is empty, or that nobody can see, is Tandem's own again. InvalidError for a kind or
    a language that there is not, and for braces around anything but ``names``.
    """
    check_owner(is_owner=requester.viewer.is_owner, doing=_("write what letters say"))
    _check_known(kind, language)
    typed = {name: parts.get(name, "").strip() for name in PARTS}
    written = {name: text if has_a_visible_sign(text) else "" for name, text in typed.items()}
    written["subject"] = " ".join(written["subject"].split())
    _check_braces(written)
    row, _created = LetterText.objects.update_or_create(
        kind=kind,
        language=language,
        defaults={**written, "updated_at": timezone.now(), "updated_by": requester.who},
    )
    return row


def filled(text: str, names: str) -> str:
    """Return a text in which ``names`` stand where ``{names}`` does."""
    return text.replace(NAMES, names)


def _check_known(kind: str, language: str) -> None:
    if kind not in Notice.Kind.values:
        raise InvalidError([FieldError("kind", _("There are no letters of this kind."))])
    if language not in {words.language for words in LANGUAGES}:
        raise InvalidError([FieldError("language", _("There are no letters in this language."))])


def _check_braces(written: Mapping[str, str]) -> None:
    wrong = _("Between braces only {names} can stand: the names of those whom it is about.")
    errors = [
        FieldError(name, wrong)
        for name, text in written.items()
        if any(found != NAMES for found in BRACES.findall(text))
    ]
    if errors:
        raise InvalidError(errors)
