"""How many students a tutor can have, on which days."""

from collections.abc import Sequence
from datetime import date

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words
from tandem.relationships.rules import RelationshipState


def check_capacity(
    standings: Sequence[RelationshipState],
    *,
    capacity: int | None,
    since: date,
    until: date | None = None,
    more: int = 1,
    back: Sequence[RelationshipState] = (),
) -> None:
    """Refuse ``more`` open relationships than the tutor has room for; None is no limit.

    Every day from ``since`` up to, not on, ``until`` counts, and the first that is too full is
    named. ``back`` are relationships that come beside those, each on its own days.
    """
    if capacity is None:
        return
    for day in _days_that_count([*standings, *back], since, until):
        teaching = sum(one.takes_place_on(day) for one in standings)
        number = more + sum(one.takes_place_on(day) for one in back)
        if number and teaching + number > capacity:
            raise _no_room(capacity, teaching, number, day)


def _no_room(capacity: int, teaching: int, more: int, day: date) -> ConflictError:
    sentence = _("This tutor has room for {capacity}, and on {day} already teaches {teaching}")
    rest = _(", so {more} more do not fit.").format(more=more) if more > 1 else "."
    told = sentence.format(capacity=capacity, teaching=teaching, day=day_in_words(day))
    facts = {"capacity": capacity, "teaching": teaching, "date": day.isoformat()}
    return ConflictError("capacity", told + rest, facts)


def _days_that_count(
    standings: Sequence[RelationshipState], since: date, until: date | None
) -> list[date]:
    """Return the days on which more places can be taken than on the day before, in order."""
    last = until or date.max
    return sorted({since, *(one.started_on for one in standings if since < one.started_on < last)})
