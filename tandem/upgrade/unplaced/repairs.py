"""Placing old sessions that fitted nowhere, once a person says who held them. Owners only."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.models import LONGEST_SESSION, Session
from tandem.lessons.steps import REFUSALS, TAKES_TIME, find_overlaps, local_day, lock_links
from tandem.people.queries import visible_student
from tandem.people.requester import Requester
from tandem.people.rules import check_owner
from tandem.relationships.events import EventStamp, What, begin, change, state_of
from tandem.relationships.locks import free_from, lock_students, lock_tutors, plan_pairing
from tandem.relationships.models import TutorStudent
from tandem.upgrade.legacy.shapes import SESSION, Kind
from tandem.upgrade.legacy.vocabulary import SESSION_WORDS, read_as
from tandem.upgrade.models import UnlinkedLegacyRow

STATUSES = read_as(SESSION_WORDS)


def unplaced_sessions(student_id: str) -> QuerySet[UnlinkedLegacyRow]:
    """Return the old sessions of a student that could be placed as soon as somebody held them."""
    return UnlinkedLegacyRow.objects.filter(
        source_table=SESSION.name, reason="no_relationship", row__studentId=student_id
    ).order_by("pk")


@one_transaction(REFUSALS)
def place_session(
    *,
    requester: Requester,
    row_id: str,
    tutor_student_id: str,
    starts_at: datetime,
    ends_at: datetime,
) -> Session:
    """Put one old session into a relationship, which reaches back to it where it must.

    The session keeps its old id and texts. What it breaks is named as its fault.
    """
    viewer = requester.viewer
    check_owner(is_owner=viewer.is_owner, doing=_("place an old session"))
    rules.check_hours(starts_at, ends_at)
    locked = lock_links(viewer, tutor_student_id)
    link = locked.links[tutor_student_id]
    link.tutor = locked.tutor
    row = UnlinkedLegacyRow.objects.select_for_update().filter(pk=row_id).first()
    if row is None or row.source_table != SESSION.name:
        raise NotFoundError("row", row_id)
    session = _session(row, link, requester.now, (starts_at, ends_at))
    return _placed([row], [session], link, EventStamp(requester, link.started_on))[0]


@one_transaction(REFUSALS)
def place_sessions(
    *, requester: Requester, student_id: str, tutor_id: str, subject: str = ""
) -> list[Session]:
    """Say which tutor held every session of a student whom nobody was known to teach.

    They go into the relationship of these three; where there is none, one begins with the first
    of them. It is then for a person to end it.
    """
    viewer = requester.viewer
    check_owner(is_owner=viewer.is_owner, doing=_("place old sessions"))
    visible_student(viewer, student_id)
    tutor = lock_tutors(tutor_id)[tutor_id]
    _seen, links = lock_students(student_id)
    rows = list(unplaced_sessions(student_id).select_for_update())
    if not rows:
        raise ConflictError(
            "nothing_to_place", _("None of this student's sessions waits for a place.")
        )
    first = min(moment for row in rows for moment in _hours(row)[:1])
    moment = EventStamp(requester, first.date())
    try:
        link = plan_pairing(
            tutor, student_id, links, now=requester.now, subject=subject, started_on=first.date()
        )
    except ConflictError as conflict:
        link = links[conflict.details["tutorStudentId"]]
        link.tutor = tutor
    else:
        link.is_primary = not any(one.is_open for one in links.values())
        begin(link, What.STARTED, moment, primary_since=free_from(links, link.started_on))
    return _placed(
        rows, [_session(row, link, requester.now, _hours(row)) for row in rows], link, moment
    )


def _placed(
    rows: Sequence[UnlinkedLegacyRow],
    sessions: Sequence[Session],
    link: TutorStudent,
    moment: EventStamp,
) -> list[Session]:
    """Write sessions in place of rows; the relationship begins no later than the first of them."""
    first = min(local_day(session, link.tutor) for session in sessions)
    if first < link.started_on:
        change(link, What.STARTED, EventStamp(moment.requester, first), {"started_on": first})
    for session in sorted(sessions, key=lambda one: (one.starts_at, one.pk)):
        session.legacy_fault = _fault(session, link)
        session.save(force_insert=True)
    UnlinkedLegacyRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return list(sessions)


def _session(
    row: UnlinkedLegacyRow, link: TutorStudent, now: datetime, taken: tuple[datetime, datetime]
) -> Session:
    old = row.row
    by_time = "completed" if taken[1] <= now else "scheduled"
    return Session(
        id=row.source_id,
        tutor_student=link,
        tutor=link.tutor,
        student_id=link.student_id,
        starts_at=taken[0],
        ends_at=taken[1],
        status=STATUSES.get(str(old.get("status") or "").strip().lower(), by_time),
        created_at=row.moment("createdAt") or now,
        **{c.ours: old.get(c.name) for c in SESSION.kept if c.kind is not Kind.MOMENT},
    )


def _fault(session: Session, link: TutorStudent) -> str:
    """Return what the session breaks where it is now, as an import would name it."""
    took = session.ends_at - session.starts_at
    if took <= timedelta():
        return "ends_before_start"
    if took > LONGEST_SESSION:
        return "too_long"
    if not rules.within(state_of(link), local_day(session, link.tutor)):
        return "outside_relationship"
    overlaps = session.status in TAKES_TIME and find_overlaps(session)
    return "overlap" if overlaps else ""


def hours_of(row: UnlinkedLegacyRow) -> tuple[datetime, datetime] | None:
    """Return when an old session was held, or None where that cannot be read."""
    starts, ends = row.moment("startTime"), row.moment("endTime")
    return (starts, ends) if starts and ends else None


def _hours(row: UnlinkedLegacyRow) -> tuple[datetime, datetime]:
    taken = hours_of(row)
    if taken is None:
        raise ConflictError(
            "unreadable_date", _("The dates of one of the sessions cannot be read.")
        )
    return taken
