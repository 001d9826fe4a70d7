"""Who learns with whom, at which hour of the week, and how many lessons there are to be.

Every student of a tutor has a weekly hour of their own, so that no two lessons of one tutor meet.
A tutor with more students than hours sees each of them every second, third, … week instead.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from random import Random
from zoneinfo import ZoneInfo

from tandem.sample import prose
from tandem.sample.values import DAY, HOUR, MINUTE, cuid, midnight

LONDON = ZoneInfo("Europe/London")

OPEN, CLOSE = 8, 21  # the hours between which lessons lie, on every day of the week
HOURS = tuple(product(range(7), range(OPEN, CLOSE)))
LIKED = frozenset(product(range(5), range(15, 20))) | frozenset(product((5,), range(9, 13)))
# Where in its hour a lesson begins, and how long it is, in minutes.
LENGTHS = ((0, 60), (0, 60), (0, 60), (0, 60), (0, 45), (15, 45), (0, 30), (30, 30))

PAST_WEEKS = 520  # ten years: nobody's history is longer
IDLE_WEEKS = 40  # how long ago an inactive student may have stopped
AHEAD_WEEKS = 8
SPARE_WEEKS = 20  # for the weeks of Christmas that are left out
FUTURE_SHARE = (
    0.165  # of an active student's lessons; 15% of all, as one student in ten is inactive
)
INACTIVE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Pupil:
    """A student, with the lessons at ``first``, ``first + step``, … ``last`` (weeks of a Calendar).

    ``created`` and the lesson's place in its week (``weekday``, ``begin``) are in milliseconds;
    ``length`` too. A student without lessons has ``last < first``.
    """

    id: str
    tutor: int
    subject: str
    active: bool
    created: int
    weekday: int
    begin: int
    length: int
    first: int
    last: int
    step: int


class Calendar:
    """Teaching weeks around ``today``, numbered from 0; the week of Christmas is left out."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.begin_of_today = midnight(today)
        monday = today - timedelta(days=today.weekday())
        around = range(-PAST_WEEKS - IDLE_WEEKS - SPARE_WEEKS, AHEAD_WEEKS + 3)
        weeks = [monday + timedelta(weeks=week) for week in around]
        self.mondays = [week for week in weeks if week == monday or not _christmas(week)]
        self.this_week = self.mondays.index(monday)
        self._midnights = [
            _london_midnight(monday + timedelta(days=day))
            for monday in self.mondays
            for day in range(7)
        ]

    def start(self, week: int, weekday: int, begin: int) -> int:
        """Return the moment ``begin`` milliseconds into a day, by the clocks of London."""
        return self._midnights[week * 7 + weekday] + begin

    def next_week(self, weekday: int) -> int:
        """Return the first week whose ``weekday`` is today or later."""
        return self.this_week + (weekday < self.today.weekday())


def _christmas(monday: date) -> bool:
    return monday <= date(monday.year, 12, 25) < monday + timedelta(weeks=1)


def _london_midnight(day: date) -> int:
    """Clocks change before dawn: from eight o'clock on, noon's offset holds for the whole day."""
    noon = datetime.combine(day, time(12), LONDON).astimezone(UTC)
    return midnight(noon.date()) + noon.hour * HOUR - 12 * HOUR


def share(total: int, weights: list[int]) -> list[int]:
    """Divide ``total`` in proportion to ``weights``, exactly and in whole numbers."""
    whole, running, given, parts = sum(weights), 0, 0, []
    for weight in weights:
        running += weight
        upto = total * running // whole
        parts.append(upto - given)
        given = upto
    return parts


def share_within(total: int, weights: list[int], rooms: list[int]) -> list[int]:
    """Divide ``total`` (at most the sum of ``rooms``) as ``share`` does, no part above its room."""
    parts = [min(part, room) for part, room in zip(share(total, weights), rooms, strict=True)]
    left = total - sum(parts)
    if not left:
        return parts
    spare = [room - part for part, room in zip(parts, rooms, strict=True)]
    return [part + more for part, more in zip(parts, share(left, spare), strict=True)]


