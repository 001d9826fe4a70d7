"""One date of a series: skipping it, bringing it back; and stopping a series from a date on.

A date without a session is the exception itself; see ``SessionSeries``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.fingerprints import Shown, check_expected
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words
from tandem.kit.transactions import one_transaction
from tandem.lessons.actions import cancel
from tandem.lessons.cancelling import CancelPlan, preview_cancel
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.deeds import Kind, Part, record_deed
from tandem.lessons.history import What, line, moved, write
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import DAY, check_can_go_on, ended_before, hours_of, lessons_on
from tandem.lessons.series_conflicts import (
    CLEAR_IT,
    check_none,
    conflicts_of,
    date_of,
    no_such_times,
    shown_series,
)
from tandem.lessons.series_following import follows
from tandem.lessons.series_locks import LockedSeries, check_ahead, lock_series
from tandem.lessons.series_places import in_each_others_places
from tandem.lessons.series_rules import dates_of, stored_rule
from tandem.lessons.series_skips import write_removals
from tandem.lessons.shown import shown_sessions
from tandem.lessons.steps import REFUSALS, Status
from tandem.people.requester import Requester
from tandem.relationships.events import EventStamp

KEPT = ("title", "notes", "homework", "location", "meeting_link", "progress", "group")
"""What is written about a lesson that is removed, and comes back with it."""


@dataclass(frozen=True)
class SkipPlan:
    """A lesson that is left out: removed, or called off as ``cancel`` says."""

    session: Session
    cancel: CancelPlan | None
    shown: Shown


@one_transaction(REFUSALS, keep=False)
def preview_skip(
    *, requester: Requester, series_id: str, day: date, cancelling: Cancelling | None = None
) -> SkipPlan:
    """Return what ``skip_date`` would do, refused as it would be, and change nothing."""
    locked = lock_series(requester, series_id)
    return _skip_planned(locked, requester, day, cancelling)


@one_transaction(REFUSALS)
def skip_date(
    *,
    requester: Requester,
    series_id: str,
    day: date,
    cancelling: Cancelling | None = None,
    expect: str | None = None,
) -> SkipPlan:
    """Let one date of a series have no lesson; it is not made again, but can be restored.

    Return what was planned, and done.

    Where ``cancelling`` says who asked and why, the lesson stays as one that is called off, because
    what the policy makes of it needs a lesson to stand on; else it is removed. ConflictError
    ``no_lesson`` where there is none, ``not_ahead`` for one that was held, has begun or was called
    off. ``expect`` is the fingerprint of ``preview_skip``.
    """
    locked = lock_series(requester, series_id)
    plan = _skip_planned(locked, requester, day, cancelling)
    check_expected(expect, plan.shown)
    if cancelling is None:
        remove_sessions([plan.session], requester)
    else:
        cancel(requester=requester, session_id=plan.session.pk, cancelling=cancelling)
    return plan


def _skip_planned(
    locked: LockedSeries, requester: Requester, day: date, cancelling: Cancelling | None
) -> SkipPlan:
    session = locked.on(day)
    check_ahead(locked.series, session, requester.now)
    if cancelling is None:
        return SkipPlan(session, None, shown_sessions([session], "is removed"))
    plan = preview_cancel(requester=requester, session_id=session.pk, cancelling=cancelling)
    return SkipPlan(session, plan, plan.shown)


@one_transaction(REFUSALS, keep=False)
def preview_restore(*, requester: Requester, series_id: str, day: date) -> list[Session]:
    """Return what ``restore_date`` would, refused as it would be, and change nothing."""
    return _restore_planned(requester, series_id, day)[1]


@one_transaction(REFUSALS)
def restore_date(*, requester: Requester, series_id: str, day: date) -> list[Session]:
    """Let one date have its lesson as the series has it: skipped, called off or moved before.

    Return it; and after it those that go back to their own dates with it, because they are in each
    other's places. ConflictError ``clashes`` with what stands against it, ``as_planned`` where
    there is nothing to restore, ``not_ahead`` for what was held or lies behind. InvalidError for a
    date that is not one of the series', or not planned yet.
    """
    was, wanted = _restore_planned(requester, series_id, day)
    if not was:
        return [_made(one, requester) for one in wanted]
    if len(was) > 1:
        # The diary's constraints hold after each statement, so all of them leave it for a moment.
        ids = [one.pk for one in was]
        Session.objects.filter(pk__in=ids).update(status=Status.CANCELLED)
    return [_put_back(one, then, requester) for one, then in zip(was, wanted, strict=True)]


def _restore_planned(
    requester: Requester, series_id: str, day: date
) -> tuple[list[Session], list[Session]]:
    """Lock a series and return what is there of what comes back, if anything is, and how it was."""
    locked = lock_series(requester, series_id)
    check_can_go_on(locked.link, locked.people.tutor, locked.student, was_there=True)
    check_date_of_it(locked.series, day)
    check_none(no_such_times(locked.series, [day]))
    was = locked.found(day)
    (asked,) = lessons_on(locked.series, locked.people, [day], requester.now)
    _check_restorable(locked, was, asked, requester.now)
    going = [] if was is None else in_each_others_places(locked, was, requester.now)
    days = [date_of(one) for one in going] or [day]
    wanted = lessons_on(locked.series, locked.people, days, requester.now)
    for then, now in zip(wanted, going, strict=False):
        # Another student may have joined that one lesson: it is the group's that it was.
        then.pk, then.group = now.pk, now.group
    check_none(conflicts_of(wanted, locked.people), remedy=CLEAR_IT)
    return going, wanted


@dataclass(frozen=True)
class StopPlan:
    """A series as it is once it has stopped, and as it ``was``; the lessons that go with it.

    ``stays`` were changed by hand.
    """

    series: SessionSeries
    was: SessionSeries
    removed: tuple[Session, ...]
    stays: tuple[Session, ...]
    shown: Shown = field(default_factory=dict)
    deed: str = ""
    """The id of the deed; '' in a preview."""


@one_transaction(REFUSALS, keep=False)
def preview_stop(*, requester: Requester, series_id: str, on: date) -> StopPlan:
    """Return what ``stop_series`` would remove, and change nothing."""
    return stop_planned(requester, series_id, on)


@one_transaction(REFUSALS)
def stop_series(
    *, requester: Requester, series_id: str, on: date, expect: str | None = None
) -> StopPlan:
    """Let a series end before the date ``on``: what follows it from there on is removed.

    What was moved by hand, called off, held or has begun stays. ConflictError ``has_stopped`` where
    it has ended by then. ``expect`` is the fingerprint of ``preview_stop``.
    """
    plan = stop_planned(requester, series_id, on)
    check_expected(expect, plan.shown)
    part = write_stop(plan, requester)
    return replace(plan, deed=record_deed(Kind.SERIES_STOP, [part], EventStamp(requester, on)))


def write_stop(plan: StopPlan, requester: Requester) -> Part:
    """Write what ``stop_planned`` planned, and return what undoing it has to know."""
    series = plan.series
    series.save(update_fields=["ends_on", "planned_until", "updated_at"])
    remove_sessions(plan.removed, requester)
    stopped = series.ends_on and series.ends_on.isoformat()
    as_it_was = _as_it_was(plan.was, plan.removed)
    return Part(series.tutor_student, {**as_it_was, "stopped": stopped})


def _as_it_was(series: SessionSeries, removed: Sequence[Session]) -> dict[str, Any]:
    """Return what putting a series back that is stopped now has to know."""
    return {
        "series": series.pk,
        "ends_on": series.ends_on and series.ends_on.isoformat(),
        "planned_until": series.planned_until.isoformat(),
        "removed": {
            one.pk: {"date": date_of(one).isoformat()} | {name: getattr(one, name) for name in KEPT}
            for one in removed
        },
    }


def stop_planned(requester: Requester, series_id: str, on: date) -> StopPlan:
    """Lock a series and return what stopping it removes; see ``stop_series``."""
    locked = lock_series(requester, series_id)
    series = locked.series
    if series.ends_on is not None and series.ends_on <= max(on, series.starts_on):
        raise ConflictError("has_stopped", _("The series has ended by then. Nothing was changed."))
    later = [one for one in locked.sessions if date_of(one) >= on]
    removed = tuple(one for one in later if follows(series, one, requester.now))
    stays = tuple(one for one in later if one not in removed)
    shown = {**shown_series(series), **shown_sessions(removed, "is removed")}
    return StopPlan(ended_before(series, on), series, removed, stays, shown)


def remove_sessions(sessions: Sequence[Session], requester: Requester) -> None:
    """Remove sessions (locked) that follow their series; their history says so."""
    write_removals(sessions, requester)
    Session.objects.filter(pk__in=[one.pk for one in sessions]).delete()


def check_date_of_it(series: SessionSeries, day: date) -> None:
    """Refuse what is no date of a series, or none that it has planned so far: InvalidError."""
    if day >= series.planned_until:
        raise invalid(
            "date",
            _(
                "{day} is not planned by this series: it ends before, or is not planned so far."
            ).format(day=day_in_words(day)),
        )
    if not is_date_of(series, day):
        raise invalid(
            "date", _("{day} is not a date of this series.").format(day=day_in_words(day))
        )


def is_date_of(series: SessionSeries, day: date) -> bool:
    """Tell whether a series has a lesson on a date, planned so far, unless it is left out."""
    if not series.starts_on <= day < _end(series):
        return False
    return day in dates_of(stored_rule(series.rule), series.first_date, day + DAY)


def _check_restorable(
    locked: LockedSeries, was: Session | None, wanted: Session, now: datetime
) -> None:
    if wanted.starts_at <= now:
        raise ConflictError("not_ahead", _("That date lies behind. Nothing was changed."))
    if was is None:
        return
    if follows(locked.series, was, now):
        raise ConflictError("as_planned", _("That lesson is as the series has it."))
    if was.status != Status.CANCELLED:
        check_ahead(locked.series, was, now)


def _made(session: Session, requester: Requester) -> Session:
    session.save(force_insert=True)
    write([line(session, What.PLANNED, requester=requester)])
    return session


def _put_back(was: Session, wanted: Session, requester: Requester) -> Session:
    before, is_cancelled = (was.starts_at, was.ends_at), was.status == Status.CANCELLED
    was.tutor_student, was.tutor = wanted.tutor_student, wanted.tutor
    was.starts_at, was.ends_at, was.status = wanted.starts_at, wanted.ends_at, Status.SCHEDULED
    was.save(
        update_fields=["tutor_student", "tutor", "starts_at", "ends_at", "status", "updated_at"]
    )
    if is_cancelled:
        write([line(was, What.REINSTATED, requester=requester)])
    if (was.starts_at, was.ends_at) != before:
        write([line(was, What.MOVED, requester=requester, details=moved(before, was))])
    return was


def dates_left_out(series: SessionSeries, sessions: Sequence[Session], now: datetime) -> list[date]:
    """Return the planned dates still to come that have none of the series' sessions."""
    there = {one.series_date for one in sessions}
    days = dates_of(stored_rule(series.rule), series.first_date, _end(series))
    return [day for day in days if day not in there and _is_ahead(series, day, now)]


def _end(series: SessionSeries) -> date:
    return min(series.planned_until, series.ends_on or series.planned_until)


def _is_ahead(series: SessionSeries, day: date, now: datetime) -> bool:
    span = hours_of(series, day)
    return day >= series.starts_on and span is not None and span[0] > now
