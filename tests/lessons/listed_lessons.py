"""A naive list of every lesson that comes back, told date by date, the long way round."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tandem.kit.time import business_day, business_days
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_weekdays import WEEKDAYS
from tests.cast import TERM, Cast

WEEK = timedelta(weeks=1)
GONE = "gone"


@dataclass(frozen=True)
class Part:
    """What the lessons from some date on have in common."""

    series_id: str
    tutor_id: str
    wall_time: time
    minutes: int
    title: str | None


@dataclass(frozen=True)
class Lesson:
    """One date of the list, with what became of it."""

    day: date
    part: Part
    starts_at: datetime
    ends_at: datetime
    status: str
    tutor_id: str
    title: str | None
    by_hand: bool = False

    @property
    def row(self) -> tuple[Any, ...]:
        """What has to stand in the database."""
        where = (self.part.series_id, self.day, self.tutor_id)
        return (*where, self.starts_at, self.ends_at, self.status, self.title)


def moment(day: date, wall: time, zone: str) -> datetime | None:
    """Return when clocks first show a time; None where they skip it."""
    local = datetime.combine(day, wall, ZoneInfo(zone))
    found = local.astimezone(UTC)
    return (
        found
        if found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local.replace(tzinfo=None)
        else None
    )


class ListedLessons:
    """The list, and what would become of it: who teaches when, what is closed, what is taken."""

    cast: Cast
    zone: str
    every: int
    now: datetime
    lessons: list[Lesson]
    others: list[tuple[datetime, datetime, str]]
    closed: dict[str, tuple[date, date]]
    handed_over: date | None
    paused: set[str]

    def more(self, part: Part, first: date, before: date, count: int) -> None:
        """List the dates from ``first`` on as planned, but where they cannot be."""
        day = first
        while count and day < before:
            lesson = self.as_planned(part, day)
            status = "scheduled" if self.may_be([lesson]) else GONE
            self.lessons.append(replace(lesson, status=status))
            day, count = day + self.every * WEEK, count - 1

    def as_planned(self, part: Part, day: date) -> Lesson:
        """Return a lesson as its part has it; where clocks skip its time it lies far behind."""
        starts = moment(day, part.wall_time, self.zone) or datetime(2000, 1, 1, tzinfo=UTC)
        ends = starts + timedelta(minutes=part.minutes)
        return Lesson(day, part, starts, ends, "scheduled", part.tutor_id, part.title)

    def may_be(self, lessons: list[Lesson], instead: list[Lesson] | None = None) -> bool:
        """Tell, the long way round, whether lessons can be where they are."""
        going = instead or []
        stays = [
            (one.starts_at, one.ends_at)
            for one in self.lessons
            if one not in going and one.status in {"scheduled", "completed"}
        ]
        taken = [*stays, *((start, end) for start, end, _ in self.others)]
        for number, one in enumerate(lessons):
            others = [(two.starts_at, two.ends_at) for two in lessons[number + 1 :]]
            if one.starts_at <= self.now or not self.teaches(one) or self.is_closed(one):
                return False
            if any(one.starts_at < end and start < one.ends_at for start, end in taken + others):
                return False
        return True

    def is_closed(self, one: Lesson) -> bool:
        """Tell whether any of its hours are on a day on which the business is closed."""
        first, last = business_days(one.starts_at, one.ends_at)
        return any(first < end and start <= last for start, end in self.closed.values())

    def teaches(self, one: Lesson) -> bool:
        """Tell whether its tutor teaches Ana on its day, on the business's clock."""
        day = business_day(one.starts_at)
        cut = self.handed_over
        if one.tutor_id == self.cast.dev.pk:
            return cut is not None and day >= cut
        return day >= TERM and (cut is None or day < cut)

    def follows(self, one: Lesson) -> bool:
        return (
            one.status == "scheduled"
            and one.starts_at > self.now
            and not one.by_hand
            and one.tutor_id == one.part.tutor_id
        )

    def some(self, which: int) -> Lesson:
        """Return a lesson, mostly one of the next."""
        near = [one for one in self.lessons if one.starts_at > self.now][:8] or self.lessons
        return near[which % len(near)]

    def round_of(self, one: Lesson) -> list[Lesson]:
        """Return a lesson and those without which it cannot go back: each is where one belongs."""
        found = [one]
        while True:
            last = found[-1]
            place = self.as_planned(last.part, last.day)
            there = [
                two
                for two in self.lessons
                if two != last
                and two.part.series_id == one.part.series_id
                and two.status == "scheduled"
                and two.starts_at < place.ends_at
                and place.starts_at < two.ends_at
            ]
            if len(there) != 1 or there[0] in found[1:]:
                return [one]
            (other,) = there
            if other == one:
                return found
            back = self.as_planned(other.part, other.day)
            if not self.is_ahead(other) or back.starts_at <= self.now:
                return [one]
            found.append(other)

    def put(self, before: Lesson, after: Lesson) -> None:
        self.lessons[self.lessons.index(before)] = after

    def edited(
        self, one: Lesson, change: SeriesEdit, *, whole: bool = False
    ) -> list[tuple[Lesson, Lesson]] | None:
        """Return each lesson that would be another, before and after; None where it cannot be."""
        if change == SeriesEdit(change.scope, change.since):
            return None
        own = [other for other in self.lessons if other.part.series_id == one.part.series_id]
        coming = [other for other in own if self.follows(other)]
        if change.scope == "following":
            if not self.is_ahead(one):
                return None
            coming = [other for other in coming if other.day >= one.day]
        if not coming:
            return None
        cut = one.day if change.scope == "following" else coming[0].day
        there = [other for other in own if other.status != GONE]
        if whole or (change.scope == "all" and all(other.day >= cut for other in there)):
            cut = date.min
        later = [other for other in own if other.day >= cut]
        if change.moves and one.part.tutor_id in self.paused:
            return None
        part = self.part_after(one.part, change)
        by = timedelta()
        if change.weekday:
            by = timedelta(days=WEEKDAYS.index(change.weekday) - one.day.weekday())
        if part == one.part and not by:
            return None
        pairs = [(other, self.lesson_after(other, part, by, coming)) for other in later]
        moved = [pair for pair in pairs if pair[0].starts_at != pair[1].starts_at
                 or pair[0].ends_at != pair[1].ends_at]  # fmt: skip
        fine = self.may_be([after for _, after in moved], [before for before, _ in moved])
        return pairs if fine else None

    def is_ahead(self, one: Lesson) -> bool:
        """Tell whether it is still to come and its own part's tutor holds it."""
        is_own = one.tutor_id == one.part.tutor_id
        return one.status == "scheduled" and one.starts_at > self.now and is_own

    def part_after(self, part: Part, change: SeriesEdit) -> Part:
        return replace(
            part,
            wall_time=part.wall_time if change.wall_time is None else change.wall_time,
            minutes=change.minutes or part.minutes,
            title=change.texts.get("title", part.title),
        )

    def lesson_after(self, one: Lesson, part: Part, by: timedelta, coming: list[Lesson]) -> Lesson:
        day = one.day + by
        if one not in coming:
            return replace(one, day=day, part=part)
        title = part.title if one.title == one.part.title else one.title
        return replace(self.as_planned(part, day), title=title)

    def is_from(self, one: Lesson, on: date) -> bool:
        """Tell whether its part has it on a day or later, on the business's clocks."""
        planned = datetime.combine(one.day, one.part.wall_time, ZoneInfo(self.zone))
        return business_day(planned) >= on
