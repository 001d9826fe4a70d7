"""Lessons that come back are changed: one, this and the following, all that is still to come."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import cancel, edit, reschedule
from tandem.lessons.group_series import edit_group, preview_group_edit
from tandem.lessons.models import Session, SessionEvent, SessionSeries
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.series_edit_data import Scope, SeriesEdit
from tandem.lessons.series_edit_plans import EditPlan
from tandem.lessons.series_edits import edit_series, preview_series_edit
from tandem.lessons.series_horizon import top_up
from tandem.people.requester import Requester
from tandem.relationships.actions import pause
from tests.cast import HOUR, NOW, Cast, at, booked, user

TUESDAY = date(2026, 11, 3)
SECOND, THIRD, FOURTH = date(2026, 11, 10), date(2026, 11, 17), date(2026, 11, 24)


def tuesdays(cast: Cast, rule: str = "FREQ=WEEKLY;COUNT=4", **more: Any) -> SessionSeries:
    """Return Tuesdays at four in London, planned."""
    given: dict[str, Any] = {
        "tutor_student_id": cast.ben_ana.pk,
        "rule": rule,
        "first_date": TUESDAY,
        "wall_time": time(16),
        "minutes": 60,
        "time_zone": "Europe/London",
        "texts": {"title": "Waves"},
        **more,
    }
    return plan_series(requester=Requester(cast.owner, NOW), wanted=NewSeries(**given)).series


def edited(
    cast: Cast, series: SessionSeries, change: SeriesEdit, leave_out: Collection[date] | None = ()
) -> EditPlan:
    return edit_series(
        requester=Requester(cast.owner, NOW), series_id=series.pk, edit=change, leave_out=leave_out
    )


def starts(*series: SessionSeries) -> list[str]:
    """Return when the lessons of series begin, by start, with what is another than planned."""
    rows = Session.objects.filter(series__in=series).order_by("starts_at")
    return [f"{one.starts_at:%d %H:%M}" for one in rows]


def test_this_and_the_following_go_on_as_a_series_of_their_own(cast: Cast) -> None:
    """What is before stays, no lesson is made twice, and each move is in its history."""
    series = tuesdays(cast)
    done = edited(cast, series, SeriesEdit("following", THIRD, wall_time=time(17, 30), minutes=45))
    series.refresh_from_db()
    assert starts(series) == ["03 16:00", "10 16:00"]
    assert starts(done.series) == ["17 17:30", "24 17:30"]
    assert (series.ends_on, done.series.starts_on) == (THIRD, THIRD)
    assert (series.wall_time, done.series.wall_time) == (time(16), time(17, 30))
    one = Session.objects.get(series=done.series, series_date=FOURTH)
    assert (one.ends_at, one.title) == (at(24, 18, 15), "Waves")
    lines = SessionEvent.objects.filter(session=one)
    assert [line.what for line in lines] == ["planned", "moved"]


def test_all_still_to_come_is_the_series_itself_where_nothing_is_behind(cast: Cast) -> None:
    """One series before, one after; another weekday takes its rule and its dates along."""
    series = tuesdays(cast, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=3")
    done = edited(cast, series, SeriesEdit("all", weekday="TH", texts={"location": "Room 2"}))
    assert SessionSeries.objects.get().pk == done.series.pk == series.pk
    assert starts(series) == ["05 16:00", "19 16:00", "03 16:00"]
    rows = list(Session.objects.filter(series=series).order_by("series_date"))
    assert [one.series_date for one in rows] == [
        date(2026, 11, 5),
        date(2026, 11, 19),
        date(2026, 12, 3),
    ]
    assert {one.location for one in rows} == {"Room 2"}
    series.refresh_from_db()
    assert series.rule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;COUNT=3"


def test_what_is_done_called_off_or_moved_by_hand_is_never_touched(cast: Cast) -> None:
    """Nor a text that somebody wrote; it keeps its place in the series."""
    series = tuesdays(cast)
    first, second, third, fourth = Session.objects.filter(series=series).order_by("series_date")
    cancel(requester=Requester(cast.owner, NOW), session_id=second.pk)
    moved = at(18, 9)
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=third.pk,
        starts_at=moved,
        ends_at=moved + HOUR,
    )
    edit(requester=Requester(cast.owner, NOW), session_id=fourth.pk, changes={"title": "Light"})
    change = SeriesEdit("all", wall_time=time(18), texts={"title": "Sound"})
    later = datetime(2026, 11, 4, 9, tzinfo=UTC)
    plan = edit_series(requester=Requester(cast.owner, later), series_id=series.pk, edit=change)
    assert [one.pk for one in plan.sessions] == [fourth.pk]
    assert starts(series, plan.series) == ["03 16:00", "10 16:00", "18 09:00", "24 18:00"]
    assert [Session.objects.get(pk=one.pk).title for one in (first, third, fourth)] == [
        "Waves",
        "Waves",
        "Light",
    ]


def test_one_lesson_moves_and_the_others_stay(cast: Cast) -> None:
    """It still stands for its date, so that nothing is made for it again."""
    series = tuesdays(cast, "FREQ=WEEKLY")
    edited(cast, series, SeriesEdit("this", SECOND, on=date(2026, 11, 11), wall_time=time(9)))
    moved = Session.objects.get(series=series, series_date=SECOND)
    assert (moved.starts_at, moved.ends_at) == (at(11, 9), at(11, 10))
    assert Session.objects.get(series=series, series_date=THIRD).starts_at == at(17, 16)
    assert sum(len(one.sessions) for one in top_up(now=NOW + 7 * 24 * HOUR)) == 1
    assert Session.objects.filter(series=series, series_date=SECOND).count() == 1


def test_every_clash_is_named_at_once_and_left_as_it_is_by_choice(cast: Cast) -> None:
    """What is left out stays at its hour; otherwise nothing is changed."""
    series = tuesdays(cast)
    booked(cast.cara_ana, at(10, 18))
    booked(cast.ben_cleo, at(24, 17, 30))
    change = SeriesEdit("all", wall_time=time(18))
    with pytest.raises(ConflictError, match=r"10 Nov 2026 .*24 Nov 2026") as refusal:
        edited(cast, series, change)
    assert [(one["date"], one["code"]) for one in refusal.value.details["conflicts"]] == [
        ("2026-11-10", "student_busy"),
        ("2026-11-24", "tutor_busy"),
    ]
    assert starts(series) == ["03 16:00", "10 16:00", "17 16:00", "24 16:00"]
    with pytest.raises(InvalidError, match="not a date of a lesson"):
        edited(cast, series, change, [date(2026, 11, 11)])
    edited(cast, series, change, None)
    assert starts(series) == ["03 18:00", "10 16:00", "17 18:00", "24 16:00"]


@pytest.mark.parametrize("scope", ["this", "following", "all"])
def test_what_changes_nothing_is_refused(cast: Cast, scope: Scope) -> None:
    """No series is cut for it, and no deed is there to be undone; look and deed agree."""
    series = tuesdays(cast)
    same = SeriesEdit(scope, None if scope == "all" else SECOND, wall_time=time(16))
    asked: dict[str, Any] = {
        "requester": Requester(cast.owner, NOW),
        "series_id": series.pk,
        "edit": same,
    }
    deeds: Any = (preview_series_edit, edit_series, preview_group_edit, edit_group)
    for deed in deeds:
        with pytest.raises(ConflictError) as refusal:
            deed(**asked)
        assert refusal.value.reason == "as_planned"
    with pytest.raises(ConflictError):
        edited(cast, series, SeriesEdit(scope, same.since, texts={"title": "Waves"}))
    assert SessionSeries.objects.count() == 1


def test_one_lesson_is_left_out_of_nothing(cast: Cast) -> None:
    """Where it cannot move, another time is what there is to choose."""
    series = tuesdays(cast)
    booked(cast.cara_ana, at(10, 18))
    with pytest.raises(ConflictError) as refusal:
        edited(cast, series, SeriesEdit("this", SECOND, wall_time=time(18)))
    assert str(refusal.value).endswith("in these hours). Choose another time.")


def test_a_lesson_may_take_the_hours_that_another_leaves(cast: Cast) -> None:
    """Each day 20 hours long, moved by 14: onto the next day's hours before."""
    series = tuesdays(cast, "FREQ=DAILY;COUNT=3", wall_time=time(4), minutes=20 * 60)
    edited(cast, series, SeriesEdit("all", wall_time=time(18)))
    assert starts(series) == ["03 18:00", "04 18:00", "05 18:00"]


