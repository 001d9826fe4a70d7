"""A deed is held to what its preview showed, and what differs is named."""

import pytest

from tandem.kit.errors import ConflictError, InvalidError
from tandem.kit.fingerprints import check_expected, fingerprint, hash_of

SHOWN = {"session:a": hash_of(1), "session:b": hash_of(2), "next_primary": hash_of("c")}


def test_what_was_shown_may_be_done() -> None:
    """The same things, in whatever order; and nothing is compared where nothing was looked at."""
    check_expected(fingerprint(dict(reversed(SHOWN.items()))), SHOWN)
    check_expected(None, SHOWN)


def test_what_differs_is_named() -> None:
    """A thing that came, one that went, one that is another now; in one sentence too."""
    now = {"session:a": hash_of(3), "session:c": hash_of(4), "next_primary": hash_of("c")}
    with pytest.raises(ConflictError) as refused:
        check_expected(fingerprint(SHOWN), now)
    assert refused.value.reason == "changed_since_preview"
    assert refused.value.details["difference"] == [
        {"what": "session", "id": "a", "change": "changed"},
        {"what": "session", "id": "b", "change": "gone"},
        {"what": "session", "id": "c", "change": "added"},
    ]
    assert "a lesson has changed, a lesson is not there any more, a lesson was added" in str(
        refused.value
    )
    assert "nothing was done" in str(refused.value)


def test_of_many_the_number_is_told() -> None:
    """A sentence does not list four hundred sessions."""
    with pytest.raises(
        ConflictError,
        match="the next primary tutor is not there any more, 2 lessons are not there any more",
    ):
        check_expected(fingerprint(SHOWN), {})


def test_what_has_no_id_has_none() -> None:
    """A count, or who is primary next, is one thing."""
    with pytest.raises(ConflictError) as refused:
        check_expected(fingerprint({"next_primary": "x"}), {"next_primary": "y"})
    assert refused.value.details["difference"] == [
        {"what": "next_primary", "id": None, "change": "changed"}
    ]


def test_an_empty_text_is_no_look() -> None:
    """A form without its field is as if nothing had been shown."""
    with pytest.raises(ConflictError):
        check_expected("", SHOWN)


@pytest.mark.parametrize(
    "text",
    ["x", "AAAA", "\ud800", "é", fingerprint({})[:-6], fingerprint({"a": 1})],  # type: ignore[dict-item]
)
def test_what_is_no_fingerprint_is_wrong(text: str) -> None:
    """It is refused as input, and says where to get one."""
    with pytest.raises(InvalidError, match="Ask for the preview again"):
        check_expected(text, SHOWN)


def test_one_that_grows_without_end_is_not_unpacked() -> None:
    """A short text may not become gigabytes."""
    big = fingerprint({"session:" + "a" * 6_000_000: "x"})
    assert len(big) < 20_000
    with pytest.raises(InvalidError):
        check_expected(big, SHOWN)
