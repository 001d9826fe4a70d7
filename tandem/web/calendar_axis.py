"""Where moments lie on the axis of a day: in rows of five minutes. Pure; no database.

An axis of ``elapsed`` hours shows each hour of its day once, so that the day on which the clocks
change has 23 or 25 of them. Days side by side share one axis, so theirs goes by the clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from tandem.kit.time import day_starts, possible_moments
from tandem.web.calendar_lanes import Span

ROWS_IN_HOUR, MINUTES_IN_ROW = 12, 5
EARLIEST, LATEST = 8, 20
"""Hours that are always shown; others where something is in them, or where they are asked for."""
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True)
class Clock:
    """Tells how far into ``day``, in minutes, a moment is in ``zone``."""

    day: date
    zone: str
    elapsed: bool = False

    @property
    def hours(self) -> int:
        """How many hours the axis of this day can have."""
        return ceil((self._ends - self._starts) / AN_HOUR) if self.elapsed else 24

    def minutes(self, moment: datetime) -> int:
        """Return how many minutes of the day are over; below 0 or beyond it on another day."""
        if self.elapsed:
            return int((moment - self._starts) / timedelta(minutes=1))
        here = moment.astimezone(ZoneInfo(self.zone))
        return (here.date() - self.day).days * 24 * 60 + here.hour * 60 + here.minute

    def moment(self, hour: int) -> datetime | None:
        """Return when an hour of the axis begins; None where the clocks leave it out."""
        if self.elapsed:
            return self._starts + hour * AN_HOUR
        both = possible_moments(datetime.combine(self.day, time(hour)), self.zone)
        return both[0] if both else None

    def label(self, hour: int) -> str:
        """Return what the clock shows when an hour of the axis begins."""
        if not self.elapsed:
            return f"{hour:02}:00"
        return f"{(self._starts + hour * AN_HOUR).astimezone(ZoneInfo(self.zone)):%H:%M}"

    @property
    def _starts(self) -> datetime:
        return day_starts(self.day, self.zone)

    @property
    def _ends(self) -> datetime:
        return day_starts(self.day + A_DAY, self.zone)


@dataclass(frozen=True)
class Axis:
    """The hours that are shown, from ``first`` up to, not on, ``last``."""

    first: int
    last: int

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return (self.last - self.first) * ROWS_IN_HOUR

    def span(self, clock: Clock, starts: datetime, ends: datetime) -> Span:
        """Return the rows between two moments, cut at both ends of the axis; one row at least."""
        start = min(max(self._row(clock.minutes(starts)), 0), self.rows - 1)
        end = min(self._row(clock.minutes(ends) + MINUTES_IN_ROW - 1), self.rows)
        return Span(start, max(end, start + 1))

    def row(self, clock: Clock, moment: datetime) -> int | None:
        """Return the row of a moment, None where it is not on the axis."""
        row = self._row(clock.minutes(moment))
        return row if 0 <= row < self.rows else None

    def _row(self, minutes: int) -> int:
        return (minutes - self.first * 60) // MINUTES_IN_ROW


def axis_of(hours: int, spans: Iterable[tuple[int, int]]) -> Axis:
    """Return the axis that holds what lies between ``spans`` of minutes, of a day of ``hours``."""
    first, last = EARLIEST, LATEST
    for starts, ends in spans:
        first, last = min(first, starts // 60), max(last, ceil(ends / 60))
    return Axis(max(first, 0), min(last, hours))