def test_what_would_lie_behind_is_named(cast: Cast) -> None:
    """Moved to Monday on a Monday morning at ten: eight o'clock is over."""
    series = tuesdays(cast)
    with pytest.raises(ConflictError) as refusal:
        edited(cast, series, SeriesEdit("all", weekday="MO", wall_time=time(8)))
    assert refusal.value.details["conflicts"][0]["code"] == "in_the_past"


def test_what_was_looked_at_is_what_is_changed(cast: Cast) -> None:
    """A preview changes nothing; whatever it showed has to be so still."""
    series = tuesdays(cast)
    change = SeriesEdit("following", SECOND, wall_time=time(17))
    deed: dict[str, Any] = {
        "requester": Requester(cast.owner, NOW),
        "series_id": series.pk,
        "edit": change,
    }
    seen = preview_series_edit(**deed)
    assert starts(series) == ["03 16:00", "10 16:00", "17 16:00", "24 16:00"]
    row = Session.objects.get(series=series, series_date=THIRD)
    edit(
        requester=Requester(cast.owner, NOW),
        session_id=row.pk,
        changes={"notes": "Bring the lens."},
    )
    with pytest.raises(ConflictError) as refusal:
        edit_series(**deed, expect=fingerprint(seen.shown))
    assert refusal.value.reason == "changed_since_preview"
    assert SessionSeries.objects.count() == 1
    again = preview_series_edit(**deed)
    done = edit_series(**deed, expect=fingerprint(again.shown))
    assert [one.starts_at for one in again.sessions] == [one.starts_at for one in done.sessions]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (SeriesEdit("all"), "Say what is to change"),
        (SeriesEdit("following", wall_time=time(9)), "from which lesson"),
        (SeriesEdit("this", SECOND, weekday="MO"), "give the date"),
        (SeriesEdit("all", on=SECOND), "give a weekday"),
        (SeriesEdit("all", minutes=0), "from 1 minute"),
    ],
)
def test_what_says_too_little_or_too_much_is_refused(
    cast: Cast, change: SeriesEdit, words: str
) -> None:
    """In words, and nothing is changed."""
    series = tuesdays(cast)
    with pytest.raises(InvalidError, match=words):
        edited(cast, series, change)


