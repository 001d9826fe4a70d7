"""Every page in a language in which each text stands between marks: what is outside them, nobody
can translate.
"""

import html
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.test import Client
from django.utils.translation import trans_real

from tandem.kit import language
from tests.cast import Cast
from tests.catalogue import marked, mo_of
from tests.web.every_page import pages_of
from tests.web.furnished import furnish

BEGIN, END = "⟦", "⟧"
HIDDEN = re.compile(r"<(script|style|code|svg)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SAID = re.compile(r' (?:aria-label|title|placeholder|alt|data-label)="([^"]*)"')
VALUE = re.compile(r"<textarea\b.*?</textarea>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"\b[^\W\d_]{3,40}\b")


@pytest.fixture
def marks(tmp_path: Path, settings: LazySettings) -> Iterator[None]:
    """Let German be each text itself, between marks; formats of dates stay as they are.

    Pages are loaded before, as where they are served: what is said while that happens is English.
    """
    import_module(settings.ROOT_URLCONF)
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    known = {key: tuple(map(_between, key)) for key in marked()}
    (folder / "django.mo").write_bytes(mo_of(known))
    settings.LOCALE_PATHS = [tmp_path]
    _forget()
    yield
    _forget()


def _between(text: str) -> str:
    is_format = re.fullmatch(r"[lDjMFYHi:, ]+", text)
    return text if is_format else f"{BEGIN}{text}{END}"


def _forget() -> None:
    language._translated.cache_clear()  # noqa: SLF001 - what it knows is of the other catalogue
    trans_real._translations.clear()  # type: ignore[attr-defined]  # noqa: SLF001 - as above


def outside(page: str) -> str:
    """Return the words of a page that stand between no marks."""
    shown = VALUE.sub(" ", HIDDEN.sub(" ", "<body" + page.partition("<body")[2]))
    text = " ".join([TAG.sub(" ", shown), *SAID.findall(shown)])
    depth, kept = 0, []
    for sign in html.unescape(text):
        depth += (sign == BEGIN) - (sign == END)
        kept.append(" " if depth else sign)
    return "".join(kept)


DATA = frozenset(
    WORD.findall(
        "Tandem tandem English Deutsch CSV JSON API UTC "
        "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez Januar Februar März April Juni Juli "
        "August September Oktober November Dezember "
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag "
        "Mail Adresse Passwort Wiederholung Passkey unknown browser"
    )
)
"""Names of things, words that are the same in every language, and Django's and allauth's German."""
IN_BOTH = ("/notices", "/notices/changes/en", "/export")
"""Where letters stand in each language there is; and where tables stand by their English names."""


def people_s(cast: Cast) -> set[str]:
    """Return the words that stand in the rows of the site: names, notes, addresses."""
    found = {*DATA} | {
        word for zone in available_timezones() for word in WORD.findall(zone.replace("_", " "))
    }
    for model in apps.get_models():
        for row in model._default_manager.all():  # noqa: SLF001 - documented
            for field in model._meta.concrete_fields:  # noqa: SLF001 - documented
                found.update(WORD.findall(str(getattr(row, field.attname))))
    return found


@pytest.mark.usefixtures("marks")
def test_no_word_stands_outside_a_text(cast: Cast) -> None:
    """On every page there is, but for names of people and what they wrote."""
    furnish(cast)
    pages = pages_of(cast)
    known, found = people_s(cast), {}
    for reader, paths in pages.items():
        client = Client(headers={"Accept-Language": "de"})
        if reader:
            client.force_login(reader)
        for path in paths:
            page = client.get(path, follow=True)
            words = [
                one for one in WORD.findall(outside(page.content.decode())) if one not in known
            ]
            if words and not path.endswith(IN_BOTH):
                found[path] = words
    assert found == {}
