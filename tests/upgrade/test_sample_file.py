"""A sample is written whole or not at all, and never over something else."""

from pathlib import Path

import pytest

from tandem.kit.errors import InvalidError, TandemError
from tandem.sample import SampleExistsError, write_sample
from tests.upgrade.sample_reading import TODAY, count


def test_writes_one_file(tmp_path: Path) -> None:
    """A success leaves the file that was named, and nothing beside it."""
    write_sample(tmp_path / "one.sqlite", today=TODAY)
    assert [path.name for path in tmp_path.iterdir()] == ["one.sqlite"]


def test_refuses_an_existing_file(tmp_path: Path) -> None:
    """A file that exists is left as it is, and the refusal names it."""
    path = tmp_path / "precious.sqlite"
    path.write_text("precious")
    with pytest.raises(SampleExistsError, match=r"precious\.sqlite exists already") as refusal:
        write_sample(path, today=TODAY)
    assert isinstance(refusal.value, FileExistsError)
    assert isinstance(refusal.value, TandemError)
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_after_a_failure(tmp_path: Path) -> None:
    """Whatever goes wrong on the way, neither the file nor a part of it stays."""

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt(done, total)

    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path / "one.sqlite", today=TODAY, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_is_no_obstacle(tmp_path: Path) -> None:
    """What a killed run left half-written is replaced by the next run."""
    (tmp_path / "one.sqlite.partial").write_bytes(b"half of a database")
    write_sample(tmp_path / "one.sqlite", today=TODAY)
    assert [path.name for path in tmp_path.iterdir()] == ["one.sqlite"]
    assert count(tmp_path / "one.sqlite", "Session") == 900


def test_reports_progress(tmp_path: Path) -> None:
    """Progress is told in sessions, now and then and at the end."""
    told: list[tuple[int, int]] = []
    write_sample(
        tmp_path / "one.sqlite",
        students=100,
        sessions=20_500,
        today=TODAY,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(10_000, 20_500), (20_000, 20_500), (20_500, 20_500)]


@pytest.mark.parametrize(
    ("tutors", "students", "sessions", "field"),
    [
        (-1, 0, 0, "tutors"),
        (1, -1, 0, "students"),
        (1, 1, -1, "sessions"),
        (0, 1, 0, "tutors"),
        (1, 0, 1, "sessions"),
        (1, 1, 521, "sessions"),
        (1, 92, 23_921, "sessions"),
    ],
)
def test_refuses_what_cannot_be(
    tmp_path: Path, tutors: int, students: int, sessions: int, field: str
) -> None:
    """Numbers that are negative, or that no tutor has the hours for, are refused by name."""
    with pytest.raises(InvalidError) as refusal:
        write_sample(
            tmp_path / "one.sqlite",
            tutors=tutors,
            students=students,
            sessions=sessions,
            today=TODAY,
        )
    assert [error.field for error in refusal.value.errors] == [field]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("tutors", "students", "sessions"),
    [(0, 0, 0), (1, 0, 0), (3, 1, 0), (1, 1, 1), (1, 1, 520), (1, 1000, 40), (1, 92, 23_920)],
)
def test_the_smallest_and_the_fullest(
    tmp_path: Path, tutors: int, students: int, sessions: int
) -> None:
    """Up to the very last hour of ten years, a sample holds just what was asked."""
    path = tmp_path / "odd.sqlite"
    counts = write_sample(path, tutors=tutors, students=students, sessions=sessions, today=TODAY)
    assert (counts.tutors, counts.students, counts.sessions) == (tutors, students, sessions)
    assert [count(path, table) for table in ("Tutor", "Student", "Session")] == [
        tutors,
        students,
        sessions,
    ]
