"""The embedded server and accounts: what root does, and what others may."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.kit.embedded import (
    FolderBlockedError,
    NoAccountError,
    RootOwnsDataError,
    make_home,
    running,
)
from tandem.kit.embedded.account import Account, service_account
from tandem.kit.embedded.programs import find_programs, reachable
from tests.kit.embedded_server import (
    NOBODY,
    accounts_of_server,
    as_nobody,
    ask,
    new_home,
    server_processes,
)

USE = """
try:
    with running(Path(sys.argv[1]), bin_dir=Path(sys.argv[2]), fast=True) as server:
        with psycopg.connect(server.url()) as connection:
            print(connection.execute("SELECT count(*) FROM pg_class").fetchone()[0] > 0)
except ServerError as error:
    print(error)
"""

CONNECT = """
try:
    psycopg.connect(sys.argv[1])
except psycopg.OperationalError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def programs_for_all() -> Iterator[Path]:
    """Programs that every account can run."""
    with new_home() as folder:
        folder.mkdir()
        folder.chmod(0o755)
        yield reachable(find_programs(), Account(NOBODY, NOBODY), folder).folder


@pytest.fixture(scope="module")
def nobodys_home(programs_for_all: Path) -> Iterator[Path]:
    """A home that a user without rights made, used and left."""
    with new_home() as home:
        os.chown(home.parent, NOBODY, NOBODY)
        assert as_nobody(USE, home, programs_for_all) == "True"
        yield home


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}


def test_the_server_does_not_run_as_root(home: Path) -> None:
    """As root the server has an account of its own, which owns the data and nothing else."""
    with running(home, fast=True) as server:
        uids = accounts_of_server(home)
        assert uids == owners(server.data) == owners(server.socket_dir)
    assert 0 not in uids
    assert (home / "postgres").stat().st_uid == 0


def test_a_stranger_cannot_connect(home: Path) -> None:
    """Another account of the machine is refused at the socket's folder."""
    with running(home, fast=True) as server:
        assert "Permission denied" in as_nobody(CONNECT, server.url())
        assert ask(server.url()) == 1


def test_a_plain_user_needs_no_root(nobodys_home: Path) -> None:
    """A user without rights makes, uses and stops a server of their own, closed to others."""
    inside = (nobodys_home / "postgres").iterdir()
    folders = [nobodys_home, *(path for path in inside if path.is_dir())]
    assert {permissions(folder) for folder in folders} == {0o700}
    assert owners(nobodys_home) == {NOBODY}
    assert server_processes(nobodys_home) == []


def test_root_uses_a_plain_users_home_as_that_user(
    nobodys_home: Path, programs_for_all: Path
) -> None:
    """Root's use of a user's home leaves nothing there that the user cannot use afterwards."""
    with running(nobodys_home, bin_dir=programs_for_all, fast=True):
        assert accounts_of_server(nobodys_home) == {NOBODY}
    assert owners(nobodys_home) == {NOBODY}
    assert as_nobody(USE, nobodys_home, programs_for_all) == "True"


def test_a_folder_of_others_is_refused(empty_home: Path, programs_for_all: Path) -> None:
    """A user who may not write in the home is told so."""
    said = as_nobody(USE, empty_home, programs_for_all)
    assert said.startswith(f"Tandem cannot write in {empty_home} (Permission denied)")


def test_a_closed_parent_is_named_and_stays_closed(empty_home: Path) -> None:
    """Root's private folder above the home is named as what blocks the way, never opened up."""
    closed = empty_home.parent
    closed.chmod(0o700)
    with pytest.raises(FolderBlockedError) as refused, running(empty_home, fast=True):
        pass
    assert refused.value.folder == closed
    assert "/var/lib/tandem" in str(refused.value)
    assert permissions(closed) == 0o700


def test_an_empty_private_folder_of_roots_becomes_a_home(empty_home: Path) -> None:
    """A new folder that only root may enter lets others pass through, but not look around."""
    empty_home.mkdir(mode=0o700)
    make_home(empty_home)
    assert permissions(empty_home) == 0o711


def test_a_private_folder_with_roots_files_is_not_opened(empty_home: Path) -> None:
    """A folder that root keeps private with something in it is refused, and stays private."""
    empty_home.mkdir(mode=0o700)
    (empty_home / "letter").touch()
    with pytest.raises(FolderBlockedError) as refused, running(empty_home, fast=True):
        pass
    assert refused.value.folder == empty_home
    assert permissions(empty_home) == 0o700


def test_programs_out_of_reach_are_copied(home: Path, empty_home: Path) -> None:
    """Programs below a folder that only root may enter work from a copy, made once."""
    installation = find_programs().folder.parent
    package = installation.parent
    empty_home.mkdir(mode=0o700)
    (empty_home / package.name).symlink_to(package)
    libraries = f"{package.name}.libs"
    (empty_home / libraries).symlink_to(package.with_name(libraries))
    out_of_reach = empty_home / package.name / installation.name / "bin"
    (home / "postgres/binaries-1.0").mkdir()
    made = set()
    for _ in range(2):
        with running(home, bin_dir=out_of_reach, fast=True) as server:
            assert ask(server.url()) == 1
            (copy,) = (home / "postgres").glob("binaries-*")
            assert copy in Path(server_processes(home)[0].exe()).parents
            made.add(copy.stat().st_ctime_ns)
    assert len(made) == 1
    assert permissions(empty_home) == 0o700


def test_data_that_root_owns_is_refused(empty_home: Path) -> None:
    """Data restored as root's is not run, and the remedy is named."""
    version = empty_home / "postgres/data/PG_VERSION"
    version.parent.mkdir(parents=True)
    version.write_text(f"{find_programs().major}\n")
    remedy = f"`chown -R tandem {version.parent}`"
    with pytest.raises(RootOwnsDataError, match=remedy), running(empty_home, fast=True):
        pass


def test_an_account_that_cannot_be_made_is_named() -> None:
    """Where the system refuses the account, its reason and the command are shown."""
    with pytest.raises(NoAccountError, match=r"invalid user name.*`useradd --system ") as refused:
        service_account("two words")
    assert refused.value.account == "two words"
