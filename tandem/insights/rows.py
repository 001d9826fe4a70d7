"""What a row of a list shows, as its statement in ``lists.sql`` returns it."""

from datetime import date, datetime
from typing import NamedTuple

from tandem.relationships.models import TutorStudent


class StudentRow(NamedTuple):
    """What a list shows of a student."""

    id: str
    full_name: str
    year: str
    active: bool
    email: str | None
    phone: str | None
    parent_email: str | None
    parent_link_token: str | None
    time_zone: str
    created_at: datetime
    updated_at: datetime


class RelationshipRow(NamedTuple):
    """What a list shows of a relationship; ``subject`` and ``tutor_name`` are names."""

    tutor_id: str
    tutor_name: str
    student_id: str
    subject: str | None
    start_date: date
    end_date: date | None
    status: str
    active: bool
    is_primary: bool
    kind: str
    notes: str | None
    transferred_from: str | None
    id: str
    created_at: datetime
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        return self.status in TutorStudent.OPEN


class SessionRow(NamedTuple):
    """What a list shows of a session, with the names of the people in it."""

    id: str
    tutor_student_id: str
    tutor_id: str
    tutor_name: str
    student_id: str
    student_name: str
    subject: str | None
    start_time: datetime
    end_time: datetime
    status: str
    title: str | None
    notes: str | None
    homework: str | None
    location: str | None
    meeting_link: str | None
    progress: int | None
    group_id: str | None
    created_at: datetime
    updated_at: datetime


class TutorRow(NamedTuple):
    """What a list shows of a tutor, beside the subjects."""

    id: str
    full_name: str
    email: str
    phone: str | None
    capacity: int | None
    time_zone: str
    active: bool
    created_at: datetime
    updated_at: datetime


class TaughtRow(NamedTuple):
    """A subject, by its name, that a tutor teaches."""

    tutor_id: str
    subject: str
    level: str


def relationship_row(link: TutorStudent) -> RelationshipRow:
    """Return a relationship that came with tutor and subject as a list would show it."""
    return RelationshipRow(
        tutor_id=link.tutor_id,
        tutor_name=str(link.tutor),
        student_id=link.student_id,
        subject=link.subject.name if link.subject else None,
        start_date=link.started_on,
        end_date=link.ended_on,
        status=link.status,
        active=link.status == TutorStudent.Status.ACTIVE,
        is_primary=link.is_primary,
        kind=link.kind,
        notes=link.notes,
        transferred_from=link.transferred_from_id,
        id=link.pk,
        created_at=link.created_at,
        updated_at=link.updated_at,
    )
