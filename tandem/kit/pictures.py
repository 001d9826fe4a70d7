"""Pictures that others look at: what they are is read from their bytes, never from a name."""

from dataclasses import dataclass
from hashlib import sha256

PNG, JPEG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff"
MOST_OF_PICTURE = 200_000
LARGEST_FILE = 10_000_000
"""Bytes that are read of a form with a picture: so that who chose a photo reads what is wrong with
it, beside what else they wrote.
"""
MOST_OF_A_SIDE = 4000
"""Pixels. Few bytes may unfold to gigabytes in every browser that draws them."""
SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""The kinds of a JPEG file's segments that say how large it is (ITU T.81, table B.1)."""
Size = tuple[int, int]


@dataclass(frozen=True)
class Picture:
    """The bytes of a file, its media type, and a short name of its content."""

    content: bytes
    media_type: str
    tag: str


def picture_of(content: bytes) -> Picture | None:
    """Return a PNG or JPEG picture of at most ``MOST_OF_PICTURE`` bytes and ``MOST_OF_A_SIDE``
    pixels in width and height; None for anything else, and for what only begins as one.

    An SVG file is none: it can hold scripts.
    """
    sizes = {"image/png": _png_size(content), "image/jpeg": _jpeg_size(content)}
    found = next((media for media, size in sizes.items() if size and _is_drawn(size)), None)
    if found is None or len(content) > MOST_OF_PICTURE:
        return None
    return Picture(content, found, sha256(content).hexdigest()[:12])


def _is_drawn(size: Size) -> bool:
    return min(size) > 0 and max(size) <= MOST_OF_A_SIDE


def _png_size(content: bytes) -> Size | None:
    """Return width and height, which stand first of all."""
    if not content.startswith(PNG) or len(content) < len(PNG) + 8:
        return None
    return _number(content, 16, 4), _number(content, 20, 4)


def _jpeg_size(content: bytes) -> Size | None:
    """Return width and height from the first segment that says them."""
    place = 2
    while content.startswith(JPEG) and place + 9 <= len(content) and content[place] == JPEG[0]:
        kind = content[place + 1]
        if kind in SIZES:
            return _number(content, place + 7, 2), _number(content, place + 5, 2)
        is_filled_up = kind == JPEG[0]  # any number of such bytes may stand before a segment
        place += 1 if is_filled_up else 2 + _number(content, place + 2, 2)
    return None


def _number(content: bytes, place: int, length: int) -> int:
    return int.from_bytes(content[place : place + length], "big")
