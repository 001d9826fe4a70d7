"""Sessions that get other hours, several at one go: what stands against it, and writing it."""

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

from tandem.lessons import rules
from tandem.lessons.hindrances import Lesson
from tandem.lessons.history import What, line, moved, write
from tandem.lessons.models import Session
from tandem.lessons.reassign import Clash, as_clashes
from tandem.lessons.steps import LockedSessions, hours, local_day, planned_lesson
from tandem.lessons.surroundings import hindrances_of
from tandem.people.queries import Viewer
from tandem.relationships.events import EventStamp
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
    beside: Sequence[rules.Slot] = (),
    despite: frozenset[str] = frozenset(),
) -> tuple[Clash, ...]:
    """Return why sessions cannot have their new hours; ``leaving`` are ids that make room.

    ``about`` is the id of a time off or a closure that is about to go, ``beside`` are hours that
    others (locked, too) will have by then. ``despite`` are codes that are no reason against it.
    """
    lessons = [replace(_as_judged(one, locked, viewer), despite=despite) for one in moves]
    found = hindrances_of(lessons, leaving=leaving, about=about, beside=beside)
    return as_clashes(found, [one.session for one in moves])


def _as_judged(move: Move, locked: LockedSessions, viewer: Viewer) -> Lesson:
    session = move.session
    tutor, student = locked.tutors[session.tutor_id], locked.students[session.student_id]
    moved_from = None if viewer.is_owner else local_day(session, tutor)
    return planned_lesson(move.then, move.link, tutor, student, moved_from=moved_from)


def write_moves(moves: Sequence[Move], moment: EventStamp) -> None:
    """Give sessions, which have left the diary, their new hours."""
    lines = []
    for one in moves:
        session, before = one.session, (one.session.starts_at, one.session.ends_at)
        session.starts_at, session.ends_at = one.starts_at, one.ends_at
        session.legacy_fault, session.updated_at = "", moment.now
        details = moved(before, session)
        lines.append(line(session, What.MOVED, requester=moment.requester, details=details))
    fields = ["starts_at", "ends_at", "status", "legacy_fault", "updated_at"]
    Session.objects.bulk_update([one.session for one in moves], fields)
    write(lines)
