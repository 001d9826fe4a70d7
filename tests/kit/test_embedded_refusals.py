"""The embedded server: what it refuses, in one sentence that says what to do."""

from pathlib import Path

import pytest

from tandem.kit.embedded import (
    DiskFullError,
    FolderNotWritableError,
    NoProgramsError,
    NotADataFolderError,
    NotStartedError,
    ServerError,
    WrongVersionError,
    running,
)
from tandem.kit.embedded.cluster import Cluster
from tandem.kit.embedded.folders import Folders, writing
from tests.kit.embedded_server import renamed, server_processes


def refusal(home: Path, bin_dir: Path | None = None, **settings: str) -> ServerError:
    with pytest.raises(ServerError) as refused:  # noqa: SIM117 - the inner one is what raises
        with running(home, bin_dir=bin_dir, settings=settings, fast=True):
            pass
    assert server_processes(home) == []
    return refused.value


def test_a_home_below_a_file_is_refused(tmp_path: Path) -> None:
    """A home that cannot be made names itself and the reason."""
    (tmp_path / "file").touch()
    error = refusal(tmp_path / "file" / "home")
    assert isinstance(error, FolderNotWritableError)
    assert str(error).startswith(f"Tandem cannot write in {tmp_path}/file/home (Not a directory)")


def test_data_of_another_version_is_refused(empty_home: Path) -> None:
    """Data of a version that no program here reads is left alone, with both versions named."""
    version = empty_home / "postgres/data/PG_VERSION"
    version.parent.mkdir(parents=True)
    version.write_text("9.6\n")
    error = refusal(empty_home)
    assert isinstance(error, WrongVersionError)
    assert str(error).startswith(f"The data in {version.parent} was made by PostgreSQL 9, which")
    assert version.read_text() == "9.6\n"


def test_a_folder_of_something_else_is_refused(empty_home: Path) -> None:
    """Files that are no PostgreSQL data are neither used nor removed."""
    photo = empty_home / "postgres/data/photo.jpg"
    photo.parent.mkdir(parents=True)
    photo.touch()
    assert isinstance(refusal(empty_home), NotADataFolderError)
    assert photo.exists()


def test_a_folder_without_programs_is_refused(home: Path, tmp_path: Path) -> None:
    """A folder for programs that has none is named."""
    error = refusal(home, bin_dir=tmp_path)
    assert isinstance(error, NoProgramsError)
    assert str(tmp_path) in str(error)


def test_a_server_that_does_not_start_says_why(home: Path) -> None:
    """A start that fails shows the server's own last words."""
    error = refusal(home, shared_buffers="plenty")
    assert isinstance(error, NotStartedError)
    assert 'invalid value for parameter "shared_buffers": "plenty"' in error.log


def test_a_server_that_fails_late_says_why(home: Path) -> None:
    """A start that fails after the server took up its own log shows that log."""
    with renamed(home / "postgres/data/global/pg_control", "pg_control.aside"):
        error = refusal(home)
    assert isinstance(error, NotStartedError)
    assert "could not find the database system" in error.log


def test_a_full_disk_is_named() -> None:
    """A write that the disk has no room for is told apart from one that is forbidden."""
    with pytest.raises(DiskFullError, match="full: make room there"), writing(Path("/dev")):
        Path("/dev/full").write_text("a lesson")


def test_a_server_without_room_says_so(home: Path) -> None:
    """A start that fails for want of room names the disk; other failures show the log."""
    cluster = Cluster.find(Folders.make(home), bin_dir=None)
    full = 'FATAL:  could not write to file "pg_wal/xlogtemp.9": No space left on device'
    assert isinstance(cluster.failure(full), DiskFullError)
    assert isinstance(cluster.failure("FATAL:  out of memory"), NotStartedError)
