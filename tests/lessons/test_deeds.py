"""Wide changes are rows, and each is undone at one go for as long as nothing was held since."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import cancel, complete, reschedule
from tandem.lessons.closures import add_closure, remove_closure
from tandem.lessons.cover import Choice, cover_all
from tandem.lessons.deeds import visible_deeds
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Deed, DeedPart, Session, SessionSeries
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import dates_left_out, stop_series
from tandem.lessons.transfers import transfer, transfer_all
from tandem.lessons.undo import undo_transfer
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.queries import viewer_of, visible_students
from tandem.people.requester import Requester
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import NOW, Cast, at, booked, user

TODAY = NOW.date()
SECOND, THIRD = date(2026, 11, 16), date(2026, 11, 23)
ABOUT = ("starts_at", "ends_at", "status", "tutor_student_id", "title", "notes", "series_date")


def diary() -> list[tuple[Any, ...]]:
    """Return every session as it stands."""
    return sorted(Session.objects.values_list("id", *ABOUT))


def pairings() -> list[tuple[Any, ...]]:
    """Return every relationship as it stands."""
    facts = ("id", "tutor_id", "student_id", "status", "started_on", "ended_on", "is_primary")
    return sorted(TutorStudent.objects.values_list(*facts))


def undone(cast: Cast, deed: str, **more: Any) -> Any:
    """Undo it as an owner, after a look."""
    seen = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    expect = fingerprint(seen.shown)
    return undo_deed(
        requester=Requester(cast.owner, NOW), deed_id=deed, **{"expect": expect, **more}
    )


def mondays(cast: Cast, **more: Any) -> Any:
    """Plan four Mondays at four, from the ninth on."""
    wanted = NewSeries(
        tutor_student_id=cast.ben_ana.pk,
        rule="FREQ=WEEKLY;COUNT=4",
        first_date=date(2026, 11, 9),
        wall_time=time(16),
        minutes=60,
        texts={"title": "Waves"},
    )
    return plan_series(requester=Requester(user(cast.ben), NOW), wanted=wanted, **more)


def test_a_deed_is_a_row_for_who_made_it_and_for_owners(cast: Cast) -> None:
    """Nobody else is told of it; an undone one says by whom."""
    deed = mondays(cast).deed
    row = Deed.objects.get()
    assert (row.pk, row.kind, row.actor, row.undone_at) == (
        deed,
        "series_plan",
        user(cast.ben),
        None,
    )
    assert [*visible_deeds(viewer_of(cast.owner))] == [row]
    assert [*visible_deeds(viewer_of(user(cast.ben)))] == [row]
    assert not visible_deeds(viewer_of(user(cast.dev))).exists()
    with pytest.raises(NotFoundError):
        undo_deed(requester=Requester(user(cast.dev), NOW), deed_id=deed)
    undone(cast, deed)
    row.refresh_from_db()
    assert (row.undone_at, row.undone_by) == (NOW, cast.owner)
    with pytest.raises(ConflictError, match="undone already"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert DeedPart.objects.get().details == {}


def test_a_preview_keeps_nothing(cast: Cast) -> None:
    """Nor does it leave a deed."""
    session = booked(cast.ben_ana, at(9, 16))
    deed = end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        future_sessions="cancel",
    ).deed
    before = diary(), pairings()
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert [one.pk for one in plan.planned_again] == [session.pk]
    assert (diary(), pairings()) == before
    assert Deed.objects.get().undone_at is None


def test_an_end_is_undone(cast: Cast) -> None:
    """The sessions that it called off are planned again; an end is an owner's to undo."""
    booked(cast.ben_ana, at(9, 16))
    before = diary(), pairings()
    deed = end(
        requester=Requester(user(cast.ben), NOW),
        tutor_student_id=cast.ben_ana.pk,
        future_sessions="cancel",
    ).deed
    with pytest.raises(ForbiddenError):
        undo_deed(requester=Requester(user(cast.ben), NOW), deed_id=deed)
    undone(cast, deed)
    assert (diary(), pairings()) == before


def test_a_transfer_is_undone_here_or_on_its_own_page(cast: Cast) -> None:
    """Either way it is undone once."""
    booked(cast.ben_ana, at(9, 16))
    before = diary()
    way: dict[str, Any] = {"student_id": cast.ana.pk, "to_tutor_id": cast.dev.pk, "on": TODAY}
    first = transfer(requester=Requester(cast.owner, NOW), **way)
    undone(cast, first.deed)
    assert diary() == before
    second = transfer(
        requester=Requester(cast.owner, NOW + timedelta(days=1)),
        **way | {"on": TODAY + timedelta(days=1)},
    )
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=second.new.pk)
    assert diary() == before
    with pytest.raises(ConflictError, match="undone already"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=second.deed)


