"""Which days are this term: those between the long closures around a day."""

from collections.abc import Iterable
from datetime import date, timedelta

from tandem.lessons.closures import visible_closures
from tandem.people.queries import Viewer

A_DAY = timedelta(days=1)
SHORTEST_BREAK = timedelta(days=5)
"""A closure so long stands between two terms; a shorter one lies within a term."""
LONGEST_TERM = timedelta(days=200)
Days = tuple[date, date]
"""The first day and the last."""


def this_term(viewer: Viewer) -> Days | None:
    """Return the term that the viewer's day is in, or the next one during a break; None: unknown.

    It is unknown where no long closure stands before it and after it, at most 200 days apart.
    """
    rows = visible_closures(viewer).filter(
        ends_on__gt=viewer.day - LONGEST_TERM, starts_on__lt=viewer.day + LONGEST_TERM
    )
    return term_around(viewer.day, rows.values_list("starts_on", "ends_on"))


def term_around(day: date, closures: Iterable[Days]) -> Days | None:
    """Return the days between two breaks; a closure is its first day and the day it is over."""
    breaks = sorted((first, over) for first, over in closures if over - first >= SHORTEST_BREAK)
    day = next((over for first, over in breaks if first <= day < over), day)
    begins = max((over for _, over in breaks if over <= day), default=None)
    ends = min((first for first, _ in breaks if first > day), default=None)
    if begins is None or ends is None or ends - begins > LONGEST_TERM:
        return None
    return begins, ends - A_DAY
