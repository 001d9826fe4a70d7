"""Changes of lessons that several students share, and calling off: the look and the deed."""

from collections.abc import Callable
from datetime import date, time
from functools import partial
from typing import Any

from tandem.kit.fingerprints import fingerprint, merged
from tandem.lessons.actions import cancel
from tandem.lessons.cancelling import preview_cancel
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.group_joining import join_series, preview_join
from tandem.lessons.group_series import (
    edit_group,
    preview_group_edit,
    preview_group_skip,
    preview_group_stop,
    skip_group_date,
    stop_group,
)
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import NewSeries, plan_series, preview_series
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_exceptions import preview_stop, stop_series
from tests.cast import Cast, third
from tests.lessons.looks import OWN, Look, Wide, as_it_is, done, each, gone, new

MONDAY, SECOND = date(2026, 11, 23), date(2026, 11, 30)
"""The first two of three lessons that come back."""
FAMILY = Cancelling(by="family", reason="Flu")


def _plan(cast: Cast, *, alone: bool = False) -> Wide:
    """Return Mondays at nine of Ana and Cleo, or of Ana alone."""
    together = () if alone else (cast.ben_cleo.pk,)
    wanted = NewSeries(
        cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=3", MONDAY, time(9), 60, together=together
    )

    def look() -> Look:
        plan = preview_series(**OWN, wanted=wanted)
        return Look(fingerprint(plan.shown), {}, new(plan.sessions))

    return Wide(look, lambda expect: plan_series(**OWN, wanted=wanted, expect=expect))


def _of_series(cast: Cast, *, alone: bool = False) -> dict[str, Any]:
    return {**OWN, "series_id": done(_plan(cast, alone=alone)).series.pk}


def _edit(cast: Cast, edit: SeriesEdit) -> Wide:
    order: dict[str, Any] = {**_of_series(cast), "edit": edit}

    def look() -> Look:
        plan = preview_group_edit(**order)
        return Look(fingerprint(plan.shown), as_it_is(plan.sessions))

    return Wide(look, lambda expect: edit_group(**order, expect=expect))


def _stop(cast: Cast) -> Wide:
    order: dict[str, Any] = {**_of_series(cast), "on": SECOND}

    def look() -> Look:
        plan = preview_group_stop(**order)
        return Look(fingerprint(plan.shown), gone(plan.removed))

    return Wide(look, lambda expect: stop_group(**order, expect=expect))


def _leave(cast: Cast) -> Wide:
    """Cleo leaves the lessons that she has with Ana: hers alone stop."""
    _of_series(cast)
    theirs = SessionSeries.objects.get(tutor_student=cast.ben_cleo)
    order: dict[str, Any] = {**OWN, "series_id": theirs.pk, "on": SECOND}

    def look() -> Look:
        plan = preview_stop(**order)
        return Look(fingerprint(plan.shown), gone(plan.removed))

    return Wide(look, lambda expect: stop_series(**order, expect=expect))


def _skip(cast: Cast, cancelling: Cancelling | None = None) -> Wide:
    order: dict[str, Any] = {**_of_series(cast), "day": SECOND, "cancelling": cancelling}

    def look() -> Look:
        plans = preview_group_skip(**order)
        rows = [one.session for one in plans]
        fate = each(rows, status="cancelled") if cancelling else gone(rows)
        return Look(fingerprint(merged(one.shown for one in plans)), fate)

    return Wide(look, lambda expect: skip_group_date(**order, expect=expect))


def _join(cast: Cast, *, alone: bool = False) -> Wide:
    """Finn joins Ana and Cleo from the second Monday on, or Ana alone, and they become a group."""
    order: dict[str, Any] = {
        **_of_series(cast, alone=alone),
        "tutor_student_id": third(cast).pk,
        "since": SECOND,
    }

    def look() -> Look:
        plan = preview_join(**order)
        return Look(fingerprint(plan.shown), {}, new(plan.sessions))

    return Wide(look, lambda expect: join_series(**order, expect=expect))


def _cancel(cast: Cast, cancelling: Cancelling | None = None) -> Wide:
    """The earliest of Ben's is called off: of one student, or of one of a group."""
    first = Session.objects.filter(tutor=cast.ben, status="scheduled").earliest("starts_at", "pk")
    order: dict[str, Any] = {**OWN, "session_id": first.pk, "cancelling": cancelling}

    def look() -> Look:
        plan = preview_cancel(**order)
        return Look(fingerprint(plan.shown), each([plan.session], status="cancelled"))

    return Wide(look, lambda expect: cancel(**order, expect=expect))


EDITS: dict[str, SeriesEdit] = {
    "this of a group": SeriesEdit("this", SECOND, wall_time=time(10)),
    "the following of a group": SeriesEdit("following", SECOND, wall_time=time(10)),
    "all of a group": SeriesEdit("all", wall_time=time(10), texts={"title": "Exam"}),
}
GROUP_DEEDS: dict[str, Callable[[Cast], Wide]] = {
    "a series of a group": _plan,
    **{kind: partial(_edit, edit=edit) for kind, edit in EDITS.items()},
    "stop of a group": _stop,
    "leave a group": _leave,
    "join a group": _join,
    "join one student": partial(_join, alone=True),
}
"""What leaves a deed, which can be undone."""
GROUP_CHANGES: dict[str, Callable[[Cast], Wide]] = {
    "skip of a group": _skip,
    "skip of a group, called off": partial(_skip, cancelling=FAMILY),
    "cancel": _cancel,
    "cancel by the family": partial(_cancel, cancelling=FAMILY),
}
"""What is taken back otherwise."""
