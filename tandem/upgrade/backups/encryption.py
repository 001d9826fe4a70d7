"""Backups that only the holder of a key can read: age, https://age-encryption.org/v1.

They are encrypted for a recipient, which is no secret; the identity that reads them is kept elsewhere.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir
from typing import IO, Any

import pyrage

from tandem.kit.private_files import new_private_file
from tandem.upgrade.backups.held_files import hold, is_held
from tandem.upgrade.errors import UpgradeRefusedError

SUFFIX = ".age"
COPIES = "tandem-plain-"
MAGIC = b"age-encryption.org/v1\n"
SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - how such a key begins


def recipient_of(text: str) -> pyrage.x25519.Recipient:
    """Return the recipient ``age1…``; UpgradeRefusedError when ``text`` is none."""
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise UpgradeRefusedError(
            "TANDEM_BACKUP_RECIPIENT is no age recipient, which begins with age1: make a key with "
            "`tandem database key FILE`. Nothing was written."
        ) from error


def is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def one_time_key() -> Any:
    """Return a key that is written nowhere: by it a command reads back what it has encrypted."""
    return pyrage.x25519.Identity.generate()


def encrypt(plain: IO[bytes], path: Path, recipient: str, *, also: Any = None) -> None:
    """Encrypt what can be read from ``plain``, as it comes, into the file that is at ``path``.

    ``also`` is a key of ``one_time_key`` that is to read it as well as the recipient's.
    """
    readers = [recipient_of(recipient), *([also.to_public()] if also else [])]
    with path.open("r+b") as file, _told_in_full(file) as written:
        pyrage.encrypt_io(plain, written, readers)


def decrypt(path: Path, plain: IO[bytes], identity: Path) -> None:
    """Write what the file at ``path`` holds to ``plain``, as it is read.

    ``identity`` is a file with an age key. Raises UpgradeRefusedError when it is not the right one.
    """
    keys = _identities(identity)
    try:
        _decrypt(path, plain, keys)
    except (pyrage.DecryptError, OSError) as error:
        if (
            isinstance(error, OSError) and error.errno is not None
        ):  # of a file, not of what it holds
            raise
        raise UpgradeRefusedError(
            f"The backup {path} cannot be read with the key in {identity}: it was made for another "
            "key, or it is damaged. Nothing was changed."
        ) from error


def encrypted_and_read_back(plain: Path, path: Path, recipient: str) -> None:
    """Encrypt the file ``plain`` into the file that is at ``path``, and see that it can be read.

    Raises UpgradeRefusedError where what is read back is something else.
    """
    key, found = one_time_key(), hashlib.sha256()
    with plain.open("rb") as file:
        encrypt(file, path, recipient, also=key)
    _decrypt(path, _Sink(found), [key])
    with plain.open("rb") as file:
        wanted = hashlib.file_digest(file, "sha256")
    if found.digest() != wanted.digest():
        raise UpgradeRefusedError(f"The backup {path} could not be encrypted. Nothing was changed.")


@contextmanager
def readable(path: Path, identity: Path | None) -> Iterator[Path]:
    """Yield a file to read a backup from: itself, or a plain copy that goes with the block.

    The copy lies in a folder of its own for nobody else's eyes, where TMPDIR says. Raises
    UpgradeRefusedError for a missing or wrong key.
    """
    if not is_encrypted(path):
        yield path
        return
    if identity is None:
        raise UpgradeRefusedError(
            f"The backup {path} is encrypted. Give the file with its key: --identity FILE."
        )
    with _copy_of(path) as copy:
        with copy.open("r+b") as file:
            decrypt(path, file, identity)
        yield copy


@contextmanager
def readable_by(path: Path, key: Any) -> Iterator[Path]:
    """Do the same with a key of ``one_time_key``; without any, the file itself is read."""
    if key is None:
        yield path
        return
    with _copy_of(path) as copy:
        with copy.open("r+b") as file:
            _decrypt(path, file, [key])
        yield copy


@contextmanager
def _copy_of(path: Path) -> Iterator[Path]:
    for left in plain_copies_left():
        rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=COPIES) as folder:
        copy = Path(folder) / path.name.removesuffix(SUFFIX)
        new_private_file(copy)
        with hold(copy):
            yield copy


def plain_copies_left() -> list[Path]:
    """Return the folders of one's own with a plain copy that a killed process left behind."""
    try:
        beside = Path(gettempdir())
    except FileNotFoundError:  # nothing can be written anywhere, so nothing was
        return []
    return sorted(
        folder
        for folder in beside.glob(f"{COPIES}*")
        if folder.is_dir()
        and not folder.is_symlink()
        and folder.stat().st_uid == os.geteuid()
        and (copies := [*folder.iterdir()])
        and not any(map(is_held, copies))
    )


def _decrypt(path: Path, plain: Any, keys: Sequence[Any]) -> None:
    with path.open("rb") as file, _told_in_full(plain) as written:
        pyrage.decrypt_io(file, written, keys)


class _Written:
    """Writes to a file, and keeps the error with which that failed."""

    def __init__(self, file: Any) -> None:
        self._file, self.flush = file, file.flush
        self.failed: OSError | None = None

    def write(self, some: bytes) -> int:
        try:
            return int(self._file.write(some))
        except OSError as error:
            self.failed = error
            raise


@contextmanager
def _told_in_full(file: Any) -> Iterator[_Written]:
    """Yield what to write to instead of ``file``; OSError where that fails, of which age keeps words alone."""
    written = _Written(file)
    try:
        yield written
    except (pyrage.EncryptError, pyrage.DecryptError) as error:
        if written.failed:
            raise written.failed from error
        raise


class _Sink:
    """Takes what is written as a file does, and only sums it up."""

    def __init__(self, found: Any) -> None:
        self._found = found

    def write(self, some: bytes) -> int:
        self._found.update(some)
        return len(some)

    def flush(self) -> None:
        """Nothing waits."""


def new_key(path: Path) -> str:
    """Write a new key to ``path``, which nobody else may read; return its recipient.

    Raises UpgradeRefusedError where there is a file already.
    """
    identity = pyrage.x25519.Identity.generate()
    try:
        new_private_file(path)
    except FileExistsError as error:
        raise UpgradeRefusedError(f"{path} exists already; nothing was written over it.") from error
    recipient = str(identity.to_public())
    path.write_text(f"# public key: {recipient}\n{identity}\n", encoding="utf-8")
    return recipient


def _identities(path: Path) -> list[pyrage.x25519.Identity]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        keys = [pyrage.x25519.Identity.from_str(one) for one in lines if one.startswith(SECRET)]
    except (UnicodeDecodeError, pyrage.IdentityError):
        keys = []
    if not keys:
        raise UpgradeRefusedError(
            f"{path} holds no age key, which begins with {SECRET}. Nothing was changed."
        )
    return keys
