"""The language that is spoken now, and texts in it.

Django's own ``gettext`` looks for the language in an asgiref local and asks several catalogues in
turn, also for English, which has nothing to be looked for: a hundred texts are a part of a page's
time. Here the language is a context variable; English is the text itself; what was looked up once
is known. Whoever speaks no language, as the API and the commands, says it in English.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from django.utils import translation
from django.utils.functional import lazy

ENGLISH = "en"
CODES = {ENGLISH: "en-gb", "de": "de"}
"""Each language by its short word, as it is stored and stands in an address -> Django's code."""
NAMES = {ENGLISH: "English", "de": "Deutsch"}
"""What each language calls itself."""
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def spoken() -> str:
    """Return the short word for the language that is spoken now: en, de."""
    return _spoken.get()


def speak(language: str) -> None:
    """Speak a language, here and in Django's own texts, until ``stop_speaking``."""
    _spoken.set(language)
    translation.activate(CODES[language])


def stop_speaking() -> None:
    """Speak English again, and Django whatever it speaks by itself."""
    _spoken.set(ENGLISH)
    translation.deactivate()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language for a while, and then the one before; '' changes nothing."""
    before = _spoken.get()
    if language:
        speak(language)
    try:
        yield
    finally:
        if language:
            speak(before)


def known(language: str) -> str:
    """Return the short word for a language as BCP 47 writes it (de-AT); '' for one there is not."""
    short = language.split("-", maxsplit=1)[0].lower()
    return short if short in CODES else ""


def gettext(text: str) -> str:
    """Return a text, whose English is given, in the language that is spoken."""
    language = _spoken.get()
    return text if language == ENGLISH else _translated(language, text)


def and_list(words: Sequence[str]) -> str:
    """Return names, or words, in a sentence: "Ana, Ben and Cleo"."""
    return gettext(" and ").join([*([", ".join(words[:-1])] if words[:-1] else []), *words[-1:]])


def ngettext(one: str, many: str, number: int) -> str:
    """Return one of two texts, by ``number``, in the language that is spoken."""
    language = _spoken.get()
    if language == ENGLISH:
        return one if number == 1 else many
    with translation.override(CODES[language]):
        return translation.ngettext(one, many, number)


def gettext_noop(text: str) -> str:
    """Return a text as it is, and mark it as one that ``gettext`` will be asked for."""
    return text


_lazy = lazy(gettext, str)


def gettext_lazy(text: str) -> str:
    """Return what says a text whenever it is shown: for what is made once, such as a label."""
    return _lazy(text)


@cache
def _translated(language: str, text: str) -> str:
    """The texts are ours alone, so they are few."""
    with translation.override(CODES[language]):
        return translation.gettext(text)
