"""Sessions that change hands, or are called off, because their relationship does or is."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.db.models import prefetch_related_objects

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.named_sql import NamedStatements, fetch_rows
from tandem.kit.time import local_date, moment_in_words, zone_or_business
from tandem.lessons.cancelling_rules import BUSINESS, Cancelling, Terms, as_told
from tandem.lessons.hindrances import Hindrance, Lesson
from tandem.lessons.history import What, line, write
from tandem.lessons.models import Session
from tandem.lessons.steps import Status, in_order, lesson_of
from tandem.lessons.surroundings import hindrances_of
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships.events import EventStamp, state_of
from tandem.relationships.models import TutorStudent

REASSIGN = NamedStatements(Path(__file__).with_name("reassign.sql"))
MOVE_SESSIONS = REASSIGN.compose("move_sessions")
BY_BUSINESS = Cancelling(BUSINESS)
NONE: frozenset[str] = frozenset()
AS_BEFORE = frozenset({"closed"})
"""What is no reason against a session that keeps its hours: it was so before."""
WAS_THERE = frozenset({"wrong_status"})
"""What is no reason against a session that comes back where it was: a pause lets it stand."""


@dataclass(frozen=True)
class Clash:
    """A session that cannot be as is planned, and why; ``busy_with`` is the session in the way.

    ``reason`` is the code of a hindrance, or ``before_start``: where the new tutor is, the session
    falls on a day before the transfer. ``begun`` and ``changed_since`` are of an undoing alone.
    """

    session: Session
    reason: str
    busy_with: Session | None = None
    at: datetime | None = None
    """When it would begin, where that is another moment than it has now."""
    taker: Tutor | None = None
    """Whom ``reason`` speaks of, where that is not the tutor who holds the session now."""


OF_THE_TUTOR = frozenset({"tutor_away", "tutor_inactive"})
"""What stands against a session for the tutor who would hold it, with no session to name."""
Plan = TypeVar("Plan")
Planned = tuple[Plan, tuple[Clash, ...]]


def as_clashes(found: Sequence[Hindrance], sessions: Iterable[Session]) -> tuple[Clash, ...]:
    """Return hindrances with the sessions that they are about."""
    by_id = {one.pk: one for one in sessions}
    there = Session.objects.in_bulk([one.booked for one in found if one.booked])
    of_takers = {
        one.tutor
        for one in found
        if one.code in OF_THE_TUTOR and one.tutor != by_id[one.session].tutor_id
    }
    takers = Tutor.objects.in_bulk(of_takers) if of_takers else {}
    return tuple(
        Clash(
            by_id[one.session],
            one.code,
            there.get(one.booked),
            taker=takers.get(one.tutor) if one.code in OF_THE_TUTOR else None,
        )
        for one in found
    )


def clashes_of(
    moving: Sequence[Session], links: Mapping[str, TutorStudent], *, leaving: Iterable[str] = ()
) -> tuple[Clash, ...]:
    """Return why ``moving`` sessions cannot be those of ``links`` (by session, with their tutors).

    ``leaving`` are ids that move too. Each link goes on from its start, whatever its end says.
    """
    lessons = [_handed(one, links[one.pk]) for one in moving]
    found = as_clashes(hindrances_of(lessons, leaving={*leaving}), moving)
    return tuple(
        replace(one, reason="before_start") if one.reason == "outside_relationship" else one
        for one in found
    )


def _handed(session: Session, link: TutorStudent) -> Lesson:
    """Return a session as it is judged where it changes hands or comes back.

    A closed day is no reason against what only changes hands: it was so before.
    """
    is_anew = session.status == Status.CANCELLED
    lesson = lesson_of(session, link, link.tutor, takes_time=not session.legacy_fault)
    goes_on = replace(state_of(link), ended_on=None)
    return replace(lesson, link=goes_on, despite=NONE if is_anew else AS_BEFORE)


WHY_NOT = {
    "tutor_busy": gettext_lazy("the tutor has another lesson then"),
    "student_busy": gettext_lazy("the student has another lesson then"),
    "tutor_away": gettext_lazy("the tutor is away then"),
    "closed": gettext_lazy("the business is closed then"),
    "before_start": gettext_lazy("the new tutor begins later"),
    "outside_relationship": gettext_lazy("the tutor does not teach the student then"),
    "wrong_status": gettext_lazy("nothing is planned in this relationship at present"),
    "tutor_inactive": gettext_lazy("the tutor is inactive"),
    "student_inactive": gettext_lazy("the student is inactive"),
    "only_cover": gettext_lazy("the tutor only covers on its day"),
    "begun": gettext_lazy("it has begun"),
    "changed_since": gettext_lazy("it was changed since"),
}
MOST_NAMED = 3


def check_clashes(clashes: Sequence[Clash], *, remedy: str = "") -> None:
    """Refuse any clash and say which and why; the details hold the ids of what would move and of
    what is there.
    """
    if clashes:
        prefetch_related_objects([clash.session for clash in clashes], "tutor")
        moving = list(dict.fromkeys(clash.session.pk for clash in clashes))
        there = [clash.busy_with.pk for clash in clashes if clash.busy_with]
        raise ConflictError(
            "clashes",
            _("Nothing was done, because of {clashes}. {remedy}")
            .format(clashes=_which(clashes), remedy=remedy)
            .rstrip(),
            {
                "moving": moving,
                "sessions": list(dict.fromkeys(there)),
                "conflicts": [_named(clash) for clash in clashes],
            },
        )


def first_of_each(clashes: Sequence[Clash]) -> list[Clash]:
    """Return the first clash of each session, by their starts."""
    first = {one.session.pk: one for one in reversed(clashes)}
    return sorted(first.values(), key=lambda one: in_order(one.session))


def as_far_as_it_goes(plan: Callable[[Collection[str]], Planned[Plan]]) -> Planned[Plan]:
    """Plan again without what cannot be, until nothing stands in the way of anything.

    ``plan`` is told the ids of the sessions to leave as they are, and returns with its plan what
    stands against it. What stays may come into the way of others. Return the last plan, and why
    each was left.
    """
    stuck: list[Clash] = []
    while True:
        made, found = plan({one.session.pk for one in stuck})
        if not found:
            return made, tuple(stuck)
        stuck += found


def _which(clashes: Sequence[Clash]) -> str:
    """Return the first lessons, on their tutors' clocks, each with the first reason against it."""
    named = first_of_each(clashes)
    said = [_one(one) for one in named[:MOST_NAMED]]
    more = len(named) - MOST_NAMED
    return ", ".join([*said, *([_("and {number} more").format(number=more)] if more > 0 else [])])


