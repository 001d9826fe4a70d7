"""What Tandem writes down for itself, nobody else on the machine can read."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.kit.private_files import make_private_folder, new_private_file, write_private_text


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """Whoever starts Tandem may let everybody read what is new."""
    before = os.umask(0)
    yield
    os.umask(before)


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """From its first moment on, with content or without."""
    new_private_file(tmp_path / "empty")
    write_private_text(tmp_path / "text", "once")
    write_private_text(tmp_path / "text", "again")
    assert permissions(tmp_path / "empty") == permissions(tmp_path / "text") == 0o600
    assert (tmp_path / "text").read_text() == "again"


def test_what_bears_the_name_already_is_not_written_to(tmp_path: Path) -> None:
    """Neither a file nor what a link leads to."""
    (tmp_path / "there").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("there", "link"):
        with pytest.raises(FileExistsError):
            new_private_file(tmp_path / name)
    write_private_text(tmp_path / "link", "mine")
    assert (tmp_path / "there").read_text() == "kept"
    assert not (tmp_path / "nowhere").exists()


def test_folders_that_are_made_are_closed_and_those_there_stay(tmp_path: Path) -> None:
    """A folder that others use is not taken from them."""
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    make_private_folder(shared / "a" / "b")
    make_private_folder(shared)
    assert permissions(shared) == 0o755
    assert permissions(shared / "a") == permissions(shared / "a" / "b") == 0o700
