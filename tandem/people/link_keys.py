"""The keys that parents' links are sealed with, and where they are kept (docs/decisions/0070)."""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tandem.kit.embedded import default_home, make_home
from tandem.kit.private_files import new_private_file

SETTING = "TANDEM_PARENT_LINK_KEY"
SEALED = "aes-siv:"
"""What every sealed link begins with; nothing that does is a link itself."""
CONTEXT = [b"a parents' link of Tandem"]
KEY_BYTES = 64
NAME_BYTES = 4
LONGEST = 1500
"""Bytes of a link: a longer one of an older database stays plain, or no index would take it."""


@dataclass(frozen=True)
class LinkKey:
    """A key by its name; ``cipher`` seals the same link into the same text each time."""

    name: str
    cipher: AESSIV = field(repr=False)

    def seal(self, token: str) -> str:
        """Return a link as it is kept: a keyed hash of it, and the link encrypted."""
        sealed = self.cipher.encrypt(token.encode("utf-8", "surrogatepass"), CONTEXT)
        return f"{SEALED}{self.name}:{urlsafe_b64encode(sealed).decode()}"


@dataclass(frozen=True)
class LinkKeys:
    """The keys that there are; the first seals, every one opens."""

    keys: tuple[LinkKey, ...] = ()
    _by_name: Mapping[str, LinkKey] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {key.name: key for key in self.keys})

    @property
    def names(self) -> list[str]:
        """The keys' names, which are no secret."""
        return [key.name for key in self.keys]

    def seal(self, token: str) -> str:
        """Return a link sealed with the first key; one that is too long as it is."""
        return self.keys[0].seal(token) if can_be_sealed(token) else token

    def forms_of(self, token: str) -> list[str]:
        """Return every text as which a link may be kept: none for what is no link."""
        if not token or is_sealed(token):
            return []
        return [token, *(key.seal(token) for key in self.keys if can_be_sealed(token))]

    def open(self, kept: str) -> str | None:
        """Return the link that was sealed; None where no key opens it."""
        name, _, text = kept.removeprefix(SEALED).partition(":")
        key = self._by_name.get(name)
        if key is None:
            return None
        try:
            sealed = urlsafe_b64decode(text)
            if urlsafe_b64encode(sealed).decode() != text:  # it has what decoding passes over
                return None
            return key.cipher.decrypt(sealed, CONTEXT).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError):  # of another key, altered, or no base64 at all
            return None


def opened(kept: str | None, keys: LinkKeys | None = None) -> str | None:
    """Return a student's link from what the table keeps; None without one, or without its key.

    ``keys`` are those of now, for who opens many.
    """
    if not kept or not is_sealed(kept):
        return kept
    return (link_keys() if keys is None else keys).open(kept)


def is_sealed(kept: str) -> bool:
    """Tell whether a kept link is sealed; a plain one waits to be."""
    return kept.startswith(SEALED)


def can_be_sealed(token: str) -> bool:
    """Tell whether a link is one, and not so long that no index would take it sealed."""
    return 0 < len(token.encode("utf-8", "surrogatepass")) <= LONGEST


def key_file() -> Path:
    """Return where the keys are kept where the environment names none: one a line."""
    return default_home() / "parent-links.key"


def link_keys() -> LinkKeys:
    """Return the keys of the environment, else of the file; none where there is neither.

    A file that changed meanwhile is read again, so that a new key needs no restart.
    """
    if given := os.environ.get(SETTING):
        return _keys_of(given)
    path = _key_file_below(os.environ.get("TANDEM_HOME"))
    try:
        state = os.stat(path)  # noqa: PTH116 - asked for each student of a list
    except FileNotFoundError:
        return LinkKeys()
    return _keys_in(path, state.st_ino, state.st_mtime_ns)


@lru_cache(maxsize=2)
def _key_file_below(_home: str | None) -> str:
    return str(key_file())


def sealing_keys() -> LinkKeys:
    """Return the keys to seal with: a first one is made where there is none."""
    if (keys := link_keys()).keys:
        return keys
    make_home(default_home())
    with _new_file(_new_secret()) as made, suppress(FileExistsError):  # another process was first
        os.link(made, key_file())
    return link_keys()


def add_key() -> str:
    """Put a new key before those of the file, whole or not at all; return its name."""
    make_home(default_home())
    path, secret = key_file(), _new_secret()
    before = path.read_text("utf-8") if path.exists() else ""
    with _new_file(secret + before) as made:
        made.replace(path)
    return _keys_of(secret).names[0]


def _new_secret() -> str:
    return f"{secrets.token_urlsafe(32)}\n"


@contextmanager
def _new_file(text: str) -> Iterator[Path]:
    """Yield a file beside the keys' own that holds ``text``, on disk; it is gone at the end."""
    path = key_file().with_suffix(f".{secrets.token_hex(4)}")
    new_private_file(path)
    try:
        with path.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if os.geteuid() == 0:  # a command of root's must not lock out whom the folder belongs to
            folder = path.parent.stat()
            os.chown(path, folder.st_uid, folder.st_gid)
        yield path
    finally:
        path.unlink(missing_ok=True)


@lru_cache(maxsize=2)
def _keys_in(path: str, _inode: int, _changed: int) -> LinkKeys:
    return _keys_of(Path(path).read_text("utf-8"))


@lru_cache(maxsize=2)
def _keys_of(text: str) -> LinkKeys:
    return LinkKeys(tuple(map(_key_of, dict.fromkeys(text.split()))))


def _key_of(secret: str) -> LinkKey:
    return LinkKey(
        _derived(secret, b"name", NAME_BYTES).hex(),
        AESSIV(_derived(secret, b"cipher", KEY_BYTES)),
    )


def _derived(secret: str, use: bytes, size: int) -> bytes:
    how = HKDF(SHA256(), size, salt=None, info=b"tandem parents' links, " + use)
    return how.derive(secret.encode())
