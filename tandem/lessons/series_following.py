"""Which lessons are still where and when their series has them."""

from datetime import datetime

from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import hours_of
from tandem.lessons.series_conflicts import date_of
from tandem.lessons.steps import Status


def follows(series: SessionSeries, one: Session, now: datetime) -> bool:
    """Tell whether a session is still to come and is where and when its series has it.

    One for a date after the end stays as it is, and does not follow the series any more.
    """
    return one.starts_at > now and is_before_end(series, one) and is_as_planned(series, one)


def is_before_end(series: SessionSeries, one: Session) -> bool:
    """Tell whether the date that a session stands for is one that the series comes up to."""
    return series.ends_on is None or date_of(one) < series.ends_on


def is_as_planned(series: SessionSeries, one: Session) -> bool:
    """Tell whether a session is where and when its series has it, not recorded nor called off."""
    return (
        one.status == Status.SCHEDULED
        and one.tutor_student_id == series.tutor_student_id
        and one.series_date is not None
        and hours_of(series, one.series_date) == (one.starts_at, one.ends_at)
    )
