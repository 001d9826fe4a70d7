"""Pictures that others look at: what they are is read from their first bytes, never from a name."""

from dataclasses import dataclass
from hashlib import sha256

PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
MOST_OF_PICTURE = 200_000


@dataclass(frozen=True)
class Picture:
    """The bytes of a file, its media type, and a short name of its content."""

    content: bytes
    media_type: str
    tag: str


def picture_of(content: bytes) -> Picture | None:
    """Return a PNG or JPEG picture of at most ``MOST_OF_PICTURE`` bytes; None for anything else.

    An SVG file is none: it can hold scripts.
    """
    found = [media for begins, media in PICTURES.items() if content.startswith(begins)]
    if not found or len(content) > MOST_OF_PICTURE:
        return None
    return Picture(content, found[0], sha256(content).hexdigest()[:12])
