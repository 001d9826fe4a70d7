"""What pages show of a person or a session, as the statements for pages return it."""

from datetime import date, datetime
from typing import NamedTuple


class StudentOnPage(NamedTuple):
    """A student in a list; ``faulty``: something imported is wrong with the record."""

    id: str
    full_name: str
    year: str
    active: bool
    faulty: bool
    created_at: datetime


class TutorOnPage(NamedTuple):
    """A tutor in a list, with how many they teach as far as the viewer sees, and what."""

    id: str
    name: str
    active: bool
    faulty: bool
    capacity: int | None
    teaching: int
    subjects: list[str]


class SessionOnPage(NamedTuple):
    """A session with the people in it; ``subject`` is a name."""

    id: str
    tutor_id: str
    tutor_name: str
    student_id: str
    student_name: str
    subject: str | None
    starts_at: datetime
    ends_at: datetime
    status: str
    legacy_fault: str
    title: str | None
    notes: str | None
    homework: str | None
    location: str | None
    meeting_link: str | None
    progress: int | None


class StudentCard(NamedTuple):
    """A student on the page of their own; ``told``: the viewer is told how to reach the family."""

    id: str
    full_name: str
    year: str
    active: bool
    legacy_fault: str
    email: str | None
    phone: str | None
    time_zone: str
    parent_email: str | None
    kept_link: str | None
    link_last_day: date | None
    link_opened_on: date | None
    told: bool


class Mark(NamedTuple):
    """The progress, from 1 to 5, that one session was given."""

    tutor_student_id: str
    tutor_name: str
    subject: str | None
    at: datetime
    progress: int


class HistoryLine(NamedTuple):
    """One line of history; ``handed_from`` and ``handed_to`` are ids of relationships.

    ``subject_then`` and ``subject_before`` are names, None where it speaks of no subject. What was
    corrected is the start, or else (``is_end``) the end; ``is_undone`` is what undid a transfer.
    ``holds``: a day that lies ahead will still be so. ``is_cover``: of a stand-in.
    ``student_id`` is None where the student is no longer there.
    """

    what: str
    on_date: date
    tutor_name: str
    actor_name: str | None
    handed_from: str | None
    handed_to: str | None
    subject_then: str | None
    subject_before: str | None
    is_end: bool
    is_undone: bool
    holds: bool
    is_cover: bool
    student_id: str | None
    student_name: str
