"""Planning lessons that come back: every date at once, what stands against any named beforehand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.fingerprints import Shown, check_expected
from tandem.kit.ids import new_id
from tandem.kit.language import gettext as _
from tandem.kit.time import business_day, day_in_words, is_zone, zone_or_business
from tandem.kit.transactions import one_transaction
from tandem.lessons import cover_rules, rules, series_rules
from tandem.lessons.deeds import Kind, Part, record_deed
from tandem.lessons.history import What, line, write
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series_conflicts import (
    Conflict,
    LeftOut,
    check_none,
    conflicts_of,
    in_date_order,
    no_such_times,
    shown_lessons,
    shown_series,
)
from tandem.lessons.shown import shown_relationship
from tandem.lessons.steps import REFUSALS, LockedLinks, lock_links
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import EventStamp, state_of
from tandem.relationships.models import TutorStudent

TEXTS = ("title", "location", "meeting_link")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class NewSeries:
    """What is asked for: ``rule`` as it was written, the times on the wall in ``time_zone``.

    ``time_zone`` '' is the tutor's. ``texts`` are any of ``TEXTS``. ``together`` are ids of further
    relationships of the same tutor, whose students are taught with this one; ``absent`` are dates
    on which one of them alone has no lesson, each with the id of the relationship.
    """

    tutor_student_id: str
    rule: str
    first_date: date
    wall_time: time
    minutes: int
    time_zone: str = ""
    texts: dict[str, str | None] = field(default_factory=dict)
    together: tuple[str, ...] = ()
    absent: Collection[tuple[str, date]] = ()

    @property
    def links(self) -> list[str]:
        """The ids of all the relationships that it is planned in, each once."""
        return list(dict.fromkeys([self.tutor_student_id, *self.together]))


@dataclass(frozen=True)
class SeriesPlan:
    """A series with its sessions, made or to be made, and what stands against any of its dates.

    ``others`` are those of a group that are taught together with it; ``sessions`` are all of them.
    """

    series: SessionSeries
    sessions: tuple[Session, ...]
    conflicts: tuple[Conflict, ...]
    shown: Shown = field(default_factory=dict)
    others: tuple[SessionSeries, ...] = ()
    deed: str = ""
    """The id of the deed; '' in a preview."""

    @property
    def every(self) -> tuple[SessionSeries, ...]:
        """All that are planned."""
        return (self.series, *self.others)

    @property
    def empty(self) -> tuple[SessionSeries, ...]:
        """Those that would have no lesson at all: the deed is refused then."""
        return _empty(self.every, self.sessions)


@one_transaction(REFUSALS, keep=False)
def preview_series(
    *, requester: Requester, wanted: NewSeries, leave_out: Collection[date] | None = ()
) -> SeriesPlan:
    """Return what ``plan_series`` would plan, with every conflict, also of what is left out."""
    return _planned(requester, wanted, leave_out)


@one_transaction(REFUSALS)
def plan_series(
    *,
    requester: Requester,
    wanted: NewSeries,
    leave_out: Collection[date] | None = (),
    expect: str | None = None,
) -> SeriesPlan:
    """Plan lessons that come back in a relationship, or in several of one tutor taught together.

    By an owner or its tutor.

    ``leave_out`` are dates of the rule that get no lesson; None leaves out whatever cannot be: of a
    group a date for all of them, or for who alone cannot.
    ConflictError ``clashes`` lists what stands against each other date, and nothing is planned.
    InvalidError for a rule without dates or with too many, a zone that is none, a date to leave
    out that is not the rule's. ``expect`` is the fingerprint of the preview that was looked at.
    """
    plan = _planned(requester, wanted, leave_out)
    check_expected(expect, plan.shown)
    left = LeftOut.of(plan.conflicts, leave_out, _absent(plan.every, wanted))
    check_none([one for one in plan.conflicts if not left.answers(one)])
    _check_some_left(plan.every, plan.sessions, wanted)
    return replace(plan, deed=write_series(plan, requester))


def _check_some_left(
    every: Iterable[SessionSeries],
    lessons: Sequence[Session],
    wanted: NewSeries,
    field_name: str = "leave_out",
) -> None:
    """Refuse a series without any lesson: whoever it is for is none of the group."""
    for row in _empty(every, lessons):
        is_alone = row.tutor_student_id in {pk for pk, _day in wanted.absent}
        raise invalid(
            "absent" if is_alone else field_name,
            _("That leaves no lesson at all for {student}, so nothing was planned.").format(
                student=row.tutor_student.student.full_name
            ),
        )


def _empty(every: Iterable[SessionSeries], lessons: Iterable[Session]) -> tuple[SessionSeries, ...]:
    """Return those of series (saved or not) that none of the lessons is of."""
    with_some = {one.tutor_student_id for one in lessons}
    return tuple(row for row in every if row.tutor_student_id not in with_some)


def write_series(
    plan: SeriesPlan, requester: Requester, told: Mapping[str, Any] | None = None
) -> str:
    """Write new series with their sessions, and return the id of the deed.

    ``told`` is what undoing it has to know beside.
    """
    SessionSeries.objects.bulk_create(plan.every)
    write(line(one, What.PLANNED, requester=requester) for one in plan.sessions)
    Session.objects.bulk_create(plan.sessions)
    parts = [Part(one.tutor_student, {"series": one.pk, **(told or {})}) for one in plan.every]
    return record_deed(Kind.SERIES_PLAN, parts, EventStamp(requester, plan.series.first_date))


def _planned(
    requester: Requester, wanted: NewSeries, leave_out: Collection[date] | None
) -> SeriesPlan:
    viewer = requester.viewer
    locked = lock_links(viewer, *wanted.links)
    own = locked.tutor.pk == viewer.tutor_id
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=own)
    links = [locked.links[pk] for pk in wanted.links]
    rules.check_students_differ([one.student_id for one in links])
    for link in links:
        check_can_go_on(link, locked.tutor, locked.students[link.student_id])
    group = new_id() if wanted.together else None
    each = [_series(wanted, link, locked, requester.now, group) for link in links]
    _check_some_left((row for row, days in each if not days), (), wanted, "first_date")
    longest = max(each, key=lambda one: len(one[1]))
    _check_dates_of_it(longest[1], leave_out)
    _check_dates_of_it(longest[1], {day for _pk, day in wanted.absent}, "absent")
    lessons = [one for row, days in each for one in lessons_on(row, locked, days, requester.now)]
    skipped = no_such_times(*longest)
    conflicts = in_date_order([*skipped, *conflicts_of(lessons, locked)])
    lessons.sort(key=lambda one: one.starts_at)
    every = tuple(row for row, _days in each)
    absent = _absent(every, wanted)
    if leave_out or absent:
        named = LeftOut.of((), leave_out or (), absent)
        _check_some_left(every, [one for one in lessons if not named.has(one)], wanted)
    left = LeftOut.of(conflicts, leave_out, absent)
    kept = tuple(one for one in lessons if not left.has(one))
    shown = _shown(links, every, lessons, conflicts)
    return SeriesPlan(every[0], kept, conflicts, shown, every[1:])


def _shown(
    links: Sequence[TutorStudent],
    every: Sequence[SessionSeries],
    lessons: Sequence[Session],
    conflicts: Sequence[Conflict],
) -> Shown:
    parts = [*map(shown_relationship, links), *map(shown_series, every)]
    parts.append(shown_lessons(lessons, conflicts))
    return {key: value for part in parts for key, value in part.items()}


def _absent(every: Sequence[SessionSeries], wanted: NewSeries) -> set[tuple[date, str]]:
    """Return who alone has no lesson on which dates: the students' ids."""
    students = {one.tutor_student_id: one.tutor_student.student_id for one in every}
    if strange := {pk for pk, _day in wanted.absent} - students.keys():
        raise invalid(
            "absent", _("{strange} is not one of these relationships.").format(strange=min(strange))
        )
    return {(day, students[pk]) for pk, day in wanted.absent}


