"""The week in which a tutor said to be free; hours outside it warn, and refuse nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tandem.kit.language import gettext as _
from tandem.kit.time import local_date, moment_in_words, zone_or_business
from tandem.kit.weekly import MIDNIGHT, Weekly

DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class PlanningWarning:
    """What somebody who planned a session should know; ``on`` is its day where the tutor is."""

    code: str
    session: str
    on: date
    sentence: str
    tutor: str
    """Whose hours it lies outside of, by name."""
    when: str
    """When it begins, in words, on that tutor's clock."""


@dataclass(frozen=True)
class Week:
    """The times in which a tutor (a name) is free every week, on the clock of ``zone``."""

    tutor: str
    zone: str
    spans: Sequence[Weekly]


def spans_within(week: Iterable[Weekly], zone: str, within: Span) -> Iterator[Span]:
    """Yield a week's times inside hours, on the clock of ``zone`` ('' is the business's)."""
    clock = ZoneInfo(zone_or_business(zone))
    first, last = (moment.astimezone(clock).date() for moment in within)
    spans = list(week)
    for day in (first + n * DAY for n in range((last - first).days + 1)):
        for one in spans:
            if one.weekday == day.weekday():
                starts = datetime.combine(day, one.starts, clock).astimezone(UTC)
                ends = datetime.combine(day, one.ends, clock).astimezone(UTC)
                ends += timedelta.resolution if one.ends == MIDNIGHT else timedelta()
                if starts < within[1] and ends > within[0]:
                    yield max(starts, within[0]), min(ends, within[1])


def lies_outside(week: Sequence[Weekly], zone: str, hours: Span) -> bool:
    """Tell whether some of the hours lie outside the week; of a week not stated none do."""
    reached = hours[0]
    for starts, ends in sorted(spans_within(week, zone, hours)):
        if starts > reached:
            break
        reached = max(reached, ends)
    return bool(week) and reached < hours[1]


def warning(
    *, session: str, tutor: str, week: Sequence[Weekly], zone: str, hours: Span
) -> PlanningWarning | None:
    """Return what is to be said of a session (id) of a tutor (name), if anything is."""
    if not lies_outside(week, zone, hours):
        return None
    here = zone_or_business(zone)
    when, on = moment_in_words(hours[0], here), local_date(hours[0], here)
    sentence = _("{when}: outside the hours in which {tutor} is free.").format(
        when=when, tutor=tutor
    )
    return PlanningWarning("outside_hours", session, on, sentence, tutor, when)
