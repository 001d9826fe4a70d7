"""Changing lessons that come back: this one, this and what follows, or all that is still to come.

What was held, missed, called off, has begun, was moved by hand or is covered by another tutor stays
as it is, and keeps its place in the series.
"""

from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from tandem.kit.fingerprints import check_expected, hash_of
from tandem.kit.transactions import one_transaction
from tandem.lessons.deeds import Kind, Part, record_deed
from tandem.lessons.history import What, line, moved, write
from tandem.lessons.models import Session, SessionEvent, SessionSeries
from tandem.lessons.series import TEXTS
from tandem.lessons.series_conflicts import CHOOSE_ANOTHER, CHOOSE_OTHERS, check_none, date_of
from tandem.lessons.series_edit_data import SeriesEdit, as_data
from tandem.lessons.series_edit_plans import (
    EditPlan,
    check_some_change,
    dates_left_out,
    is_moved,
    plan_edit,
)
from tandem.lessons.series_following import is_as_planned
from tandem.lessons.steps import REFUSALS, Status
from tandem.people.requester import Requester
from tandem.relationships.events import EventStamp


@one_transaction(REFUSALS, keep=False)
def preview_series_edit(
    *,
    requester: Requester,
    series_id: str,
    edit: SeriesEdit,
    leave_out: Collection[date] | None = (),
) -> EditPlan:
    """Return what ``edit_series`` would change, with every conflict, also of what is left out."""
    return plan_edit(requester, series_id, edit, leave_out)


@one_transaction(REFUSALS)
def edit_series(
    *,
    requester: Requester,
    series_id: str,
    edit: SeriesEdit,
    leave_out: Collection[date] | None = (),
    expect: str | None = None,
) -> EditPlan:
    """Change lessons of a series that are still to come, by an owner or its tutor.

    ``leave_out`` are dates (as they would be) whose lesson stays as it is; None leaves out whatever
    cannot be. ConflictError ``clashes`` lists what stands against each other date, and nothing is
    changed; ``nothing_to_come`` where no lesson follows the series any more. ``expect`` is the
    fingerprint of the preview that was looked at.
    """
    plan = plan_edit(requester, series_id, edit, leave_out)
    check_expected(expect, plan.shown)
    left = dates_left_out(plan.conflicts, leave_out)
    remedy = CHOOSE_ANOTHER if edit.scope == "this" else CHOOSE_OTHERS
    check_none([one for one in plan.conflicts if one.date not in left], remedy=remedy)
    check_some_change(plan.sessions)
    carry_out_edit(plan, requester)
    part = Part(plan.series.tutor_student, to_undo(plan))
    deed = record_deed(Kind.SERIES_EDIT, [part], EventStamp(requester, plan.series.starts_on))
    return replace(plan, deed=deed)


def carry_out_edit(plan: EditPlan, requester: Requester) -> None:
    """Write what ``plan_edit`` planned."""
    _write(plan, requester.now)
    write(_lines(plan, requester))


def to_undo(plan: EditPlan) -> dict[str, Any]:
    """Return what taking an edit back has to know: of which series, and the edit that does it."""
    ends_on, one = plan.series.ends_on, plan.sessions[0] if plan.scope == "this" else None
    return {
        "series": plan.series.pk,
        "before": plan.before.pk if plan.before else None,
        "ends_on": ends_on and ends_on.isoformat(),
        "inverse": as_data(plan.inverse),
        "followed": one is not None and is_as_planned(plan.series, plan.was[one.pk]),
        "after": state_of(plan.series, one),
    }


def state_of(series: SessionSeries, session: Session | None) -> str:
    """Return a text that is another once a series, or one session of it, was changed again.

    Whoever holds it: see ``plan_inverse``.
    """
    if session is not None:
        return hash_of(session.pk, *(getattr(session, name) for name in OF_SESSION))
    return hash_of(*(getattr(series, name) for name in OF_SERIES))


OF_SESSION = ("starts_at", "ends_at", "status", *TEXTS)
OF_SERIES = (
    *("rule", "first_date", "starts_on", "ends_on", "wall_time", "minutes", "time_zone"),
    *TEXTS,
)


def _write(plan: EditPlan, now: datetime) -> None:
    if plan.scope != "this":
        _write_series(plan)
    # The diary's constraints hold after each row, and one lesson may take the hours that another
    # leaves; so all leave it for a moment, which nobody sees, under everybody's locks.
    ids = [one.pk for one in plan.sessions if is_moved(plan, one)]
    Session.objects.filter(pk__in=ids).update(status=Status.CANCELLED)
    for one in plan.sessions:
        one.updated_at = now
    fields = ["starts_at", "ends_at", "status", "group", *TEXTS, "updated_at"]
    Session.objects.bulk_update(plan.sessions, fields)


def _write_series(plan: EditPlan) -> None:
    """Write the series, and give every lesson from there on its place in it."""
    if plan.before is not None:
        plan.before.save(update_fields=["ends_on", "planned_until", "updated_at"])
    plan.series.save(force_insert=plan.before is not None)
    rows = [copy(one) for one in plan.was.values()]
    for row in rows:
        row.series_id, row.series_date = plan.series.pk, date_of(row) + plan.by
    Session.objects.bulk_update(rows, ["series", "series_date"])


def _lines(plan: EditPlan, requester: Requester) -> Iterator[SessionEvent]:
    for one in plan.sessions:
        was = plan.was[one.pk]
        if is_moved(plan, one):
            details = moved((was.starts_at, was.ends_at), one)
            yield line(one, What.MOVED, requester=requester, details=details)
        fields = [name for name in TEXTS if getattr(one, name) != getattr(was, name)]
        if fields:
            yield line(one, What.EDITED, requester=requester, details={"fields": fields})