def test_a_rule_of_several_weekdays_is_not_moved_to_one(cast: Cast) -> None:
    """It says so; its time can be changed."""
    series = tuesdays(cast, "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4")
    with pytest.raises(InvalidError, match="one day of the week"):
        edited(cast, series, SeriesEdit("all", weekday="MO"))
    edited(cast, series, SeriesEdit("all", wall_time=time(9)))
    assert starts(series) == ["03 09:00", "05 09:00", "10 09:00", "12 09:00"]


def test_what_is_no_longer_ahead_is_not_edited_from(cast: Cast) -> None:
    """Called off, or not there; and where nothing is to come, that is said."""
    series = tuesdays(cast)
    row = Session.objects.get(series=series, series_date=SECOND)
    cancel(requester=Requester(cast.owner, NOW), session_id=row.pk)
    for day, reason in ((SECOND, "not_ahead"), (date(2026, 11, 11), "no_lesson")):
        with pytest.raises(ConflictError) as refusal:
            edited(cast, series, SeriesEdit("following", day, wall_time=time(9)))
        assert refusal.value.reason == reason
    with pytest.raises(ConflictError, match="still to come"):
        edit_series(
            requester=Requester(cast.owner, datetime(2027, 1, 1, tzinfo=UTC)),
            series_id=series.pk,
            edit=SeriesEdit("all", wall_time=time(9)),
        )


def test_only_those_may_edit_who_may_plan(cast: Cast) -> None:
    """Its tutor may, others see none, and nobody moves what is paused."""
    series = tuesdays(cast)
    change = SeriesEdit("all", wall_time=time(9))
    for tutor in (cast.dev, cast.cara):
        with pytest.raises((NotFoundError, ForbiddenError)):
            edit_series(requester=Requester(user(tutor), NOW), series_id=series.pk, edit=change)
    edit_series(requester=Requester(user(cast.ben), NOW), series_id=series.pk, edit=change)
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    with pytest.raises(ConflictError, match="paused"):
        edited(cast, series, SeriesEdit("all", wall_time=time(10)))


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "Europe/London", "America/New_York"])
def test_ten_on_the_wall_stays_ten_across_both_clock_changes(cast: Cast, zone: str) -> None:
    """A year of Tuesdays, moved from nine to ten, and to Sunday, when clocks change."""
    series = tuesdays(cast, "FREQ=WEEKLY;COUNT=52", time_zone=zone, wall_time=time(9))
    done = edited(cast, series, SeriesEdit("following", SECOND, wall_time=time(10), weekday="SU"))
    rows = Session.objects.filter(series=done.series)
    assert rows.count() == 51
    local = [one.starts_at.astimezone(ZoneInfo(zone)) for one in rows]
    assert {(one.time(), one.weekday()) for one in local} == {(time(10), 6)}
    assert len({one.starts_at.hour for one in rows}) == 2


def test_an_endless_series_goes_on_as_it_was_changed(cast: Cast) -> None:
    """The part before ends; what is planned next is the new part's alone."""
    series = tuesdays(cast, "FREQ=WEEKLY")
    done = edited(cast, series, SeriesEdit("following", SECOND, weekday="WE", wall_time=time(9)))
    made = [one for top in top_up(now=NOW + 14 * 24 * HOUR) for one in top.sessions]
    assert [one.series_date for one in made] == [date(2027, 5, 5), date(2027, 5, 12)]
    assert {one.series_id for one in made} == {done.series.pk}
    assert made[0].starts_at == at(5, 8, month=5, year=2027)
