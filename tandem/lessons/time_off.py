"""A tutor is away: with what becomes of every session in these hours, in the same step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.fingerprints import Shown, check_expected, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.time import span_in_words, zone_or_business
from tandem.kit.transactions import ChangedMeanwhileError, one_transaction
from tandem.lessons import time_rules
from tandem.lessons.cancelling_rules import TUTOR, Cancelling, clean_reason
from tandem.lessons.deeds import Kind, record_deed
from tandem.lessons.models import Session, TimeOff
from tandem.lessons.queries import in_hours
from tandem.lessons.reassign import check_clashes
from tandem.lessons.steps import REFUSALS, lock_sessions
from tandem.lessons.touched import (
    DECIDE_OTHERWISE,
    Decision,
    Default,
    Do,
    TouchedPlan,
    carry_out,
    check_all_touched,
    check_decisions,
    plan_touched,
    reason_for_all,
    still_ahead,
)
from tandem.people.models import Tutor
from tandem.people.queries import Viewer, visible_tutor
from tandem.people.requester import Requester
from tandem.people.rules import check_tutor_editor
from tandem.relationships.events import EventStamp
from tandem.relationships.locks import lock_tutors

ALLOWED: frozenset[Do] = frozenset({"keep", "cancel", "cover", "move"})


@dataclass(frozen=True)
class Absence:
    """Time off, in a preview not saved, and what becomes of the sessions in it."""

    time_off: TimeOff
    touched: TouchedPlan
    shown: Shown
    deed: str = ""
    """The id of the deed; '' in a preview."""
    why: str = ""
    """What is told as the reason of sessions that are cancelled without one of their own."""


@one_transaction(REFUSALS, keep=False)
def preview_time_off(
    *,
    requester: Requester,
    tutor_id: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    default: Default = "keep",
    decisions: Sequence[Decision] = (),
) -> Absence:
    """Return what ``add_time_off`` would do, with all that stands against it."""
    row = _time_off(tutor_id, starts_at, ends_at, reason)
    plan = _planned(requester, row, default, decisions)
    check_all_touched(decisions, plan.touched)
    return plan


@one_transaction(REFUSALS)
def add_time_off(
    *,
    requester: Requester,
    tutor_id: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    default: Default = "keep",
    decisions: Sequence[Decision] = (),
    expect: str | None = None,
) -> Absence:
    """Record that a tutor is away from one moment up to, not at, another; by an owner or the tutor.

    ``decisions`` say what becomes of sessions in it, ``default`` of the others. All or nothing:
    ConflictError ``clashes`` where one cannot move or be covered. Cover is an owner's to decide.
    ``expect`` is the fingerprint of ``preview_time_off``.
    """
    row = _time_off(tutor_id, starts_at, ends_at, reason)
    plan = _planned(requester, row, default, decisions)
    check_expected(expect, plan.shown)
    check_all_touched(decisions, plan.touched)
    check_clashes(plan.touched.clashes, remedy=DECIDE_OTHERWISE)
    moment = EventStamp(requester, requester.viewer.day)
    parts = carry_out(plan.touched, moment, because="away", cancelling=Cancelling(TUTOR, plan.why))
    return replace(plan, deed=record_deed(Kind.TIME_OFF, parts, moment, about=row.pk))


def time_off_with_tutors(viewer: Viewer, ids: Sequence[str]) -> dict[str, TimeOff]:
    """Return time off with its tutors, by id; to a tutor their own."""
    if not ids:
        return {}
    rows = TimeOff.objects.filter(pk__in=ids).select_related("tutor")
    return {row.pk: row for row in rows if viewer.is_owner or row.tutor_id == viewer.tutor_id}


def time_off_of(tutor_id: str, time_off_id: str) -> TimeOff:
    """Return one time off of a tutor, with the tutor, or raise NotFoundError."""
    row = TimeOff.objects.select_related("tutor").filter(pk=time_off_id, tutor=tutor_id).first()
    if row is None:
        raise NotFoundError("time off", time_off_id)
    return row


@one_transaction({})
def remove_time_off(*, requester: Requester, tutor_id: str, time_off_id: str) -> None:
    """Take time off back. What was covered, moved or called off stays so."""
    tutor = lock_own_tutor(requester, tutor_id)
    row = TimeOff.objects.filter(pk=time_off_id, tutor=tutor).first()
    if row is None:
        raise NotFoundError("time off", time_off_id)
    row.delete()


def lock_own_tutor(requester: Requester, tutor_id: str) -> Tutor:
    """Lock a tutor whose time the actor may write."""
    check_may_write(requester, tutor_id)
    return lock_tutors(tutor_id)[tutor_id]


def check_may_write(requester: Requester, tutor_id: str) -> None:
    """Refuse to write a tutor's time to everybody but an owner and the tutor."""
    viewer = requester.viewer
    tutor = visible_tutor(viewer, tutor_id)
    check_tutor_editor(is_owner=viewer.is_owner, is_self=tutor.pk == viewer.tutor_id)


def _time_off(tutor_id: str, starts_at: datetime, ends_at: datetime, reason: str) -> TimeOff:
    time_rules.check_time_off(starts_at, ends_at)
    return TimeOff(
        tutor_id=tutor_id,
        starts_at=starts_at.astimezone(UTC),
        ends_at=ends_at.astimezone(UTC),
        reason=clean_reason(reason),
    )


def _planned(
    requester: Requester, row: TimeOff, default: Default, decisions: Sequence[Decision]
) -> Absence:
    """Lock everybody, save the time off, so that nothing is moved into it, and decide."""
    check_may_write(requester, row.tutor_id)
    check_decisions(decisions, allowed=ALLOWED, now=requester.now)
    seen = _sessions_in(row, requester.now)
    takers = {one.tutor_id for one in decisions if one.tutor_id}
    locked = lock_sessions(seen, takers={row.tutor_id, *takers})
    # Whoever books with a tutor holds the tutor, so by now this is all there is.
    if _sessions_in(row, requester.now).keys() != seen.keys():
        raise ChangedMeanwhileError
    row.tutor = locked.tutors[row.tutor_id]
    _check_not_away_already(row)
    row.save(force_insert=True)
    viewer = requester.viewer
    touched = plan_touched(viewer, locked, decisions, default=default)
    why = reason_for_all(touched, row.reason)
    facts = (row.tutor_id, row.starts_at, row.ends_at, row.reason)
    return Absence(row, touched, {"time_off": hash_of(facts), **touched.shown}, why=why)


def _sessions_in(row: TimeOff, now: datetime) -> dict[str, Session]:
    there = in_hours(row.starts_at, row.ends_at)
    return still_ahead(Session.objects.filter(there, tutor=row.tutor_id), now=now).in_bulk()


def _check_not_away_already(row: TimeOff) -> None:
    """Refuse what other time off of the tutor (locked) covers whole; wider time off is another."""
    rows = TimeOff.objects.filter(
        tutor=row.tutor_id, starts_at__lte=row.starts_at, ends_at__gte=row.ends_at
    )
    if there := rows.first():
        why = f" ({there.reason})" if there.reason else ""
        raise ConflictError(
            "already_away",
            _(
                "{tutor} is away already in these hours: {there}{why}. Nothing was saved a "
                "second time. Remove that first if something else is to become of its lessons."
            ).format(tutor=row.tutor, there=_when(there, row.tutor), why=why),
            {"time_off": there.pk},
        )


def _when(row: TimeOff, tutor: Tutor) -> str:
    return span_in_words(row.starts_at, row.ends_at, zone_or_business(tutor.time_zone))
