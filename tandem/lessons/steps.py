"""The steps that actions on sessions are made of. Each expects an open transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tandem.kit.errors import NotFoundError
from tandem.kit.named_sql import fetch_rows
from tandem.kit.time import day_starts, local_date, zone_or_business
from tandem.kit.transactions import ChangedMeanwhileError, Refusals
from tandem.lessons import rules
from tandem.lessons.booking import BOOKING
from tandem.lessons.models import LONGEST_SESSION, Session, TimeOff
from tandem.lessons.queries import visible_session
from tandem.people.models import Student, Tutor
from tandem.people.queries import Viewer
from tandem.relationships.actions import REFUSALS as RELATIONSHIP_REFUSALS
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_pair
from tandem.relationships.steps import lock_students, lock_tutors, standing

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


def hours(session: Session, *, tutor_id: str | None = None) -> rules.Hours:
    """Return a session as the rules see it, or as it would be with another tutor."""
    return rules.Hours(
        id=session.pk,
        tutor=tutor_id or session.tutor_id,
        student=session.student_id,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        group=session.group,
    )


def find_overlaps(
    wanted: Sequence[rules.Hours], *, leaving: Collection[str] = ()
) -> list[rules.Overlap]:
    """Return what the wanted sessions would run into; ``leaving`` are ids that make room.

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
        "leaving": [*leaving, *(one.id for one in wanted)],
    }
    return rules.overlaps(wanted, [rules.Hours(*row) for row in fetch_rows(SESSIONS_NEAR, values)])


def check_day(session: Session, link: TutorStudent, tutor: Tutor, *, is_planned: bool) -> None:
    """Refuse a session on a day when this tutor does not teach this student."""
    rules.check_within(standing(link), local_day(session, tutor), is_planned=is_planned)


def away(sessions: Iterable[Session], takers: Mapping[str, str]) -> list[str]:
    """Return the ids of the sessions in whose hours their tutor is away, as entered so far.

    ``takers`` is who would hold each: session id -> tutor id.
    """
    off = TimeOff.objects.filter(tutor__in={*takers.values()}) if takers else ()
    spans = [(one.tutor_id, one.starts_at, one.ends_at) for one in off]
    return [
        one.pk
        for one in sessions
        if any(
            takers[one.pk] == tutor_id and starts < one.ends_at and one.starts_at < ends
            for tutor_id, starts, ends in spans
        )
    ]


def local_day(session: Session, tutor: Tutor) -> date:
    """Return the date on which the session starts where the tutor is."""
    return local_date(session.starts_at, _zone(tutor))


def scheduled_from(links: Iterable[TutorStudent], tutor: Tutor, on: date) -> list[Session]:
    """Lock what is still scheduled on the tutor's day ``on`` or later; return it by start."""
    rows = (
        Session.objects.select_for_update(no_key=True)
        .filter(
            tutor_student__in=list(links),
            status=Status.SCHEDULED,
            starts_at__gte=day_starts(on, _zone(tutor)),
        )
        .order_by("pk")
    )
    return sorted(rows, key=in_order)


def in_order(session: Session) -> tuple[datetime, str]:
    """Sort sessions by start, as every list of them is."""
    return session.starts_at, session.pk


def check_none_held_after(link: TutorStudent, tutor: Tutor, on: date) -> None:
    """Refuse an end on ``on`` when sessions were held on later days."""
    later = Session.objects.filter(
        tutor_student=link, status__in=HELD, starts_at__gte=day_starts(on, _zone(tutor))
    ).order_by("starts_at", "id")
    held = [session.pk for session in later if local_day(session, tutor) > on]
    rules.check_none_held_after(held, on)


def _zone(tutor: Tutor) -> str:
    return zone_or_business(tutor.time_zone)
