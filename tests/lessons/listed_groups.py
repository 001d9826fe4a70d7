"""What there is of weekly groups, told plainly: each series as a line, each lesson in a list."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tandem.lessons.models import Session, SessionSeries


@dataclass(frozen=True)
class Line:
    """One series: whose, the part of the rule that it has, at which hour, with whom."""

    pk: str
    link: str
    tutor: str
    starts_on: date
    ends_on: date | None
    hour: int
    title: str | None
    group: str | None

    def has(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True)
class Lesson:
    """One lesson as the list has it."""

    pk: str
    line: str
    day: date
    starts_at: datetime
    status: str
    title: str | None
    group: str | None


def all_lines() -> list[Line]:
    rows = SessionSeries.objects.select_related("tutor_student").order_by("pk")
    return [
        Line(
            one.pk,
            one.tutor_student_id,
            one.tutor_student.tutor_id,
            one.starts_on,
            one.ends_on,
            one.wall_time.hour,
            one.title,
            one.group,
        )
        for one in rows
    ]


def all_lessons() -> list[Lesson]:
    rows = Session.objects.filter(series_date__isnull=False).order_by("pk").values_list(
        "pk", "series", "series_date", "starts_at", "status", "title", "group"
    )  # fmt: skip
    each: Iterable[Any] = rows
    return [Lesson(*row) for row in each]


def facts() -> tuple[Any, ...]:
    """Return who has which lessons, and with whom, without the names of groups and series."""
    lines_there, lessons_there = all_lines(), all_lessons()
    links = {one.pk: one.link for one in lines_there}
    with_whom = Counter((one.group, one.starts_at) for one in lessons_there)
    met = sorted(
        (
            links[one.line],
            one.day,
            one.starts_at,
            one.status,
            one.title or "",
            with_whom[one.group, one.starts_at] if one.group else 0,
        )
        for one in lessons_there
    )
    members = Counter(one.group for one in lines_there)
    planned = sorted(
        (
            one.link,
            one.starts_on,
            str(one.ends_on),
            one.hour,
            one.title or "",
            members[one.group],
        )
        for one in lines_there
    )
    return met, planned


def without_cuts(told: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return facts in which parts that go on alike are one: each is undone by itself."""
    met, planned = told
    whole: list[list[Any]] = []
    for link, starts_on, ends_on, hour, title, _members in planned:
        last = whole[-1] if whole else []
        if last and [last[0], last[2], *last[3:]] == [link, str(starts_on), hour, title]:
            last[2] = ends_on
        else:
            whole.append([link, starts_on, ends_on, hour, title])
    return met, whole
