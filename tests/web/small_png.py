"""A screenshot with at most 256 colours, at a fraction of its size."""

import struct
import zlib
from typing import Any

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_COLOURS = 256
COLOUR_WITHOUT_ALPHA, COLOUR_WITH_ALPHA, PALETTE = 2, 6, 3
SUB, UP, AVERAGE, PAETH = 1, 2, 3, 4

Pixels = Any
"""An array of height x width x 3 bytes."""


def small(png: bytes) -> bytes:
    """Return the picture with a palette; neighbouring shades become one where there are many."""
    pixels = _pixels(png)
    for bits in range(8):
        rounded = (pixels >> bits) << bits
        packed = (rounded.astype(np.uint32) * (65536, 256, 1)).sum(axis=2)
        colours, places = np.unique(packed, return_inverse=True)
        if len(colours) <= MOST_COLOURS:
            break
    # Each group of shades keeps the mean of what it was made of.
    flat, places = pixels.reshape(-1, 3), places.reshape(-1)
    sums = np.stack([np.bincount(places, flat[:, n]) for n in range(3)], axis=1)
    means = np.rint(sums / np.bincount(places)[:, None]).astype(np.uint8)
    return _written(places.reshape(pixels.shape[:2]).astype(np.uint8), means)


def _chunks(png: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        found[kind] = found.get(kind, b"") + png[at + 8 : at + 8 + length]
        at += length + 12
    return found


def _pixels(png: bytes) -> Pixels:
    chunks = _chunks(png)
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    if depth != 8 or colour not in {COLOUR_WITHOUT_ALPHA, COLOUR_WITH_ALPHA}:
        raise ValueError(f"Not a screenshot: {depth} bits, colour type {colour}.")
    step = 3 if colour == COLOUR_WITHOUT_ALPHA else 4
    raw = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    rows = np.zeros((height, width * step), np.uint8)
    above = np.zeros(width * step, np.uint8)
    for number, line in enumerate(raw):
        above = rows[number] = _unfiltered(int(line[0]), line[1:], above, step)
    return rows.reshape(height, width, step)[:, :, :3]


def _unfiltered(kind: int, line: Pixels, above: Pixels, step: int) -> Pixels:
    """Undo the filter of one row (PNG specification, section 9)."""
    if kind == SUB:
        return np.cumsum(line.reshape(-1, step), axis=0, dtype=np.uint8).reshape(-1)
    if kind == UP:
        return line + above
    if kind not in {AVERAGE, PAETH}:
        return line
    row = line.tolist()
    up = above.tolist()
    for n, value in enumerate(row):
        left, corner = (row[n - step], up[n - step]) if n >= step else (0, 0)
        guess = (left + up[n]) // 2 if kind == AVERAGE else _paeth(left, up[n], corner)
        row[n] = (value + guess) & 255
    return np.array(row, np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


def _written(places: Pixels, palette: Pixels) -> bytes:
    height, width = places.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), places], axis=1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    return SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
