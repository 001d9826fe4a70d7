"""Whatever was decided about lessons, and whatever came after: undoing takes back what can be."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.kit.errors import ConflictError, TandemError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import cancel, preview_reschedule, reinstate, reschedule
from tandem.lessons.closures import add_closure
from tandem.lessons.cover import Choice, cover_all
from tandem.lessons.models import Closure, Session, TimeOff
from tandem.lessons.time_off import add_time_off
from tandem.lessons.touched import Decision
from tandem.lessons.undo_plan import SINCE, UndoPlan
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tests.cast import NOW, TERM, Cast, at, booked

EXAMPLES = int(os.environ.get("UNDO_EXAMPLES", "40"))
"""How many histories to play; more by hand."""
HOURS = st.integers(7, 12)
HALVES = st.sampled_from([0, 30])


@dataclass(frozen=True)
class Wanted:
    """A lesson of the 17th: its hour, its student, what becomes of it, where it goes."""

    hour: int
    half: int
    of_ana: bool
    do: str
    day: int
    new_hour: int


LESSONS = st.lists(
    st.builds(
        Wanted,
        HOURS,
        HALVES,
        st.booleans(),
        st.sampled_from(["keep", "cancel", "cover", "move", "move"]),
        st.integers(18, 19),
        HOURS,
    ),
    min_size=1,
    max_size=5,
)
SINCE_THEN = st.lists(
    st.tuples(
        st.sampled_from(["book ana", "book cleo", "move", "cancel"]),
        st.integers(17, 19),
        HOURS,
        HALVES,
        st.integers(0, 4),
    ),
    max_size=5,
)


@given(LESSONS, SINCE_THEN, st.sampled_from(["closure", "time off"]))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_can_go_back_goes_back(
    cast: Cast, lessons: list[Wanted], since: list[Any], kind: str
) -> None:
    """As it was shown; and what stayed really could not."""
    with transaction.atomic():
        _played(cast, lessons, since, is_closure=kind == "closure")
        transaction.set_rollback(True)


def _played(cast: Cast, lessons: list[Wanted], since: list[Any], *, is_closure: bool) -> None:
    dev_cleo = pair(
        requester=Requester(None, NOW),
        student_id=cast.cleo.pk,
        tutor_id=cast.dev.pk,
        subject="Art",
        started_on=TERM,
    )
    planned, decisions = _decided(cast, lessons, is_closure=is_closure)
    before = {pk: facts(pk) for pk in planned}
    deed = _done(cast, decisions, is_closure=is_closure)
    if deed is None:
        return
    Closure.objects.update(starts_on=date(2026, 11, 16), ends_on=date(2026, 11, 17))
    for what, day, hour, half, which in since:
        with suppress(TandemError), transaction.atomic():
            _changed(cast, dev_cleo, [*planned], what, at(day, hour, half), which)
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    now = {pk: facts(pk) for pk in planned}
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed, expect=fingerprint(plan.shown))
    assert not TimeOff.objects.exists()
    assert not Closure.objects.exists()
    touched = {one.session_id for one in decisions if one.do != "keep"}
    _check(cast, plan, before, now, touched)


def _decided(
    cast: Cast, lessons: list[Wanted], *, is_closure: bool
) -> tuple[list[str], list[Decision]]:
    """Plan what does not clash, and return what is decided about each."""
    planned, decisions = [], []
    for one in lessons:
        link = cast.ben_ana if one.of_ana else cast.ben_cleo
        with suppress(ConflictError), transaction.atomic():
            pk = booked(link, at(17, one.hour, one.half)).pk
            planned.append(pk)
            starts = at(one.day, one.new_hour)
            do = "keep" if one.do == "cover" and is_closure else one.do
            ends = starts + timedelta(hours=1)
            moment: dict[str, Any] = {"starts_at": starts, "ends_at": ends} if do == "move" else {}
            tutor = cast.dev.pk if do == "cover" else ""
            about: dict[str, Any] = {"do": do, "tutor_id": tutor, **moment}
            decisions.append(Decision(pk, **about))
    return planned, decisions


def _done(cast: Cast, decisions: list[Decision], *, is_closure: bool) -> str | None:
    """Close the day, or let Ben be away on it; None where that is refused."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "decisions": decisions}
    with suppress(ConflictError), transaction.atomic():
        if is_closure:
            days: dict[str, Any] = {"starts_on": date(2026, 11, 17), "ends_on": date(2026, 11, 18)}
            return add_closure(name="Storm", **days, **who).deed
        hours: dict[str, Any] = {"starts_at": at(17, 0), "ends_at": at(18, 0)}
        return add_time_off(tutor_id=cast.ben.pk, **hours, **who).deed
    return None


def _changed(
    cast: Cast, dev_cleo: Any, planned: list[str], what: str, starts: datetime, which: int
) -> None:
    """Somebody books, moves or cancels."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    if what.startswith("book"):
        booked(cast.cara_ana if what == "book ana" else dev_cleo, starts)
        return
    one = planned[which % len(planned)]
    if what == "cancel":
        cancel(**who, session_id=one)
    else:
        ends = starts + timedelta(hours=1)
        reschedule(**who, session_id=one, starts_at=starts, ends_at=ends)


def facts(pk: str) -> tuple[str, str, datetime]:
    """Return how a lesson stands: state, tutor, start."""
    row = Session.objects.get(pk=pk)
    return row.status, row.tutor_id, row.starts_at


def _check(
    cast: Cast, plan: UndoPlan, before: dict[str, Any], now: dict[str, Any], touched: set[str]
) -> None:
    """What was shown to go back is as it was, all else is as it is now, and could not be else."""
    back = {one.pk for one in (*plan.given_back, *plan.planned_again, *plan.changed)}
    left = {one.session.pk for one in plan.left}
    assert not back & left
    given = {one.pk for one in plan.given_back}  # At the hours that they have by now.
    for pk, was in before.items():
        then = (now[pk][0], was[1], now[pk][2]) if pk in given else was
        assert facts(pk) == (then if pk in back else now[pk])
    assert touched <= back | left
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    for one in plan.left:
        if one.reason in SINCE:
            continue
        assert now[one.session.pk] != before[one.session.pk]
        with suppress(ConflictError), transaction.atomic():
            _put_back(one.session.pk, before[one.session.pk], now[one.session.pk], who)
            raise AssertionError(f"{one.session.pk} could have gone back: {one.reason}")


def _put_back(pk: str, was: Any, now: Any, who: dict[str, Any]) -> None:
    """Try by hand what undoing said could not be."""
    if now[0] == "cancelled":
        reinstate(**who, session_id=pk)
    elif now[1] != was[1]:
        cover_all(**who, choices=[Choice(pk, was[1])])
    else:
        hours = {"starts_at": was[2], "ends_at": was[2] + timedelta(hours=1)}
        preview_reschedule(**who, session_id=pk, **hours)
