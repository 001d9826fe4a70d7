"""Sessions that change hands, or are called off, because their relationship does or is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.db.models import prefetch_related_objects

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import local_date, moment_in_words, zone_or_business
from tandem.lessons import rules
from tandem.lessons.cancelling_rules import BUSINESS, Cancelling, Terms, as_told
from tandem.lessons.history import What, line, write
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.steps import Status, away, closed, find_overlaps, hours, local_day
from tandem.people.models import Tutor
from tandem.relationships.events import EventStamp, state_of
from tandem.relationships.models import TutorStudent

BY_BUSINESS = Cancelling(BUSINESS)


@dataclass(frozen=True)
class Clash:
    """A session that cannot move, and why.

    ``tutor_busy`` and ``student_busy`` name the session in the way. ``before_start`` has none:
    where the new tutor is, the session falls on a day before the transfer. So have ``tutor_away``,
    and ``closed`` for one that was called off and would be planned again on a closed day;
    ``outside_relationship``, ``begun`` and ``changed_since`` are of an undoing alone.
    """

    session: Session
    reason: str
    busy_with: Session | None = None
    at: datetime | None = None
    """When it would begin, where that is another moment than it has now."""


def clashes_of(
    moving: Sequence[Session], link: TutorStudent, receiver: Tutor, *, leaving: Iterable[str] = ()
) -> tuple[Clash, ...]:
    """Return why ``moving`` sessions cannot be ``link``'s; ``leaving`` are ids that move too."""
    start = replace(state_of(link), ended_on=None)
    early = [
        Clash(session, "before_start")
        for session in moving
        if not rules.within(start, local_day(session, receiver))
    ]
    gone = {*away(moving, {one.pk: receiver.pk for one in moving})}
    absent = [Clash(session, "tutor_away") for session in moving if session.pk in gone]
    anew = [session for session in moving if session.status == Status.CANCELLED]
    shut = closed(anew)
    absent += [Clash(session, "closed") for session in anew if session.pk in shut]
    wanted = [hours(one, tutor_id=receiver.pk) for one in moving if not one.legacy_fault]
    # What was planned since a transfer may stand where an undo would bring something back.
    among = [one for one in rules.overlaps(wanted, wanted) if one.wanted < one.booked]
    overlaps = [*among, *find_overlaps(wanted, leaving={*leaving})]
    there = Session.objects.in_bulk([overlap.booked for overlap in overlaps])
    by_id = {session.pk: session for session in moving}
    busy = [Clash(by_id[one.wanted], one.reason, there[one.booked]) for one in overlaps]
    return (*early, *absent, *busy)


WHY_NOT = {
    "tutor_busy": gettext_lazy("the tutor has another lesson then"),
    "student_busy": gettext_lazy("the student has another lesson then"),
    "tutor_away": gettext_lazy("the tutor is away then"),
    "closed": gettext_lazy("the business is closed then"),
    "before_start": gettext_lazy("the new tutor begins later"),
    "outside_relationship": gettext_lazy("the tutor does not teach the student then"),
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


def _which(clashes: Sequence[Clash]) -> str:
    """Return the first lessons, on their tutors' clocks, each with the first reason against it."""
    first = {one.session.pk: one for one in reversed(clashes)}
    named = sorted(first.values(), key=lambda one: one.session.starts_at)
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
    says = partial(line, actor=moment.actor, now=moment.now)
    write([says(one, what, details=_hands(one, link)) for one in sessions])
    for session in sessions:
        session.tutor_student, session.tutor = link, link.tutor
        session.status, session.updated_at = Status.SCHEDULED, moment.now
    fields = ["tutor_student", "tutor", "status", "updated_at"]
    # One statement, and rows of the same hours are in one group, so their order does not matter.
    Session.objects.bulk_update(sessions, fields)


def _hands(session: Session, link: TutorStudent) -> dict[str, str]:
    """Return from which relationship to which a session goes, where it does."""
    before = session.tutor_student_id
    return {"from": before, "to": link.pk} if before != link.pk else {}


def move_series(ids: Iterable[str], link: TutorStudent) -> None:
    """Let what comes back weekly come back with another relationship."""
    SessionSeries.objects.filter(pk__in=list(ids)).update(tutor_student=link)


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
    write(
        line(
            one,
            What.CANCELLED,
            actor=moment.actor,
            now=moment.now,
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