def long_tailed(rng: Random, count: int, spread: float) -> list[int]:
    """Return positive weights of which a few are many times the usual one."""
    return [int(rng.lognormvariate(0, spread) * 1000) + 1 for _ in range(count)]


def turns(students: int) -> int:
    """Return every how many weeks a tutor with so many students sees each of them."""
    return -(-students // len(HOURS)) or 1


@dataclass(frozen=True)
class Loads:
    """How many students each tutor has, and how many lessons the sample can hold for them."""

    students: list[int]

    @classmethod
    def draw(cls, rng: Random, *, tutors: int, students: int) -> "Loads":
        return cls(share(students, long_tailed(rng, tutors, 0.8)) if tutors else [])

    @property
    def rooms(self) -> list[int]:
        """The most lessons each student can have, students in the order of their tutors."""
        return [PAST_WEEKS // turns(count) for count in self.students for _ in range(count)]


def pupils(rng: Random, calendar: Calendar, loads: Loads, sessions: int) -> list[Pupil]:
    """Place every student of every tutor, with ``sessions`` lessons in all."""
    rooms = loads.rooms
    lessons = iter(share_within(sessions, long_tailed(rng, len(rooms), 0.5), rooms))
    placed: list[Pupil] = []
    for tutor, count in enumerate(loads.students):
        hours = _hours(rng)
        for number in range(count):
            turn, hour = divmod(number, len(hours))
            placing = _Placing(rng, calendar, tutor, hours[hour], turn, turns(count))
            placed.append(placing.pupil(len(placed), next(lessons)))
    return placed


def _hours(rng: Random) -> list[tuple[int, int]]:
    """Return the hours of the week in the order in which a tutor gives them away."""
    liked = [hour for hour in HOURS if hour in LIKED]
    others = [hour for hour in HOURS if hour not in LIKED]
    rng.shuffle(liked)
    rng.shuffle(others)
    return liked + others


@dataclass(frozen=True, slots=True)
class _Placing:
    """One student's hour: weeks ``turn``, ``turn + step``, ``turn + 2 step``, … are theirs."""

    rng: Random
    calendar: Calendar
    tutor: int
    hour: tuple[int, int]
    turn: int
    step: int

    def pupil(self, number: int, lessons: int) -> Pupil:
        rng = self.rng
        weekday, hour = self.hour
        offset, length = LENGTHS[rng.getrandbits(3)]
        begin = hour * HOUR + offset * MINUTE
        active = rng.random() >= INACTIVE_SHARE
        first = self._first(weekday, lessons, active=active)
        last = first + (lessons - 1) * self.step
        created = self._created(first, begin, lessons)
        return Pupil(
            id=cuid(created, number, rng.getrandbits(40)),
            tutor=self.tutor,
            subject=prose.subject(rng),
            active=active,
            created=created,
            weekday=weekday,
            begin=begin,
            length=length * MINUTE,
            first=first,
            last=last,
            step=self.step,
        )

    def _first(self, weekday: int, lessons: int, *, active: bool) -> int:
        """Return the week of the first lesson, so that the right share of them is still to come."""
        week = self.calendar.next_week(weekday)
        ahead = week + (self.turn - week) % self.step
        if not active:
            idle = self.rng.randrange(IDLE_WEEKS) // self.step
            return ahead - (lessons + idle) * self.step
        future = min(int(lessons * FUTURE_SHARE + self.rng.random()), AHEAD_WEEKS // self.step)
        return ahead - (lessons - future) * self.step

    def _created(self, first: int, begin: int, lessons: int) -> int:
        """A student is written down a week or more before the first lesson, never after today."""
        latest = self.calendar.begin_of_today - 8 * DAY - int(self.rng.random() * 12 * DAY)
        if not lessons:
            return latest - self.rng.randrange(400) * DAY
        start = self.calendar.start(first, self.hour[0], begin)
        return latest + min(start - self.calendar.begin_of_today, 0)
