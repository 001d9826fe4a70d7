"""What has to hold of primary periods, whatever was done."""

from datetime import date

from tandem.relationships.events import state_of
from tandem.relationships.models import PrimaryPeriod, TutorStudent
from tandem.relationships.primaries import Period, replay_periods
from tandem.relationships.queries import events_of_student
from tandem.relationships.rules import RelationshipState


def stored(student: str) -> list[Period]:
    """Return what the table has of a student, in order."""
    rows = PrimaryPeriod.objects.filter(student=student).order_by("starts_on")
    return [Period(row.starts_on, row.ends_on, row.tutor_student_id) for row in rows]


def check_periods() -> None:
    """On every day one is primary where a sound one holds; the history tells the same."""
    by_student: dict[str, list[RelationshipState]] = {}
    for row in TutorStudent.objects.filter(kind="regular", legacy_fault=""):
        by_student.setdefault(row.student_id, []).append(state_of(row))
    for student, links in by_student.items():
        periods = stored(student)
        assert replay_periods(events_of_student(student)) == periods
        ends = [one.ended_on for one in links if one.ended_on]
        bounds = [one.starts_on for one in periods] + [
            one.ends_on for one in periods if one.ends_on
        ]
        for day in {*(one.started_on for one in links), *ends, *bounds}:
            check_day(day, links, periods)


def check_day(day: date, links: list[RelationshipState], periods: list[Period]) -> None:
    holding = {one.id for one in links if one.on(day) in {"active", "paused"}}
    primary = [one.relationship for one in periods if one.holds_on(day)]
    assert len(primary) == bool(holding)
    assert set(primary) <= holding
