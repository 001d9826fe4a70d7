"""What lies outside a stated week: pure, without a database."""

from datetime import UTC, datetime, time

import pytest

from tandem.kit.weekly import Weekly
from tandem.lessons.stated_hours import lies_outside

MONDAY = [Weekly(0, time(9), time(12)), Weekly(0, time(12), time(13))]
NIGHT = [Weekly(0, time(22), time.max), Weekly(1, time(0), time(2))]


def hours(day: int, first: int, until: int, *, minute: int = 0) -> tuple[datetime, datetime]:
    """Return hours (UTC) from a day of March 2027, whose first is a Monday."""
    start = datetime(2027, 3, day, first, minute, tzinfo=UTC)
    return start, datetime(2027, 3, day + (until < first), until, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("week", "zone", "span", "outside"),
    [
        ([], "Europe/London", hours(1, 3, 4), False),
        (MONDAY, "Europe/London", hours(1, 9, 13), False),
        (MONDAY, "Europe/London", hours(1, 11, 12, minute=30), False),
        (MONDAY, "Europe/London", hours(1, 12, 13, minute=1), True),
        (MONDAY, "Europe/London", hours(1, 8, 10), True),
        (MONDAY, "Europe/London", hours(2, 9, 10), True),
        (MONDAY, "America/New_York", hours(1, 9, 10), True),
        (MONDAY, "America/New_York", hours(1, 14, 18), False),
        (MONDAY, "Europe/London", hours(29, 8, 9), False),
        (NIGHT, "Europe/London", hours(1, 23, 1), False),
        (NIGHT, "Europe/London", hours(1, 23, 3), True),
        (NIGHT, "Europe/London", hours(2, 23, 0), True),
    ],
)
def test_what_lies_outside(
    week: list[Weekly], zone: str, span: tuple[datetime, datetime], *, outside: bool
) -> None:
    """Not stated is neither; parts that touch are one; the tutor's clock counts, in summer too."""
    assert lies_outside(week, zone, span) is outside
