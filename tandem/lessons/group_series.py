"""Weekly lessons of several students taught together: changing, skipping and stopping for all.

Each student's series stays in its own relationship. What is done to the group is planned for each
before any of it is written; who has no lesson there to change stays as it is.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.fingerprints import Shown, check_expected, merged
from tandem.kit.language import gettext as _
from tandem.kit.transactions import ChangedMeanwhileError, one_transaction
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.deeds import Kind, Part, record_deed
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.queries import one_series, taught_together
from tandem.lessons.series_conflicts import (
    CHOOSE_ANOTHER,
    CHOOSE_OTHERS,
    Conflict,
    LeftOut,
    check_none,
    date_of,
    in_date_order,
)
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edit_plans import (
    EditPlan,
    check_dates_to_change,
    check_some_change,
    plan_edit,
)
from tandem.lessons.series_edits import carry_out_edit, to_undo
from tandem.lessons.series_exceptions import (
    SkipPlan,
    StopPlan,
    check_date_of_it,
    preview_skip,
    restore_date,
    skip_date,
    stop_planned,
    write_stop,
)
from tandem.lessons.series_skips import who_had_it
from tandem.lessons.steps import REFUSALS, lock_links
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import EventStamp

P = TypeVar("P")
R = TypeVar("R")
NOTHING_THERE = frozenset(
    {"nothing_to_come", "no_lesson", "not_ahead", "held_by_another", "has_stopped", "as_planned"}
)
"""Why one of a group stays as it is while the others change: there is nothing of it to change."""


@dataclass(frozen=True)
class GroupEdit:
    """What an edit does to a whole group: a plan for each whose lessons change."""

    plans: tuple[EditPlan, ...]
    deed: str = ""
    """The id of the deed; '' in a preview."""

    @property
    def series(self) -> SessionSeries:
        """The series that was asked for, as it would be."""
        return self.plans[0].series

    @property
    def before(self) -> SessionSeries | None:
        """The part of it that stays as it is, if one does."""
        return self.plans[0].before

    @property
    def sessions(self) -> list[Session]:
        """Those of all that change."""
        return in_order(one for plan in self.plans for one in plan.sessions)

    @property
    def stays(self) -> list[Session]:
        """Those of the same dates that do not."""
        return in_order(one for plan in self.plans for one in plan.stays)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """What stands against any of them."""
        return in_date_order(one for plan in self.plans for one in plan.conflicts)

    @property
    def shown(self) -> Shown:
        """What a preview shows of it."""
        return merged(plan.shown for plan in self.plans)


def in_order(sessions: Iterable[Session]) -> list[Session]:
    """Return sessions by start, those of one hour in the order in which they came."""
    return sorted(sessions, key=lambda one: one.starts_at)


def lock_group(viewer: Viewer, series_id: str) -> list[SessionSeries]:
    """Lock everybody in a series' group, and its sessions; return its series, that one first."""
    seen = _group(viewer, series_id)
    people = lock_links(viewer, *(one.tutor_student_id for one in seen))
    is_own = people.tutor.pk == viewer.tutor_id
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=is_own)
    there = _group(viewer, series_id)
    if {one.tutor_student_id for one in there} - {one.tutor_student_id for one in seen}:
        raise ChangedMeanwhileError
    rows = Session.objects.select_for_update(no_key=True).filter(series__in=there)
    [*rows.order_by("pk").values_list("pk")]
    return there


def _group(viewer: Viewer, series_id: str) -> list[SessionSeries]:
    asked = one_series(viewer, series_id)
    return sorted(taught_together(viewer, asked), key=lambda one: one.pk != series_id)


@one_transaction(REFUSALS, keep=False)
def preview_group_edit(
    *,
    requester: Requester,
    series_id: str,
    edit: SeriesEdit,
    leave_out: Collection[date] | None = (),
) -> GroupEdit:
    """Return what ``edit_group`` would change, with every conflict, also of what is left out."""
    return _plan_edit(requester, series_id, edit, leave_out)


@one_transaction(REFUSALS)
def edit_group(
    *,
    requester: Requester,
    series_id: str,
    edit: SeriesEdit,
    leave_out: Collection[date] | None = (),
    expect: str | None = None,
) -> GroupEdit:
    """Change lessons of all in a series' group, as ``edit_series`` does those of one; all or none.

    With ``leave_out`` None a date stays as it is for all, or for who alone cannot.
    """
    plan = _plan_edit(requester, series_id, edit, leave_out)
    check_expected(expect, plan.shown)
    left = LeftOut.of(plan.conflicts, leave_out)
    remedy = CHOOSE_ANOTHER if edit.scope == "this" else CHOOSE_OTHERS
    check_none([one for one in plan.conflicts if not left.answers(one)], remedy=remedy)
    check_some_change(plan.sessions)
    for one in plan.plans:
        carry_out_edit(one, requester)
    told = {"whole_group": True}
    parts = [Part(one.series.tutor_student, {**to_undo(one), **told}) for one in plan.plans]
    moment = EventStamp(requester, plan.series.starts_on)
    return replace(plan, deed=record_deed(Kind.SERIES_EDIT, parts, moment))


