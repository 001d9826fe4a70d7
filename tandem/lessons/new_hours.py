"""Sessions that get other hours, several at one go: what stands against it, and writing it."""

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from tandem.lessons import rules
from tandem.lessons.history import What, line, moved, write
from tandem.lessons.models import Session
from tandem.lessons.reassign import Clash
from tandem.lessons.steps import (
    LockedSessions,
    away,
    check_cover_day,
    closed,
    find_overlaps,
    hours,
    local_day,
)
from tandem.people.queries import Viewer
from tandem.relationships.events import EventStamp, state_of
from tandem.relationships.models import TutorStudent


@dataclass(frozen=True)
class Move:
    """A session (with its old hours) and the hours that it gets."""

    session: Session
    link: TutorStudent
    starts_at: datetime
    ends_at: datetime

    @property
    def then(self) -> Session:
        """The session as it is then."""
        one = copy(self.session)
        one.starts_at, one.ends_at = self.starts_at, self.ends_at
        return one

    @property
    def hours(self) -> rules.Slot:
        """The hours that it takes then."""
        return hours(self.then)


def clashes_of_moves(
    moves: Sequence[Move],
    locked: LockedSessions,
    viewer: Viewer,
    *,
    leaving: Collection[str],
    about: str = "",
) -> list[Clash]:
    """Return why sessions cannot have their new hours; ``leaving`` are ids that make room.

    ``about`` is the id of a time off or a closure that is about to go.
    """
    then = {one.session.pk: one.then for one in moves}
    takers = {pk: one.tutor_id for pk, one in then.items()}
    gone = {*away([*then.values()], takers, leaving=about)}
    shut = closed([*then.values()], leaving=about)
    found = []
    for one in moves:
        tutor, pk = locked.tutors[one.session.tutor_id], one.session.pk
        student, day = locked.students[one.session.student_id], local_day(one.then, tutor)
        rules.check_bookable(
            state_of(one.link), tutor_active=tutor.active, student_active=student.active
        )
        before = local_day(one.session, tutor)
        check_cover_day(one.then, one.link, tutor, viewer=viewer, before=before)
        if not rules.may_plan_on(state_of(one.link), day):
            found.append(Clash(one.session, "outside_relationship"))
        elif pk in gone or pk in shut:
            found.append(Clash(one.session, "tutor_away" if pk in gone else "closed"))
    wanted = [one.hours for one in moves]
    among = [one for one in rules.overlaps(wanted, wanted) if one.wanted < one.booked]
    overlaps = [*among, *find_overlaps(wanted, leaving=leaving)]
    there = Session.objects.in_bulk([one.booked for one in overlaps])
    by_id = {one.session.pk: one.session for one in moves}
    return [*found, *(Clash(by_id[one.wanted], one.reason, there[one.booked]) for one in overlaps)]


def write_moves(moves: Sequence[Move], moment: EventStamp) -> None:
    """Give sessions, which have left the diary, their new hours."""
    lines = []
    for one in moves:
        session, before = one.session, (one.session.starts_at, one.session.ends_at)
        session.starts_at, session.ends_at = one.starts_at, one.ends_at
        session.legacy_fault, session.updated_at = "", moment.now
        details = moved(before, session)
        lines.append(line(session, What.MOVED, actor=moment.actor, now=moment.now, details=details))
    fields = ["starts_at", "ends_at", "status", "legacy_fault", "updated_at"]
    Session.objects.bulk_update([one.session for one in moves], fields)
    write(lines)
