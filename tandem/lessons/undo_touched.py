"""Taking time off or a closure back, with all that was decided about the sessions in it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tandem.kit.fingerprints import Shown, hash_of
from tandem.kit.language import gettext as _
from tandem.lessons import rules
from tandem.lessons.deeds import Kind
from tandem.lessons.going_back import GoingBack, plan_going_back
from tandem.lessons.hindrances import Lesson
from tandem.lessons.history import What, line, write
from tandem.lessons.models import Closure, Deed, DeedPart, Session, TimeOff
from tandem.lessons.new_hours import Move, write_moves
from tandem.lessons.reassign import WAS_THERE, Clash, as_clashes, first_of_each
from tandem.lessons.shown import facts_of, shown_clashes, shown_sessions
from tandem.lessons.steps import (
    LockedSessions,
    Status,
    in_order,
    lock_sessions,
    planned_lesson,
)
from tandem.lessons.surroundings import hindrances_of
from tandem.lessons.time_off import check_may_write
from tandem.lessons.touched import bring_people
from tandem.lessons.undo_cover import GivingBack, covered_still, give_back
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import EventStamp


@dataclass(frozen=True)
class TakingBack:
    """What comes back: covered sessions, those moved to their old hours, those called off.

    ``left`` cannot be as they were, with why, and stay as they are now.
    ``is_there`` tells whether the time off or the closure is.
    """

    covered: GivingBack | None
    moves: tuple[Move, ...]
    again: tuple[Session, ...]
    left: tuple[Clash, ...]
    is_there: bool
    shown: Shown = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to take back."""
        covered = self.covered.sessions if self.covered else ()
        return not (self.is_there or self.moves or self.again or covered)


def plan_taking_back(requester: Requester, deed: Deed) -> TakingBack:
    """Lock everybody and return what undoing time off or a closure does.

    A closure is an owner's to undo, time off the tutor's too, unless others cover. What was moved,
    covered or recorded anew since stays as it is, and so does what lies behind.
    """
    viewer = requester.viewer
    if deed.kind == Kind.CLOSURE:
        relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("undo a closure"))
    row = TimeOff.objects.filter(pk=deed.about).first()
    if row:
        check_may_write(requester, row.tutor_id)
    parts = list(deed.parts.all())
    covers = [part for part in parts if "session" in part.details]
    if covers:
        relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("undo a cover"))
    seen, takers = covered_still(covers)
    moved = _moved(parts)
    called_off = [pk for part in parts for pk in part.details.get("cancelled", [])]
    others = Session.objects.in_bulk([*moved, *called_off])
    locked = lock_sessions(seen | others, takers=[*takers, *([row.tutor_id] if row else [])])
    back = plan_going_back(
        viewer, locked, _moves(locked, moved, requester.now), covers, about=deed.about
    )
    begun = {pk for pk in called_off if pk in others and others[pk].starts_at <= requester.now}
    coming = [pk for pk in called_off if pk not in begun]
    again, off = _planned_again(locked, coming, deed.about, beside=back.hours, leaving=back.leaving)
    left = (
        *back.stuck,
        *off,
        *_too_late(locked, begun),
        *_not_back(locked, moved, back, requester.now),
        *_not_given_back(parts, back),
    )
    closure = Closure.objects.filter(pk=deed.about).first()
    is_there = bool(row or closure)
    shown = {**_shown(back, again), **shown_clashes(left), **_shown_row(row, closure)}
    return TakingBack(back.covered, back.moves, again, left, is_there, shown)


def _shown(back: GoingBack, again: Iterable[Session]) -> Shown:
    shown = {**(back.covered.shown if back.covered else {})}
    for one in back.moves:
        shown |= shown_sessions([one.session], "moves", f"{one.starts_at} {one.ends_at}")
    return {**shown, **shown_sessions(again, "is planned again")}


def _shown_row(row: TimeOff | None, closure: Closure | None) -> Shown:
    """Return what goes itself, which somebody may have removed or ended sooner by then."""
    there = {"time_off": row, "closure": closure}
    return {key: hash_of(facts_of(one)) for key, one in there.items() if one}


