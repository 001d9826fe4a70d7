"""Ending a relationship, with what becomes of the sessions ahead and of the primary mark."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from tandem.kit.fingerprints import Shown, check_expected, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.deeds import Kind, Part, record_deed
from tandem.lessons.models import Session
from tandem.lessons.reassign import cancel_sessions
from tandem.lessons.shown import shown_primaries_of, shown_relationship, shown_sessions
from tandem.lessons.steps import REFUSALS, check_none_held_after, lock_links, scheduled_from
from tandem.people.local_dates import today
from tandem.people.requester import Requester
from tandem.relationships import marks
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import EventStamp, What, close, state_of, without_doubt
from tandem.relationships.models import TutorStudent

GOING_ON = frozenset({*TutorStudent.OPEN, "planned"})


@dataclass(frozen=True)
class Ending:
    """What an end does, or would do. ``primary`` is the relationship that takes the mark over.

    ``shown`` is what the fingerprint is made of.
    """

    old: TutorStudent
    cancelled: tuple[Session, ...]
    primary: TutorStudent | None
    leaves_nobody: bool = False
    """Whether nobody else teaches the student from that day on, nor begins later."""
    shown: Shown = field(default_factory=dict)
    deed: str = ""
    """The id of the deed; '' in a preview."""


@one_transaction(REFUSALS, keep=False)
def preview_end(
    *,
    requester: Requester,
    tutor_student_id: str,
    on: date | None = None,
    future_sessions: Literal["refuse", "cancel"] = "cancel",
    next_primary: str | None = None,
) -> Ending:
    """Return what ``end`` would do, or refuse as it would; nothing in it is saved."""
    ending, moment, _ = _planned(requester, tutor_student_id, on, next_primary)
    _check_ahead(ending, moment, future_sessions)
    _foretell(ending.old, moment)
    return ending


@one_transaction(REFUSALS)
def end(
    *,
    requester: Requester,
    tutor_student_id: str,
    on: date | None = None,
    reason: str = "",
    future_sessions: Literal["refuse", "cancel"] = "refuse",
    next_primary: str | None = None,
    expect: str | None = None,
) -> Ending:
    """End an open relationship on a date (today, unless said), by an owner or its tutor.

    One whose end lies ahead may be given another end, unless it is handed over on that day.
    What is scheduled from that date on is cancelled where asked; else ConflictError
    ``sessions_ahead``. The end of the primary makes ``next_primary`` primary, or the oldest open
    one; a tutor does not choose it. ``expect`` is the fingerprint of the preview that was looked
    at; see ``check_expected``.
    """
    ending, moment, links = _planned(requester, tutor_student_id, on, next_primary)
    check_expected(expect, ending.shown)
    old = ending.old
    _check_ahead(ending, moment, future_sessions)
    details = {"reason": reason, "cancelled": [session.pk for session in ending.cancelled]}
    close(old, What.ENDED, moment, reason=reason, details=details)
    cancel_sessions(ending.cancelled, moment)
    deed = record_deed(Kind.END, [Part(old, {"end": moment.on.isoformat()})], moment)
    return replace(ending, primary=marks.promote(links, moment, chosen=next_primary), deed=deed)


def _check_ahead(
    ending: Ending, moment: EventStamp, future_sessions: Literal["refuse", "cancel"]
) -> None:
    if future_sessions == "refuse":
        rules.check_none_ahead([session.pk for session in ending.cancelled], moment.on)


def _planned(
    requester: Requester, tutor_student_id: str, on: date | None, next_primary: str | None
) -> tuple[Ending, EventStamp, dict[str, TutorStudent]]:
    viewer = requester.viewer
    locked = lock_links(viewer, tutor_student_id)
    tutor, old = locked.tutor, locked.links[tutor_student_id]
    own = tutor.pk == viewer.tutor_id
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=own)
    if next_primary is not None:
        relationship_rules.check_owner(
            is_owner=viewer.is_owner, doing=_("choose the primary tutor")
        )
    old.tutor, old.student = tutor, locked.students[old.student_id]
    day = on or today(tutor, requester.now)
    is_handed_over = any(link.transferred_from_id == old.pk for link in locked.links.values())
    may_move = state_of(old).ends_after(today(tutor, requester.now)) and not is_handed_over
    if not may_move:
        relationship_rules.check_status("end", state_of(old), today(tutor, requester.now))
    relationship_rules.check_end(state_of(old), day)
    check_none_held_after(old, tutor, day)
    moment = EventStamp(requester, day)
    cancelled = tuple(scheduled_from([old], tutor, day, now=requester.now))
    heir = _heir(locked.links, old, moment, next_primary)
    others = [one for pk, one in locked.links.items() if pk != old.pk]
    alone = not any(_teaches_from(one, day) for one in others)
    ending = Ending(old, cancelled, heir, alone, _shown(old, cancelled, heir, day))
    return ending, moment, dict(locked.links)


def _teaches_from(row: TutorStudent, day: date) -> bool:
    """Tell whether somebody teaches the student on a day, or is to begin after it."""
    return row.kind == TutorStudent.Kind.REGULAR and state_of(row).on(day) in GOING_ON


def _heir(
    links: Mapping[str, TutorStudent], old: TutorStudent, moment: EventStamp, chosen: str | None
) -> TutorStudent | None:
    """Return who takes the primary mark once ``old`` has ended."""
    after = _foretell(copy(old), moment)
    heir = marks.next_primary_of({**links, old.pk: after}, chosen=chosen)
    return links[heir] if heir else None


def _foretell(old: TutorStudent, moment: EventStamp) -> TutorStudent:
    old.ended_on, old.is_primary, old.legacy_fault = moment.on, False, without_doubt(old)
    return old


def _shown(
    old: TutorStudent, cancelled: Sequence[Session], heir: TutorStudent | None, day: date
) -> Shown:
    """Return what the preview shows. Who is primary next may be nobody whom a tutor sees: no id."""
    return {
        **shown_relationship(old),
        **shown_sessions(cancelled, "is cancelled"),
        **shown_primaries_of([old.student_id]),
        "end": hash_of(day),
        "next_primary": hash_of(heir and [*shown_relationship(heir).values()]),
    }