def _one(clash: Clash) -> str:
    words = {
        "session": _when(clash.session, clash.session.starts_at),
        "reason": WHY_NOT.get(clash.reason, clash.reason),
    }
    if clash.at is None:
        return _("the lesson on {session} ({reason})").format_map(words)
    return _("the lesson on {session}, which would be on {moment} ({reason})").format(
        **words, moment=_when(clash.session, clash.at)
    )


def _named(clash: Clash) -> dict[str, str]:
    """Return a clash as a refusal tells it: which session, on which day it cannot be, and why."""
    session = clash.session
    zone = zone_or_business(session.tutor.time_zone)
    return {
        "code": clash.reason,
        "date": local_date(clash.at or session.starts_at, zone).isoformat(),
        "detail": str(WHY_NOT.get(clash.reason, clash.reason)),
        "sessionId": session.pk,
    }


def _when(session: Session, moment: datetime) -> str:
    return moment_in_words(moment, zone_or_business(session.tutor.time_zone))


def move_sessions(
    sessions: Sequence[Session], link: TutorStudent, what: What, moment: EventStamp
) -> None:
    """Hand sessions (locked) to another relationship of their student; they are scheduled then.

    ``what`` is what their history says of it; nothing changes hands where it is ``reinstated``.
    """
    links = {one.pk: link for one in sessions}
    move_each(sessions, links, what, requester=moment.requester)


def move_each(
    sessions: Sequence[Session],
    links: Mapping[str, TutorStudent],
    what: What,
    *,
    requester: Requester,
    becomes: Status | None = Status.SCHEDULED,
) -> None:
    """Hand sessions (locked) to the relationships of ``links``, by session, at one go.

    None as what each ``becomes`` leaves it what it is.
    """
    if not sessions:
        return
    says = partial(line, requester=requester)
    write([says(one, what, details=_hands(one, links[one.pk])) for one in sessions])
    for session in sessions:
        link = links[session.pk]
        session.tutor_student, session.tutor = link, link.tutor
        session.status, session.updated_at = becomes or session.status, requester.now
    # One statement, and rows of the same hours are in one group, so their order does not matter.
    fetch_rows(
        MOVE_SESSIONS,
        {
            "ids": [one.pk for one in sessions],
            "links": [one.tutor_student_id for one in sessions],
            "tutors": [one.tutor_id for one in sessions],
            "statuses": [str(one.status) for one in sessions],
            "now": requester.now,
        },
    )


def _hands(session: Session, link: TutorStudent) -> dict[str, str]:
    """Return from which relationship to which a session goes, where it does."""
    before = session.tutor_student_id
    return {"from": before, "to": link.pk} if before != link.pk else {}


def cancel_sessions(
    sessions: Sequence[Session],
    moment: EventStamp,
    *,
    because: str = "end",
    cancelling: Cancelling = BY_BUSINESS,
) -> None:
    """Call scheduled sessions (locked) off at one go; none is charged, whatever the policy.

    ``because`` is ``end`` where their relationship ends or is transferred, ``closed`` or ``away``.
    """
    if not sessions:
        return
    write(
        line(
            one,
            What.CANCELLED,
            requester=moment.requester,
            details={
                "because": because,
                "cancellation": as_told(cancelling, Terms(), notice=one.starts_at - moment.now),
            },
        )
        for one in sessions
    )
    for session in sessions:
        session.status, session.updated_at = Status.CANCELLED, moment.now
    Session.objects.bulk_update(sessions, ["status", "updated_at"])
