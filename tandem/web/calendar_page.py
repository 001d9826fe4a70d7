"""A calendar as shapes on a grid: lessons, hours and people in; columns with rows and lanes out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from tandem.insights.calendar import AwayTutor, Free, Lesson
from tandem.kit.dates import short_day_words
from tandem.kit.language import gettext as _
from tandem.kit.time import local_date, zone_or_business
from tandem.web.addresses import address
from tandem.web.calendar_axis import A_DAY, ROWS_IN_HOUR, Axis, Clock, axis_of
from tandem.web.calendar_lanes import Span, lanes_of, widths_of
from tandem.web.lines import CLOCK, SCHEDULED, SESSION_WORDS, ends_words, named

MOST_LANES = 3


@dataclass(frozen=True, slots=True)
class Block:
    """A lesson on the grid; ``mark`` says how it stands unless it is only planned."""

    url: str
    move_url: str
    span: Span
    lane: int
    lanes: int
    starts: str
    ends: str
    student: str
    subject: str
    tutor: str
    status: str
    mark: str

    @property
    def about(self) -> str:
        """What is taught, and by whom where that is said."""
        return ", ".join(filter(None, (self.subject, self.tutor)))

    @property
    def words(self) -> str:
        """All that there is to say of it, whether there is room for it or not."""
        with_tutor = _("with {tutor}").format(tutor=self.tutor) if self.tutor else ""
        hours = _("{starts} to {ends}").format(starts=self.starts, ends=self.ends)
        return ", ".join(filter(None, (self.student, hours, self.mark, self.subject, with_tutor)))

    @property
    def is_short(self) -> bool:
        """Whether there is room for one line only."""
        return self.span.end - self.span.start < ROWS_IN_HOUR * 3 // 4

    @property
    def classes(self) -> str:
        """Where it lies, how it stands, and whether it is short."""
        short = " short" if self.is_short else ""
        return f"{self.status} {self.span.classes} of{self.lanes} lane{self.lane}{short}"


@dataclass(frozen=True, slots=True)
class HourCell:
    """An hour that can be clicked; ``at`` is '' where the clocks leave it out."""

    span: Span
    label: str
    at: str

    @property
    def query(self) -> str:
        """The hour as it stands in an address."""
        return quote(self.at)


@dataclass(frozen=True, slots=True)
class Shade:
    """Rows that are shaded: when a tutor is ``free``, ``off``, or the business ``closed``."""

    span: Span
    kind: str
    words: str = ""


@dataclass(slots=True)
class Column:
    """A day, or a tutor's: ``more`` lessons are not shown; ``now`` is the row of this moment.

    ``plan`` is the address where a lesson of one of its hours is planned, up to that hour.
    """

    date: date
    title: str
    tutor_id: str = ""
    closed: str = ""
    plan: str = ""
    now: int | None = None
    more: int = 0
    away: list[str] = field(default_factory=list)
    hours: list[HourCell] = field(default_factory=list)
    shades: list[Shade] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """What is to be laid out: the facts of the days that are shown, in the zone of the reader.

    ``names_tutor``: the lessons that are shown are not all of one tutor. ``all_hours``: also those
    in which nothing is.
    """

    zone: str
    now: datetime
    lessons: Sequence[Lesson]
    free: Sequence[Free] = ()
    away: Sequence[AwayTutor] = ()
    closed: Mapping[date, str] = field(default_factory=dict)
    names_tutor: bool = True
    elapsed: bool = False
    all_hours: bool = False

    def clock(self, day: date) -> Clock:
        """Return the clock of a day."""
        return Clock(day, self.zone, self.elapsed)


def columns_of_week(wanted: Wanted, days: Sequence[date]) -> tuple[Axis, list[Column]]:
    """Return the axis that all days share, and a column for each."""
    axis = _axis(wanted, days)
    by_day: dict[date, list[Lesson]] = {day: [] for day in days}
    for lesson in wanted.lessons:
        by_day[local_date(lesson.starts_at, wanted.zone)].append(lesson)
    shown = [Column(day, short_day_words(day)) for day in days]
    for column in shown:
        _fill(wanted, axis, column, by_day[column.date], None)
    return axis, shown


def columns_of_tutors(
    wanted: Wanted, day: date, tutors: Sequence[tuple[str, str]]
) -> tuple[Axis, list[Column]]:
    """Return the axis of a day, and a column for each tutor (id and name)."""
    axis = _axis(wanted, [day])
    shown = [Column(day, name, tutor_id) for tutor_id, name in tutors]
    for column in shown:
        own = [one for one in wanted.lessons if one.tutor_id == column.tutor_id]
        _fill(wanted, axis, column, own, {column.tutor_id})
    return axis, shown


def hour_labels(axis: Axis, clock: Clock) -> list[tuple[Span, str]]:
    """Return what stands beside each hour of an axis."""
    return [(_rows_of_hour(axis, hour), clock.label(hour)) for hour in range(axis.first, axis.last)]


def _axis(wanted: Wanted, days: Sequence[date]) -> Axis:
    clocks = [wanted.clock(day) for day in days]
    lessons = ((one.starts_at, one.ends_at) for one in wanted.lessons)
    moments = [*lessons, *((starts, ends) for day in days for starts, ends in _free(wanted, day))]
    spans = [
        (max(clock.minutes(starts), 0), min(clock.minutes(ends), clock.hours * 60))
        for starts, ends in moments
        for clock in clocks
        if 0 <= clock.minutes(starts) < clock.hours * 60
    ]
    hours = max(clock.hours for clock in clocks)
    return axis_of(hours, [*spans, (0, hours * 60)] if wanted.all_hours else spans)


def _fill(
    wanted: Wanted,
    axis: Axis,
    column: Column,
    lessons: Sequence[Lesson],
    tutor_ids: Collection[str] | None,
) -> None:
    """Lay out a column: what is clicked, what is shaded, and lessons in their lanes."""
    clock = wanted.clock(column.date)
    column.now = axis.row(clock, wanted.now)
    column.closed = wanted.closed.get(column.date, "")
    column.hours = [_hour(axis, clock, hour) for hour in range(axis.first, axis.last)]
    column.shades = [
        *_free_shades(wanted, axis, clock, tutor_ids),
        *_off_shades(wanted, axis, clock, column, tutor_ids),
    ]
    spans = [axis.span(clock, one.starts_at, one.ends_at) for one in lessons]
    lanes = lanes_of(spans)
    placed = zip(lessons, spans, lanes, widths_of(spans, lanes), strict=True)
    column.blocks = [
        _block(wanted, lesson, span, lane, min(width, MOST_LANES))
        for lesson, span, lane, width in placed
        if lane < MOST_LANES
    ]
    number = lessons[0].number if lessons and tutor_ids is None else len(lessons)
    column.more = number - len(column.blocks)


def _hour(axis: Axis, clock: Clock, hour: int) -> HourCell:
    moment = clock.moment(hour)
    at = f"{moment.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%MZ}" if moment else ""
    return HourCell(_rows_of_hour(axis, hour), clock.label(hour), at)


def _rows_of_hour(axis: Axis, hour: int) -> Span:
    row = (hour - axis.first) * ROWS_IN_HOUR
    return Span(row, row + ROWS_IN_HOUR)


def _block(wanted: Wanted, lesson: Lesson, span: Span, lane: int, lanes: int) -> Block:
    zone = ZoneInfo(wanted.zone)
    planned = lesson.status == SCHEDULED
    starts, ends = lesson.starts_at.astimezone(zone), lesson.ends_at.astimezone(zone)
    return Block(
        url=address("session", lesson.id),
        move_url=f"{address('session', lesson.id)}/move" if planned else "",
        span=span,
        lane=lane,
        lanes=lanes,
        starts=starts.strftime(CLOCK),
        ends=ends_words(starts, ends),
        student=named(lesson.student_name),
        subject=lesson.subject or "",
        tutor=lesson.tutor_name if wanted.names_tutor else "",
        status=lesson.status,
        mark="" if planned else str(SESSION_WORDS[lesson.status]),
    )


def _free(wanted: Wanted, day: date) -> list[tuple[datetime, datetime]]:
    """Return when somebody is free on a day, as moments; on their clock it may be a day beside."""
    return [
        (datetime.combine(near, one.starts, zone), datetime.combine(near, one.ends, zone))
        for one in wanted.free
        for zone in [ZoneInfo(zone_or_business(one.zone))]
        for near in (day - A_DAY, day, day + A_DAY)
        if near.weekday() == one.weekday
    ]


def _free_shades(
    wanted: Wanted, axis: Axis, clock: Clock, tutor_ids: Collection[str] | None
) -> Iterable[Shade]:
    own = [one for one in wanted.free if tutor_ids is None or one.tutor_id in tutor_ids]
    mine = Wanted(wanted.zone, wanted.now, (), own)
    return _shades(axis, clock, _free(mine, clock.day), "free")


def _off_shades(
    wanted: Wanted, axis: Axis, clock: Clock, column: Column, tutor_ids: Collection[str] | None
) -> Iterable[Shade]:
    """Shade when the one tutor of a column is away; of others, only say who is."""
    away = [one for one in wanted.away if tutor_ids is None or one.tutor_id in tutor_ids]
    off = [one for one in away if _touches(one, clock)]
    column.away = list(dict.fromkeys(one.tutor_name for one in off))
    if wanted.names_tutor and tutor_ids is None:
        return []
    return _shades(axis, clock, [(one.starts_at, one.ends_at) for one in off], "off")


def _shades(
    axis: Axis, clock: Clock, hours: Iterable[tuple[datetime, datetime]], kind: str
) -> list[Shade]:
    day = (axis.first * 60, axis.last * 60)
    return [
        Shade(axis.span(clock, starts, ends), kind)
        for starts, ends in hours
        if clock.minutes(starts) < day[1] and clock.minutes(ends) > day[0]
    ]


def _touches(off: AwayTutor, clock: Clock) -> bool:
    """Tell whether somebody is away for some of a day; the end itself is not included."""
    last = local_date(off.ends_at - timedelta(microseconds=1), clock.zone)
    return local_date(off.starts_at, clock.zone) <= clock.day <= last
