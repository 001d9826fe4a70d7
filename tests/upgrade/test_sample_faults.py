"""A clean sample breaks no rule; one with faults breaks each, in rows that are named."""

from pathlib import Path

import pytest

from tandem.sample import FAULTS, SampleCounts, write_sample
from tests.upgrade.sample_reading import (
    TABLES,
    TODAY,
    clashes,
    count,
    faults_in,
    lessons,
    milliseconds,
    read,
)

Sample = tuple[Path, SampleCounts]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    path = tmp_path_factory.mktemp("sample") / "clean.sqlite"
    return path, write_sample(path, today=TODAY)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    path = tmp_path_factory.mktemp("sample") / "faulty.sqlite"
    return path, write_sample(path, today=TODAY, faults=True)


def test_a_clean_sample_has_none(clean: Sample) -> None:
    """Nothing in a clean sample breaks a rule, and it names no faults."""
    path, counts = clean
    assert counts.faults == {}
    assert faults_in(path) == {fault: set() for fault in FAULTS}


@pytest.mark.parametrize("day", ["2024-02-29", "2025-12-25", "2026-03-29", "2026-10-25"])
def test_no_day_makes_a_fault(tmp_path: Path, day: str) -> None:
    """A leap day, Christmas and the days when the clocks change are days like any other."""
    path = tmp_path / "odd.sqlite"
    assert write_sample(path, today=TODAY.fromisoformat(day)).sessions == 900
    assert faults_in(path) == {fault: set() for fault in FAULTS}


def test_no_crowd_makes_a_fault(tmp_path: Path) -> None:
    """Two tutors with more students than a week has hours are still in one place at a time."""
    path = tmp_path / "crowded.sqlite"
    write_sample(path, tutors=2, students=500, sessions=12_000, today=TODAY)
    assert len(lessons(path)) == 12_000
    assert clashes(path, "tutor") == clashes(path, "student") == []


def test_every_fault_is_there(faulty: Sample) -> None:
    """Each rule is broken, in just the rows that the counts name for it."""
    path, counts = faulty
    assert tuple(counts.faults) == FAULTS
    assert all(counts.faults.values())
    assert faults_in(path) == {fault: set(ids) for fault, ids in counts.faults.items()}


def test_every_fault_is_there_in_iso(tmp_path: Path) -> None:
    """Faults are the same whatever form the dates have, and with nobody else in the database."""
    path = tmp_path / "faults.sqlite"
    counts = write_sample(
        path, tutors=0, students=0, sessions=0, today=TODAY, faults=True, dates="iso"
    )
    assert faults_in(path) == {fault: set(ids) for fault, ids in counts.faults.items()}
    assert (counts.tutors, counts.sessions) == (2, 15)


def test_faults_only_add(clean: Sample, faulty: Sample) -> None:
    """A sample with faults holds every row of the clean one, and counts its own too."""
    for table in TABLES:
        query = f'SELECT * FROM "{table}"'
        assert set(read(clean[0], query)) <= set(read(faulty[0], query))
    counts = faulty[1]
    assert counts.sessions > clean[1].sessions
    assert [counts.tutors, counts.subscriptions, counts.students, counts.sessions] == [
        count(faulty[0], table) for table in TABLES[:4]
    ]


def test_overlaps_of_each_kind(faulty: Sample) -> None:
    """Two students at one hour, once past and once to come, and one student twice at once."""
    path, _ = faulty
    today = milliseconds(f"{TODAY}T00:00:00Z")
    by_id = {lesson.id: lesson for lesson in lessons(path)}
    pairs = [(by_id[one], by_id[other]) for one, other in clashes(path, "tutor")]
    kinds = {(one.student == other.student, one.start < today) for one, other in pairs}
    assert kinds == {(False, True), (False, False), (True, False)}
    assert len(clashes(path, "student")) == 1


def test_unreadable_dates(faulty: Sample) -> None:
    """A word for a day and a day that no calendar has stand where a moment should."""
    starts = {start for (start,) in read(faulty[0], 'SELECT "startTime" FROM "Session"')}
    assert {"soon", "2026-02-31T10:00:00.000Z"} <= starts
    assert ("yesterday",) in read(faulty[0], 'SELECT "createdAt" FROM "Student"')


def test_text_stays_text(faulty: Sample) -> None:
    """Text that is not UTF-8 is text to SQLite all the same, as a careless import leaves it."""
    kinds = 'SELECT DISTINCT typeof("fullName") FROM "Student"'
    assert read(faulty[0], kinds) == [("text",)]
    assert read(faulty[0], kinds.replace("fullName", "notes").replace("Student", "Session")) == [
        ("null",),
        ("text",),
    ]
