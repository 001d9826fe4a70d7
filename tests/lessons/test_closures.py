"""Days on which the business is closed: nothing is planned on them, and what is there is listed."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import cancel, complete, reinstate, reschedule, schedule, schedule_group
from tandem.lessons.closures import (
    add_closure,
    preview_closure,
    remove_closure,
    sessions_on,
    visible_closures,
)
from tandem.lessons.models import Closure, Deed, Session, SessionEvent
from tandem.lessons.revising import revise
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.series_horizon import top_up
from tandem.lessons.time_off import add_time_off
from tandem.lessons.touched import Decision
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.actions import pause
from tests.cast import DECEMBER, HOUR, NOW, Cast, an_account, at, booked, user

CHRISTMAS: dict[str, Any] = {
    "name": "Christmas",
    "starts_on": date(2026, 12, 21),
    "ends_on": date(2027, 1, 4),
}


def closed(cast: Cast, *, cancels: bool = False, **other: Any) -> Any:
    """Close the business over Christmas."""
    given = {**CHRISTMAS, **other}
    return add_closure(
        requester=Requester(cast.owner, NOW), default="cancel" if cancels else "keep", **given
    )


def planned(cast: Cast, day: int, hour: int = 16, month: int = 12) -> Session:
    """Plan an hour with Ben, who may, on a day."""
    starts = at(day, hour, month=month, year=2026 if month > 1 else 2027)
    return schedule(
        requester=Requester(user(cast.ben), NOW),
        tutor_student_id=cast.ben_ana.pk,
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
    )


@pytest.mark.parametrize("day", [21, 31])
def test_nothing_is_planned_on_a_closed_day(cast: Cast, day: int) -> None:
    """The first and the last of them; the days around are open."""
    closed(cast)
    with pytest.raises(ConflictError, match="closed on that day: Christmas") as refused:
        planned(cast, day)
    assert refused.value.reason == "closed"
    together = [cast.ben_ana.pk, cast.ben_cleo.pk]
    span: dict[str, Any] = {"starts_at": at(day, 12, month=12), "ends_at": at(day, 13, month=12)}
    with pytest.raises(ConflictError, match="closed"):
        schedule_group(requester=Requester(cast.owner, NOW), tutor_student_ids=together, **span)
    assert not Session.objects.exists()
    planned(cast, 20)
    planned(cast, 4, month=1)


def test_days_are_those_of_the_business(cast: Cast, settings: Any) -> None:
    """Half past eleven in London is the next day in Helsinki; its end is not part of an hour."""
    settings.TIME_ZONE = "Europe/Helsinki"
    closed(cast)
    with pytest.raises(ConflictError, match="closed"):
        planned(cast, 20, 22)
    planned(cast, 20, 21)


def test_nothing_is_moved_or_planned_again_there(cast: Cast) -> None:
    """What stands there may be written about, called off and moved away."""
    there, elsewhere, called_off = planned(cast, 22), planned(cast, 15), planned(cast, 23)
    closed(cast)
    cancel(requester=Requester(cast.owner, NOW), session_id=called_off.pk)
    with pytest.raises(ConflictError, match="closed"):
        reinstate(requester=Requester(cast.owner, NOW), session_id=called_off.pk)
    with pytest.raises(ConflictError, match="closed"):
        reschedule(
            requester=Requester(cast.owner, NOW),
            session_id=elsewhere.pk,
            starts_at=at(28, 16, month=12),
            ends_at=at(28, 17, month=12),
        )
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=there.pk,
        starts_at=at(18, 16, month=12),
        ends_at=at(18, 17, month=12),
    )


def test_what_was_held_there_is_recorded(cast: Cast) -> None:
    """Somebody met all the same."""
    session = planned(cast, 22)
    closed(cast)
    done = complete(requester=Requester(cast.owner, at(23, 9, month=12)), session_id=session.pk)
    assert done.status == "completed"


def test_weekly_lessons_leave_closed_days_out(cast: Cast) -> None:
    """Named beforehand, by choice; and by themselves where they are planned on."""
    closed(cast)
    wanted = NewSeries(cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=4", date(2026, 12, 14), time(16), 60)
    with pytest.raises(ConflictError, match=r"21 Dec 2026 .*closed.*, Mon 28 Dec 2026"):
        plan_series(requester=Requester(cast.owner, NOW), wanted=wanted)
    plan = plan_series(requester=Requester(cast.owner, NOW), wanted=wanted, leave_out=None)
    assert [one.series_date for one in plan.sessions] == [date(2026, 12, 14), date(2027, 1, 4)]
    assert {one.code for one in plan.conflicts} == {"closed"}
    endless = NewSeries(cast.ben_cleo.pk, "FREQ=WEEKLY", date(2026, 12, 15), time(16), 60)
    plan_series(requester=Requester(cast.owner, NOW), wanted=endless, leave_out=None)
    closed(cast, name="Summer", starts_on=date(2027, 6, 21), ends_on=date(2027, 6, 28))
    done = [*top_up(now=at(5, 9, month=1, year=2027))]
    assert [str(one.date) for topped in done for one in topped.conflicts] == ["2027-06-22"]


def test_a_closure_lists_what_is_on_its_days(cast: Cast) -> None:
    """Beforehand, for everybody's; what is planned before or after is no part of it."""
    inside = [planned(cast, 21), booked(cast.cara_ana, at(30, 9, month=12))]
    planned(cast, 20)
    plan = preview_closure(requester=Requester(cast.owner, NOW), default="keep", **CHRISTMAS)
    assert [*plan.touched.sessions] == inside
    assert not Closure.objects.exists()
    done = closed(cast)
    assert {*Session.objects.values_list("status", flat=True)} == {"scheduled"}
    assert [*sessions_on(viewer_of(user(cast.ben)), done.closure)] == inside[:1]


