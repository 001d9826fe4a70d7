"""How the move from the older application stands, as the page of it shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tandem.kit.language import gettext_lazy
from tandem.upgrade.legacy.shapes import SESSION
from tandem.upgrade.live.status import Status
from tandem.upgrade.phases import Phase
from tandem.web.words import NEW_TABLES

STEPS = (
    gettext_lazy("Tandem’s tables stand beside the old ones, and new writes reach both"),
    gettext_lazy("Every old row is brought over"),
    gettext_lazy("The old application only reads; people work in Tandem"),
    gettext_lazy("The old tables are put away"),
)
# How many of the steps are behind an upgrade in each phase.
BEHIND = {
    Phase.EXPANDED: 1,
    Phase.BACKFILLED: 2,
    Phase.SWITCHING: 2,
    Phase.SWITCHED: 3,
    Phase.CONTRACTING: 3,
    Phase.CONTRACTED: 4,
}


@dataclass(frozen=True)
class Step:
    """One step of the move; ``state`` is 'done', 'next' or 'later'."""

    words: str
    state: str


@dataclass(frozen=True)
class Brought:
    """How far a backfill is, in sessions, and how long the rest takes where that can be told."""

    sessions: int
    of: int
    left: timedelta | None


def steps(phase: Phase) -> Sequence[Step]:
    """Return the steps of a move that is in ``phase``."""
    behind = BEHIND.get(phase, 0)
    states = ["done"] * behind + ["next"] + ["later"] * len(STEPS)
    return [Step(words, state) for words, state in zip(STEPS, states, strict=False)]


def brought(found: Status) -> Brought | None:
    """Return how far the backfill is; None where there is none to come or under way."""
    old, _ = found.rows.get(SESSION.name, (None, 0))
    if found.state.phase is not Phase.EXPANDED or old is None:
        return None
    sessions = min(found.state.brought.get("lessons_session", 0), old)
    rate = found.rate
    left = timedelta(seconds=round((old - sessions) / rate)) if rate else None
    return Brought(sessions, old, left)


def came(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return what a replacement brought by table, people first: the database keeps no order."""
    order = list(NEW_TABLES)
    return sorted(
        counts.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order)
    )
