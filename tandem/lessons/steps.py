"""The steps that actions on sessions are made of. Each expects an open transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tandem.kit.errors import NotFoundError
from tandem.kit.named_sql import fetch_rows
from tandem.kit.time import day_starts, local_date, zone_or_business
from tandem.kit.transactions import ChangedMeanwhileError, Refusals
from tandem.lessons import rules, transfer_rules
from tandem.lessons.booking import BOOKING
from tandem.lessons.hindrances import Lesson
from tandem.lessons.models import LONGEST_SESSION, Session
from tandem.lessons.queries import visible_session
from tandem.people.models import Student, Tutor
from tandem.people.queries import Viewer
from tandem.relationships.actions import REFUSALS as RELATIONSHIP_REFUSALS
from tandem.relationships.events import state_of
from tandem.relationships.locks import lock_students, lock_tutors
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_pair

Status = Session.Status
TAKES_TIME = (Status.SCHEDULED, Status.COMPLETED)
HELD = (Status.COMPLETED, Status.NO_SHOW)

SESSIONS_NEAR = BOOKING.compose("sessions_near")
REFUSALS: Refusals = {
    **RELATIONSHIP_REFUSALS,
    "session_tutor_in_one_place": ("tutor_busy", rules.BUSY["tutor_busy"]),
    "session_student_in_one_place": ("student_busy", rules.BUSY["student_busy"]),
}


@dataclass(frozen=True)
class LockedLinks:
    """Relationships under lock with their one tutor, their students, and all of the students'."""

    tutor: Tutor
    students: Mapping[str, Student]
    links: Mapping[str, TutorStudent]


def lock_links(viewer: Viewer, *ids: str) -> LockedLinks:
    """Lock relationships of one tutor that the viewer may see, and everybody in them."""
    seen = [visible_pair(viewer, tutor_student_id) for tutor_student_id in ids]
    rules.check_one_tutor([tutor for tutor, _ in seen])
    tutor_id = seen[0][0]
    tutor = lock_tutors(tutor_id)[tutor_id]
    students, links = lock_students(*{student for _, student in seen})
    return LockedLinks(tutor, students, links)


def lock_session(viewer: Viewer, session_id: str) -> tuple[Session, TutorStudent, Tutor]:
    """Lock a session that the viewer may see, after the people and the relationship it is in."""
    seen = visible_session(viewer, session_id)
    tutor = lock_tutors(seen.tutor_id)[seen.tutor_id]
    _, links = lock_students(seen.student_id)
    row = Session.objects.select_for_update(no_key=True).filter(pk=session_id).first()
    if row is None:
        raise NotFoundError("session", session_id)
    if row.tutor_student_id != seen.tutor_student_id:
        raise ChangedMeanwhileError
    return row, links[row.tutor_student_id], tutor


@dataclass(frozen=True)
class LockedSessions:
    """Sessions under lock, and everybody in them; each by id."""

    tutors: Mapping[str, Tutor]
    students: Mapping[str, Student]
    links: Mapping[str, TutorStudent]
    sessions: Mapping[str, Session]


def lock_sessions(seen: Mapping[str, Session], *, takers: Iterable[str] = ()) -> LockedSessions:
    """Lock sessions that were ``seen``, after the people and the relationships they are in.

    ``takers`` are ids of further tutors to lock.
    """
    tutors = lock_tutors(*{*takers, *(one.tutor_id for one in seen.values())})
    students, links = lock_students(*{one.student_id for one in seen.values()})
    rows = Session.objects.select_for_update(no_key=True).filter(pk__in=seen).order_by("pk")
    sessions = {row.pk: row for row in rows}
    if any(
        sessions.get(pk, one).tutor_student_id != one.tutor_student_id for pk, one in seen.items()
    ):
        raise ChangedMeanwhileError
    if gone := seen.keys() - sessions.keys():
        raise NotFoundError("session", min(gone))
    return LockedSessions(tutors, students, links, sessions)


def hours(session: Session, *, tutor_id: str | None = None) -> rules.Slot:
    """Return a session as the rules see it, or as it would be with another tutor."""
    return rules.Slot(
        id=session.pk,
        tutor=tutor_id or session.tutor_id,
        student=session.student_id,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        group=session.group,
    )


def booked_near(wanted: Sequence[rules.Slot], *, leaving: Collection[str] = ()) -> list[rules.Slot]:
    """Return what takes time of anybody in the wanted sessions about then, but for ``leaving``.

    Sessions with a fault of an older database stand in nobody's way. Exact only while the tutors
    and the students are locked.
    """
    if not wanted:
        return []
    first, last = min(one.starts_at for one in wanted), max(one.ends_at for one in wanted)
    values = {
        "tutor_ids": list({one.tutor for one in wanted}),
        "student_ids": list({one.student for one in wanted}),
        # No session is longer, so what started earlier is over.
        "starts_after": first - LONGEST_SESSION,
        "starts_before": last,
        "ends_after": first,
        "leaving": list(leaving),
    }
    return [rules.Slot(*row) for row in fetch_rows(SESSIONS_NEAR, values)]


