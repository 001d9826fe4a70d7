"""Where moments lie on the axis of a day, also on the days on which the clocks change."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tandem.web.calendar_axis import Axis, Clock, axis_of
from tandem.web.calendar_lanes import Span
from tests.cast import at

LONDON = "Europe/London"
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def wall(day: date, hour: int, minute: int = 0, *, second: bool = False) -> datetime:
    """Return a moment on London's clock; the ``second`` of two that it shows alike."""
    zone = ZoneInfo(LONDON)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=int(second))


def test_eight_to_twenty_are_always_there() -> None:
    """And more where there is more, but never more than the day has."""
    assert axis_of(24, []) == Axis(8, 20)
    assert axis_of(24, [(7 * 60 + 45, 9 * 60), (19 * 60, 20 * 60 + 5)]) == Axis(7, 21)
    assert axis_of(24, [(-60, 60), (23 * 60, 25 * 60)]) == Axis(0, 24)


def test_a_lesson_lies_from_its_start_to_its_end() -> None:
    """In rows of five minutes, cut at the end of the axis, never without height."""
    clock, axis = Clock(date(2026, 11, 9), LONDON), Axis(8, 20)
    assert axis.span(clock, at(9, 8), at(9, 9)) == Span(0, 12)
    assert axis.span(clock, at(9, 16, 10), at(9, 16, 52)) == Span(98, 107)
    assert axis.span(clock, at(9, 19, 30), at(10, 1)) == Span(138, 144)
    assert axis.span(clock, at(9, 6), at(9, 7)) == Span(0, 1)
    assert (axis.row(clock, at(9, 8, 6)), axis.row(clock, at(9, 7))) == (1, None)


def test_the_long_day_has_an_hour_twice() -> None:
    """25 hours; both coming of 01:30 have a place of their own."""
    clock = Clock(AUTUMN, LONDON, elapsed=True)
    assert clock.hours == 25
    assert [clock.label(hour) for hour in range(4)] == ["00:00", "01:00", "01:00", "02:00"]
    first, second = (wall(AUTUMN, 1, 30, second=which) for which in (False, True))
    assert [clock.minutes(one) for one in (first, second)] == [90, 150]
    assert clock.label(24) == "23:00"


def test_the_short_day_leaves_an_hour_out() -> None:
    """23 hours; beside other days, its missing hour is there, but nothing begins in it."""
    clock = Clock(SPRING, LONDON, elapsed=True)
    assert clock.hours == 23
    assert [clock.label(hour) for hour in range(3)] == ["00:00", "02:00", "03:00"]
    beside = Clock(SPRING, LONDON)
    assert beside.hours == 24
    assert (beside.moment(1), beside.minutes(wall(SPRING, 9))) == (None, 540)
    assert clock.minutes(wall(SPRING, 9)) == 480


def test_side_by_side_the_hour_that_comes_twice_is_its_first() -> None:
    clock = Clock(AUTUMN, LONDON)
    assert clock.moment(1) == wall(AUTUMN, 1)
    assert clock.minutes(wall(AUTUMN, 1, 30, second=True)) == 90
