"""Who becomes primary where nobody was chosen."""

from collections.abc import Iterable
from datetime import date

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.relationships.rules import OPEN, RelationshipState


def next_primary_on(standings: Iterable[RelationshipState], day: date) -> str | None:
    """Return which open relationship takes the mark so that somebody is primary on ``day``.

    None where it is well where it is: with one that has begun, or with one that begins later while
    another goes on until an end ahead. Who teaches on that day comes before who begins later.
    """
    states = list(standings)
    marked = [one for one in states if one.is_primary]
    if any(one.started_on <= day for one in marked):
        return None
    if marked and any(one.ends_after(day) and one.on(day) in OPEN for one in states):
        return None
    here = [one for one in states if one.on(day) in OPEN]
    return next_primary(here) or (None if marked else next_primary(states))


def next_primary(standings: Iterable[RelationshipState], chosen: str | None = None) -> str | None:
    """Return which open relationship should be primary: the chosen, else the oldest.

    One that only covers for an absent tutor never is. None when nothing else is open.
    """
    still_open = [one for one in standings if one.is_open and one.kind != "cover"]
    if chosen is not None:
        if chosen not in {standing.id for standing in still_open}:
            raise ConflictError(
                "wrong_status",
                _("The next primary has to be an open relationship of this student."),
                {"tutorStudentId": chosen},
            )
        return chosen
    by_age = sorted(still_open, key=lambda one: (one.started_on, one.id))
    return by_age[0].id if by_age else None
