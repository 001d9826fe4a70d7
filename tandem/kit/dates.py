"""Dates as pages write them, in the language that is spoken: Fri 16 Oct 2026, Fr, 16. Okt 2026.

Pages have hundreds of them, so each is made of few steps, and not by Django's own formats.
"""

from collections.abc import Sequence
from datetime import date, datetime

from tandem.kit.language import spoken

DAY, SHORT_DAY = "%a %-d %b %Y", "%a %-d %b"
GERMAN_WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
GERMAN_MONTHS = (
    *(
        "Jan",
        "Feb",
        "Mär",
        "Apr",
        "Mai",
        "Jun",
    ),
    *(
        "Jul",
        "Aug",
        "Sep",
        "Okt",
        "Nov",
        "Dez",
    ),
)
SHORT: dict[str, tuple[Sequence[str], Sequence[str]]] = {"de": (GERMAN_WEEKDAYS, GERMAN_MONTHS)}
"""Weekdays and months, shortened, of each language but English."""


def day_words(day: date) -> str:
    """Return a date, or the date of a moment on the wall of its zone, with its weekday."""
    if spoken() not in SHORT:
        return day.strftime(DAY)
    return f"{short_day_words(day)} {day.year}"


def plain_day_words(day: date) -> str:
    """Return the same without its weekday, for a day on which nothing takes place."""
    words = SHORT.get(spoken())
    if words is None:
        return day.strftime("%-d %b %Y")
    return f"{day.day}. {words[1][day.month - 1]} {day.year}"


def short_day_words(day: date) -> str:
    """Return a date without its year."""
    words = SHORT.get(spoken())
    if words is None:
        return day.strftime(SHORT_DAY)
    weekdays, months = words
    return f"{weekdays[day.weekday()]}, {day.day}. {months[day.month - 1]}"


def day_and_month(day: date) -> str:
    """Return a date without its weekday and year, for where there is little room: 16 Oct."""
    return short_day_words(day).split(" ", 1)[1]


def moment_words(moment: datetime) -> str:
    """Return a moment on the wall of its zone: its date, with the weekday, and its time."""
    return f"{day_words(moment)}, {moment:%H:%M}"
