"""Days on which the business is closed: holidays, the time between terms.

Nothing is planned on them. What is there already stays, or is called off along with it, as asked;
what is planned on them all the same, by an older application or in the same moment, is listed as
long as it is there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from tandem.kit.errors import ConflictError, NotFoundError, invalid
from tandem.kit.fingerprints import Shown, check_expected, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import day_starts, days_in_words
from tandem.kit.transactions import one_transaction
from tandem.lessons.cancelling_rules import BUSINESS, Cancelling
from tandem.lessons.deeds import Kind, record_deed
from tandem.lessons.models import Closure, Session
from tandem.lessons.queries import in_hours, visible_sessions, with_people
from tandem.lessons.reassign import check_clashes
from tandem.lessons.steps import REFUSALS, Status, lock_sessions
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
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.people.rules import check_owner
from tandem.relationships.events import EventStamp

LONGEST = timedelta(days=366)
CLOSE = gettext_lazy("say when the business is closed")


ALLOWED: frozenset[Do] = frozenset({"keep", "cancel", "move"})


@dataclass(frozen=True)
class Closing:
    """A closure, made or to be made, and what becomes of the scheduled sessions on its days."""

    closure: Closure
    touched: TouchedPlan
    shown: Shown
    deed: str = ""
    """The id of the deed; '' in a preview."""


def visible_closures(viewer: Viewer) -> QuerySet[Closure]:
    """Return every closure to whoever works here, by its first day; to others none."""
    rows = Closure.objects.order_by("starts_on", "id")
    return rows if viewer.is_owner or viewer.tutor_id else rows.none()


def closures_ahead(viewer: Viewer) -> QuerySet[Closure]:
    """Return those that are not over on the viewer's day."""
    return visible_closures(viewer).filter(ends_on__gt=viewer.day)


def closures_within(viewer: Viewer, first: date, last: date) -> QuerySet[Closure]:
    """Return those with a day from ``first`` to ``last``, both included."""
    return visible_closures(viewer).filter(starts_on__lte=last, ends_on__gt=first)


def closures_by_id(viewer: Viewer, ids: Collection[str]) -> dict[str, Closure]:
    """Return, by id, those of these closures that the viewer may see."""
    return visible_closures(viewer).in_bulk([*ids])


def visible_closure(viewer: Viewer, closure_id: str) -> Closure:
    """Return one closure, or raise NotFoundError."""
    row = visible_closures(viewer).filter(pk=closure_id).first()
    if row is None:
        raise NotFoundError("closure", closure_id)
    return row


def hours_of(closure: Closure) -> tuple[datetime, datetime]:
    """Return when a closure begins, and up to when it lasts."""
    zone = settings.TIME_ZONE
    return day_starts(closure.starts_on, zone), day_starts(closure.ends_on, zone)


def sessions_on(viewer: Viewer, closure: Closure) -> QuerySet[Session]:
    """Return what the viewer may see of the scheduled sessions on the days of a closure."""
    starts, ends = hours_of(closure)
    rows = with_people(visible_sessions(viewer))
    return rows.filter(in_hours(starts, ends), status=Status.SCHEDULED)


@one_transaction(REFUSALS, keep=False)
def preview_closure(
    *,
    requester: Requester,
    name: str,
    starts_on: date,
    ends_on: date,
    default: Default = "keep",
    decisions: Sequence[Decision] = (),
) -> Closing:
    """Return what ``add_closure`` would do, with all that stands against it; change nothing."""
    plan = _planned(requester, new_closure(name, starts_on, ends_on), default, decisions)
    check_all_touched(decisions, plan.touched)
    return plan


@one_transaction(REFUSALS)
def add_closure(
    *,
    requester: Requester,
    name: str,
    starts_on: date,
    ends_on: date,
    default: Default = "keep",
    decisions: Sequence[Decision] = (),
    expect: str | None = None,
) -> Closing:
    """Close the business from a day up to, not on, another. Owners only.

    ``decisions`` say what becomes of sessions on these days that have not begun, ``default`` of the
    others. All or nothing: ConflictError ``clashes`` where one cannot move. InvalidError for an end
    that is not after the start, more than a year, or no name. ``expect`` is the fingerprint of the
    preview that was looked at.
    """
    plan = _planned(requester, new_closure(name, starts_on, ends_on), default, decisions)
    check_expected(expect, plan.shown)
    check_all_touched(decisions, plan.touched)
    check_clashes(plan.touched.clashes, remedy=DECIDE_OTHERWISE)
    moment = EventStamp(requester, starts_on)
    why = Cancelling(BUSINESS, plan.closure.name)
    parts = carry_out(plan.touched, moment, because="closed", cancelling=why)
    return replace(plan, deed=record_deed(Kind.CLOSURE, parts, moment, about=plan.closure.pk))


@one_transaction({})
def remove_closure(*, requester: Requester, closure_id: str) -> None:
    """Open the business on these days again. What was called off stays so. Owners only."""
    check_owner(is_owner=requester.viewer.is_owner, doing=CLOSE)
    if not Closure.objects.filter(pk=closure_id).delete()[0]:
        raise NotFoundError("closure", closure_id)


def _planned(
    requester: Requester, closure: Closure, default: Default, decisions: Sequence[Decision]
) -> Closing:
    """Lock everybody, save the closure, so that nothing is moved into it, and decide."""
    viewer = requester.viewer
    check_owner(is_owner=viewer.is_owner, doing=CLOSE)
    check_decisions(decisions, allowed=ALLOWED, now=requester.now)
    _check_not_closed_already(closure)
    seen = still_ahead(sessions_on(viewer, closure), now=requester.now).in_bulk()
    locked = lock_sessions(seen)
    there = {pk: one for pk, one in locked.sessions.items() if one.status == Status.SCHEDULED}
    closure.save(force_insert=True)
    touched = plan_touched(viewer, replace(locked, sessions=there), decisions, default=default)
    reason_for_all(touched, closure.name)
    facts = (closure.name, closure.starts_on, closure.ends_on)
    return Closing(closure, touched, {"closure": hash_of(*facts), **touched.shown})


def _check_not_closed_already(closure: Closure) -> None:
    """Refuse days that another closure covers whole; wider days are another.

    Whoever closes days waits for whoever is doing it, so that the same are not closed twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tandem closures'))")
    rows = Closure.objects.filter(starts_on__lte=closure.starts_on, ends_on__gte=closure.ends_on)
    if there := rows.first():
        raise ConflictError(
            "already_closed",
            _(
                "The business is closed already on these days: {name}, {starts_on}. Nothing "
                "was saved a second time. Open these again first if something else is to "
                "become of their lessons."
            ).format(name=there.name, starts_on=days_in_words(there.starts_on, there.ends_on)),
            {"closure": there.pk},
        )


def new_closure(name: str, starts_on: date, ends_on: date) -> Closure:
    """Return a closure that is not saved; InvalidError for what is none."""
    if not name.strip():
        raise invalid("name", _("Say why it is closed: Christmas, or between the terms."))
    if ends_on == starts_on:
        raise invalid(
            "ends_on", _("A closure ends on the day after its last: one day later at least.")
        )
    if ends_on < starts_on:
        raise invalid("ends_on", _("The last day is before the first. Exchange the two."))
    if ends_on - starts_on > LONGEST:
        raise invalid("ends_on", _("A closure lasts a year at most."))
    return Closure(name=name.strip(), starts_on=starts_on, ends_on=ends_on)
