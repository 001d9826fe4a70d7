"""Moments, dates and zones. A date is always the date on somebody's wall: say whose."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings

from tandem.kit.dates import day_words, moment_words
from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _

NO_PLACES = {"localtime", "Factory"}
"""Files beside the zones: whatever this machine keeps, and one that was never set."""


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def place_of_zone(zone: str) -> str:
    """Return the place by which people know an IANA zone: 'New York' of 'America/New_York'."""
    return zone.rsplit("/", maxsplit=1)[-1].replace("_", " ")


def zone_words(zone: str) -> str:
    """Return the words for a zone: 'America/New_York' is 'New York time'."""
    return _("{place} time").format(place=place_of_zone(zone))


def local_date(moment: datetime, zone: str) -> date:
    """Return the date that ``moment`` falls on in ``zone`` (an IANA name)."""
    return moment.astimezone(ZoneInfo(zone)).date()


def business_day(moment: datetime) -> date:
    """Return the date that ``moment`` falls on in the zone of the business."""
    return local_date(moment, settings.TIME_ZONE)


def business_days(starts_at: datetime, ends_at: datetime) -> tuple[date, date]:
    """Return the first and the last date of the business on which hours lie, their end not in."""
    return business_day(starts_at), business_day(max(starts_at, ends_at - timedelta.resolution))


def day_starts(day: date, zone: str) -> datetime:
    """Return the first moment, in UTC, of ``day`` in ``zone``."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@cache
def known_zones() -> frozenset[str]:
    """Return the time zones that mean the same on every machine, as their IANA names.

    Looked for once: Python goes through hundreds of files for them.
    """
    return frozenset(available_timezones() - NO_PLACES)


def is_zone(name: str) -> bool:
    """Tell whether ``name`` is a time zone that every machine knows."""
    return name in known_zones()


def zone_or_business(name: str) -> str:
    """Return ``name``, or the zone of the business when a person has none of their own."""
    return name or settings.TIME_ZONE


def moment_at_wall_time(
    wall: datetime, zone: str, *, offset: timedelta | None = None, field: str = "starts_at"
) -> datetime:
    """Return the moment, in UTC, when clocks in ``zone`` show ``wall`` (which is naive).

    A time that comes twice, when clocks go back, is its first coming unless ``offset`` (from UTC)
    says otherwise. Raise InvalidError for ``field`` where clocks never show ``wall``, or never at
    that offset.
    """
    real = possible_moments(wall, zone)
    if not real:
        raise invalid(
            field,
            _(
                "{time:%H:%M} on {day} does not exist in {zone}: the clocks go forward past it. "
                "Choose an earlier or a later time."
            ).format(time=wall, day=day_words(wall), zone=zone),
        )
    asked = [here for here in real if offset in {None, here.utcoffset()}]
    if not asked:
        refusal = _("{zone} is not at that offset from UTC on {moment}.")
        raise invalid(field, refusal.format(zone=zone, moment=moment_words(wall)))
    return asked[0].astimezone(UTC)


def possible_moments(wall: datetime, zone: str) -> list[datetime]:
    """Return the moments, in ``zone``, when clocks there show ``wall``: none, one or two."""
    both = [wall.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1)]
    first, second = both
    same = first.utcoffset() == second.utcoffset()
    return [here for here in (both[:1] if same else both) if _comes_back(here, wall, zone)]


def _comes_back(moment: datetime, wall: datetime, zone: str) -> bool:
    """Tell whether clocks show ``wall`` at ``moment``; in the gap of a clock change they do not."""
    return moment.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall


def day_in_words(day: date) -> str:
    """Return a day: "Tue 17 Nov 2026"."""
    return day_words(day)


def days_in_words(first: date, after: date) -> str:
    """Return days from ``first`` up to, not on, ``after``: "Tue 17 Nov 2026 to Thu 19 Nov 2026"."""
    days = dict.fromkeys((first, max(first, after - timedelta(days=1))))
    return _(" to ").join(map(day_in_words, days))


def span_in_words(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Return from when to when on the clocks of ``zone``; whole days are said to be that."""
    starts, ends = starts_at.astimezone(ZoneInfo(zone)), ends_at.astimezone(ZoneInfo(zone))
    if starts_at == day_starts(starts.date(), zone) and ends_at == day_starts(ends.date(), zone):
        days = days_in_words(starts.date(), ends.date())
        return _("{days}, all day").format(days=days)
    same_day = starts.date() == ends.date()
    until = f"{ends:%H:%M}" if same_day else moment_words(ends)
    return _("{starts} to {ends}").format(starts=moment_words(starts), ends=until)


def business_clock(moment: datetime) -> str:
    """Return a moment for a terminal, with its zone: "2026-11-17 09:00 (Europe/London)"."""
    zone = settings.TIME_ZONE
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def moment_in_words(moment: datetime, zone: str) -> str:
    """Return a moment on the clocks of ``zone``: "Tue 17 Nov 2026, 09:00"."""
    return moment_words(moment.astimezone(ZoneInfo(zone)))
