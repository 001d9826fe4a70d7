"""A tutor is away and others take sessions over, one by one or all of an absence at once.

The covering tutor's own relationship with the student holds the session where it teaches the
subject. Else a relationship of kind ``cover`` is made, which is dated from the start: it holds on
the session's day and is over the next. It is never open, so it takes no place of the tutor's, is
never primary, and opens no more of the student than that day.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import prefetch_related_objects

from tandem.kit.fingerprints import Shown, check_expected
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons import cover_rules, rules
from tandem.lessons.deeds import Kind, Part, record_deed
from tandem.lessons.hindrances import Hindrance, Lesson
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.objections import refuse
from tandem.lessons.queries import sessions_by_id
from tandem.lessons.reassign import AS_BEFORE, Clash, as_clashes, move_each
from tandem.lessons.shown import (
    shown_clashes,
    shown_relationship,
    shown_sessions,
)
from tandem.lessons.steps import (
    REFUSALS,
    LockedSessions,
    in_order,
    local_day,
    lock_sessions,
    planned_lesson,
)
from tandem.lessons.surroundings import hindrances_of
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import (
    Beginning,
    EventStamp,
    What,
    begun,
    record_all,
    state_of,
)
from tandem.relationships.models import TutorStudent

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Choice:
    """Who takes which session."""

    session_id: str
    tutor_id: str


@dataclass(frozen=True)
class Cover:
    """A session that changes hands: ``before`` held it, ``link`` holds it.

    ``is_new`` tells that ``link`` is made for it, so in a preview is not saved; further sessions
    of that day share it. ``hindrances`` are why it would be refused, ``clashes`` the same with
    sessions. ``shown`` is what the fingerprint is made of.
    """

    session: Session
    before: TutorStudent
    link: TutorStudent
    on: date
    is_new: bool
    hindrances: tuple[Hindrance, ...] = ()
    clashes: tuple[Clash, ...] = ()
    shown: Shown = field(default_factory=dict)
    deed: str = ""
    """The id of the deed that it is part of; '' in a preview."""


def held_then(plan: Iterable[Cover]) -> list[tuple[Session, str]]:
    """Return each session with the id of the tutor who covers it."""
    return [(one.session, one.link.tutor_id) for one in plan]


def shown_in(plan: Iterable[Cover]) -> Shown:
    """Return all that covers made together show."""
    return {key: one for cover in plan for key, one in cover.shown.items()}


@one_transaction(REFUSALS, keep=False)
def preview_cover(*, requester: Requester, choices: Sequence[Choice]) -> list[Cover]:
    """Return what ``cover_all`` would do, and change nothing; clashes are told, not refused."""
    return _planned(requester, choices)


def bring_people(plan: Sequence[Cover]) -> None:
    """Bring along whom the lines of a plan name, in four queries for all."""
    prefetch_related_objects([one.link for one in plan], "tutor", "student", "subject")
    prefetch_related_objects([one.session for one in plan], "student")


@one_transaction(REFUSALS)
def cover_all(
    *, requester: Requester, choices: Sequence[Choice], expect: str | None = None
) -> list[Cover]:
    """Give scheduled sessions to other tutors, all or none. Owners only.

    ConflictError ``tutor_busy`` (with the ids of the sessions there), ``tutor_away``,
    ``tutor_inactive``, ``wrong_status`` for a session that is not scheduled; InvalidError for the
    tutor whose session it is. ``expect`` is the fingerprint of the preview that was looked at; see
    ``check_expected``.
    """
    plan = _planned(requester, choices)
    check_expected(expect, shown_in(plan))
    refuse(one for cover in plan for one in cover.hindrances)
    if not plan:
        return plan
    write_covers(plan, requester)
    deed = record_deed(Kind.COVER, map(part_of, plan), EventStamp(requester, plan[0].on))
    return [replace(one, deed=deed) for one in plan]


def part_of(plan: Cover) -> Part:
    """Return what a deed keeps of a session that changes hands."""
    session, before = plan.session.pk, plan.before.pk
    return Part(plan.link, {"session": session, "before": before, "is_new": plan.is_new})


@one_transaction(REFUSALS)
def cover(*, requester: Requester, session_id: str, tutor_id: str) -> Cover:
    """Give one scheduled session to another tutor; see ``cover_all``."""
    return cover_all(requester=requester, choices=[Choice(session_id, tutor_id)])[0]


def _planned(requester: Requester, choices: Sequence[Choice]) -> list[Cover]:
    takers = {choice.session_id: choice.tutor_id for choice in choices}
    return plan_covers(_locked(requester, takers), takers)


def plan_covers(
    locked: LockedSessions,
    takers: Mapping[str, str],
    *,
    beside: Sequence[rules.Slot] = (),
    leaving: Collection[str] = (),
) -> list[Cover]:
    """Return who holds what where others take sessions: session id -> tutor id, all locked.

    ``beside`` are hours that others will have by then; ``leaving`` are ids that make room.
    """
    sessions = {pk: locked.sessions[pk] for pk in takers}
    for session in sessions.values():
        cover_rules.check_another_tutor(present=session.tutor_id, covering=takers[session.pk])
        rules.check_status("cover", session_id=session.pk, status=session.status)
    _check_here(locked, takers)
    made: dict[tuple[str, str, str | None, date], TutorStudent] = {}
    plan = []
    for session in sorted(sessions.values(), key=in_order):
        before, taker = locked.links[session.tutor_student_id], locked.tutors[takers[session.pk]]
        day = local_day(session, taker)
        key = (taker.pk, session.student_id, before.subject_id, day)
        link = made.get(key) or _link_for(session, before, taker, day, locked)
        link.tutor, link.student = taker, locked.students[session.student_id]
        is_new = link.pk not in locked.links and key not in made
        if is_new:
            made[key] = link
        plan.append(Cover(session, before, link, day, is_new))
    prefetch_related_objects([one.link for one in plan], "subject")
    return _judged(plan, beside, leaving)


def _judged(
    plan: Sequence[Cover], beside: Sequence[rules.Slot], leaving: Collection[str]
) -> list[Cover]:
    """Return covers with what stands against each, and so with all that is shown."""
    lessons = [_as_judged(one) for one in plan]
    found = hindrances_of(lessons, leaving=leaving, beside=beside)
    clashes = as_clashes(found, [one.session for one in plan])
    judged = []
    for one in plan:
        pk = one.session.pk
        mine = tuple(hindrance for hindrance in found if hindrance.session == pk)
        there = tuple(clash for clash in clashes if clash.session.pk == pk)
        shown = _shown(one.session, one.link, there)
        judged.append(replace(one, hindrances=mine, clashes=there, shown=shown))
    return judged


def _as_judged(cover: Cover) -> Lesson:
    """A closed day is no reason against it: it was so before."""
    session, link = cover.session, cover.link
    takes_time = not session.legacy_fault
    return planned_lesson(
        session, link, link.tutor, link.student, takes_time=takes_time, despite=AS_BEFORE
    )


def _shown(session: Session, link: TutorStudent, clashes: Iterable[Clash]) -> Shown:
    """Return what is shown of one session that changes hands."""
    return {
        **shown_sessions([session], "is covered", link.tutor_id),
        **shown_relationship(link),
        **shown_clashes(clashes),
    }


def _locked(requester: Requester, takers: Mapping[str, str]) -> LockedSessions:
    viewer = requester.viewer
    seen = sessions_by_id(viewer, takers)
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("let another tutor cover"))
    return lock_sessions(seen, takers=takers.values())


def _link_for(
    session: Session, before: TutorStudent, taker: Tutor, day: date, locked: LockedSessions
) -> TutorStudent:
    """Return the taker's relationship that holds the session, or a new one for that day."""
    subject = before.subject_id
    links = [link for link in locked.links.values() if link.student_id == session.student_id]
    standings = [state_of(link) for link in links if not link.legacy_fault]
    fitting = [
        one
        for one in standings
        if cover_rules.fits_cover(one, tutor=taker.pk, subject=subject, day=day)
    ]
    if (best := cover_rules.best_for_cover(fitting, subject)) is not None:
        return locked.links[best.id]
    cover_rules.check_cover_apart(standings, tutor=taker.pk, subject=subject, day=day)
    return TutorStudent(
        tutor=taker,
        student=locked.students[session.student_id],
        subject_id=subject,
        started_on=day,
        ended_on=day + A_DAY,
        kind=TutorStudent.Kind.COVER,
        end_reason="Cover",
    )


def _check_here(locked: LockedSessions, takers: Mapping[str, str]) -> None:
    """Refuse tutors who no longer work here."""
    for tutor_id in set(takers.values()):
        relationship_rules.check_tutor_active(active=locked.tutors[tutor_id].active)


def write_covers(plan: Sequence[Cover], requester: Requester) -> None:
    """Carry out what ``plan_covers`` planned, by as many statements for many as for few."""
    if not plan:
        return
    told = [
        (one, EventStamp(requester, one.on),
         {"from": one.before.pk, "to": one.link.pk, "session": one.session.pk})
        for one in plan
    ]  # fmt: skip
    starts = [Beginning(one.link, stamp, details) for one, stamp, details in told if one.is_new]
    notes = [(What.COVERED, one.before, stamp, details) for one, stamp, details in told]
    record_all([*begun(What.STARTED, starts), *notes])
    links = {one.session.pk: one.link for one in plan}
    move_each([one.session for one in plan], links, SessionEvent.What.COVERED, requester=requester)
