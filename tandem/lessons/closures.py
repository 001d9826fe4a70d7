"""Days on which the business is closed: holidays, the time between terms.

Nothing is planned on them. What is there already stays, or is called off along with it, as asked;
what is planned on them all the same, by an older application or in the same moment, is listed as
long as it is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from tandem.kit.errors import NotFoundError, invalid
from tandem.kit.fingerprints import Shown, check_expected, hash_of
from tandem.kit.time import day_starts
from tandem.kit.transactions import one_transaction
from tandem.lessons.cancelling_rules import BUSINESS, Cancelling
from tandem.lessons.deeds import Kind, Part, record_deed
from tandem.lessons.models import Closure, Session
from tandem.lessons.moving import cancel_sessions
from tandem.lessons.queries import in_hours, visible_sessions, with_people
from tandem.lessons.shown import Fate, shown_sessions
from tandem.lessons.steps import REFUSALS, Status, in_order, lock_sessions
from tandem.people.models import Account
from tandem.people.queries import Viewer, viewer_of
from tandem.people.rules import check_owner
from tandem.relationships.steps import Moment

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Closing:
    """A closure, made or to be made, and the scheduled sessions on its days, by start.

    ``cancels`` tells whether they are called off. ``shown`` is what the fingerprint is made of.
    """

    closure: Closure
    sessions: tuple[Session, ...]
    cancels: bool
    shown: Shown = field(default_factory=dict)
    deed: str = ""
    """The id of the deed; '' in a preview."""


def visible_closures(viewer: Viewer) -> QuerySet[Closure]:
    """Return every closure to whoever works here, by its first day; to others none."""
    rows = Closure.objects.order_by("starts_on", "id")
    return rows if viewer.is_owner or viewer.tutor_id else rows.none()


def visible_closure(viewer: Viewer, closure_id: str) -> Closure:
    """Return one closure, or raise NotFoundError."""
    row = visible_closures(viewer).filter(pk=closure_id).first()
    if row is None:
        raise NotFoundError("closure", closure_id)
    return row


def sessions_on(viewer: Viewer, closure: Closure) -> QuerySet[Session]:
    """Return what the viewer may see of the scheduled sessions on the days of a closure."""
    days = (closure.starts_on, closure.ends_on)
    starts, ends = (day_starts(day, settings.TIME_ZONE) for day in days)
    rows = with_people(visible_sessions(viewer))
    return rows.filter(in_hours(starts, ends), status=Status.SCHEDULED)


@one_transaction(REFUSALS, keep=False)
def preview_closure(
    *,
    actor: Account | None,
    now: datetime,
    name: str,
    starts_on: date,
    ends_on: date,
    cancels: bool,
) -> Closing:
    """Return what ``add_closure`` would do, and change nothing."""
    return _planned(actor, now, _closure(name, starts_on, ends_on), cancels=cancels)


@one_transaction(REFUSALS)
def add_closure(
    *,
    actor: Account | None,
    now: datetime,
    name: str,
    starts_on: date,
    ends_on: date,
    cancels: bool,
    expect: str | None = None,
) -> Closing:
    """Close the business from a day up to, not on, another. Owners only.

    ``cancels`` calls off what is scheduled on these days and has not begun; else it stays.
    InvalidError for an end that is not after the start, more than a year, or no name. ``expect``
    is the fingerprint of the preview that was looked at.
    """
    plan = _planned(actor, now, _closure(name, starts_on, ends_on), cancels=cancels)
    check_expected(expect, plan.shown)
    plan.closure.save(force_insert=True)
    moment = Moment(actor, now, starts_on)
    parts = []
    if cancels:
        cancel_sessions(
            plan.sessions,
            moment,
            because="closed",
            cancelling=Cancelling(BUSINESS, plan.closure.name),
        )
        parts = _parts(plan.sessions)
    return replace(plan, deed=record_deed(Kind.CLOSURE, parts, moment, about=plan.closure.pk))


@one_transaction({})
def remove_closure(*, actor: Account | None, now: datetime, closure_id: str) -> None:
    """Open the business on these days again. What was called off stays so. Owners only."""
    del now
    check_owner(is_owner=viewer_of(actor).is_owner, doing="say when the business is closed")
    if not Closure.objects.filter(pk=closure_id).delete()[0]:
        raise NotFoundError("closure", closure_id)


def _planned(actor: Account | None, now: datetime, closure: Closure, *, cancels: bool) -> Closing:
    viewer = viewer_of(actor, now=now)
    check_owner(is_owner=viewer.is_owner, doing="say when the business is closed")
    seen = sessions_on(viewer, closure).filter(starts_at__gt=now).in_bulk()
    locked = lock_sessions(seen) if seen else None
    there = sorted(locked.sessions.values() if locked else (), key=in_order)
    sessions = tuple(one for one in there if one.status == Status.SCHEDULED)
    for one in sessions:
        one.student, one.tutor = seen[one.pk].student, seen[one.pk].tutor
        one.tutor_student = seen[one.pk].tutor_student
    fate: Fate = "is cancelled" if cancels else "stays"
    shown = {
        "closure": hash_of(closure.name, closure.starts_on, closure.ends_on),
        **shown_sessions(sessions, fate),
    }
    return Closing(closure, sessions, cancels, shown)


def _parts(sessions: Sequence[Session]) -> list[Part]:
    """Return a part for each relationship, with the ids of its sessions."""
    by_link: dict[str, list[Session]] = {}
    for one in sessions:
        by_link.setdefault(one.tutor_student_id, []).append(one)
    return [
        Part(some[0].tutor_student, {"cancelled": [one.pk for one in some]})
        for some in by_link.values()
    ]


def _closure(name: str, starts_on: date, ends_on: date) -> Closure:
    if not name.strip():
        raise invalid("name", "Say why it is closed: Christmas, or between the terms.")
    if ends_on == starts_on:
        raise invalid(
            "ends_on", "A closure ends on the day after its last: one day later at least."
        )
    if ends_on < starts_on:
        raise invalid("ends_on", "The last day is before the first. Exchange the two.")
    if ends_on - starts_on > LONGEST:
        raise invalid("ends_on", "A closure lasts a year at most.")
    return Closure(name=name.strip(), starts_on=starts_on, ends_on=ends_on)