def test_a_transfer_is_not_undone_once_the_new_tutor_has_taught(cast: Cast) -> None:
    """Nor is anything changed by the attempt."""
    session = booked(cast.ben_ana, at(2, 10))
    deed = transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=TODAY,
    ).deed
    complete(requester=Requester(cast.owner, at(2, 12)), session_id=session.pk)
    with pytest.raises(ConflictError, match="taught since"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert Deed.objects.get().undone_at is None


def test_a_hand_over_is_undone_for_every_student_at_once(cast: Cast) -> None:
    """Also where one of them went back before by itself."""
    booked(cast.ben_ana, at(9, 16))
    booked(cast.ben_cleo, at(9, 18))
    before = diary()
    done = transfer_all(
        requester=Requester(cast.owner, NOW),
        from_tutor_id=cast.ben.pk,
        to_tutor_id=cast.dev.pk,
        on=TODAY,
    )
    assert {one.deed for one in done} == {Deed.objects.get().pk}
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=done[0].new.pk)
    undone(cast, done[0].deed)
    assert diary() == before
    open_now = TutorStudent.objects.filter(status="active", tutor=cast.ben)
    assert open_now.count() == 2


def covered(cast: Cast) -> str:
    """Let Dev take two of Ben's over, of Ana and of Cleo; return the deed."""
    sessions = [booked(cast.ben_ana, at(9, 16)), booked(cast.ben_cleo, at(9, 18))]
    choices = [Choice(one.pk, cast.dev.pk) for one in sessions]
    return cover_all(requester=Requester(cast.owner, NOW), choices=choices)[0].deed


def test_a_cover_is_undone(cast: Cast) -> None:
    """The sessions go back, and the relationships that were made for it are gone."""
    before = pairings()
    deed = covered(cast)
    made = {*TutorStudent.objects.filter(tutor=cast.dev).values_list("pk", flat=True)}
    seen = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    plan = undone(cast, deed)
    assert len(plan.given_back) == 2
    assert {one.pk for one in seen.unpaired} == {one.pk for one in plan.unpaired} == made
    assert seen.kept == ()
    assert {*Session.objects.values_list("tutor_id", flat=True)} == {cast.ben.pk}
    assert pairings() == before


def test_of_a_cover_what_was_called_off_since_stays_so(cast: Cast) -> None:
    """The other goes back; its tutor's relationship stays for what it holds."""
    deed = covered(cast)
    first, second = Session.objects.order_by("starts_at")
    cancel(requester=Requester(cast.owner, NOW), session_id=first.pk)
    plan = undone(cast, deed)
    assert [one.pk for one in plan.kept] == [first.tutor_student_id]
    second.refresh_from_db()
    first.refresh_from_db()
    assert (second.tutor, first.tutor, first.status) == (cast.ben, cast.dev, "cancelled")


def test_of_a_cover_what_the_tutor_has_no_time_for_stays(cast: Cast) -> None:
    """It is named, and after a look the other goes back."""
    deed = covered(cast)
    first, second = Session.objects.order_by("starts_at")
    there = booked(cast.ben_cleo, at(9, 16))
    before = diary()
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert [(one.session.pk, one.busy_with) for one in plan.left] == [(first.pk, there)]
    with pytest.raises(ConflictError) as refused:
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert (refused.value.reason, refused.value.details["sessions"]) == ("clashes", [there.pk])
    assert diary() == before
    undone(cast, deed)
    assert [Session.objects.get(pk=one.pk).tutor for one in (first, second)] == [
        cast.dev,
        cast.ben,
    ]


def test_a_cover_is_not_undone_where_nothing_of_it_can_go_back(cast: Cast) -> None:
    """What stands in the way is named, after a look too."""
    deed = covered(cast)
    booked(cast.ben_cleo, at(9, 16))
    booked(cast.ben_ana, at(9, 18))
    before = diary()
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert (plan.is_refused, len(plan.clashes), plan.left) == (True, 2, ())
    with pytest.raises(ConflictError) as refused:
        undone(cast, deed)
    assert refused.value.reason == "clashes"
    assert diary() == before


