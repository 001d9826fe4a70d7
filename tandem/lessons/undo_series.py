"""Undoing what was done to weekly lessons: changing them, stopping them."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import Shown
from tandem.kit.language import gettext_lazy
from tandem.lessons.history import What, line, write
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import check_can_go_on, lessons_on
from tandem.lessons.series_conflicts import (
    Conflict,
    by_date,
    conflicts_of,
    date_of,
    no_such_times,
    shown_lessons,
    shown_series,
)
from tandem.lessons.series_edit_data import SeriesEdit, edit_of
from tandem.lessons.series_edit_plans import EditPlan, plan_edit
from tandem.lessons.series_edits import carry_out_edit, state_of
from tandem.lessons.series_exceptions import KEPT
from tandem.lessons.series_handed_over import join_again, shown_parts
from tandem.lessons.series_locks import lock_series
from tandem.people.requester import Requester

CHANGED_AGAIN = gettext_lazy(
    "These lessons were changed again since, so this is not undone over it. Undo the later change "
    "first, or change them as they should be."
)


@dataclass(frozen=True)
class GoingOn:
    """A series that was stopped, and the lessons that come back to it; ``left`` cannot, and why.

    Then it goes on up to, not on, ``until``; None: it has no end.
    """

    series: SessionSeries
    sessions: tuple[Session, ...]
    left: tuple[Conflict, ...]
    until: date | None
    shown: Shown = field(default_factory=dict)


def plan_inverse(
    requester: Requester,
    details: Mapping[str, Any],
    *,
    tutor_student_id: str,
    as_group: bool = False,
) -> EditPlan:
    """Lock a series and return what takes its edit back, of lessons that followed it since.

    What cannot be as before stays as it is. ConflictError ``changed_since`` where the series, or
    the one lesson, was changed again since, or is of another relationship than the edit's by now.
    """
    inverse = edit_of(details["inverse"])
    locked = lock_series(requester, details["series"])
    one = locked.found(inverse.since) if inverse.scope == "this" else None
    links = {row.tutor_student_id for row in (locked.series, one) if row is not None}
    is_same = state_of(_as_it_ended(locked.series, details), one) == details["after"]
    if links != {tutor_student_id} or not is_same:
        raise ConflictError("changed_since", CHANGED_AGAIN)
    plan = plan_edit(
        requester,
        details["series"],
        _as_planned_now(inverse, locked.series) if details.get("followed") else inverse,
        leave_out=None,
        as_group=as_group,
        undoes=True,
    )
    return replace(plan, shown={**plan.shown, **shown_parts(tutor_student_id, _cut(details))})


def _cut(details: Mapping[str, Any]) -> tuple[str, str]:
    """Return the ids of the two parts that an edit made of a series; '' for what it did not."""
    return details["before"] or "", details["series"]


def _as_planned_now(inverse: SeriesEdit, series: SessionSeries) -> SeriesEdit:
    """Return what lets one lesson follow its series again, which may be at another hour since."""
    if not inverse.moves:
        return inverse
    day = inverse.since
    return replace(inverse, on=day, wall_time=series.wall_time, minutes=series.minutes)


def _as_it_ended(series: SessionSeries, details: Mapping[str, Any]) -> SessionSeries:
    """Return a series with the end that its edit left it, where it goes on further since.

    It was stopped before the edit and goes on again: what came back has the hours that the edit
    gave it. One that ends sooner was stopped since, and that is undone first.
    """
    ended = details.get("ends_on")
    day = date.fromisoformat(ended) if ended else None
    if day is None or (series.ends_on is not None and series.ends_on < day):
        return series
    found = copy(series)
    found.ends_on = day
    return found


def carry_out_inverse(plan: EditPlan, requester: Requester, details: Mapping[str, Any]) -> None:
    """Carry out what ``plan_inverse`` planned, and let the two parts be one series again.

    So are two that a hand-over made, if it was undone while they were not alike. Others stay two,
    however alike: what was done to either is undone by itself.
    """
    carry_out_edit(plan, requester)
    series = SessionSeries.objects.filter(pk=details["series"]).first()
    if series is None:
        return
    join_again(series.tutor_student_id, requester.now, _cut(details))


def plan_going_on(requester: Requester, details: Mapping[str, Any]) -> GoingOn:
    """Lock a series that was stopped and return the lessons that come back.

    Dates that cannot have theirs are left out, with why; so are those that lie behind by now.
    ConflictError ``changed_since`` where it was changed or stopped again since.
    """
    locked = lock_series(requester, details["series"])
    series, removed = locked.series, details["removed"]
    if series.ends_on is None or series.ends_on.isoformat() != details["stopped"]:
        raise ConflictError("changed_since", CHANGED_AGAIN)
    check_can_go_on(locked.link, locked.people.tutor, locked.student, was_there=True)
    ids = {date.fromisoformat(one["date"]): pk for pk, one in removed.items()}
    lessons = lessons_on(series, locked.people, sorted(ids), requester.now)
    ahead = [one for one in lessons if one.starts_at > requester.now]
    for one in ahead:
        one.pk = ids[date_of(one)]
        for name in KEPT:
            setattr(one, name, removed[one.pk][name])
    _let_go_on_in_their_groups(series, ahead)
    left = (
        *(Conflict(date_of(one), "in_the_past") for one in lessons if one not in ahead),
        *no_such_times(series, sorted(ids)),
        *conflicts_of(ahead, locked.people),
    )
    without = {one.date for one in left}
    back = tuple(one for one in ahead if date_of(one) not in without)
    until = date.fromisoformat(details["ends_on"]) if details["ends_on"] else None
    parts = shown_parts(series.tutor_student_id)
    shown = {**shown_series(series), **shown_lessons(ahead, left), **parts}
    return GoingOn(series, back, tuple(sorted(left, key=by_date)), until, shown)


def _let_go_on_in_their_groups(series: SessionSeries, lessons: Sequence[Session]) -> None:
    """Let lessons be of their series' group where nobody is left of the one that they were of."""
    others = {one.group for one in lessons} - {series.group, None}
    held = Session.objects.filter(group__in=others).values_list("group", "starts_at")
    there = {*held} if others else set()
    for one in lessons:
        if one.group != series.group and (one.group, one.starts_at) not in there:
            one.group = series.group


def go_on(plan: GoingOn, requester: Requester, details: Mapping[str, Any]) -> None:
    """Carry out what ``plan_going_on`` planned."""
    series = plan.series
    series.ends_on = plan.until
    series.planned_until = date.fromisoformat(details["planned_until"])
    series.save(update_fields=["ends_on", "planned_until", "updated_at"])
    write(line(one, What.PLANNED, requester=requester) for one in plan.sessions)
    Session.objects.bulk_create(plan.sessions)
    join_again(series.tutor_student_id, requester.now)
