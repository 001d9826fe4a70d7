"""Bytes that should be text: what to say where they are not."""

from tandem.upgrade.errors import UpgradeRefusedError

SHOWN_BYTES = 60


def not_utf8(value: bytes) -> str:
    """Return ``value`` to be shown where it is no UTF-8; nothing where it is."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return shown_bytes(value)
    return ""


def shown_bytes(value: bytes) -> str:
    r"""Return the beginning of ``value``, with each byte that is no text as ``\xe9``."""
    return value[:SHOWN_BYTES].decode(errors="backslashreplace")


def damaged_name(label: str, what: str) -> UpgradeRefusedError:
    """Return the refusal of a database whose catalogue holds a name that cannot be read."""
    return UpgradeRefusedError(
        f"{label} holds a table or column with a name that is no UTF-8 ({what}). "
        "Rename it there, and begin again. Nothing was changed."
    )
