"""The periods that a dashboard speaks of."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from tandem.kit.time import day_starts, local_date

WEEKS = 12


@dataclass(frozen=True)
class Span:
    """From a moment up to, not including, another."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Calendar:
    """The periods a dashboard speaks of, as they lie in one time zone."""

    zone: str
    today: Span
    week: Span
    month: Span
    month_before: Span

    @property
    def days(self) -> Span:
        """Every period in one, and the weeks of the trend."""
        trend = self.dates(self.week)[0] - timedelta(weeks=WEEKS - 1)
        first = min(day_starts(trend, self.zone), self.month_before.starts)
        return Span(first, max(self.week.ends, self.month.ends))

    def dates(self, span: Span) -> tuple[date, date]:
        """Return the first date of a period, and the one on which it is over."""
        return local_date(span.starts, self.zone), local_date(span.ends, self.zone)


def calendar_for(zone: str, now: datetime) -> Calendar:
    """Return today, the week (from Monday), the month and the one before, as in ``zone``."""
    today = local_date(now, zone)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    month = relativedelta(months=1)

    def span(start: Any, length: timedelta | relativedelta) -> Span:
        return Span(day_starts(start, zone), day_starts(start + length, zone))

    return Calendar(
        zone=zone,
        today=span(today, timedelta(days=1)),
        week=span(monday, timedelta(days=7)),
        month=span(first, month),
        month_before=span(first - month, month),
    )