def _series(
    wanted: NewSeries, link: TutorStudent, locked: LockedLinks, now: datetime, group: str | None
) -> tuple[SessionSeries, list[date]]:
    """Return the series that is asked for, and the dates that are planned at once."""
    zone = wanted.time_zone or zone_or_business(locked.tutor.time_zone)
    if not is_zone(zone):
        raise invalid(
            "time_zone",
            _("{zone} is not a time zone. Write one like Europe/London.").format(zone=zone),
        )
    series_rules.check_minutes(wanted.minutes)
    series_rules.check_first_date(wanted.first_date, business_day(now))
    rule = series_rules.read_rule(wanted.rule, wall_time=wanted.wall_time, zone=zone)
    horizon = business_day(now) + series_rules.HORIZON
    days = series_rules.first_dates(rule, wanted.first_date, horizon)
    until = max(horizon, wanted.first_date + series_rules.HORIZON, days[-1] + DAY)
    ends_on = None if rule.is_endless else days[-1] + DAY
    over_on = state_of(link).ends_on
    if ends_on is None and over_on is not None:
        # What goes on by itself goes on as long as the relationship does.
        days = [day for day in days if day < over_on]
    series = SessionSeries(
        tutor_student=link,
        group=group,
        rule=str(rule),
        first_date=wanted.first_date,
        starts_on=wanted.first_date,
        ends_on=ends_on,
        planned_until=ends_on or min(until, over_on or until),
        wall_time=wanted.wall_time,
        minutes=wanted.minutes,
        time_zone=zone,
        created_at=now,
        **wanted.texts,
    )
    return series, days


