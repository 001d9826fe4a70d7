"""What a change of lessons that come back would do, and what stands against it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.fingerprints import Shown, hash_of
from tandem.kit.ids import new_id
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words
from tandem.lessons import series_rules
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import TEXTS, check_can_go_on, ended_before, hours_of
from tandem.lessons.series_conflicts import (
    Conflict,
    conflicts_of,
    date_of,
    no_such_times,
    shown_lessons,
    shown_series,
)
from tandem.lessons.series_edit_data import (
    Scope,
    SeriesEdit,
    as_people_see,
    hours_on_the_wall,
    inverse_of_many,
    inverse_of_one,
)
from tandem.lessons.series_following import follows
from tandem.lessons.series_locks import LockedSeries, check_ahead, lock_series
from tandem.lessons.series_rules import dates_of, stored_rule
from tandem.lessons.series_weekdays import move_to_weekday
from tandem.lessons.shown import facts_of, shown_relationship
from tandem.people.requester import Requester

NO_DAYS = timedelta(0)
FURTHEST = series_rules.HORIZON
"""So far from its date one lesson moves at most."""


@dataclass(frozen=True)
class EditPlan:
    """What an edit does, or would do.

    ``series`` is the series as it would be. Where only part of it changes, it is a new one, and
    ``before`` the one that ends where it begins. ``sessions`` are those that change, as they would
    be; ``stays`` those of the same dates that do not. ``conflicts`` stand against dates.
    """

    scope: Scope
    series: SessionSeries
    before: SessionSeries | None
    sessions: tuple[Session, ...]
    stays: tuple[Session, ...]
    conflicts: tuple[Conflict, ...]
    was: Mapping[str, Session] = field(default_factory=dict)
    by: timedelta = NO_DAYS
    inverse: SeriesEdit | None = None
    shown: Shown = field(default_factory=dict)
    deed: str = ""
    """The id of the deed; '' in a preview."""


def plan_edit(
    requester: Requester,
    series_id: str,
    edit: SeriesEdit,
    leave_out: Collection[date] | None = (),
    *,
    as_group: bool = False,
    undoes: bool = False,
) -> EditPlan:
    """Lock the series with its people, and return what the edit does; see ``edit_series``.

    ``as_group``: all of its group do the same. Else who gets other hours for good leaves the group.
    ``undoes``: it takes another edit back, so the series stays one unless some of it has begun.
    """
    _check_edit(edit)
    locked = lock_series(requester, series_id)
    if edit.moves:
        check_can_go_on(locked.link, locked.people.tutor, locked.student, was_there=undoes)
    if not as_group:
        edit = _alone(locked.series, edit)
    if edit.scope == "this":
        plan = _of_one(locked, edit, requester.now)
    else:
        plan = _of_many(locked, edit, requester.now, as_group=as_group, undoes=undoes)
    if not undoes:
        _check_some_difference(plan, locked.series)
    if not as_group:
        check_dates_to_change({date_of(one) for one in plan.sessions}, leave_out)
    before = plan.sessions
    plan = _with_conflicts(plan, locked, requester.now, leave_out)
    if leave_out and not as_group:
        check_some_change(plan.sessions)
    if edit.scope == "this":
        plan = _on_the_day_asked_for(plan, before[0], locked.zone)
    seen = {
        f"session:{pk}": hash_of(facts_of(was), "changes" if _has(plan, pk) else "stays")
        for pk, was in plan.was.items()
    }
    shown = {
        **shown_relationship(locked.link),
        **shown_series(locked.series),
        **shown_lessons(plan.sessions, plan.conflicts),
        **seen,
        "edit:": hash_of(edit),
    }
    return replace(plan, shown=shown)


def _check_some_difference(plan: EditPlan, series: SessionSeries) -> None:
    """Refuse what leaves all as it is: no series is cut for nothing."""
    changed = [
        one for one in plan.sessions if as_people_see(one) != as_people_see(plan.was[one.pk])
    ]
    if not changed and as_people_see(series) == as_people_see(plan.series):
        raise ConflictError(
            "as_planned", _("These lessons are like that already. Nothing was changed.")
        )


def _alone(series: SessionSeries, edit: SeriesEdit) -> SeriesEdit:
    """Return an edit of one student's lessons: at other hours they are not the group's any more."""
    if not series.group or not edit.moves or edit.scope == "this" or edit.group is not None:
        return edit
    after, _by = _series_after(series, edit, series.starts_on)
    return (
        edit if hours_on_the_wall(after) == hours_on_the_wall(series) else replace(edit, group="")
    )


def _has(plan: EditPlan, pk: str) -> bool:
    return any(one.pk == pk for one in plan.sessions)


def _check_edit(edit: SeriesEdit) -> None:
    """Refuse what asks for nothing, or for what its scope has no room for."""
    if edit.scope != "all" and edit.since is None:
        raise invalid("since", _("Say from which lesson of the series."))
    if edit.scope == "all" and edit.since is not None:
        raise invalid("since", _("All that are still to come were asked for: name no lesson."))
    if edit.scope == "this" and edit.weekday is not None:
        raise invalid("weekday", _("One lesson moves to a date: give the date."))
    if edit.scope != "this" and edit.on is not None:
        raise invalid("to_date", _("Only one lesson moves to a date: give a weekday for several."))
    if edit.on and edit.since and abs(edit.on - edit.since) > FURTHEST:
        raise invalid("to_date", _("One lesson moves by at most half a year."))
    if edit.minutes is not None:
        series_rules.check_minutes(edit.minutes)
    if edit == SeriesEdit(edit.scope, edit.since):
        raise invalid("scope", _("Say what is to change: a time, a length, a day or a text."))


def _of_one(locked: LockedSeries, edit: SeriesEdit, now: datetime) -> EditPlan:
    """Plan the change of one lesson; the series stays as it is."""
    was = locked.on(edit.since)
    check_ahead(locked.series, was, now)
    session = copy(was)
    series = locked.series
    if edit.moves:
        start = was.starts_at.astimezone(locked.zone)
        span = series_rules.hours_on(
            edit.on or start.date(),
            start.time() if edit.wall_time is None else edit.wall_time,
            series.time_zone,
            edit.minutes or int((was.ends_at - was.starts_at) / timedelta(minutes=1)),
        )
        if span is None:
            raise ConflictError(
                "no_such_time",
                _("The clocks skip this time: it does not exist on that day. Nothing was changed."),
            )
        session.starts_at, session.ends_at = span
    for name, value in edit.texts.items():
        setattr(session, name, value)
    inverse = inverse_of_one(was, edit, locked.zone)
    return EditPlan("this", series, None, (session,), (), (), {was.pk: was}, inverse=inverse)


def _of_many(
    locked: LockedSeries, edit: SeriesEdit, now: datetime, *, as_group: bool, undoes: bool
) -> EditPlan:
    """Plan the change of all that follow the series from a date on, its rule's too.

    One of a group need have no lesson on the very date that the others begin with.
    """
    series, since = locked.series, edit.since
    coming = [one for one in locked.sessions if follows(series, one, now)]
    if edit.scope == "following":
        if not as_group:
            check_ahead(series, locked.on(since), now)
        coming = [one for one in coming if since and date_of(one) >= since]
    if not coming:
        raise ConflictError(
            "nothing_to_come",
            _(
                "No lesson that follows this series is still to come from there, so nothing was "
                "changed. What was moved by hand, or lies after its end, stays where it is."
            ),
        )
    cut = since if edit.scope == "following" and since else date_of(coming[0])
    if undoes:
        cut = _first_with_it(locked, cut, now)
    after, by = _series_after(series, edit, cut)
    is_whole = _is_whole(locked, edit.scope, cut)
    before = None if is_whole else ended_before(series, cut)
    if is_whole:
        after.pk, after.starts_on = series.pk, series.starts_on + by
        after._state.adding = False  # noqa: SLF001 - documented by Django
    later = [one for one in locked.sessions if date_of(one) >= cut]
    new = [_after(one, series, after, by) for one in coming]
    stays = tuple(one for one in later if one not in coming)
    was = {one.pk: one for one in later}
    inverse = inverse_of_many(series, edit, date_of(coming[0]))
    return EditPlan(edit.scope, after, before, tuple(new), stays, (), was, by, inverse)


def _first_with_it(locked: LockedSeries, cut: date, now: datetime) -> date:
    """Return the first date of a series, where nothing before ``cut`` has begun; else ``cut``.

    What was moved or called off by hand before the first that goes back is no reason for two.
    """
    before = [one for one in locked.sessions if date_of(one) < cut]
    has_begun = any(one.starts_at <= now for one in before)
    return cut if has_begun else min(map(date_of, before), default=cut)


def _is_whole(locked: LockedSeries, scope: Scope, cut: date) -> bool:
    """Tell whether nothing of a series stays as it is before a date."""
    if scope == "all":
        return all(date_of(one) >= cut for one in locked.sessions)
    series = locked.series
    days = dates_of(stored_rule(series.rule), series.first_date, cut)
    return not any(day >= series.starts_on for day in days)


def _series_after(
    series: SessionSeries, edit: SeriesEdit, cut: date
) -> tuple[SessionSeries, timedelta]:
    """Return the series from ``cut`` on as it would be, and by how much its dates move."""
    after = copy(series)
    after.pk, after._state = new_id(), copy(series._state)  # noqa: SLF001 - documented by Django
    after._state.adding = True  # noqa: SLF001 - as above
    after.starts_on = cut
    by = _move(after, edit.weekday) if edit.weekday else NO_DAYS
    after.wall_time = after.wall_time if edit.wall_time is None else edit.wall_time
    after.minutes = edit.minutes or after.minutes
    if edit.group is not None:
        after.group = edit.group or None
    for name, value in edit.texts.items():
        setattr(after, name, value)
    return after, by


def _move(series: SessionSeries, weekday: str) -> timedelta:
    """Move a series to another weekday, with its window."""
    found = move_to_weekday(stored_rule(series.rule), series.first_date, weekday)
    series.rule, series.first_date = str(found.rule), found.first_date
    series.starts_on += found.by
    series.planned_until += found.by
    if series.ends_on:
        series.ends_on += found.by
    return found.by


def _after(one: Session, series: SessionSeries, after: SessionSeries, by: timedelta) -> Session:
    """Return a session as the series would have it; a text that was written by hand stays."""
    session = copy(one)
    session.series_date = date_of(one) + by
    if span := hours_of(after, session.series_date):
        session.starts_at, session.ends_at = span
    if after.group != series.group:
        session.group = after.group
    for name in TEXTS:
        if getattr(one, name) == getattr(series, name):
            setattr(session, name, getattr(after, name))
    return session


def check_dates_to_change(dates: Collection[date], leave_out: Collection[date] | None) -> None:
    """Refuse to leave out what is none of the ``dates`` that would change: InvalidError."""
    if strange := {*(leave_out or ())} - {*dates}:
        raise invalid(
            "leave_out",
            _("{strange} is not a date of a lesson that would change.").format(
                strange=day_in_words(min(strange))
            ),
        )


def check_some_change(sessions: Collection[Session]) -> None:
    """Refuse to leave out all that would change: InvalidError."""
    if not sessions:
        raise invalid("leave_out", _("That leaves no lesson to change, so nothing was changed."))


def _with_conflicts(
    plan: EditPlan, locked: LockedSeries, now: datetime, leave_out: Collection[date] | None
) -> EditPlan:
    """Return a plan with what stands against it, and without what is left out.

    What is left out stays where it is, and may so come into the way of others.
    """
    found = {*_conflicts(plan, plan.sessions, locked, now)}
    while True:
        left = dates_left_out(found, leave_out)
        kept = tuple(one for one in plan.sessions if date_of(one) not in left)
        more = {*_conflicts(plan, kept, locked, now)} - found
        if not more:
            break
        found |= more
    stays = [plan.was[one.pk] for one in plan.sessions if one not in kept]
    ordered = tuple(sorted(found, key=lambda one: (one.date, one.code)))
    return replace(plan, sessions=kept, stays=(*plan.stays, *stays), conflicts=ordered)


def _on_the_day_asked_for(plan: EditPlan, session: Session, zone: ZoneInfo) -> EditPlan:
    """Return a plan whose conflicts stand on the day to which its one lesson would move."""
    day = session.starts_at.astimezone(zone).date()
    return replace(plan, conflicts=tuple(replace(one, date=day) for one in plan.conflicts))


def dates_left_out(
    conflicts: Collection[Conflict], leave_out: Collection[date] | None
) -> set[date]:
    """Return the dates that are left out: those given, or with None whatever cannot be."""
    return {one.date for one in conflicts} if leave_out is None else {*leave_out}


def _conflicts(
    plan: EditPlan, sessions: Sequence[Session], locked: LockedSeries, now: datetime
) -> Iterator[Conflict]:
    """Yield what stands against sessions that get other hours."""
    moving = [one for one in sessions if is_moved(plan, one)]
    yield from conflicts_of(moving, locked.people)
    yield from (Conflict(date_of(one), "in_the_past") for one in moving if one.starts_at <= now)
    if plan.scope != "this":
        yield from no_such_times(plan.series, [date_of(one) for one in sessions])


def is_moved(plan: EditPlan, one: Session) -> bool:
    """Tell whether a session of the plan gets other hours."""
    was = plan.was[one.pk]
    return (one.starts_at, one.ends_at) != (was.starts_at, was.ends_at)
