"""Undoing that somebody is back early: they are away as long as before, and are covered again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tandem.kit.fingerprints import Shown, hash_of
from tandem.kit.language import gettext as _
from tandem.lessons.cover import Cover, plan_covers, shown_in, write_covers
from tandem.lessons.deeds import Kind
from tandem.lessons.models import Deed, DeedPart, Session, TimeOff
from tandem.lessons.reassign import Clash, Planned, as_far_as_it_goes
from tandem.lessons.shown import shown_clashes
from tandem.lessons.steps import LockedSessions, Status, in_order, lock_sessions
from tandem.lessons.time_off import check_may_write
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.models import TutorStudent


@dataclass(frozen=True)
class AwayAgain:
    """The time off as it was (None where it is another by now), and who covers what again.

    ``left`` stays as it is now, and why.
    """

    time_off: TimeOff | None
    is_new: bool
    covers: tuple[Cover, ...]
    left: tuple[Clash, ...]
    shown: Shown = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to do."""
        return self.time_off is None and not self.covers


def plan_away_again(requester: Requester, deed: Deed) -> AwayAgain:
    """Lock everybody and return what undoing does; by an owner, or the tutor where nobody covers.

    What was changed since, or has begun, stays as it is. So does all of it where the time off is
    another by now, or is gone: nobody covers for somebody who is there.
    """
    tutor_id = str(deed.details["tutor"])
    check_may_write(requester, tutor_id)
    parts = {part.details["session"]: part for part in deed.parts.all()}
    if parts:
        is_owner = requester.viewer.is_owner
        relationship_rules.check_owner(is_owner=is_owner, doing=_("let another tutor cover"))
    rows = Session.objects.in_bulk([*parts])
    takers = {
        pk: part.details["covered_by"]
        for pk, part in parts.items()
        if pk in rows and not _why_left(rows[pk], part, requester.now)
    }
    locked = lock_sessions({pk: rows[pk] for pk in takers}, takers=[tutor_id, *takers.values()])
    row, is_new = _time_off(deed)
    for pk, one in locked.sessions.items():
        if row is None or _why_left(one, parts[pk], requester.now):
            del takers[pk]
    covers, stuck = _covers(locked, takers)
    changed = [one for one in rows.values() if one.pk not in {*takers}]
    left = (*stuck, *_left(changed, parts, requester.now))
    facts = (row.starts_at, row.ends_at, row.reason) if row else ()
    shown = {"time_off": hash_of(facts), **shown_in(covers), **shown_clashes(left)}
    return AwayAgain(row, is_new, covers, left, shown)


def go_away_again(plan: AwayAgain, requester: Requester) -> None:
    """Carry out what ``plan_away_again`` planned."""
    if plan.time_off:
        plan.time_off.save(force_insert=plan.is_new)
    write_covers(plan.covers, requester)
    for one in plan.covers:
        _follow(one)


def _follow(cover: Cover) -> None:
    """Let the deed that covered a lesson before know the relationship that holds it now.

    The one made for that cover was removed when the lesson went back, and undoing the time off
    looks for the lesson where it was covered.
    """
    parts = DeedPart.objects.filter(
        student_id=cover.session.student_id,
        details__session=cover.session.pk,
        deed__undone_at=None,
        deed__kind__in=[Kind.COVER, Kind.TIME_OFF],
    )
    gone = parts.exclude(tutor_student_id__in=TutorStudent.objects.values("pk"))
    gone.update(tutor_student_id=cover.link.pk)


def _time_off(deed: Deed) -> tuple[TimeOff | None, bool]:
    """Return the time off as it was before, and whether it has to be made again."""
    told = deed.details
    starts_at, ends_at = (datetime.fromisoformat(told[one]) for one in ("starts_at", "ends_at"))
    row = TimeOff.objects.filter(pk=deed.about).first()
    if row is None and not told["ended_at"]:
        again = TimeOff(
            pk=deed.about,
            tutor_id=told["tutor"],
            starts_at=starts_at,
            ends_at=ends_at,
            reason=told["reason"],
        )
        return again, True
    if row and told["ended_at"] and row.ends_at == datetime.fromisoformat(told["ended_at"]):
        row.ends_at = ends_at
        return row, False
    return None, False


def _why_left(session: Session, part: DeedPart, now: datetime) -> str:
    is_there = session.tutor_student_id == part.tutor_student_id
    if not is_there or session.status != Status.SCHEDULED:
        return "changed_since"
    return "begun" if session.starts_at <= now else ""


def _covers(
    locked: LockedSessions, takers: Mapping[str, str]
) -> tuple[tuple[Cover, ...], tuple[Clash, ...]]:
    """Return who covers again, and which lessons nobody does: who did has other lessons by now."""

    def planned(staying: Collection[str]) -> Planned[tuple[Cover, ...]]:
        still = {pk: taker for pk, taker in takers.items() if pk not in staying}
        covers = tuple(plan_covers(locked, still)) if still else ()
        return covers, tuple(clash for one in covers for clash in one.clashes)

    return as_far_as_it_goes(planned)


def _left(
    rows: Iterable[Session], parts: Mapping[str, DeedPart], now: datetime
) -> tuple[Clash, ...]:
    return tuple(
        Clash(one, _why_left(one, parts[one.pk], now) or "changed_since")
        for one in sorted(rows, key=in_order)
    )