def _plan_edit(
    requester: Requester, series_id: str, edit: SeriesEdit, leave_out: Collection[date] | None
) -> GroupEdit:
    rows = lock_group(requester.viewer, series_id)
    plans = for_each(rows, lambda row: plan_edit(requester, row.pk, edit, leave_out, as_group=True))
    dates = {date_of(one) for plan in plans for one in (*plan.sessions, *plan.stays)}
    check_dates_to_change(dates, leave_out)
    plan = GroupEdit(tuple(plans))
    if leave_out:
        check_some_change(plan.sessions)
    return plan


def for_each(rows: Iterable[R], planned: Callable[[R], P]) -> list[P]:
    """Return a plan for each of a group that has something to change.

    The refusal of the first where none has.
    """
    found: list[P] = []
    refused: list[ConflictError] = []
    for row in rows:
        try:
            found.append(planned(row))
        except ConflictError as refusal:
            if refusal.reason not in NOTHING_THERE:
                raise
            refused.append(refusal)
    if not found:
        raise refused[0] if refused else NotFoundError("series", "")
    return found


@one_transaction(REFUSALS, keep=False)
def preview_group_skip(
    *, requester: Requester, series_id: str, day: date, cancelling: Cancelling | None = None
) -> list[SkipPlan]:
    """Return what ``skip_group_date`` would do for each, and change nothing."""
    return _skips(requester, series_id, day, cancelling)


def _skips(
    requester: Requester, series_id: str, day: date, cancelling: Cancelling | None
) -> list[SkipPlan]:
    rows = lock_group(requester.viewer, series_id)
    return for_each(
        rows,
        lambda row: preview_skip(
            requester=requester, series_id=row.pk, day=day, cancelling=cancelling
        ),
    )


@one_transaction(REFUSALS)
def skip_group_date(
    *,
    requester: Requester,
    series_id: str,
    day: date,
    cancelling: Cancelling | None = None,
    expect: str | None = None,
) -> list[SkipPlan]:
    """Let one date have no lesson for anybody in the group; see ``skip_date``."""
    plans = _skips(requester, series_id, day, cancelling)
    check_expected(expect, merged(one.shown for one in plans))
    for pk in [one.session.series_id for one in plans]:
        if pk:
            skip_date(requester=requester, series_id=pk, day=day, cancelling=cancelling)
    return plans


@one_transaction(REFUSALS)
def restore_group_date(*, requester: Requester, series_id: str, day: date) -> list[Session]:
    """Let one date have its lesson again for who has lost it, as the series have it; all or none.

    Who was left out of that date alone stays so. One that was left out for all comes back for all.
    """
    rows = lock_group(requester.viewer, series_id)
    check_date_of_it(rows[0], day)
    theirs = [one for one in rows if has_window(one, day)]
    had_it = who_had_it(theirs, day) or theirs
    try:
        done = for_each(
            had_it, lambda row: restore_date(requester=requester, series_id=row.pk, day=day)
        )
        return [one for lessons in done for one in lessons]
    except ConflictError as refusal:
        if refusal.reason == "as_planned" and rows[0] not in had_it:
            raise _left_out_alone(rows[0], refusal.reason) from refusal
        raise


def _left_out_alone(series: SessionSeries, reason: str) -> ConflictError:
    name = series.tutor_student.student.full_name
    return ConflictError(
        reason,
        _(
            "{student} alone has no lesson on that date, the others have theirs. Restore it for "
            "{student} alone. Nothing was changed."
        ).format(student=name),
    )


def has_window(series: SessionSeries, day: date) -> bool:
    """Tell whether a date lies within the part of its rule that a series has."""
    until = min(series.planned_until, series.ends_on or series.planned_until)
    return series.starts_on <= day < until


@one_transaction(REFUSALS, keep=False)
def preview_group_stop(*, requester: Requester, series_id: str, on: date) -> StopPlan:
    """Return what ``stop_group`` would remove, and change nothing."""
    return _together(_stops(requester, series_id, on))


@one_transaction(REFUSALS)
def stop_group(
    *, requester: Requester, series_id: str, on: date, expect: str | None = None
) -> StopPlan:
    """Let all series of a group end before the date ``on``; see ``stop_series``."""
    plans = _stops(requester, series_id, on)
    plan = _together(plans)
    check_expected(expect, plan.shown)
    parts = [write_stop(one, requester) for one in plans]
    return replace(plan, deed=record_deed(Kind.SERIES_STOP, parts, EventStamp(requester, on)))


def _stops(requester: Requester, series_id: str, on: date) -> list[StopPlan]:
    rows = lock_group(requester.viewer, series_id)
    return for_each(rows, lambda row: stop_planned(requester, row.pk, on))


def _together(plans: Sequence[StopPlan]) -> StopPlan:
    return StopPlan(
        plans[0].series,
        plans[0].was,
        tuple(in_order(one for plan in plans for one in plan.removed)),
        tuple(in_order(one for plan in plans for one in plan.stays)),
        merged(plan.shown for plan in plans),
    )
