"""Where the server keeps its things, and who may enter there."""

import errno
import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from tandem.kit.embedded.account import Account
from tandem.kit.embedded.errors import (
    DiskFullError,
    FolderNotWritableError,
    SocketFolderTakenError,
)

SOCKET_NAME = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107  # bytes in sockaddr_un


def default_home() -> Path:
    """The data folder: TANDEM_HOME, or the platform's; for root on Linux /var/lib/tandem."""
    if chosen := os.environ.get("TANDEM_HOME"):
        return Path(chosen).expanduser()
    if sys.platform == "linux" and os.geteuid() == 0:
        return Path("/var/lib/tandem")
    return platformdirs.user_data_path("tandem", appauthor=False)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns the system's refusals to write in `folder` into errors that say what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFullError(folder) from error
        raise FolderNotWritableError(folder, error.strerror or str(error)) from error


def make_home(home: Path) -> None:
    """Create `home` and what is missing above it, leaving alone what exists.

    Private to this user; as root others may pass through it, to the folders that the server's
    account owns, but not list it. So they may through a folder of root's that is still empty,
    as mktemp makes them. Raises FolderNotWritableError, DiskFullError.
    """
    as_root = os.geteuid() == 0
    with writing(home):
        missing = [folder for folder in (home, *home.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o711 if as_root else 0o700)  # whatever the umask
        if not any(home.iterdir()) and as_root and home.stat().st_uid == 0:
            home.chmod(stat.S_IMODE(home.stat().st_mode) | 0o011)


@dataclass(frozen=True)
class Folders:
    """The places below one data folder; `home` is absolute and free of symbolic links."""

    home: Path

    @classmethod
    def make(cls, home: Path) -> "Folders":
        """Raises FolderNotWritableError, DiskFullError."""
        folders = cls(Path(os.path.realpath(home.expanduser())))
        make_home(folders.home)
        make_home(folders.server)
        return folders

    @property
    def server(self) -> Path:
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        return self.server / "data"

    @property
    def log(self) -> Path:
        return self.server / "log"

    @property
    def in_use_lock(self) -> Path:
        return self.server / "in-use.lock"

    @property
    def start_lock(self) -> Path:
        return self.server / "start.lock"

    @property
    def started_at(self) -> Path:
        """The file that says on which machine, or in which container, the server was started."""
        return self.server / "started-at"

    def socket(self, account: Account) -> Path:
        """Inside the home, or in /tmp where a client could not name it.

        A socket's path must fit in the system's address, and libpq splits hosts at commas.
        """
        inside = self.server / "socket"
        path = os.fsencode(inside / SOCKET_NAME)
        if len(path) <= _LONGEST_SOCKET_PATH and b"," not in path:
            return inside
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path(f"/tmp/tandem-{name}-{account.uid}")  # noqa: S108 - checked before use


def make_private(folder: Path, account: Account) -> None:
    """Make `folder` for `account` alone. Raises FolderNotWritableError, DiskFullError."""
    with writing(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        # Through a descriptor, so that root never changes what a planted link points to.
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(descriptor).st_uid != account.uid:
                os.fchown(descriptor, account.uid, account.gid)
            os.fchmod(descriptor, 0o700)
        finally:
            os.close(descriptor)


def make_socket_folder(folder: Path, account: Account) -> None:
    """As make_private, but what stands ready in a shared place is checked, never taken over.

    Raises SocketFolderTakenError.
    """
    if os.path.lexists(folder):
        found = folder.lstat()
        ours = found.st_uid in {account.uid, os.geteuid()}
        private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        if not (ours and private):
            raise SocketFolderTakenError(folder)
    make_private(folder, account)
