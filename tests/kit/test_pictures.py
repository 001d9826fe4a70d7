"""Pictures are what their bytes say, and no larger than a page has use for."""

import struct
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tandem.kit.pictures import MOST_OF_A_SIDE, MOST_OF_PICTURE, picture_of


def drawn(form: str, width: int = 40, height: int = 20, **more: Any) -> bytes:
    written = BytesIO()
    Image.new("RGB", (width, height)).save(written, form, **more)
    return written.getvalue()


@pytest.mark.parametrize("more", [{}, {"progressive": True}, {"comment": b"\xff\xc0" * 40}])
def test_a_jpeg_picture_is_one(more: dict[str, Any]) -> None:
    """Whatever stands before its size."""
    found = picture_of(drawn("JPEG", **more))
    assert found is not None
    assert found.media_type == "image/jpeg"


def test_a_png_picture_is_one() -> None:
    """Up to the longest side."""
    found = picture_of(drawn("PNG", MOST_OF_A_SIDE, 1))
    assert found is not None
    assert found.media_type == "image/png"


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_what_only_begins_as_a_picture_is_none(form: str) -> None:
    """A browser would show nothing, and the page would say that there is a logo."""
    whole = drawn(form)
    for content in (whole[:8], whole[:8] + b"<script>", whole[:20], whole[:8] + b"\0" * 60):
        assert picture_of(content) is None


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(MOST_OF_A_SIDE + 1, 1), (1, MOST_OF_A_SIDE + 1)])
def test_a_picture_that_unfolds_too_far_is_none(form: str, size: tuple[int, int]) -> None:
    """Few bytes may be gigabytes in every browser that draws them."""
    assert picture_of(drawn(form, *size)) is None


def test_a_picture_without_an_area_is_none() -> None:
    whole = drawn("PNG")
    assert picture_of(whole[:16] + struct.pack(">II", 0, 20) + whole[24:]) is None


def test_a_picture_of_too_many_bytes_is_none() -> None:
    assert picture_of(drawn("PNG") + b"." * MOST_OF_PICTURE) is None
