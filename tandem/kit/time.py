"""Moments, dates and zones. A date is always the date on somebody's wall: say whose."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def local_date(moment: datetime, zone: str) -> date:
    """Return the date that ``moment`` falls on in ``zone`` (an IANA name)."""
    return moment.astimezone(ZoneInfo(zone)).date()


def is_zone(name: str) -> bool:
    """Tell whether ``name`` is a time zone that this machine knows."""
    return name in available_timezones()
