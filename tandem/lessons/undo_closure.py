"""Opening the business again on days that were closed, with what was called off for it."""

from dataclasses import dataclass, field
from datetime import datetime

from tandem.kit.fingerprints import Shown
from tandem.lessons import rules
from tandem.lessons.history import What, line, write
from tandem.lessons.models import Closure, Deed, Session
from tandem.lessons.moving import Clash
from tandem.lessons.shown import shown_clashes, shown_sessions
from tandem.lessons.steps import (
    LockedSessions,
    Status,
    away,
    closed,
    find_overlaps,
    hours,
    in_order,
    local_day,
    lock_sessions,
)
from tandem.people.models import Account
from tandem.people.queries import viewer_of
from tandem.relationships import rules as relationship_rules
from tandem.relationships.steps import standing


@dataclass(frozen=True)
class Opening:
    """Sessions, by start, that are planned again; ``left`` cannot be, and stay called off."""

    closure_id: str
    sessions: tuple[Session, ...]
    left: tuple[Clash, ...]
    is_closed: bool
    shown: Shown = field(default_factory=dict)


def plan_opening(actor: Account | None, now: datetime, deed: Deed) -> Opening:
    """Lock everybody and return what undoing a closure does. Owners only."""
    viewer = viewer_of(actor, now=now)
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing="undo a closure")
    ids = [pk for part in deed.parts.all() for pk in part.details.get("cancelled", [])]
    seen = Session.objects.filter(status=Status.CANCELLED, starts_at__gt=now).in_bulk(ids)
    free, left = _judged(lock_sessions(seen), deed.about) if seen else ((), ())
    is_closed = Closure.objects.filter(pk=deed.about).exists()
    shown = {**shown_sessions(free, "is planned again"), **shown_clashes(left)}
    return Opening(deed.about, free, left, is_closed, shown)


def open_again(plan: Opening, actor: Account | None, now: datetime) -> None:
    """Carry out what ``plan_opening`` planned."""
    Closure.objects.filter(pk=plan.closure_id).delete()
    write(line(one, What.REINSTATED, actor=actor, now=now) for one in plan.sessions)
    for one in plan.sessions:
        one.status, one.updated_at = Status.SCHEDULED, now
    Session.objects.bulk_update(plan.sessions, ["status", "updated_at"])


def _judged(
    locked: LockedSessions, closure_id: str
) -> tuple[tuple[Session, ...], tuple[Clash, ...]]:
    """Return what can be planned again, and what cannot, with why; both by start."""
    there = [one for one in locked.sessions.values() if one.status == Status.CANCELLED]
    sound = [one for one in there if not one.legacy_fault]
    gone = {*away(sound, {one.pk: one.tutor_id for one in sound})}
    shut = closed(sound, leaving=closure_id)
    taken = {one.wanted: one for one in find_overlaps([hours(one) for one in sound])}
    booked = Session.objects.in_bulk([one.booked for one in taken.values()])
    free, left = [], []
    for one in sorted(sound, key=in_order):
        if one.pk in taken:
            left.append(Clash(one, taken[one.pk].reason, booked[taken[one.pk].booked]))
        elif one.pk in gone or one.pk in shut:
            left.append(Clash(one, "tutor_away" if one.pk in gone else "closed"))
        elif not _may_be(one, locked):
            left.append(Clash(one, "outside_relationship"))
        else:
            free.append(one)
    return tuple(free), tuple(left)


def _may_be(one: Session, locked: LockedSessions) -> bool:
    link, tutor = locked.links[one.tutor_student_id], locked.tutors[one.tutor_id]
    return (
        tutor.active
        and locked.students[one.student_id].active
        and rules.may_plan_on(standing(link), local_day(one, tutor))
    )
