"""Which sessions a calendar program reads at a secret address, as events of a calendar.

An event is what takes an hour of its reader: a session, or for tutor and owner all sessions of a
group together. It tells when, with whom, which subject and where: no notes, no homework, because
calendars are kept by strangers.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil

from tandem.kit.errors import NotFoundError
from tandem.lessons.models import Session
from tandem.lessons.queries import sessions
from tandem.people import limits
from tandem.people.calendar_feeds import Kind, opened_feed
from tandem.people.queries import Viewer

BEHIND = {
    Kind.TUTOR: timedelta(days=366),
    Kind.FAMILY: timedelta(days=366),
    Kind.OWNER: timedelta(days=31),
}
"""How far back a feed goes; all that is ahead is in it."""
STEPS_A_SECOND = 10
MOST_STEPS = 2**31 - 1


@dataclass(frozen=True)
class Event:
    """An hour of a calendar. ``uid`` stays when it moves; ``sequence`` rises with every change.

    ``people`` are the names that its reader is told: students for a tutor, tutors for a family,
    and for an owner the tutor first.
    """

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    people: tuple[str, ...]
    subject: str
    title: str
    location: str
    meeting_link: str


@dataclass(frozen=True)
class Calendar:
    """What a feed holds, and whose it is: a student's name for a family, else empty."""

    kind: str
    about: str
    events: Sequence[Event]


def opened_calendar(secret: str, *, address: str, now: datetime) -> Calendar:
    """Return what the holder of a feed's secret may read; ``address`` is where they ask from.

    NotFoundError for a secret that opens nothing, and TooManyRequestsError for an address that
    tried too many of those, or for a feed that is itself read too often.
    """
    try:
        feed, viewer = opened_feed(secret, now=now)
    except NotFoundError:
        limits.spend_on_wrong_link(address, now)
        raise
    limits.spend(limits.CALENDAR_READS, feed.pk, now)
    about = feed.student.full_name if feed.student else ""
    return Calendar(feed.kind, about, list(events(viewer, feed.kind, now=now)))


def events(viewer: Viewer, kind: str, *, now: datetime) -> Iterator[Event]:
    """Yield what a feed of a kind holds for its holder, by start."""
    rows = sessions(viewer).filter(starts_at__gt=now - BEHIND[Kind(kind)])
    if kind == Kind.TUTOR:
        rows = rows.filter(tutor=viewer.tutor_id)
    if kind == Kind.FAMILY:
        return (_event([row], kind) for row in rows.iterator())
    ordered = rows.order_by("starts_at", "tutor_id", "group", "id")
    return (_event(list(together), kind) for _, together in groupby(ordered.iterator(), _hour_of))


def _hour_of(row: Session) -> tuple[object, ...]:
    return (row.starts_at, row.tutor_id, row.group or row.pk)


def _event(rows: Sequence[Session], kind: str) -> Event:
    """Return the event of one session, or of a group's sessions in one hour."""
    first = rows[0]
    held = [row for row in rows if row.status != Session.Status.CANCELLED]
    subject = first.tutor_student.subject
    return Event(
        uid=f"{min(row.pk for row in rows)}@tandem",
        sequence=max(map(_sequence, rows)),
        changed_at=max(row.updated_at for row in rows),
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        cancelled=not held,
        people=tuple(_people(held or rows, kind)),
        subject=subject.name if subject else "",
        title=first.title or "",
        location=first.location or "",
        meeting_link=first.meeting_link or "",
    )


def _people(rows: Iterable[Session], kind: str) -> Iterator[str]:
    for number, row in enumerate(rows):
        if kind != Kind.TUTOR and number == 0:
            yield row.tutor.public_name
        if kind != Kind.FAMILY:
            yield row.student.full_name


def _sequence(row: Session) -> int:
    """Return a number that rises with each change: tenths of seconds between making and it."""
    changed = (row.updated_at - row.created_at).total_seconds()
    return min(max(ceil(changed * STEPS_A_SECOND), 0), MOST_STEPS)
