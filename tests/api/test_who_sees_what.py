"""Need to know: who is told which field, as decided in one matrix; nothing is undecided."""

from typing import Any

import pytest

from tandem.kit import time
from tests.api.asking import PROBES, observed, routes, undecided, words_on_pages
from tests.api.looking import World, build
from tests.api.who_sees_page import PAGE, page
from tests.api.who_sees_what import FIELDS, NEVER, PAGES_TELL
from tests.cast import NOW, Cast


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    """Ana with a relationship of each kind."""
    monkeypatch.setattr(time, "utc_now", lambda: NOW)
    return build(cast)


def test_each_field_is_told_to_whom_the_matrix_says(world: World) -> None:
    """Every GET route, asked by everybody: as much as is decided, and no less."""
    found: dict[str, Any] = observed(world)
    assert set(found) == set(FIELDS)
    wrong = {place: groups for place, groups in found.items() if groups != _decided(place)}
    assert wrong == {}


def test_nothing_is_undecided() -> None:
    """Each GET route is asked, and each field that its answer may have is in the matrix."""
    assert set(PROBES) == routes()
    assert undecided(FIELDS) == {place: set(never.split()) for place, never in NEVER.items()}


def test_pages_tell_no_more(world: World, cast: Cast) -> None:
    """A word for each thing that could be told is looked for on the pages that everybody opens."""
    assert words_on_pages(world, cast) == PAGES_TELL


def test_the_page_of_the_docs_is_made_of_the_matrix() -> None:
    """`python -m tests.api.who_sees_page` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()


def _decided(place: str) -> dict[str, str]:
    return {roles: " ".join(fields.split()) for roles, fields in FIELDS[place].items()}