def _check_dates_of_it(
    days: Sequence[date], leave_out: Collection[date] | None, field_name: str = "leave_out"
) -> None:
    if strange := {*(leave_out or ())} - {*days}:
        raise invalid(
            field_name,
            _("{strange} is not a date of this series.").format(strange=day_in_words(min(strange))),
        )


def ended_before(series: SessionSeries, on: date) -> SessionSeries:
    """Return a copy of a series that ends before a date, not saved."""
    one = copy(series)
    one.ends_on = max(on, one.starts_on)
    one.planned_until = min(one.planned_until, one.ends_on)
    return one


def check_can_go_on(
    link: TutorStudent, tutor: Tutor, student: Student, *, was_there: bool = False
) -> None:
    """Refuse new lessons in a relationship that has no room for any: ConflictError.

    A pause refuses what is new, not what ``was_there`` and comes back.
    """
    cover_rules.check_not_cover(state_of(link))
    people = {"tutor_active": tutor.active, "student_active": student.active}
    if was_there:
        rules.check_people_active(**people)
    else:
        rules.check_bookable(state_of(link), **people)


def why_not_planned_on(link: TutorStudent) -> str:
    """Return why a relationship's series plan nothing more at present, else ''."""
    try:
        check_can_go_on(link, link.tutor, link.student)
    except ConflictError as refusal:
        return str(refusal)
    return ""


def lessons_on(
    series: SessionSeries, locked: LockedLinks, days: Sequence[date], now: datetime
) -> list[Session]:
    """Return a session, not saved, for each date on which clocks show the series' time."""
    hours = [(day, hours_of(series, day)) for day in days]
    return [lesson_at(series, locked, day, span, now) for day, span in hours if span]


def hours_of(series: SessionSeries, day: date) -> tuple[datetime, datetime] | None:
    """Return when the lesson of a date is, as the series has it; None where clocks skip it."""
    return series_rules.hours_on(day, series.wall_time, series.time_zone, series.minutes)


def lesson_at(
    series: SessionSeries,
    locked: LockedLinks,
    day: date,
    span: tuple[datetime, datetime],
    now: datetime,
) -> Session:
    """Return the session, not saved, of one date at hours that may be others than the series'."""
    link = locked.links[series.tutor_student_id]
    texts: dict[str, Any] = {name: getattr(series, name) for name in TEXTS}
    return Session(
        tutor_student=link,
        tutor=locked.tutor,
        student=locked.students[link.student_id],
        starts_at=span[0].astimezone(UTC),
        ends_at=span[1].astimezone(UTC),
        series=series,
        series_date=day,
        group=series.group,
        created_at=now,
        **texts,
    )