def find_overlaps(session: Session) -> list[rules.Overlap]:
    """Return what a session runs into, whatever it is and wherever."""
    wanted = [hours(session)]
    return rules.overlaps(wanted, booked_near(wanted, leaving=[session.pk]))


def lesson_of(session: Session, link: TutorStudent, tutor: Tutor, **how: Any) -> Lesson:
    """Return a session as it is judged in a relationship; ``how`` are other members of it."""
    return Lesson(hours(session, tutor_id=tutor.pk), tutor.time_zone, state_of(link), **how)


def planned_lesson(
    session: Session, link: TutorStudent, tutor: Tutor, student: Student, **how: Any
) -> Lesson:
    """Return a session as it is judged where it is planned, moved or planned again."""
    active = (tutor.active, student.active)
    return lesson_of(session, link, tutor, active=active, **how)


def local_day(session: Session, tutor: Tutor) -> date:
    """Return the date on which the session starts where the tutor is."""
    return local_date(session.starts_at, _zone(tutor))


def scheduled_from(
    links: Iterable[TutorStudent], tutor: Tutor, on: date, *, now: datetime | None = None
) -> list[Session]:
    """Lock what is still scheduled on the tutor's day ``on`` or later; return it by start.

    With ``now`` what has begun on that very day is none of it: it may have been held, and the end
    day has room for it. Later days have not, so what has begun on them is.
    """
    since = day_starts(on, _zone(tutor)) if now is None else _not_begun_from(tutor, on, now)
    rows = (
        Session.objects.select_for_update(no_key=True)
        .filter(
            tutor_student__in=list(links),
            status=Status.SCHEDULED,
            starts_at__gte=since,
        )
        .order_by("pk")
    )
    return sorted(rows, key=in_order)


@dataclass(frozen=True)
class FromDayOn:
    """What there is of a relationship from a day on, locked: both by start.

    ``ahead`` is still scheduled, ``held_later`` (id -> day) was held on later days.
    """

    ahead: tuple[Session, ...]
    held_later: Mapping[str, date]


def from_day_on(
    wanted: Sequence[tuple[TutorStudent, date]], *, now: datetime
) -> dict[str, FromDayOn]:
    """Return what there is of relationships with their tutors, each from its day on, by id.

    What is still scheduled is as in ``scheduled_from``.
    """
    first = min(day_starts(on, _zone(link.tutor)) for link, on in wanted)
    rows = Session.objects.select_for_update(no_key=True).filter(
        tutor_student__in=[link.pk for link, _ in wanted],
        status__in=(Status.SCHEDULED, *HELD),
        starts_at__gte=first,
    )
    found: dict[str, list[Session]] = {link.pk: [] for link, _ in wanted}
    for row in sorted(rows.order_by("pk"), key=in_order):
        found[row.tutor_student_id].append(row)
    return {link.pk: _from_day_on(found[link.pk], link.tutor, on, now) for link, on in wanted}


def _from_day_on(rows: Iterable[Session], tutor: Tutor, on: date, now: datetime) -> FromDayOn:
    since = _not_begun_from(tutor, on, now)
    return FromDayOn(
        tuple(one for one in rows if one.status == Status.SCHEDULED and one.starts_at >= since),
        {one.pk: day for one in rows if one.status in HELD and (day := local_day(one, tutor)) > on},
    )


def _not_begun_from(tutor: Tutor, on: date, now: datetime) -> datetime:
    """Return from when what is scheduled moves or goes with an end on the tutor's day ``on``."""
    zone = _zone(tutor)
    return min(max(day_starts(on, zone), now), day_starts(on + timedelta(days=1), zone))


def in_order(session: Session) -> tuple[datetime, str]:
    """Sort sessions by start, as every list of them is."""
    return session.starts_at, session.pk


def check_none_held_after(link: TutorStudent, tutor: Tutor, on: date) -> None:
    """Refuse an end on ``on`` when sessions were held on later days."""
    later = Session.objects.filter(
        tutor_student=link, status__in=HELD, starts_at__gte=day_starts(on, _zone(tutor))
    ).order_by("starts_at", "id")
    days = {session.pk: local_day(session, tutor) for session in later}
    transfer_rules.check_none_held_after({pk: day for pk, day in days.items() if day > on}, on)


def check_none_before(link: TutorStudent, tutor: Tutor, on: date) -> None:
    """Refuse a start on ``on`` when sessions, but for called off ones, begin on earlier days."""
    rows = Session.objects.filter(tutor_student=link, starts_at__lt=day_starts(on, _zone(tutor)))
    kept = rows.exclude(status=Status.CANCELLED).order_by("starts_at", "id")
    transfer_rules.check_none_before({one.pk: local_day(one, tutor) for one in kept}, on)


def _zone(tutor: Tutor) -> str:
    return zone_or_business(tutor.time_zone)