def test_what_is_there_is_called_off_along_with_it_and_comes_back_by_one_undo(cast: Cast) -> None:
    """Not what was held; what was planned in its hours since stays, and so does the cancelled."""
    first, second = planned(cast, 21), booked(cast.cara_ana, at(30, 9, month=12))
    deed = closed(cast, cancels=True).deed
    assert {*Session.objects.values_list("status", flat=True)} == {"cancelled"}
    lines = SessionEvent.objects.filter(session=first, what="cancelled")
    assert [one.actor for one in lines] == [cast.owner]
    assert [
        one.pk
        for one in preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed).planned_again
    ] == [
        first.pk,
        second.pk,
    ]
    Closure.objects.update(ends_on=date(2026, 12, 29))
    booked(cast.ben_ana, at(30, 9, month=12))
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    with pytest.raises(ConflictError, match="look at what would be"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed, expect=fingerprint(plan.shown))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("scheduled", "cancelled")
    assert not Closure.objects.exists()


def test_what_is_called_off_in_a_pause_comes_back_in_it(cast: Cast) -> None:
    """The lesson stood there in the pause; none is planned that did not."""
    lesson = planned(cast, 21)
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    deed = closed(cast, cancels=True).deed
    seen = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert ([one.pk for one in seen.planned_again], seen.left) == ([lesson.pk], ())
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert Session.objects.get(pk=lesson.pk).status == "scheduled"
    with pytest.raises(ConflictError, match="paused"):
        planned(cast, 22)


def test_a_moved_lesson_that_cannot_go_back_stays_and_is_named_where_it_was(cast: Cast) -> None:
    """The day is open again, and the others are back on it."""
    moved, other = planned(cast, 21), planned(cast, 22)
    new = [at(6, 9, month=1, year=2027), at(7, 9, month=1, year=2027)]
    deed = closed(
        cast,
        decisions=[
            Decision(one.pk, "move", starts_at=to, ends_at=to + HOUR)
            for one, to in zip([moved, other], new, strict=True)
        ],
    ).deed
    Closure.objects.update(starts_on=date(2026, 12, 22))
    was = moved.starts_at
    taken = booked(cast.cara_ana, was)
    Closure.objects.update(starts_on=date(2026, 12, 21))
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert [(one.session.pk, one.reason, one.at, one.busy_with) for one in plan.left] == [
        (moved.pk, "student_busy", was, taken)
    ]
    assert [one.pk for one in plan.changed] == [other.pk]
    with pytest.raises(ConflictError, match="which would be on Mon 21 Dec 2026"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed, expect=fingerprint(plan.shown))
    moved.refresh_from_db()
    assert (moved.starts_at, Session.objects.get(pk=other.pk).starts_at) == (
        new[0],
        other.starts_at,
    )
    assert not Closure.objects.exists()


def test_a_closure_without_sessions_is_undone_too(cast: Cast) -> None:
    """It opens the days again; there is nothing to undo once it was removed by hand."""
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=closed(cast).deed)
    assert not Closure.objects.exists()
    again = closed(cast)
    remove_closure(requester=Requester(cast.owner, NOW), closure_id=again.closure.pk)
    with pytest.raises(ConflictError, match="Nothing of it is left"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=again.deed)


def test_it_is_closed_as_it_was_looked_at(cast: Cast) -> None:
    """A session that came since is another picture."""
    planned(cast, 21)
    seen = preview_closure(requester=Requester(cast.owner, NOW), default="cancel", **CHRISTMAS)
    planned(cast, 22)
    with pytest.raises(ConflictError, match="changed since you looked"):
        closed(cast, cancels=True, expect=fingerprint(seen.shown))
    assert not Closure.objects.exists()
    assert not Deed.objects.exists()


