"""The primary mark given and taken away, with its line of history."""

from collections.abc import Mapping
from datetime import date

from tandem.relationships import next_primary
from tandem.relationships.events import Change, EventStamp, What, change, change_all, state_of
from tandem.relationships.history import FOLLOWS
from tandem.relationships.models import TutorStudent


def unmark(links: Mapping[str, TutorStudent]) -> None:
    """Let rows in memory have no mark, as in the database once another takes it."""
    for link in links.values():
        link.is_primary = False


def promote_on(
    links: Mapping[str, TutorStudent], moment: EventStamp, day: date, *, primary: str | None
) -> None:
    """Give the mark to somebody who teaches on ``day``, where nobody is primary on it.

    ``primary`` is the relationship that was so before: where it goes on, it stays so, and whoever
    has the mark from a later day keeps that.
    """
    held = links.get(primary or "")
    goes_on = held is not None and state_of(held).on(day) in TutorStudent.OPEN
    if goes_on and any(link.is_primary for link in links.values()):
        return
    heir = next_primary.next_primary_on(map(state_of, links.values()), day)
    if heir is not None:
        unmark(links)
        marked = Change(links[heir], moment, {"is_primary": True}, FOLLOWS, primary_since=day)
        change_all(What.MADE_PRIMARY, [marked])


def promote(
    links: Mapping[str, TutorStudent], moment: EventStamp, *, chosen: str | None = None
) -> TutorStudent | None:
    """Give the mark, when it lies nowhere, to the chosen or the oldest open relationship."""
    heir = next_primary_of(links, chosen=chosen)
    if heir is None:
        return None
    told = FOLLOWS if chosen is None else {}
    return change(links[heir], What.MADE_PRIMARY, moment, {"is_primary": True}, details=told)


def next_primary_of(links: Mapping[str, TutorStudent], *, chosen: str | None = None) -> str | None:
    """Return which of one student's relationships takes the mark; None where one has it."""
    if any(link.is_primary for link in links.values()):
        return None
    return next_primary.next_primary(map(state_of, links.values()), chosen)
