"""On which dates lessons come back: a rule of RFC 5545, read by python-dateutil. No database.

A rule speaks of dates; the time of day is the series' own, on the wall of its zone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tandem.kit.errors import InvalidError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words, possible_moments

MOST_DATES = 400
"""So many lessons a series with an end has at most."""
FARTHEST = timedelta(days=5 * 366)
"""So far ahead a series with an end reaches at most."""
HORIZON = timedelta(weeks=26)
"""So far ahead a series without an end is planned."""
LONGEST_RULE = 300
PERIODS = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
NOT_OF_DATES = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND", "BYEASTER"})
UNTIL = re.compile(r"(\d{8})(T\d{6}Z?)?", re.ASCII)
CHARACTERS = re.compile(r"[A-Z0-9=;,+-]*", re.ASCII)
MOST_MINUTES = 24 * 60
MOST_INTERVAL = 999
CALENDAR = 400
"""After so many years the calendar is the same, weekdays and all."""
LAST_CALENDAR = 9900
READING_FAILS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
"""What python-dateutil raises for a text that is no rule."""


@dataclass(frozen=True)
class Rule:
    """A rule as it is read: ``pattern`` without its end, and the end: a number, or a last day."""

    pattern: str
    count: int | None = None
    until: date | None = None

    @property
    def is_endless(self) -> bool:
        """Whether only a horizon ends it."""
        return self.count is None and self.until is None

    def __str__(self) -> str:
        end = f";COUNT={self.count}" if self.count else ""
        return self.pattern + (f";UNTIL={self.until:%Y%m%d}" if self.until else end)


def read_rule(text: str, *, wall_time: time, zone: str) -> Rule:
    """Return the rule that a text is; InvalidError for ``rule`` says what is wrong with it.

    An ``UNTIL`` that is a moment becomes the last day on which ``wall_time`` in ``zone`` is not
    after it.
    """
    parts = _parts(text)
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    if count is not None and until is not None:
        raise invalid("rule", _("A rule ends after COUNT times or UNTIL a date, not both."))
    rule = Rule(
        ";".join(f"{name}={value}" for name, value in parts.items()),
        count=_number(count, "COUNT", most=10**9) if count is not None else None,
        until=_last_day(until, wall_time, zone) if until is not None else None,
    )
    _check_read(rule)
    return rule


def _parts(text: str) -> dict[str, str]:
    """Return the parts of a rule by their names, those refused that say nothing of dates."""
    line = text.strip().upper().removeprefix("RRULE:").strip(";")
    if len(line) > LONGEST_RULE or not CHARACTERS.fullmatch(line):
        raise invalid(
            "rule", _("Write one rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=TU;COUNT=10.")
        )
    pairs = [part.partition("=") for part in line.split(";")]
    parts = {name: value for name, _is, value in pairs}
    if len(parts) < len(pairs):
        raise invalid("rule", _("Each part of a rule is given once."))
    if parts.get("FREQ") not in PERIODS:
        raise invalid("rule", "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.")
    if wrong := NOT_OF_DATES & parts.keys():
        raise invalid(
            "rule",
            _("{wrong} cannot be used: the start time is the time of day.").format(
                wrong=min(wrong)
            ),
        )
    _number(parts.get("INTERVAL", "1"), "INTERVAL", most=MOST_INTERVAL)
    return parts


def _number(value: str, name: str, *, most: int) -> int:
    if not (value.isdecimal() and len(value) < len(str(most)) + 1 and 1 <= int(value) <= most):
        raise invalid(
            "rule", _("{name} is a number from 1 to {most}.").format(name=name, most=most)
        )
    return int(value)


def _last_day(value: str, wall_time: time, zone: str) -> date:
    if not (found := UNTIL.fullmatch(value)):
        raise invalid("rule", _("Write UNTIL as a date (20270331) or a moment (20270331T160000Z)."))
    try:
        if not found[2]:
            return datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007 - a date alone
        last = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - as above
        if value.endswith("Z"):
            last = last.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise invalid("rule", _("UNTIL is a date that does not exist.")) from None
    return last.date() if last.time() >= wall_time else last.date() - timedelta(days=1)


def _check_read(rule: Rule) -> None:
    try:
        rrulestr(rule.pattern, dtstart=datetime(LAST_CALENDAR, 1, 1))  # noqa: DTZ001 - dates alone
    except READING_FAILS:
        raise invalid(
            "rule",
            _("{pattern} is no rule of RFC 5545 that can be read. Nothing was planned.").format(
                pattern=rule.pattern
            ),
        ) from None


def stored_rule(text: str) -> Rule:
    """Return a rule that was kept as ``str(rule)``."""
    return read_rule(text, wall_time=time(), zone="UTC")


def dates_of(rule: Rule, first: date, before: date) -> Iterator[date]:
    """Return the rule's dates from ``first``, by which it is counted, up to, not on, ``before``."""
    # python-dateutil looks for a next date until the year 9999: a rule that never comes true
    # (30 February, daily) would take it most of a minute. The calendar repeats, so let the rule
    # run in the last one of its years.
    years = (LAST_CALENDAR - first.year) // CALENDAR * CALENDAR
    begins = datetime.combine(first.replace(year=first.year + years), time())
    last = min(before, rule.until + timedelta(days=1)) if rule.until else before
    try:
        found = (one.date() for one in rrulestr(rule.pattern, dtstart=begins))
        real = (one.replace(year=one.year - years) for one in found)
        yield from islice(takewhile(lambda day: day < last, real), rule.count)
    except READING_FAILS:
        return


def first_dates(rule: Rule, first: date, horizon: date) -> list[date]:
    """Return what is planned at once: all dates of a rule that ends, else those to the horizon.

    InvalidError for a rule that has no date, more than ``MOST_DATES``, or ends too far ahead.
    """
    before = first + FARTHEST
    if rule.is_endless:
        before = min(before, max(horizon, first + HORIZON))
    elif rule.until and rule.until >= before:
        raise _too_many()
    found = list(islice(dates_of(rule, first, before), MOST_DATES + 1))
    if found and (len(found) > MOST_DATES or len(found) < (rule.count or 0)):
        raise _too_many()
    if not found:
        raise invalid(
            "rule",
            _(
                "This rule gives no date from {first} on before {before}. Nothing was planned."
            ).format(first=day_in_words(first), before=day_in_words(before)),
        )
    return found


def _too_many() -> InvalidError:
    return invalid(
        "rule",
        _(
            "A series that ends has at most {most_dates} lessons and ends within five "
            "years. Plan fewer, or leave the end out: then it is planned half a year ahead "
            "and goes on by itself."
        ).format(most_dates=MOST_DATES),
    )


def check_first_date(first: date, today: date) -> None:
    """Refuse a first date so far away that no rule can be counted from it."""
    if not today - FARTHEST <= first <= today + FARTHEST:
        raise invalid("first_date", _("Choose a first date within five years of today."))


def check_minutes(minutes: int) -> None:
    """Refuse a length that no session has."""
    if not 1 <= minutes <= MOST_MINUTES:
        raise invalid("minutes", _("A lesson takes from 1 minute to 24 hours."))


def hours_on(
    day: date, wall_time: time, zone: str, minutes: int
) -> tuple[datetime, datetime] | None:
    """Return when a lesson of that date begins and ends, in UTC; None where clocks skip its time.

    A time that comes twice is its first coming.
    """
    found = possible_moments(datetime.combine(day, wall_time), zone)
    if not found:
        return None
    starts_at = found[0].astimezone(UTC)
    return starts_at, starts_at + timedelta(minutes=minutes)
