"""Who is free in which hours, of all tutors at once and of many hours: arrays by position."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tandem.insights.assignment import Ints
from tandem.insights.matching import Hours, free_at
from tandem.kit.time import zone_or_business
from tandem.lessons.models import Availability
from tandem.people.models import Tutor

Kept = tuple[int, datetime, datetime]
"""The position of a tutor, and from when to when something keeps them."""
INSIDE, OUTSIDE, NOT_STATED = 1, 0, -1
Key = tuple[int, time, time]
"""Hours of one day on the wall: the weekday, from when, to when."""


class KeptTimes:
    """What keeps tutors, in order, so that what meets some hours is found at once."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        rows = sorted((one.timestamp(), end.timestamp(), at) for at, one, end in kept)
        self.starts, self.ends, who = np.array(rows, dtype=np.float64).reshape(-1, 3).T
        self.who = who.astype(np.int64)
        self.longest = float(max(self.ends - self.starts, default=0))

    def at(self, hours: Hours) -> Ints:
        """Return the positions of who is kept in these hours, some of them twice."""
        first, last = hours.starts_at.timestamp(), hours.ends_at.timestamp()
        since, until = np.searchsorted(self.starts, [first - self.longest, last])
        return self.who[since:until][self.ends[since:until] > first]


class StatedTimes:
    """The weeks that tutors stated. What is the same on the wall is asked of each of them once."""

    def __init__(
        self, tutors: Sequence[Tutor], weeks: Mapping[str, Sequence[Availability]]
    ) -> None:
        self.tutors, self.weeks = tutors, weeks
        self.by_zone: dict[str, list[int]] = {}
        for at, tutor in enumerate(tutors):
            self.by_zone.setdefault(zone_or_business(tutor.time_zone), []).append(at)
        self.known: dict[tuple[str, Key], NDArray[np.int8]] = {}

    def at(self, hours: Hours) -> NDArray[np.int8]:
        """Return for each tutor ``INSIDE``, ``OUTSIDE`` or ``NOT_STATED``."""
        found = np.full(len(self.tutors), NOT_STATED, dtype=np.int8)
        for zone, positions in self.by_zone.items():
            found[positions] = self._in_zone(zone, positions, hours)
        return found

    def _in_zone(self, zone: str, positions: Sequence[int], hours: Hours) -> NDArray[np.int8]:
        clock = ZoneInfo(zone)
        starts, ends = hours.starts_at.astimezone(clock), hours.ends_at.astimezone(clock)
        if starts.date() != ends.date() or starts.utcoffset() != ends.utcoffset():
            return self._asked(positions, hours)  # The wall does not say all of it.
        key = zone, (starts.weekday(), starts.time(), ends.time())
        if key not in self.known:
            self.known[key] = self._asked(positions, hours)
        return self.known[key]

    def _asked(self, positions: Sequence[int], hours: Hours) -> NDArray[np.int8]:
        tutors = (self.tutors[at] for at in positions)
        free = (free_at(self.weeks.get(one.pk), one, hours) for one in tutors)
        return np.array([NOT_STATED if one is None else int(one) for one in free], dtype=np.int8)
