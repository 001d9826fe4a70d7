"""Lessons of one series that are in each other's places, as after a swap."""

from datetime import datetime

from tandem.lessons.models import Session
from tandem.lessons.series import hours_of
from tandem.lessons.series_conflicts import date_of
from tandem.lessons.series_locks import LockedSeries
from tandem.lessons.steps import Status


def in_each_others_places(locked: LockedSeries, one: Session, now: datetime) -> list[Session]:
    """Return a lesson that is away from its own place, and all that can only go back with it.

    In the place of each is the next, and the first is in the last one's: so none of them can go
    back alone. Where no such round is, whatever stands in the way could leave by itself, and it is
    the lesson alone.
    """
    found, there = [one], _at_the_place_of(one, locked, now)
    while there is not None and there not in found:
        found.append(there)
        there = _at_the_place_of(there, locked, now)
    return found if there == one else [one]


def _at_the_place_of(one: Session, locked: LockedSeries, now: datetime) -> Session | None:
    """Return the lesson that is where one belongs, if it is one that belongs elsewhere."""
    span = hours_of(locked.series, date_of(one))
    if span is None:
        return None
    there = [
        other
        for other in locked.sessions
        if other.pk != one.pk
        and other.status == Status.SCHEDULED
        and other.starts_at < span[1]
        and span[0] < other.ends_at
    ]
    is_alone = len(there) == 1 and _may_leave(there[0], locked, now)
    return there[0] if is_alone else None


def _may_leave(one: Session, locked: LockedSeries, now: datetime) -> bool:
    """Tell whether a lesson has not begun, is its series' tutor's, and its own place is ahead."""
    span = hours_of(locked.series, date_of(one))
    is_own = one.tutor_student_id == locked.series.tutor_student_id
    return is_own and one.starts_at > now and span is not None and span[0] > now
