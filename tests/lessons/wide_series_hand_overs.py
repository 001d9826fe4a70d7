"""Weekly lessons whose relationship is handed over or ends: what is there before the look."""

import os
from collections.abc import Callable, Mapping
from datetime import date, time
from functools import partial

from tandem.lessons.actions import reschedule
from tandem.lessons.models import Session
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.series_exceptions import skip_date
from tests.cast import HOUR, Cast, at
from tests.lessons.looks import ON, OWN, Wide

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


LESSONS: dict[str, Callable[[Cast], str]] = {
    "weekly lessons": alone,
    "weekly lessons of a group": in_a_group,
    "weekly lessons without an end": without_end,
    "weekly lessons moved across": moved_across,
}
DAYS = {"with": ON, "amid": SECOND}
"""All of the lessons come after the first; the second is amid them."""
USUAL = {
    "transfer with weekly lessons of a group",
    "transfer amid weekly lessons",
    "transfer all amid weekly lessons moved across",
    "hand over amid weekly lessons of a group",
    "end amid weekly lessons without an end",
    "reopen amid weekly lessons",
}
"""What is tried each time; ``PREVIEW_KINDS=all``: every one, by hand."""


def with_lessons(kinds: Mapping[str, Callable[..., Wide]]) -> dict[str, Callable[[Cast], Wide]]:
    """Return these changes (of a day, ``on``) of which weekly lessons stand in the diary before."""
    found = {
        f"{kind} {when} {lessons}": partial(_after, plan, partial(make, on=on))
        for kind, make in kinds.items()
        for lessons, plan in LESSONS.items()
        for when, on in DAYS.items()
    }
    every = os.environ.get("PREVIEW_KINDS") == "all"
    return {kind: make for kind, make in found.items() if every or kind in USUAL}


def _after(plan: Callable[[Cast], str], make: Callable[[Cast], Wide], cast: Cast) -> Wide:
    plan(cast)
    return make(cast)
