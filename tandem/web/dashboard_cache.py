"""An overview's numbers: in a large business they are counted once a minute, not at every look."""

import time as clock
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import caches

from tandem.insights.dashboard import Dashboard, dashboard
from tandem.kit import time
from tandem.kit.time import business_day
from tandem.upgrade.unplaced.placing import how_many_undecided
from tandem.web.reader import PageRequest

KEPT_FOR = timedelta(minutes=1)
LONG = timedelta(milliseconds=100)
"""Numbers that take no longer to count are counted at every look."""
WROTE_AT = "wrote_at"
"""Where the session keeps when its account last changed something here."""


@dataclass(frozen=True)
class Counted:
    """Numbers, and the moment at which they were right.

    ``undecided`` are the old rows without a place, and plans that the older application overtook.
    """

    numbers: Dashboard
    undecided: int
    at: datetime


def counted(request: PageRequest) -> Counted:
    """Return the reader's numbers, not older than a minute nor than the reader's last change."""
    viewer, zone, now = request.reader.viewer, request.reader.zone, request.reader.now
    key = f"numbers:{viewer.account.pk if viewer.account else ''}:{zone}"
    kept: Counted | None = caches["worker"].get(key)
    if kept and kept.at > _last_change(request, now - KEPT_FOR):
        return kept
    begun = clock.perf_counter()
    numbers = dashboard(viewer, now=now, zone=zone)
    found = Counted(numbers, how_many_undecided(business_day(now)) if viewer.is_owner else 0, now)
    if clock.perf_counter() - begun > LONG.total_seconds():
        caches["worker"].set(key, found, KEPT_FOR.total_seconds())
    return found


def note_change(request: PageRequest) -> None:
    """Remember that the reader has changed something, and wants to see it counted."""
    request.session[WROTE_AT] = time.utc_now().isoformat()


def _last_change(request: PageRequest, otherwise: datetime) -> datetime:
    wrote = request.session.get(WROTE_AT)
    return max(otherwise, datetime.fromisoformat(wrote)) if wrote else otherwise
