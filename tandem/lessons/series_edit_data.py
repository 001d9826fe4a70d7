"""An edit of a series as a value: what is asked for, how JSON has it, and what takes it back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import TEXTS
from tandem.lessons.series_weekdays import WEEKDAYS

Scope = Literal["this", "following", "all"]


@dataclass(frozen=True)
class SeriesEdit:
    """What is to change, and of which lessons; what is None or not named stays as it is.

    ``since`` is the date of the series that ``this`` and ``following`` begin with. ``on`` is
    another date for this one, ``weekday`` (``series_weekdays.WEEKDAYS``) another for the others.
    """

    scope: Scope
    since: date | None = None
    on: date | None = None
    weekday: str | None = None
    wall_time: time | None = None
    minutes: int | None = None
    texts: Mapping[str, str | None] = field(default_factory=dict)
    group: str | None = None
    """Of which group they are from then on; '' leaves the group."""

    @property
    def moves(self) -> bool:
        """Whether lessons get other hours by it."""
        return any((self.on, self.weekday, self.wall_time is not None, self.minutes is not None))


def as_data(edit: SeriesEdit | None) -> dict[str, Any]:
    """Return an edit as JSON has it, without what it leaves as it is."""
    facts = asdict(edit) if edit else {}
    return {
        name: value.isoformat() if isinstance(value, date | time) else value
        for name, value in facts.items()
        if value not in (None, {})
    }


def edit_of(data: Mapping[str, Any]) -> SeriesEdit:
    """Return the edit that ``as_data`` wrote."""
    dates = {name: date.fromisoformat(data[name]) for name in ("since", "on") if name in data}
    clock = {"wall_time": time.fromisoformat(data["wall_time"])} if "wall_time" in data else {}
    return SeriesEdit(**{**data, **dates, **clock})


def inverse_of_one(was: Session, edit: SeriesEdit, zone: ZoneInfo) -> SeriesEdit:
    """Return the edit that puts one lesson back to its hours and texts."""
    start = was.starts_at.astimezone(zone)
    hours: dict[str, Any] = {
        "on": start.date(),
        "wall_time": start.time(),
        "minutes": int((was.ends_at - was.starts_at) / timedelta(minutes=1)),
    }
    texts = {name: getattr(was, name) for name in edit.texts}
    return SeriesEdit("this", was.series_date, **(hours if edit.moves else {}), texts=texts)


def inverse_of_many(series: SessionSeries, edit: SeriesEdit, first: date) -> SeriesEdit:
    """Return the edit that gives what follows the changed series its day, time and texts back."""
    return SeriesEdit(
        "all",
        weekday=WEEKDAYS[first.weekday()] if edit.weekday else None,
        wall_time=None if edit.wall_time is None else series.wall_time,
        minutes=None if edit.minutes is None else series.minutes,
        texts={name: getattr(series, name) for name in edit.texts},
        group=None if edit.group is None else series.group or "",
    )


def hours_on_the_wall(series: SessionSeries) -> tuple[date, time, int]:
    """Return when the lessons of a series are: what its dates are counted from, time, minutes."""
    return series.first_date, series.wall_time, series.minutes


def as_people_see(one: Session | SessionSeries) -> tuple[object, ...]:
    """Return all of a lesson or a series that an edit can make another."""
    hours = (one.starts_at, one.ends_at) if isinstance(one, Session) else hours_on_the_wall(one)
    return (*hours, one.group, *(getattr(one, name) for name in TEXTS))
