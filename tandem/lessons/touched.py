"""What becomes of sessions in hours that are no longer free: each is kept or given another fate.

A tutor is away, or the business closes: whoever says so decides about every session in these hours
in the same step. All of it is locked, planned and written together.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from django.db.models import QuerySet

from tandem.kit.errors import FieldError, InvalidError, invalid
from tandem.kit.fingerprints import Shown
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons import rules
from tandem.lessons.cancelling_rules import (
    ASKED_WHY,
    LONGEST_REASON,
    TOO_LONG,
    Cancelling,
    clean_reason,
)
from tandem.lessons.cover import Cover, held_then, part_of, plan_covers, shown_in, write_covers
from tandem.lessons.deeds import Part
from tandem.lessons.history import moved
from tandem.lessons.models import Session
from tandem.lessons.new_hours import Move, clashes_of_moves, write_moves
from tandem.lessons.policies import current_terms
from tandem.lessons.reassign import Clash, cancel_sessions
from tandem.lessons.shown import shown_clashes, shown_sessions
from tandem.lessons.steps import (
    LockedSessions,
    Status,
    in_order,
)
from tandem.people.queries import Viewer
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import EventStamp
from tandem.relationships.models import TutorStudent

Do = Literal["keep", "cancel", "cover", "move"]
Default = Literal["keep", "cancel"]
NOT_THERE = gettext_lazy(
    "One of the lessons that you decide about is not planned in these hours, or has begun. Look at "
    "what is there now."
)
DECIDE_OTHERWISE = gettext_lazy("Decide otherwise about these, or keep them as they are.")


@dataclass(frozen=True)
class Decision:
    """What becomes of one session: ``tutor_id`` covers it, or it moves to other hours."""

    session_id: str
    do: Do
    tutor_id: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class TouchedPlan:
    """Every session touched, by start, and what becomes of it; of some, why it cannot be."""

    kept: tuple[Session, ...] = ()
    cancelled: tuple[Session, ...] = ()
    covers: tuple[Cover, ...] = ()
    moves: tuple[Move, ...] = ()
    clashes: tuple[Clash, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    shown: Shown = field(default_factory=dict)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All of them, by start as they were."""
        covered = (one.session for one in self.covers)
        moving = (one.session for one in self.moves)
        return tuple(sorted((*self.kept, *self.cancelled, *covered, *moving), key=in_order))

    @property
    def held_then(self) -> list[tuple[Session, str]]:
        """What is covered or moved, as it is then, each with the id of its tutor."""
        moves = [(one.then, one.session.tutor_id) for one in self.moves]
        return [*held_then(self.covers), *moves]

    def does(self, session: Session) -> Do:
        """Return what becomes of one."""
        if any(one.session.pk == session.pk for one in self.covers):
            return "cover"
        if any(one.session.pk == session.pk for one in self.moves):
            return "move"
        return "cancel" if any(one.pk == session.pk for one in self.cancelled) else "keep"


def still_ahead(sessions: QuerySet[Session], *, now: datetime) -> QuerySet[Session]:
    """Return which of the sessions are decided about: what is planned and has not begun.

    The look asks about these, and the deed plans these: both call this.
    """
    return sessions.filter(status=Status.SCHEDULED, starts_at__gt=now)


def check_decisions(
    decisions: Iterable[Decision], *, allowed: Collection[str], now: datetime
) -> None:
    """Refuse a decision twice about one session, one that is not allowed, or half of one.

    And one that moves a session to a moment that is past.
    """
    errors, seen = [], set()
    for number, one in enumerate(decisions):
        if message := _wrong(one, allowed, now, is_again=one.session_id in seen):
            errors.append(FieldError(f"decisions.{number}", message))
        seen.add(one.session_id)
    if errors:
        raise InvalidError(errors)


def _wrong(one: Decision, allowed: Collection[str], now: datetime, *, is_again: bool) -> str:
    if is_again:
        return "This lesson is decided about twice."
    if one.do not in allowed:
        return f"This can be one of these: {', '.join(sorted(allowed))}."
    if one.do == "cover" and not one.tutor_id:
        return "Say who covers it."
    if one.do == "move" and not (one.starts_at and one.ends_at):
        return "Say when it is instead."
    return _wrong_move(one, now) if one.do == "move" else _wrong_reason(one)


def _wrong_move(one: Decision, now: datetime) -> str:
    if one.starts_at and one.starts_at.utcoffset() is not None and one.starts_at <= now:
        return "This moment is already past. Choose one that is ahead."
    return ""


def _wrong_reason(one: Decision) -> str:
    return TOO_LONG if len(one.reason) > LONGEST_REASON else ""


