"""Backups that only the holder of a key can read: age, https://age-encryption.org/v1.

They are encrypted for a recipient, which is no secret; the identity that reads them is kept elsewhere.
"""

from pathlib import Path
from typing import IO

import pyrage

from tandem.kit.private_files import new_private_file
from tandem.upgrade.errors import UpgradeRefusedError

SUFFIX = ".age"
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


def encrypt(plain: IO[bytes], path: Path, recipient: str) -> None:
    """Encrypt what can be read from ``plain``, as it comes, into the file that is at ``path``."""
    with path.open("r+b") as file:
        pyrage.encrypt_io(plain, file, [recipient_of(recipient)])


def decrypt(path: Path, plain: IO[bytes], identity: Path) -> None:
    """Write what the file at ``path`` holds to ``plain``, as it is read.

    ``identity`` is a file with an age key. Raises UpgradeRefusedError when it is not the right one.
    """
    keys = _identities(identity)
    try:
        with path.open("rb") as file:
            pyrage.decrypt_io(file, plain, keys)
    except pyrage.DecryptError as error:
        raise UpgradeRefusedError(
            f"The backup {path} cannot be read with the key in {identity}: it was made for another "
            "key, or it is damaged. Nothing was changed."
        ) from error


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
