"""Weekly lessons whose relationship is handed over or ends: what is there before the look."""

from collections.abc import Callable
from datetime import date, time

from tandem.lessons.actions import reschedule
from tandem.lessons.models import Session
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.series_exceptions import skip_date
from tests.cast import HOUR, Cast, at
from tests.lessons.looks import OWN, Wide

MONDAY, SECOND, THIRD = date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7)
"""The three dates of the lessons; a hand-over on the second makes a part of their series."""


def alone(cast: Cast) -> str:
    """Plan Mondays at nine of Ana, and return the series' id."""
    wanted = NewSeries(cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=3", MONDAY, time(9), 60)
    return str(plan_series(**OWN, wanted=wanted).series.pk)


def in_a_group(cast: Cast) -> str:
    """Plan Mondays at nine of Ana and Cleo."""
    together = (cast.ben_cleo.pk,)
    wanted = NewSeries(
        cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=3", MONDAY, time(9), 60, together=together
    )
    return str(plan_series(**OWN, wanted=wanted).series.pk)


def without_end(cast: Cast) -> str:
    """Plan Mondays at nine of Ana for good."""
    wanted = NewSeries(cast.ben_ana.pk, "FREQ=WEEKLY", MONDAY, time(9), 60)
    return str(plan_series(**OWN, wanted=wanted).series.pk)


def moved_across(cast: Cast) -> str:
    """Plan Ana's Mondays, skip the second and let the third be before it."""
    series = alone(cast)
    skip_date(**OWN, series_id=series, day=SECOND)
    third = Session.objects.get(series=series, series_date=THIRD)
    starts = at(25, 9)
    reschedule(**OWN, session_id=third.pk, starts_at=starts, ends_at=starts + HOUR)
    return series


def with_lessons(
    plan: Callable[[Cast], str], kind: Callable[[Cast], Wide]
) -> Callable[[Cast], Wide]:
    """Return a change of which the lessons stand in the diary before."""

    def wide(cast: Cast) -> Wide:
        plan(cast)
        return kind(cast)

    return wide


WITH_LESSONS: dict[str, Callable[[Cast], str]] = {
    "weekly lessons": alone,
    "weekly lessons of a group": in_a_group,
    "weekly lessons without an end": without_end,
    "weekly lessons moved across": moved_across,
}
