"""Dates and wall clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tandem.kit.errors import InvalidError
from tandem.kit.time import day_starts, is_zone, known_zones, local_date, moment_at_wall_time

NEW_YORK = "America/New_York"


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_time_that_does_not_exist_is_refused_in_words() -> None:
    """Clocks in New York go from 02:00 to 03:00 on 14 March 2027, so 02:30 never comes."""
    with pytest.raises(InvalidError) as refused:
        moment_at_wall_time(wall("2027-03-14T02:30"), NEW_YORK)
    assert [error.field for error in refused.value.errors] == ["starts_at"]
    assert str(refused.value) == (
        "02:30 on Sun 14 Mar 2027 does not exist in America/New_York: the clocks go forward "
        "past it. Choose an earlier or a later time."
    )
    for edge, utc in (("01:59", 6), ("03:00", 7)):
        assert moment_at_wall_time(wall(f"2027-03-14T{edge}"), NEW_YORK).hour == utc


def test_a_time_that_comes_twice_is_the_first_unless_the_offset_says_otherwise() -> None:
    """01:30 on 7 November 2027 is 05:30Z, or 06:30Z at five hours west; no third is possible."""
    twice = wall("2027-11-07T01:30")
    first = datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
    assert moment_at_wall_time(twice, NEW_YORK) == first
    assert moment_at_wall_time(twice, NEW_YORK, offset=timedelta(hours=-4)) == first
    assert moment_at_wall_time(twice, NEW_YORK, offset=timedelta(hours=-5)) == first + timedelta(
        hours=1
    )
    with pytest.raises(InvalidError, match="not at that offset"):
        moment_at_wall_time(twice, NEW_YORK, offset=timedelta(0))


@pytest.mark.parametrize(("day", "hour"), [("2027-03-22", 16), ("2027-03-29", 15)])
def test_four_o_clock_stays_four_o_clock(day: str, hour: int) -> None:
    """A wall clock in London is an hour earlier in UTC once summer time begins."""
    assert moment_at_wall_time(wall(f"{day}T16:00"), "Europe/London").hour == hour


def test_a_day_is_the_day_where_one_is() -> None:
    """One moment is two dates in two places, and a day starts when its own midnight comes."""
    moment = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
    assert local_date(moment, "Europe/London") == date(2026, 11, 11)
    assert local_date(moment, "America/Los_Angeles") == date(2026, 11, 10)
    assert day_starts(date(2026, 11, 11), "America/Los_Angeles") == moment + timedelta(hours=7)


def test_what_is_no_place_is_no_zone() -> None:
    """ "All times are in localtime" says nothing: it is another zone on another machine."""
    for name in ("localtime", "Factory", "Nowhere/Town", ""):
        assert not is_zone(name)
    assert {"Europe/London", "UTC"} <= known_zones()


def test_zones_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who plans weekly lessons waits while hundreds of files are gone through."""
    known_zones()
    monkeypatch.setattr("tandem.kit.time.available_timezones", set)
    assert is_zone("Europe/London")