def test_what_has_begun_is_not_called_off(cast: Cast) -> None:
    """It is there to be recorded."""
    begun, ahead = planned(cast, 1, 8), planned(cast, 1, 16)
    plan = add_closure(
        requester=Requester(cast.owner, DECEMBER),
        name="Burst pipe",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 2),
        default="cancel",
    )
    assert [one.pk for one in plan.touched.sessions] == [ahead.pk]
    begun.refresh_from_db()
    assert begun.status == "scheduled"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": " "}, "Say why it is closed"),
        ({"ends_on": date(2026, 12, 21)}, "on the day after its last"),
        ({"ends_on": date(2026, 12, 20)}, "The last day is before the first"),
        ({"ends_on": date(2028, 1, 4)}, "a year at most"),
    ],
)
def test_what_is_no_closure_is_refused(cast: Cast, given: dict[str, Any], sentence: str) -> None:
    """In words, and nothing is made."""
    with pytest.raises(InvalidError, match=sentence):
        closed(cast, **given)
    assert not Closure.objects.exists()


def test_owners_close_and_open_whoever_works_here_knows(cast: Cast) -> None:
    """A guest is told nothing."""
    with pytest.raises(ForbiddenError):
        add_closure(requester=Requester(user(cast.ben), NOW), default="keep", **CHRISTMAS)
    row = closed(cast).closure
    with pytest.raises(ForbiddenError):
        remove_closure(requester=Requester(user(cast.ben), NOW), closure_id=row.pk)
    assert [*visible_closures(viewer_of(user(cast.ben)))] == [row]
    assert not visible_closures(viewer_of(an_account("guest@tandem.example"))).exists()
    remove_closure(requester=Requester(cast.owner, NOW), closure_id=row.pk)
    with pytest.raises(NotFoundError):
        remove_closure(requester=Requester(cast.owner, NOW), closure_id=row.pk)
    planned(cast, 22)


def away(cast: Cast) -> None:
    """Let Ben be away on the twenty-second of December, while the business is closed."""
    closed(cast)
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(22, 0, month=12),
        ends_at=at(23, 0, month=12),
    )


def in_spite_of(cast: Cast, *override: str, actor: Any = None, day: int = 22) -> Session:
    """Plan an hour with Ben in spite of something, as an owner unless said."""
    return schedule(
        requester=Requester(actor or cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        starts_at=at(day, 16, month=12),
        ends_at=at(day, 17, month=12),
        override=override,
    )


def test_an_owner_plans_in_spite_of_it_and_history_says_so(cast: Cast) -> None:
    """Only of what stood against it; of both where both did."""
    away(cast)
    session = in_spite_of(cast, "tutor_away", "closed")
    (event,) = SessionEvent.objects.filter(session=session)
    assert event.details == {"override": ["tutor_away", "closed"]}
    other = in_spite_of(cast, "tutor_away", "closed", day=28)
    assert SessionEvent.objects.get(session=other).details == {"override": ["closed"]}
    open_day = in_spite_of(cast, "tutor_away", "closed", day=18)
    assert SessionEvent.objects.get(session=open_day).details == {}


def test_what_is_not_named_still_stands_against_it(cast: Cast) -> None:
    """Nor does anybody plan in spite of another session."""
    away(cast)
    with pytest.raises(ConflictError, match="away"):
        in_spite_of(cast, "closed")
    with pytest.raises(ConflictError, match="closed"):
        in_spite_of(cast, "tutor_away")
    in_spite_of(cast, "tutor_away", "closed")
    with pytest.raises(ConflictError, match="already"):
        in_spite_of(cast, "tutor_away", "closed")
    with pytest.raises(InvalidError, match="cannot be overridden"):
        in_spite_of(cast, "tutor_busy")


def test_a_tutor_plans_in_spite_of_nothing(cast: Cast) -> None:
    """Not of their own time off either: they can take it back."""
    away(cast)
    with pytest.raises(ForbiddenError, match="Only an owner"):
        in_spite_of(cast, "tutor_away", "closed", actor=user(cast.ben))
    assert not Session.objects.exists()


def test_it_is_moved_and_planned_again_in_spite_of_it(cast: Cast) -> None:
    """The line of the move says so."""
    session = planned(cast, 15)
    closed(cast)
    revise(
        requester=Requester(cast.owner, NOW),
        session_id=session.pk,
        starts_at=at(28, 16, month=12),
        ends_at=at(28, 17, month=12),
        override=["closed"],
    )
    moved = SessionEvent.objects.get(session=session, what="moved")
    assert moved.details["override"] == ["closed"]
    cancel(requester=Requester(cast.owner, NOW), session_id=session.pk)
    revise(
        requester=Requester(cast.owner, NOW),
        session_id=session.pk,
        status="scheduled",
        override=["closed"],
    )
    again = SessionEvent.objects.get(session=session, what="reinstated")
    assert again.details == {"override": ["closed"]}