def take_back(plan: TakingBack, requester: Requester, deed: Deed) -> None:
    """Carry out what ``plan_taking_back`` planned."""
    Closure.objects.filter(pk=deed.about).delete()
    TimeOff.objects.filter(pk=deed.about).delete()
    moving = [one.session.pk for one in plan.moves]
    Session.objects.filter(pk__in=moving).update(status=Status.CANCELLED)
    if plan.covered:
        give_back(plan.covered, requester)
    write_moves(plan.moves, EventStamp(requester, requester.viewer.day))
    write(line(one, What.REINSTATED, requester=requester) for one in plan.again)
    for one in plan.again:
        one.status, one.updated_at = Status.SCHEDULED, requester.now
    Session.objects.bulk_update(plan.again, ["status", "updated_at"])


def _moved(parts: Iterable[DeedPart]) -> dict[str, Mapping[str, datetime]]:
    """Return the hours before and after of each session that was moved, by its id."""
    return {
        pk: {name: datetime.fromisoformat(moment) for name, moment in details.items()}
        for part in parts
        for pk, details in part.details.get("moved", {}).items()
    }


def _moves(
    locked: LockedSessions, moved: Mapping[str, Mapping[str, datetime]], now: datetime
) -> tuple[Move, ...]:
    """Return the way back of what still has the hours that it was given, where they lie ahead."""
    found = []
    for pk, times in moved.items():
        one = locked.sessions.get(pk)
        if one is None or one.status != Status.SCHEDULED or times["from_start"] <= now:
            continue
        if (one.starts_at, one.ends_at) == (times["to_start"], times["to_end"]):
            bring_people(one, locked)
            found.append(Move(one, one.tutor_student, times["from_start"], times["from_end"]))
    return tuple(sorted(found, key=lambda one: in_order(one.then)))


def _too_late(locked: LockedSessions, begun: Collection[str]) -> list[Clash]:
    """Return what was called off, is so still, and would have begun by now."""
    rows = [locked.sessions[pk] for pk in begun]
    return [Clash(one, "begun") for one in rows if one.status == Status.CANCELLED]


def _not_back(
    locked: LockedSessions,
    moved: Mapping[str, Mapping[str, datetime]],
    back: GoingBack,
    now: datetime,
) -> list[Clash]:
    """Return what was moved and does not move back: its old hours are past, or it was changed."""
    told = {*back.leaving, *(one.session.pk for one in back.stuck)}
    rows = [one for one in locked.sessions.values() if one.pk in moved.keys() - told]
    return [
        Clash(one, "begun", at=moved[one.pk]["from_start"])
        if moved[one.pk]["from_start"] <= now
        else Clash(one, "changed_since")
        for one in sorted(rows, key=in_order)
    ]


def _not_given_back(parts: Iterable[DeedPart], back: GoingBack) -> list[Clash]:
    """Return what was covered and is not given back, as it was changed since."""
    told = {*back.leaving, *(one.session.pk for one in back.stuck)}
    ids = {part.details["session"] for part in parts if "session" in part.details} - told
    rows = Session.objects.in_bulk(ids) if ids else {}
    return [Clash(one, "changed_since") for one in sorted(rows.values(), key=in_order)]


def _planned_again(
    locked: LockedSessions,
    ids: Iterable[str],
    about: str,
    *,
    beside: Sequence[rules.Slot],
    leaving: Sequence[str],
) -> tuple[tuple[Session, ...], tuple[Clash, ...]]:
    """Return what can be planned again, and what cannot, with why; both by start."""
    called_off = (locked.sessions[pk] for pk in ids if pk in locked.sessions)
    there = [one for one in called_off if one.status == Status.CANCELLED]
    sound = sorted((one for one in there if not one.legacy_fault), key=in_order)
    lessons = [_as_judged(one, locked) for one in sound]
    clashes = as_clashes(hindrances_of(lessons, leaving=leaving, about=about, beside=beside), sound)
    left = first_of_each(clashes)
    stays = {one.session.pk for one in left}
    return tuple(one for one in sound if one.pk not in stays), tuple(left)


def _as_judged(one: Session, locked: LockedSessions) -> Lesson:
    link, tutor = locked.links[one.tutor_student_id], locked.tutors[one.tutor_id]
    return planned_lesson(one, link, tutor, locked.students[one.student_id], despite=WAS_THERE)
