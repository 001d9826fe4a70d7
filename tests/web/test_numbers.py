"""The overview's numbers where there is much to count."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.cache import caches
from django.test import Client

from tandem.kit import time
from tandem.people.models import Student
from tandem.web import dashboard_cache
from tests.cast import NOW, Cast
from tests.web.reading import read
from tests.web.sending import opened


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    yield
    caches["worker"].clear()


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting takes longer than it may at every look."""
    monkeypatch.setattr(dashboard_cache, "LONG", timedelta())


def later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Let so much time go by after the cast's morning."""
    moment: datetime = NOW + timedelta(seconds=seconds)
    monkeypatch.setattr(time, "utc_now", lambda: moment)


def one_more() -> None:
    """Somebody else adds a student."""
    Student.objects.create(full_name="Eve")


def test_what_is_quickly_counted_is_counted_at_every_look(oona: Client) -> None:
    """No number is older than the page in a business of ordinary size."""
    read(oona, "/")
    one_more()
    seen = read(oona, "/")
    assert "1 student without a tutor" in seen
    assert "Counted at" not in seen


@pytest.mark.usefixtures("large")
def test_what_takes_long_is_counted_once_a_minute(
    oona: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says when; after a minute it is counted again."""
    assert "Counted at" not in read(oona, "/")
    one_more()
    later(monkeypatch, 30)
    seen = read(oona, "/")
    assert "without a tutor" not in seen
    assert "Counted at 09:00." in seen
    later(monkeypatch, 61)
    assert "1 student without a tutor" in read(oona, "/")


@pytest.mark.usefixtures("large")
def test_who_changes_something_sees_it_counted(
    oona: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one has just done is never missing from one's own page."""
    read(oona, "/")
    later(monkeypatch, 10)
    page = f"/students/{cast.ana.pk}/edit"
    assert oona.post(page, {**opened(oona, page), "full_name": "Anna"}).status_code == 302
    one_more()
    later(monkeypatch, 20)
    assert "1 student without a tutor" in read(oona, "/")


@pytest.mark.usefixtures("large")
def test_numbers_are_kept_for_their_reader_alone(
    oona: Client, ben: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tutor never reads an owner's."""
    assert "Active relationships 3" in read(oona, "/")
    later(monkeypatch, 5)
    assert "Active relationships 2" in read(ben, "/")
    assert "Active relationships 3" in read(oona, "/")