def test_planning_weekly_lessons_is_undone(cast: Cast) -> None:
    """The series goes with them, unless something of it was changed by hand or held."""
    undone(cast, mondays(cast).deed)
    assert not SessionSeries.objects.exists()
    assert not Session.objects.exists()
    deed = mondays(cast).deed
    kept = Session.objects.earliest("starts_at")
    cancel(requester=Requester(cast.owner, NOW), session_id=kept.pk)
    undone(cast, deed)
    assert [*Session.objects.all()] == [kept]
    assert SessionSeries.objects.get().ends_on == date(2026, 11, 10)


def test_lessons_that_lay_behind_when_they_were_planned_go_too(cast: Cast) -> None:
    """Unless they were recorded; one that has passed since may have been held, and stays."""
    wanted = NewSeries(cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=4", date(2026, 10, 19), time(8), 60)
    deed = plan_series(requester=Requester(cast.owner, NOW), wanted=wanted).deed
    first = Session.objects.earliest("starts_at")
    complete(requester=Requester(cast.owner, NOW), session_id=first.pk)
    undo_deed(requester=Requester(cast.owner, at(9, 12)), deed_id=deed)
    kept = [*Session.objects.order_by("starts_at").values_list("series_date", flat=True)]
    assert kept == [date(2026, 10, 19), date(2026, 11, 9)]


@pytest.mark.parametrize(
    "edit",
    [
        {"scope": "following", "wall_time": time(17, 30), "minutes": 45},
        {"scope": "following", "weekday": "TH", "texts": {"title": "Heat"}},
        {"scope": "this", "on": date(2026, 11, 18), "wall_time": time(9)},
        {"scope": "this", "texts": {"title": None}},
        {"scope": "all", "minutes": 30, "texts": {"location": "Room 2"}},
    ],
)
def test_an_edit_of_weekly_lessons_is_undone(cast: Cast, edit: dict[str, Any]) -> None:
    """Every lesson and the series are as before, in one piece."""
    series = mondays(cast).series
    facts = SessionSeries.objects.values().get()
    before = diary()
    since = None if edit["scope"] == "all" else SECOND
    done = edit_series(
        requester=Requester(user(cast.ben), NOW),
        series_id=series.pk,
        edit=SeriesEdit(**edit, since=since),
    )
    assert diary() != before
    undone(cast, done.deed)
    assert diary() == before
    now = SessionSeries.objects.values().get()
    assert {**now, "updated_at": 0} == {**facts, "updated_at": 0}


def test_of_an_edit_what_was_moved_by_hand_since_stays(cast: Cast) -> None:
    """The others go back."""
    series = mondays(cast).series
    later = SeriesEdit("all", wall_time=time(18))
    deed = edit_series(requester=Requester(cast.owner, NOW), series_id=series.pk, edit=later).deed
    second = SeriesEdit("this", SECOND, on=SECOND, wall_time=time(11))
    edit_series(requester=Requester(cast.owner, NOW), series_id=series.pk, edit=second)
    undone(cast, deed)
    hours = [*Session.objects.order_by("starts_at").values_list("starts_at__hour", flat=True)]
    assert hours == [16, 11, 16, 16]


def test_a_stop_is_undone(cast: Cast) -> None:
    """Every lesson comes back with its id and what was written about it."""
    series = mondays(cast).series
    Session.objects.filter(series_date=THIRD).update(notes="Bring the prism", title="Light")
    facts = SessionSeries.objects.values().get()
    before = diary()
    deed = stop_series(
        requester=Requester(user(cast.ben), NOW), series_id=series.pk, on=SECOND
    ).deed
    assert Session.objects.count() == 1
    undone(cast, deed)
    assert diary() == before
    assert {**SessionSeries.objects.values().get(), "updated_at": 0} == {**facts, "updated_at": 0}


def test_of_a_stop_dates_that_are_taken_stay_without_a_lesson(cast: Cast) -> None:
    """Each is named; after a look the others come back, and the series goes on."""
    series = mondays(cast).series
    deed = stop_series(requester=Requester(cast.owner, NOW), series_id=series.pk, on=SECOND).deed
    booked(cast.cara_ana, at(23, 16))
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert [(one.date, one.code) for one in plan.left_dates] == [(THIRD, "student_busy")]
    assert [one.series_date for one in plan.planned_again] == [SECOND, date(2026, 11, 30)]
    assert plan.going_on
    assert plan.going_on.until == series.ends_on
    with pytest.raises(ConflictError, match=r"23 Nov 2026.*look at what would be"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert Session.objects.count() == 2
    undone(cast, deed)
    series.refresh_from_db()
    assert dates_left_out(series, [*Session.objects.filter(series=series)], NOW) == [THIRD]


def test_of_a_stop_what_lies_behind_by_now_does_not_come_back(cast: Cast) -> None:
    """It is named; nobody has to look for that, as time alone has done it."""
    series = mondays(cast).series
    deed = stop_series(requester=Requester(cast.owner, NOW), series_id=series.pk, on=SECOND).deed
    who: dict[str, Any] = {"requester": Requester(cast.owner, at(17, 9)), "deed_id": deed}
    plan = preview_undo_of(**who)
    assert [(one.date, one.code) for one in plan.left_dates] == [(SECOND, "in_the_past")]
    undo_deed(**who)
    assert Session.objects.filter(series=series).count() == 3


def test_of_an_edit_a_lesson_whose_old_hour_is_taken_stays(cast: Cast) -> None:
    """It is named with its date, and the others go back."""
    series = mondays(cast).series
    deed = edited(cast, series.pk, SeriesEdit("all", wall_time=time(18)))
    booked(cast.cara_ana, at(16, 16))
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert [(one.date, one.code) for one in plan.left_dates] == [(SECOND, "student_busy")]
    with pytest.raises(ConflictError, match="look at what would be"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    undone(cast, deed)
    rows = Session.objects.filter(series=series).order_by("starts_at")
    assert [*rows.values_list("starts_at__hour", flat=True)] == [16, 18, 16, 16]


def test_a_stop_that_was_changed_again_is_not_undone(cast: Cast) -> None:
    """What is there now is somebody's later word."""
    series = mondays(cast).series
    deed = stop_series(requester=Requester(cast.owner, NOW), series_id=series.pk, on=THIRD).deed
    stop_series(requester=Requester(cast.owner, NOW), series_id=series.pk, on=SECOND)
    with pytest.raises(ConflictError, match="changed again since"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)


def test_a_series_that_is_gone_leaves_nothing_to_undo(cast: Cast) -> None:
    """It says so, and not that the deed is missing."""
    planned = mondays(cast)
    deed = edit_series(
        requester=Requester(cast.owner, NOW),
        series_id=planned.series.pk,
        edit=SeriesEdit("all", minutes=30),
    ).deed
    undone(cast, planned.deed)
    with pytest.raises(ConflictError, match="Nothing of it is left"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)


def test_what_has_changed_since_the_look_is_refused(cast: Cast) -> None:
    """And undone after another look."""
    deed = covered(cast)
    seen = fingerprint(preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed).shown)
    cancel(
        requester=Requester(cast.owner, NOW), session_id=Session.objects.earliest("starts_at").pk
    )
    with pytest.raises(ConflictError, match="changed since you looked"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed, expect=seen)
    undone(cast, deed)


def edited(cast: Cast, series_id: str, edit: SeriesEdit) -> str:
    """Edit weekly lessons as an owner; return the deed."""
    return edit_series(requester=Requester(cast.owner, NOW), series_id=series_id, edit=edit).deed


def test_an_edit_is_not_undone_over_a_later_one(cast: Cast) -> None:
    """The newest goes first; then the other, and all is as before."""
    series = mondays(cast).series
    before = diary()
    first = edited(cast, series.pk, SeriesEdit("all", wall_time=time(10), texts={"title": "one"}))
    second = edited(cast, series.pk, SeriesEdit("all", wall_time=time(11), texts={"title": "two"}))
    there = diary()
    with pytest.raises(ConflictError, match="Undo the later change first"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=first)
    assert diary() == there
    undone(cast, second)
    undone(cast, first)
    assert diary() == before


def test_a_part_that_was_split_off_since_is_a_later_change(cast: Cast) -> None:
    """So that nothing is left over at the hour of the edit."""
    series = mondays(cast).series
    before = diary()
    first = edited(cast, series.pk, SeriesEdit("all", wall_time=time(7)))
    second = edited(cast, series.pk, SeriesEdit("following", THIRD, minutes=30))
    with pytest.raises(ConflictError, match="changed again since"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=first)
    undone(cast, second)
    undone(cast, first)
    assert diary() == before


def test_one_lesson_that_was_moved_by_hand_since_stays(cast: Cast) -> None:
    """It was edited alone, and what came later is somebody's word."""
    series = mondays(cast).series
    deed = edited(cast, series.pk, SeriesEdit("this", SECOND, on=date(2026, 11, 18)))
    moved = Session.objects.get(series_date=SECOND)
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=moved.pk,
        starts_at=at(19, 8),
        ends_at=at(19, 9),
    )
    with pytest.raises(ConflictError, match="changed again since"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    moved.refresh_from_db()
    assert moved.starts_at == at(19, 8)


def test_planning_is_not_undone_after_a_transfer(cast: Cast) -> None:
    """Half of it would stay; once the transfer is undone all goes."""
    deed = mondays(cast).deed
    way: dict[str, Any] = {"student_id": cast.ana.pk, "to_tutor_id": cast.dev.pk, "on": SECOND}
    transferred = transfer(requester=Requester(cast.owner, NOW), **way).deed
    before = diary()
    with pytest.raises(ConflictError, match="Undo that transfer first"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert diary() == before
    undone(cast, transferred)
    undone(cast, deed)
    assert not Session.objects.exists()


def test_an_undone_transfer_leaves_the_new_tutor_nothing_to_see(cast: Cast) -> None:
    """The pairing held on no day and is gone; its history stays."""
    dev = viewer_of(user(cast.dev))
    before = {*visible_students(dev)}
    done = transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=SECOND,
    )
    assert {*visible_students(dev)} == {*before, cast.ana}
    undone(cast, done.deed)
    assert {*visible_students(dev)} == before
    assert not TutorStudent.objects.filter(pk=done.new.pk).exists()
    lines = RelationshipEvent.objects.filter(relationship=done.new.pk)
    assert [one.what for one in lines] == ["transferred_in", "ended", "removed"]


def test_of_a_hand_over_who_was_moved_on_since_stays_there(cast: Cast) -> None:
    """The others go back."""
    done = transfer_all(
        requester=Requester(cast.owner, NOW),
        from_tutor_id=cast.ben.pk,
        to_tutor_id=cast.dev.pk,
        on=TODAY,
    )
    transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.cleo.pk,
        to_tutor_id=cast.cara.pk,
        on=SECOND,
    )
    undone(cast, done[0].deed)
    now = TutorStudent.objects.filter(status="active", student=cast.ana, tutor=cast.ben)
    assert now.exists()
    assert TutorStudent.objects.filter(status="active", student=cast.cleo, tutor=cast.cara).exists()


@pytest.mark.parametrize("kind", ["end", "transfer"])
def test_what_was_called_off_is_not_planned_again_on_a_closed_day(cast: Cast, kind: str) -> None:
    """Of an end it stays called off, and is named; a transfer is refused until the day is open."""
    booked(cast.ben_ana, at(9, 16))
    booked(cast.ben_ana, at(10, 16))
    if kind == "end":
        done = end(
            requester=Requester(cast.owner, NOW),
            tutor_student_id=cast.ben_ana.pk,
            future_sessions="cancel",
        ).deed
    else:
        way: dict[str, Any] = {"student_id": cast.ana.pk, "to_tutor_id": cast.dev.pk, "on": TODAY}
        done = transfer(requester=Requester(cast.owner, NOW), future_sessions="cancel", **way).deed
    closure = add_closure(
        requester=Requester(cast.owner, NOW),
        name="Retreat",
        starts_on=date(2026, 11, 9),
        ends_on=date(2026, 11, 10),
        default="keep",
    ).closure
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=done)
    if kind == "end":
        assert [(one.reason, one.session.starts_at) for one in plan.left] == [("closed", at(9, 16))]
        undone(cast, done)
        assert [one.status for one in Session.objects.order_by("starts_at")] == [
            "cancelled",
            "scheduled",
        ]
        return
    assert [one.reason for one in plan.clashes] == ["closed"]
    with pytest.raises(ConflictError, match="open the day, and undo it then"):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=done)
    remove_closure(requester=Requester(cast.owner, NOW), closure_id=closure.pk)
    undone(cast, done)
    assert {*Session.objects.values_list("status", flat=True)} == {"scheduled"}


def test_of_a_closure_what_another_one_closes_stays_called_off(cast: Cast) -> None:
    """It is named, and why."""
    booked(cast.ben_ana, at(9, 16))
    days: dict[str, Any] = {"starts_on": date(2026, 11, 9), "ends_on": date(2026, 11, 10)}
    first = add_closure(
        requester=Requester(cast.owner, NOW), name="Retreat", default="cancel", **days
    )
    wider = {**days, "ends_on": date(2026, 11, 11)}
    add_closure(requester=Requester(cast.owner, NOW), name="Strike", default="cancel", **wider)
    plan = undone(cast, first.deed)
    assert ([*plan.planned_again], [one.reason for one in plan.left]) == ([], ["closed"])
    assert Session.objects.get().status == "cancelled"
