"""The operating-system account that the server runs as: PostgreSQL refuses root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tandem.kit.embedded.errors import FolderBlockedError, NoAccountError, RootOwnsDataError

SERVICE_USER = "tandem"
# The server gets no more of the environment than it needs: secrets stay out of its reach, and
# PGPORT or PGDATA of the user's own work cannot mislead it.
_PASSED_ON = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
# Prints the first of its arguments that cannot be entered. Asking the kernel, as the account
# itself, is right with access lists and security modules too; reading mode bits is not.
_FIRST_BLOCKED = 'for folder do cd "$folder" 2>/dev/null || { printf %s "$folder"; exit; }; done'


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    @property
    def is_me(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def name(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    def run(self, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program as this account; its output, errors included, is in `stdout`.

        It has a session of its own, so that Ctrl-C in the terminal does not reach it.
        Raises PermissionError where this account cannot reach the program.
        """
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return subprocess.run(
            command,
            cwd=cwd,
            env=environment | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            start_new_session=True,
            user=None if self.is_me else self.uid,
            group=None if self.is_me else self.gid,
            extra_groups=None if self.is_me else [],
        )

    def require_entry(self, folder: Path, home: Path) -> None:
        """Raises FolderBlockedError when this account may not enter `folder` or one above it."""
        if self.is_me:
            return
        way = [*reversed(folder.parents), folder]
        blocked = self.run("/bin/sh", "-c", _FIRST_BLOCKED, "sh", *way, cwd=Path("/")).stdout
        if blocked:
            raise FolderBlockedError(home, Path(blocked), self.name)


def account_for(data: Path) -> Account:
    """Who runs the server on `data`: this user; as root the folder's owner or the service user.

    The owner comes first, so that root may use a folder that a plain user began, and a volume
    keeps working where the service user has another number.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and any(data.iterdir()):
        owner = data.stat()
        if owner.st_uid == 0:
            raise RootOwnsDataError(data, SERVICE_USER)
        return Account(owner.st_uid, owner.st_gid)
    return service_account()


def service_account(name: str = SERVICE_USER) -> Account:
    """The system user `name`, made when missing. Raises NoAccountError; for root."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        entry = _make_user(name)
    return Account(entry.pw_uid, entry.pw_gid)


def _make_user(name: str) -> pwd.struct_passwd:
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    options = ("--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name)
    reason = "there is no useradd here"
    if program:
        made = subprocess.run([program, *options], capture_output=True, text=True, check=False)
        reason = made.stderr.strip()
    try:
        return pwd.getpwnam(name)  # also when another process was quicker
    except KeyError:
        raise NoAccountError(name, " ".join(("useradd", *options)), reason) from None
