"""The keys that sign and seal: today's, and those of before, which still open."""

import os
from pathlib import Path

FILE = "secret-key"
"""In the data folder, where the environment has none."""


def kept_secret_key(home: Path) -> str:
    """Return TANDEM_SECRET_KEY, else what the data folder keeps; nothing where neither is."""
    return os.environ.get("TANDEM_SECRET_KEY") or _text(home).strip()


def secret_keys_before(home: Path) -> list[str]:
    """Return the keys of TANDEM_SECRET_KEYS_BEFORE, each once.

    What stands there is also one key: a phrase has spaces. So is the file as it is, with the line's
    end that an editor leaves: Tandem once took that for a part of the key.
    """
    before = os.environ.get("TANDEM_SECRET_KEYS_BEFORE", "")
    kept = _text(home)
    further = kept if kept != kept.strip() == kept_secret_key(home) else ""
    return [*dict.fromkeys(one for one in (*before.split(), before.strip(), further) if one)]


def _text(home: Path) -> str:
    try:
        return (home / FILE).read_text(encoding="utf-8")
    except OSError:
        return ""
