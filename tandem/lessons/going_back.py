"""Lessons that were moved or covered go back at one go; what cannot stays as it is, and is named.

What stays keeps the hours that it has now, and may so come into the way of others: so it is planned
again without it, until nothing stands in the way of anything.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tandem.kit.language import gettext as _
from tandem.lessons import rules
from tandem.lessons.models import DeedPart
from tandem.lessons.new_hours import Move, clashes_of_moves
from tandem.lessons.reassign import WAS_THERE, Clash, Planned, as_far_as_it_goes
from tandem.lessons.steps import LockedSessions, hours, in_order, lock_sessions
from tandem.lessons.touched import where_they_would_be
from tandem.lessons.undo_cover import (
    AS_IT_WAS,
    BACK_FROM_COVER,
    GivingBack,
    covered_still,
    plan_back,
)
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules


@dataclass(frozen=True)
class GoingBack:
    """What moves back and what is given back; ``stuck`` cannot, and why, and stays as it is."""

    moves: tuple[Move, ...]
    covered: GivingBack | None
    stuck: tuple[Clash, ...]

    @property
    def leaving(self) -> list[str]:
        """The ids of the sessions that make room where they are now."""
        covered = self.covered.sessions if self.covered else ()
        return [*(one.pk for one in covered), *(one.session.pk for one in self.moves)]

    @property
    def hours(self) -> list[rules.Slot]:
        """The hours that are taken then."""
        slots = [one.hours for one in self.moves]
        if self.covered:
            links = self.covered.links
            slots += [hours(one, tutor_id=links[one.pk].tutor_id) for one in self.covered.sessions]
        return slots


def plan_giving_back(requester: Requester, parts: Sequence[DeedPart]) -> GoingBack:
    """Lock everybody and return what giving covered sessions back does. Owners only.

    ConflictError ``already_taught`` once one of them was held. What was called off, moved to
    another tutor or removed since stays so. That the tutor is away is no hindrance: it was so
    before.
    """
    viewer = requester.viewer
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("undo a cover"))
    seen, takers = covered_still(parts)
    return plan_going_back(viewer, lock_sessions(seen, takers=takers), (), parts)


def plan_going_back(
    viewer: Viewer,
    locked: LockedSessions,
    moves: Sequence[Move],
    covers: Sequence[DeedPart],
    *,
    about: str = "",
) -> GoingBack:
    """Return what goes back of ``moves``, which lead to old hours, and of ``covers``; all locked.

    ``about`` is the id of a time off or a closure that is about to go: whoever has other time off
    then is away all the same, and gets nothing back in it. ConflictError ``already_taught`` once a
    covered one was held.
    """
    despite = BACK_FROM_COVER if about else AS_IT_WAS

    def planned(staying: Collection[str]) -> Planned[GoingBack]:
        going = tuple(one for one in moves if one.session.pk not in staying)
        parts = [part for part in covers if part.details["session"] not in staying]
        here = (one.details["session"] for one in parts)
        leaving = [
            *(one.session.pk for one in going),
            *(pk for pk in here if pk in locked.sessions),
        ]
        covered = (
            plan_back(locked, parts, leaving=leaving, despite=despite, about=about)
            if parts
            else None
        )
        plan = GoingBack(going, covered, ())
        clashes = covered.clashes if covered else ()
        return plan, (*clashes, *_of_moves(plan, locked, viewer, about))

    plan, stuck = as_far_as_it_goes(planned)
    return replace(plan, stuck=tuple(sorted(stuck, key=_by_start)))


def _of_moves(
    plan: GoingBack, locked: LockedSessions, viewer: Viewer, about: str
) -> tuple[Clash, ...]:
    """Return why what moves back cannot; where it meets what is given back, it stays."""
    given = plan.hours[len(plan.moves) :]
    found = clashes_of_moves(
        plan.moves,
        locked,
        viewer,
        leaving=plan.leaving,
        about=about,
        beside=given,
        despite=WAS_THERE,
    )
    return where_they_would_be(found, plan.moves)


def _by_start(clash: Clash) -> tuple[datetime, str]:
    return in_order(clash.session)