def plan_touched(
    viewer: Viewer,
    locked: LockedSessions,
    decisions: Iterable[Decision],
    *,
    default: Default = "keep",
) -> TouchedPlan:
    """Return what becomes of scheduled sessions (locked) that are all touched.

    What makes them be touched is written already, so that nothing is moved into it. ``default`` is
    for those of which no decision speaks. Of one that is not among them nothing comes: see
    ``check_all_touched``. Cover is an owner's to decide.
    """
    wanted = {one.session_id: one for one in decisions if one.session_id in locked.sessions}
    by_do: dict[Do, list[Session]] = {"keep": [], "cancel": [], "cover": [], "move": []}
    for session in sorted(locked.sessions.values(), key=in_order):
        there = wanted.get(session.pk)
        by_do[there.do if there else default].append(session)
        bring_people(session, locked)
    moves = [_move(one, wanted[one.pk]) for one in by_do["move"]]
    gone = [one.pk for do in ("cancel", "cover", "move") for one in by_do[do]]
    takers = {one.pk: wanted[one.pk].tutor_id for one in by_do["cover"]}
    if takers:
        relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("let another tutor cover"))
    beside = [one.hours for one in moves]
    covers = plan_covers(locked, takers, beside=beside, leaving=gone) if takers else []
    clashes = (
        *(clash for one in covers for clash in one.clashes),
        *where_they_would_be(clashes_of_moves(moves, locked, viewer, leaving=gone), moves),
    )
    return TouchedPlan(
        tuple(by_do["keep"]),
        tuple(by_do["cancel"]),
        tuple(covers),
        tuple(moves),
        clashes,
        {pk: clean_reason(one.reason) for pk, one in wanted.items() if one.do == "cancel"},
        _shown(by_do, covers, moves, clashes),
    )


def where_they_would_be(clashes: Iterable[Clash], moves: Iterable[Move]) -> tuple[Clash, ...]:
    """Return the clashes of sessions that move with the moment at which each would begin."""
    starts = {one.session.pk: one.starts_at for one in moves}
    return tuple(replace(one, at=starts[one.session.pk]) for one in clashes)


def reason_for_all(plan: TouchedPlan, own: str) -> str:
    """Return ``own``, of the time off or the closure, where a session is cancelled without words.

    '' where no policy asks why: then nobody's illness is told in the history of a session.
    InvalidError where the policy asks why, and nothing says it.
    """
    without = [one for one in plan.cancelled if not plan.reasons.get(one.pk)]
    if not without or not current_terms().reason_required:
        return ""
    if not clean_reason(own):
        raise invalid("reason", ASKED_WHY)
    return own


def bring_people(session: Session, locked: LockedSessions) -> None:
    """Let a session know the people in it, as they are locked."""
    link = locked.links[session.tutor_student_id]
    session.tutor = link.tutor = locked.tutors[session.tutor_id]
    session.student = link.student = locked.students[session.student_id]
    session.tutor_student = link


def check_all_touched(decisions: Iterable[Decision], plan: TouchedPlan) -> None:
    """Refuse a decision about a session that is not touched."""
    there = {one.pk for one in plan.sessions}
    if [one for one in decisions if one.session_id not in there]:
        raise invalid("decisions", NOT_THERE)


def carry_out(
    plan: TouchedPlan, moment: EventStamp, *, because: str, cancelling: Cancelling
) -> list[Part]:
    """Write what was planned, and return what a deed keeps of it.

    ``cancelling`` says who asked, and why where a decision says nothing else.
    """
    parts = [*_parts(plan), *map(part_of, plan.covers)]
    by_reason: dict[str, list[Session]] = {}
    for one in plan.cancelled:
        by_reason.setdefault(plan.reasons.get(one.pk) or cancelling.reason, []).append(one)
    for reason, sessions in by_reason.items():
        why = Cancelling(cancelling.by, reason)
        cancel_sessions(sessions, moment, because=because, cancelling=why)
    if plan.moves:
        # They leave the diary for a moment, so that hours can be taken that are left just now.
        moving = Session.objects.filter(pk__in=[one.session.pk for one in plan.moves])
        moving.update(status=Status.CANCELLED)
    write_covers(plan.covers, moment.requester)
    if plan.moves:
        write_moves(plan.moves, moment)
    return parts


def _parts(plan: TouchedPlan) -> list[Part]:
    """Return a part for each relationship, with the ids of what was called off and moved."""
    links: dict[str, TutorStudent] = {}
    cancelled: dict[str, list[str]] = {}
    moves: dict[str, dict[str, dict[str, str]]] = {}
    for session in plan.cancelled:
        links[session.tutor_student_id] = session.tutor_student
        cancelled.setdefault(session.tutor_student_id, []).append(session.pk)
    for one in plan.moves:
        links[one.link.pk] = one.link
        before = one.session.starts_at, one.session.ends_at
        moves.setdefault(one.link.pk, {})[one.session.pk] = moved(before, one.then)
    return [
        Part(link, {"cancelled": cancelled.get(pk, []), "moved": moves.get(pk, {})})
        for pk, link in links.items()
    ]


def _move(session: Session, decision: Decision) -> Move:
    starts_at, ends_at = decision.starts_at, decision.ends_at
    if starts_at is None or ends_at is None:
        raise invalid("decisions", _("Say when it is instead."))
    rules.check_hours(starts_at, ends_at)
    link = session.tutor_student
    return Move(session, link, starts_at.astimezone(UTC), ends_at.astimezone(UTC))


def _shown(
    by_do: Mapping[Do, Sequence[Session]],
    covers: Sequence[Cover],
    moves: Sequence[Move],
    clashes: Sequence[Clash],
) -> Shown:
    shown = {
        **shown_sessions(by_do["keep"], "stays"),
        **shown_sessions(by_do["cancel"], "is cancelled"),
        **shown_in(covers),
        **shown_clashes(clashes),
    }
    for one in moves:
        shown |= shown_sessions([one.session], "moves", f"{one.starts_at} {one.ends_at}")
    return shown
