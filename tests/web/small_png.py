"""A screenshot with at most 256 colours, at a fraction of its size."""

from io import BytesIO

from PIL import Image

MOST_COLOURS = 256


def small(png: bytes) -> bytes:
    """Return the picture with a palette of its own."""
    written = BytesIO()
    with Image.open(BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(MOST_COLOURS, dither=Image.Dither.NONE)
        few.save(written, "PNG", optimize=True)
    return written.getvalue()
