"""What single cells of a spreadsheet say: dates, numbers, levels. No database."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tandem.kit.errors import FieldError, InvalidError
from tandem.kit.language import gettext as _
from tandem.people.rules import Taught, tidy_taught

FIRST_YEAR, LAST_YEAR = 1900, 2200
LONGEST_LINE, LONGEST_TEXT = 300, 20_000
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", re.ASCII)
DAY_FIRST = re.compile(
    r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4}|\d{2})(?: \d{1,2}:.*)?", re.ASCII
)
"""Either may have an hour behind it, as a spreadsheet writes a day; it is left out."""
CENTURY, MONTHS = 2000, 12
LEVELS = {
    "beginner": "beginner | beginners | basic | anfang | anfänger | anfängerin | grundlagen",
    "intermediate": "intermediate | middle | mittel | mittelstufe",
    "advanced": "advanced | fortgeschritten | fortgeschrittene | oberstufe",
    "expert": "expert | sehr weit | experte | expertin",
}
LEVEL_OF = {word.strip(): level for level, words in LEVELS.items() for word in words.split("|")}
WITH_LEVEL = re.compile(r"(.+?)\s*(?:\(([^()]+)\)|:\s*(.+))")
MOST_CAPACITY = 100_000


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: where in the file, and in a sentence what and what to do."""

    line: int
    column: str
    """The heading as it stands in the file; '' where the row as a whole is meant."""
    message: str


def day_in(text: str) -> date | None:
    """Return the day that a cell names, ISO or with the day first; None of an empty one.

    ValueError, with a sentence, for what is none.
    """
    if not text:
        return None
    if found := ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
        year += CENTURY if len(found[3]) == len("24") else 0
    elif text.isascii() and text.isdigit():
        said = _(
            "“{text}” is a number of a spreadsheet, and not a date. Give the column the format of "
            "a date and save it again, or write 2026-09-01 or 1.9.2026."
        )
        raise ValueError(said.format(text=text))
    else:
        said = _("“{text}” is not understood as a date. Write 2026-09-01 or 1.9.2026.")
        raise ValueError(said.format(text=text))
    try:
        named = date(year, month, day)
    except ValueError:
        said = _("“{text}” is no day of the calendar. Write the day first, then the month.")
        raise ValueError(said.format(text=text)) from None
    if not FIRST_YEAR <= named.year <= LAST_YEAR:
        raise ValueError(_("The year has to lie between 1900 and 2200."))
    return named


def is_month_first(text: str) -> bool:
    """Tell whether a cell can only be a day as it is written in America: 9/13/2026."""
    found = DAY_FIRST.fullmatch(text)
    if not found or "/" not in text:
        return False
    return int(found[1]) <= MONTHS < int(found[2])


def can_be_two_days(text: str) -> bool:
    """Tell whether a cell is another day in America than in Europe: 9/1/2026."""
    found = DAY_FIRST.fullmatch(text)
    if not found or "/" not in text:
        return False
    first, second = int(found[1]), int(found[2])
    return first != second and max(first, second) <= MONTHS


def capacity_in(text: str) -> int | None:
    """Return how many students a cell says; None of an empty one. ValueError for no number."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_CAPACITY:
        said = _("“{text}” is no whole number. Write 8, or leave it empty for no limit.")
        raise ValueError(said.format(text=text))
    return int(text)


def subjects_in(text: str) -> list[Taught]:
    """Return the subjects that a cell lists, each with its level: ``Maths (advanced), Physics``.

    ValueError for a level that is none, and for a subject that stands twice.
    """
    parts = [part.strip() for part in re.split(r"[,;|\n]", text)]
    wanted = [_taught(part) for part in parts if part]
    try:
        return [*tidy_taught(wanted).values()]
    except InvalidError as error:
        raise ValueError(str(error)) from error


def _taught(part: str) -> Taught:
    found = WITH_LEVEL.fullmatch(part)
    if found is None:
        return Taught(part)
    said = (found[2] or found[3]).strip()
    level = LEVEL_OF.get(said.casefold())
    if level is None:
        text = _(
            "“{level}” is not a level. Write beginner, intermediate, advanced or expert, or no "
            "level at all."
        )
        raise ValueError(text.format(level=said))
    return Taught(found[1], level)


def too_long(values: Iterable[tuple[str, str]]) -> list[FieldError]:
    """Return which of these fields say more than is kept of them."""
    said = _("At most {most} characters are kept here. Shorten it.")
    limits = {"notes": LONGEST_TEXT}
    return [
        FieldError(field, said.format(most=limits.get(field, LONGEST_LINE)))
        for field, value in values
        if len(value) > limits.get(field, LONGEST_LINE)
    ]
