"""What has to hold of relationships and sessions, whatever was done."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import combinations
from typing import Any

from tandem.kit.time import local_date, zone_or_business
from tandem.lessons.models import Session, SessionEvent
from tandem.people.models import Tutor
from tandem.relationships.models import TutorStudent

SAID = {
    **dict.fromkeys(("planned", "reinstated", "covered", "handed_over", "given_back"), "scheduled"),
    "recorded": "completed",
    "cancelled": "cancelled",
    "missed": "no_show",
}
"""What the history says of a session -> the state that it is in then."""


def check_relationships_apart(links: Iterable[TutorStudent]) -> None:
    """No tutor teaches a student the same subject twice on one day."""
    days = [
        ((row.tutor_id, row.student_id, row.subject_id), row.started_on, row.ended_on or date.max)
        for row in links
        if row.status != "declined" and row.started_on != row.ended_on
    ]
    for (one, start, end), (other, other_start, other_end) in combinations(days, 2):
        assert one != other or end <= other_start or other_end <= start


def check_sessions_within(
    sessions: Iterable[Session], links: Mapping[str, TutorStudent], tutors: Mapping[str, Tutor]
) -> None:
    """A session is its relationship's, and lies within it where the tutor is."""
    for session in sessions:
        link = links[session.tutor_student_id]
        assert (link.tutor_id, link.student_id) == (session.tutor_id, session.student_id)
        zone = zone_or_business(tutors[session.tutor_id].time_zone)
        day = local_date(session.starts_at, zone)
        if session.status != "cancelled":
            assert link.started_on <= day <= (link.ended_on or day)


def check_one_place(sessions: Iterable[Session]) -> None:
    """Nobody is in two places at one time."""
    taken = [one for one in sessions if one.status in {"scheduled", "completed"}]
    for one, other in combinations(taken, 2):
        apart = one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
        assert apart or (one.tutor_id != other.tutor_id and one.student_id != other.student_id)


def check_told(sessions: Iterable[Session]) -> None:
    """What the history of each session says last is what it is: its state, its hours, its tutor."""
    told: dict[str, dict[str, Any]] = {}
    for event in SessionEvent.objects.all():
        facts = told.setdefault(event.session_id, {})
        facts |= {"status": SAID[event.what]} if event.what in SAID else {}
        facts |= event.details
    for session in sessions:
        facts = told[session.pk]
        assert facts["status"] == session.status
        assert facts.get("to_start", session.starts_at.isoformat()) == session.starts_at.isoformat()
        assert facts.get("to", session.tutor_student_id) == session.tutor_student_id
