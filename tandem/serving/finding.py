"""What a check of the installation found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One sentence, and where all is not well what to do."""

    name: str
    ok: bool
    sentence: str
    remedy: str = ""
