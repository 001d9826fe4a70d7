"""Who is matched to hours is free in them by the same rule by which a lesson in them warns."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tandem.insights.matching import Hours, free_at
from tandem.kit.weekly import Weekly
from tandem.lessons.models import Availability
from tandem.lessons.stated_hours import lies_outside
from tandem.people.models import Tutor

MONDAY = datetime(2027, 3, 1, tzinfo=UTC)
CLOCK = [*(time(hour) for hour in range(24)), time.max]
TIMES = st.lists(st.integers(0, 24), min_size=2, max_size=4, unique=True).map(sorted)
WEEKS = st.lists(st.tuples(st.integers(0, 2), TIMES), max_size=3, unique_by=lambda one: one[0])
ZONES = st.sampled_from(["Europe/London", "America/New_York", "Asia/Tokyo"])
STARTS, LENGTHS = st.integers(0, 80), st.integers(1, 6)


def stated(days: list[tuple[int, list[int]]]) -> list[Availability]:
    """Return a week in which each time of a day touches the next one."""
    return [
        Availability(weekday=day, starts=CLOCK[one], ends=CLOCK[other])
        for day, times in days
        for one, other in pairwise(times)
    ]


@given(WEEKS, ZONES, STARTS, LENGTHS)
def test_free_is_what_does_not_lie_outside(
    days: list[tuple[int, list[int]]], zone: str, starts: int, length: int
) -> None:
    """Over the seam of two times and past midnight too; who stated none is neither."""
    rows, begins = stated(days), MONDAY + starts * timedelta(hours=1)
    hours = Hours(begins, begins + length * timedelta(hours=1))
    tutor = Tutor(full_name="Ben", time_zone=zone)
    week = [Weekly(row.weekday, row.starts, row.ends) for row in rows]
    outside = lies_outside(week, zone, (hours.starts_at, hours.ends_at))
    assert free_at(rows or None, tutor, hours) is ((not outside) if rows else None)
