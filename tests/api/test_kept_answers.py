"""Answers that are kept: a bounded number of bytes, and never beyond a write or their time."""

from datetime import UTC, datetime, timedelta

import pytest

from tandem.api.direct import kept
from tandem.api.direct.kept import Answer, Kept, Key
from tandem.people.queries import Viewer
from tandem.people.tokens import Written

NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
OWNER = Viewer(None, is_owner=True, tutor_id=None, read_only=False, day=NOW.date())
WRITTEN = Written("7/true", 100, frozenset(), 0)


def key(path: str) -> Key:
    return path, "", OWNER


def answer(size: int = 1, until: datetime | None = None) -> Answer:
    return Answer(WRITTEN, until, b"x" * size, "tag")


def test_it_holds_until_somebody_writes_or_its_time_is_over() -> None:
    answers = Kept()
    answers.add(key("/a"), answer(until=NOW + timedelta(minutes=1)))
    assert answers.get(key("/a"), WRITTEN, NOW)
    assert not answers.get(key("/a"), WRITTEN, NOW + timedelta(minutes=1))
    assert not answers.get(key("/a"), WRITTEN._replace(number="8/true"), NOW)
    assert not answers.get(key("/b"), WRITTEN, NOW)


def test_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be too much begins anew; one in the place of another counts once."""
    monkeypatch.setattr(kept, "MOST_BYTES", 10)
    answers = Kept()
    for _ in range(5):
        answers.add(key("/a"), answer(6))
    answers.add(key("/b"), answer(4))
    assert key("/a") in answers
    assert key("/b") in answers
    answers.add(key("/c"), answer(1))
    assert len(answers) == 1
    assert answers.get(key("/c"), WRITTEN, NOW)


def test_what_is_larger_than_all_that_may_be_kept_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 10)
    answers = Kept()
    answers.add(key("/a"), answer(11))
    answers.add(key("/b"), answer(10))
    assert key("/a") not in answers
    assert answers.get(key("/b"), WRITTEN, NOW)


def test_the_number_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    answers = Kept()
    for path in ("/a", "/b", "/b", "/c"):
        answers.add(key(path), answer())
    assert len(answers) == 1
