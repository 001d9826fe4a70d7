"""Lanes of a calendar: nothing lies on anything else, and no lane is too many."""

from hypothesis import given
from hypothesis import strategies as some

from tandem.web.calendar_lanes import Span, lanes_of, widths_of

SPANS = some.lists(
    some.builds(
        lambda start, rows: Span(start, start + rows), some.integers(0, 300), some.integers(1, 60)
    ),
    max_size=40,
)


def test_the_small_right_values() -> None:
    """One after the other shares a lane; what overlaps stands beside it, in any order."""
    assert lanes_of([]) == []
    assert lanes_of([Span(0, 12), Span(12, 24)]) == [0, 0]
    assert lanes_of([Span(6, 18), Span(0, 12)]) == [1, 0]
    assert lanes_of([Span(0, 12), Span(6, 18), Span(12, 24)]) == [0, 1, 0]
    assert lanes_of([Span(3, 3), Span(3, 3)]) == [0, 1]


@given(SPANS)
def test_no_two_in_one_lane_overlap(spans: list[Span]) -> None:
    lanes = lanes_of(spans)
    for number, one in enumerate(spans):
        for later in range(number + 1, len(spans)):
            if lanes[number] == lanes[later]:
                assert one.end <= spans[later].start or spans[later].end <= one.start


@given(SPANS)
def test_there_are_as_many_lanes_as_meet_in_the_fullest_row(spans: list[Span]) -> None:
    fullest = max((sum(one.start <= row < one.end for one in spans) for row, _ in spans), default=0)
    assert max(lanes_of(spans), default=-1) + 1 == fullest


def test_what_meets_nothing_has_the_whole_width() -> None:
    """Three meet, if only in a chain; the fourth stands alone."""
    spans = [Span(0, 12), Span(6, 18), Span(12, 24), Span(24, 36)]
    assert widths_of(spans, lanes_of(spans)) == [2, 2, 2, 1]


@given(SPANS)
def test_what_overlaps_is_equally_wide(spans: list[Span]) -> None:
    """So nothing lies on anything else; each lane is within the width."""
    lanes = lanes_of(spans)
    widths = widths_of(spans, lanes)
    assert all(lane < width for lane, width in zip(lanes, widths, strict=True))
    for number, one in enumerate(spans):
        for later in range(number + 1, len(spans)):
            if one.start < spans[later].end and spans[later].start < one.end:
                assert widths[number] == widths[later]
