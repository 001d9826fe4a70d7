"""Moving a weekly rule to another weekday. No database."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _
from tandem.lessons.series_rules import FARTHEST, Rule, dates_of

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""The weekdays as RFC 5545 writes them, Monday first."""


@dataclass(frozen=True)
class MovedRule:
    """A rule each of whose dates is ``by`` later than the one of the rule before."""

    rule: Rule
    first_date: date
    by: timedelta


def is_of_one_weekday(rule: Rule) -> bool:
    """Tell whether all dates of a rule are on one weekday, every week or every few weeks."""
    parts = _parts(rule)
    by_day = parts.get("BYDAY", "MO")
    return parts["FREQ"] == "WEEKLY" and by_day in WEEKDAYS and parts.keys() <= KEPT


KEPT = frozenset({"FREQ", "INTERVAL", "BYDAY", "WKST"})


def move_to_weekday(rule: Rule, first_date: date, weekday: str) -> MovedRule:
    """Return a rule moved to another weekday (``WEEKDAYS``) of the same weeks, Monday to Sunday.

    InvalidError for a rule that is not of one weekday.
    """
    if not is_of_one_weekday(rule):
        raise invalid(
            "weekday", _("Only lessons on one day of the week can go to another weekday.")
        )
    # What is counted from has to be one of the dates: else the weeks of a rule for every second
    # week could be others after it.
    first = next(dates_of(rule, first_date, first_date + FARTHEST))
    by = timedelta(days=WEEKDAYS.index(weekday) - first.weekday())
    parts = _parts(rule)
    if "BYDAY" in parts:
        parts["BYDAY"] = weekday
    pattern = ";".join(f"{name}={value}" for name, value in parts.items())
    until = rule.until + by if rule.until else None
    return MovedRule(replace(rule, pattern=pattern, until=until), first + by, by)


def _parts(rule: Rule) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rule.pattern.split(";"))
