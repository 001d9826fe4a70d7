"""What a row of a list shows, as its statement in ``lists.sql`` returns it."""

from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg import sql

from tandem.kit.named_sql import fetch_rows
from tandem.kit.time import business_day, utc_now
from tandem.people.days import DAYS, is_primary_on
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent

IS_PRIMARY = DAYS.compose(
    "whether_primary",
    is_primary=is_primary_on("relationship", "day"),
    row_id=sql.Placeholder("row_id"),
)


class StudentRow(NamedTuple):
    """What a list shows of a student; ``told``: the viewer is told how to reach the family."""

    id: str
    full_name: str
    year: str
    active: bool
    email: str | None
    phone: str | None
    parent_email: str | None
    kept_link: str | None
    time_zone: str
    created_at: datetime
    updated_at: datetime
    told: bool


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
    paused: bool
    is_primary: bool
    kind: str
    notes: str | None
    transferred_from: str | None
    id: str
    created_at: datetime
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether it is taught on its day; a dated cover opens no more than its session."""
        is_dated_cover = self.kind == TutorStudent.Kind.COVER and self.end_date is not None
        return self.status in TutorStudent.OPEN and not is_dated_cover


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
    cancellation: dict[str, Any] | None
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


def relationship_row(
    link: TutorStudent,
    day: date | None = None,
    *,
    is_foretold: bool = False,
    is_primary: bool | None = None,
) -> RelationshipRow:
    """Return a relationship that came with tutor and subject as a list would show it.

    ``day`` is the one on which it is looked at: that on which it was read, unless said.
    ``is_foretold``: the database does not have it so yet, so whether it is the primary is as the
    preview says, or else as it says itself. ``is_primary`` is for who has read it of many.
    """
    known = is_primary if day and not is_foretold else _as_read(link)
    if is_foretold and known is None:
        known = link.is_primary
    day = day or business_day(utc_now())
    status = state_of(link).on(day)
    return RelationshipRow(
        tutor_id=link.tutor_id,
        tutor_name=str(link.tutor),
        student_id=link.student_id,
        subject=link.subject.name if link.subject else None,
        start_date=link.started_on,
        end_date=link.ended_on,
        status=status,
        active=status == TutorStudent.Status.ACTIVE,
        paused=link.status == TutorStudent.Status.PAUSED and status in {"paused", "planned"},
        is_primary=status in TutorStudent.OPEN
        and (_is_primary(link.pk, day) if known is None else known),
        kind=link.kind,
        notes=link.notes,
        transferred_from=link.transferred_from_id,
        id=link.pk,
        created_at=link.created_at,
        updated_at=link.updated_at,
    )


def _as_read(link: TutorStudent) -> bool | None:
    """Return what ``visible_relationships`` read with it, or a preview foretells of it, if any."""
    return getattr(link, "primary_on_day", None)


def _is_primary(relationship_id: str, day: date) -> bool:
    found = fetch_rows(IS_PRIMARY, {"row_id": relationship_id, "day": day})
    return any(is_primary for (is_primary,) in found)
