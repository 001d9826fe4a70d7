"""Weekly lessons of a group: planned, changed, skipped, stopped for all or one; and undone."""

from datetime import date, time
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import delete, reschedule
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.group_series import (
    edit_group,
    preview_group_edit,
    preview_group_skip,
    preview_group_stop,
    restore_group_date,
    skip_group_date,
    stop_group,
)
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.queries import taught_together
from tandem.lessons.series import NewSeries, SeriesPlan, plan_series, preview_series
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import restore_date, skip_date, stop_series
from tandem.lessons.series_horizon import top_up
from tandem.lessons.time_off import add_time_off
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tests.cast import HOUR, NOW, TERM, Cast, at, booked, third, user

MONDAY = date(2026, 11, 9)
SECOND, THIRD, FOURTH = date(2026, 11, 16), date(2026, 11, 23), date(2026, 11, 30)
ALL_DAYS = ["09 16:00", "16 16:00", "23 16:00", "30 16:00"]


def mondays(cast: Cast, *together: TutorStudent, **more: Any) -> NewSeries:
    """Return Mondays at four in London of Ana and Cleo, and of others."""
    given: dict[str, Any] = {
        "tutor_student_id": cast.ben_ana.pk,
        "together": (cast.ben_cleo.pk, *(one.pk for one in together)),
        "rule": "FREQ=WEEKLY;COUNT=4",
        "first_date": MONDAY,
        "wall_time": time(16),
        "minutes": 60,
        "time_zone": "Europe/London",
        **more,
    }
    return NewSeries(**given)


def planned(cast: Cast, *together: TutorStudent, **more: Any) -> SeriesPlan:
    return plan_series(
        requester=Requester(cast.owner, NOW), wanted=mondays(cast, *together, **more)
    )


def days_of(relationship: TutorStudent) -> list[str]:
    """Return when what is planned in a relationship begins."""
    rows = Session.objects.filter(tutor_student=relationship, status="scheduled")
    return [f"{one.starts_at:%d %H:%M}" for one in rows.order_by("starts_at")]


def everybody(cast: Cast) -> list[list[str]]:
    return [days_of(cast.ben_ana), days_of(cast.ben_cleo)]


def by(cast: Cast, series: SessionSeries) -> dict[str, Any]:
    return {"requester": Requester(cast.owner, NOW), "series_id": series.pk}


def test_a_group_is_planned_as_one_and_each_lesson_stays_in_its_pairing(cast: Cast) -> None:
    """Three students, four Mondays: one tutor in one place, one deed, undone at one go."""
    finn = third(cast)
    done = plan_series(requester=Requester(user(cast.ben), NOW), wanted=mondays(cast, finn))
    links = (cast.ben_ana, cast.ben_cleo, finn)
    assert [days_of(one) for one in links] == [ALL_DAYS] * 3
    assert [one.tutor_student for one in done.every] == [*links]
    groups = {*Session.objects.values_list("group", flat=True)}
    assert groups == {done.series.group}
    assert groups == {*SessionSeries.objects.values_list("group", flat=True)}
    assert None not in groups
    undo_deed(requester=Requester(user(cast.ben), NOW), deed_id=done.deed)
    assert not Session.objects.exists()
    assert not SessionSeries.objects.exists()


def test_the_look_at_a_group_is_what_happens(cast: Cast) -> None:
    """The preview makes nothing; the deed takes its fingerprint, and refuses once it is another."""
    seen = preview_series(requester=Requester(cast.owner, NOW), wanted=mondays(cast))
    assert not SessionSeries.objects.exists()
    assert len(seen.sessions) == 8
    there = booked(cast.cara_ana, at(16, 16))
    mark = fingerprint(seen.shown)
    with pytest.raises(ConflictError) as refusal:
        plan_series(requester=Requester(cast.owner, NOW), wanted=mondays(cast), expect=mark)
    assert refusal.value.reason == "changed_since_preview"
    there.delete()
    done = plan_series(requester=Requester(cast.owner, NOW), wanted=mondays(cast), expect=mark)
    assert [one.starts_at for one in done.sessions] == [one.starts_at for one in seen.sessions]


def test_what_stands_against_a_group_is_named_with_whom_it_concerns(cast: Cast) -> None:
    """Ana is elsewhere on one Monday, Ben is away on another: nothing is made."""
    booked(cast.cara_ana, at(16, 16))
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(23, 0),
        ends_at=at(24, 0),
    )
    with pytest.raises(ConflictError, match="Nothing was changed") as refusal:
        planned(cast)
    conflicts = refusal.value.details["conflicts"]
    assert [(one["date"], one["code"], one["studentId"]) for one in conflicts] == [
        ("2026-11-16", "student_busy", cast.ana.pk),
        ("2026-11-23", "tutor_away", None),
    ]
    assert conflicts[0]["detail"].startswith("Ana Ruiz: ")
    assert Session.objects.count() == 1


def test_who_alone_cannot_is_left_out_alone(cast: Cast) -> None:
    """What stands against all leaves the date out for all, by choice or one by one."""
    booked(cast.cara_ana, at(16, 16))
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(23, 0),
        ends_at=at(24, 0),
    )
    done = plan_series(requester=Requester(cast.owner, NOW), wanted=mondays(cast), leave_out=None)
    both = [["09 16:00", "30 16:00"], ["09 16:00", "16 16:00", "30 16:00"]]
    assert everybody(cast) == both
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    named = mondays(cast, absent=[(cast.ben_ana.pk, SECOND)])
    plan_series(requester=Requester(cast.owner, NOW), wanted=named, leave_out=[THIRD])
    assert everybody(cast) == both


def test_who_could_not_come_on_any_date_is_named(cast: Cast) -> None:
    """What cannot be is left out; of Ana nothing would be left, so nothing is planned."""
    for day in (9, 16, 23, 30):
        booked(cast.cara_ana, at(day, 16))
    seen = preview_series(
        requester=Requester(cast.owner, NOW), wanted=mondays(cast), leave_out=None
    )
    assert {one.student for one in seen.conflicts} == {cast.ana}
    with pytest.raises(InvalidError, match="no lesson at all for Ana Ruiz"):
        plan_series(requester=Requester(cast.owner, NOW), wanted=mondays(cast), leave_out=None)
    assert not SessionSeries.objects.exists()
    alone = mondays(cast, tutor_student_id=cast.ben_cleo.pk, together=())
    plan_series(requester=Requester(cast.owner, NOW), wanted=alone, leave_out=None)
    assert everybody(cast) == [[], ALL_DAYS]


def test_a_group_that_is_none_is_refused(cast: Cast) -> None:
    """Of two tutors, one student twice, absent who is not in it, by another tutor."""
    twice = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.ana.pk,
        subject="Chemistry",
        started_on=TERM,
    )
    for more, words in (
        ({"together": (cast.cara_ana.pk,)}, "exactly one tutor"),
        ({"together": (twice.pk,)}, "only once"),
        ({"absent": [(cast.cara_ana.pk, SECOND)]}, "not one of these"),
    ):
        with pytest.raises(InvalidError, match=words):
            planned(cast, **more)
    with pytest.raises(NotFoundError):
        plan_series(requester=Requester(user(cast.cara), NOW), wanted=mondays(cast))
    assert not SessionSeries.objects.exists()


def test_the_whole_group_is_moved_on_and_put_back(cast: Cast) -> None:
    """This and the following to another hour for all: they stay together, also when undone."""
    series = planned(cast).series
    change = SeriesEdit("following", THIRD, wall_time=time(17))
    seen = preview_group_edit(**by(cast, series), edit=change)
    assert everybody(cast) == [ALL_DAYS] * 2
    done = edit_group(**by(cast, series), edit=change, expect=fingerprint(seen.shown))
    moved = [*ALL_DAYS[:2], "23 17:00", "30 17:00"]
    assert everybody(cast) == [moved] * 2
    viewer = viewer_of(cast.owner)
    assert [one.starts_on for one in taught_together(viewer, done.series)] == [THIRD] * 2
    assert [one.ends_on for one in taught_together(viewer, series_again(series))] == [THIRD] * 2
    assert len({*Session.objects.values_list("group", flat=True)}) == 1
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert everybody(cast) == [ALL_DAYS] * 2
    assert SessionSeries.objects.count() == 2


def series_again(series: SessionSeries) -> SessionSeries:
    return SessionSeries.objects.select_related("tutor_student").get(pk=series.pk)


def test_one_date_of_the_group_is_moved_and_restored(cast: Cast) -> None:
    """This one alone, for all; who has none on that date stays without."""
    series = planned(cast).series
    cleos = SessionSeries.objects.get(tutor_student=cast.ben_cleo)
    skip_date(**by(cast, cleos), day=THIRD)
    edit_group(**by(cast, series), edit=SeriesEdit("this", SECOND, on=date(2026, 11, 17)))
    edit_group(**by(cast, series), edit=SeriesEdit("this", THIRD, wall_time=time(18)))
    assert everybody(cast) == [
        ["09 16:00", "17 16:00", "23 18:00", "30 16:00"],
        ["09 16:00", "17 16:00", "30 16:00"],
    ]
    restore_group_date(**by(cast, series), day=SECOND)
    assert everybody(cast)[0][1] == everybody(cast)[1][1] == "16 16:00"
    restore_group_date(**by(cast, series), day=THIRD)
    assert everybody(cast) == [ALL_DAYS] * 2
    with pytest.raises(ConflictError) as refusal:
        restore_group_date(**by(cast, series), day=THIRD)
    assert refusal.value.reason == "as_planned"


def test_another_weekday_for_all_is_one_edit(cast: Cast) -> None:
    """What was skipped stays so on the new day, and can be restored beside the others."""
    series = planned(cast).series
    cleos = SessionSeries.objects.get(tutor_student=cast.ben_cleo)
    skip_date(**by(cast, cleos), day=THIRD)
    edit_group(**by(cast, series), edit=SeriesEdit("all", weekday="TU"))
    assert everybody(cast) == [
        ["10 16:00", "17 16:00", "24 16:00", "01 16:00"],
        ["10 16:00", "17 16:00", "01 16:00"],
    ]
    restore_date(**by(cast, cleos), day=date(2026, 11, 24))
    assert everybody(cast)[0] == everybody(cast)[1]


def test_a_clash_of_one_refuses_the_edit_of_all_or_leaves_that_one(cast: Cast) -> None:
    """All or none; by choice who cannot stays where they are."""
    series = planned(cast).series
    booked(cast.cara_ana, at(23, 17))
    change = SeriesEdit("all", wall_time=time(17))
    with pytest.raises(ConflictError) as refusal:
        edit_group(**by(cast, series), edit=change)
    (conflict,) = refusal.value.details["conflicts"]
    assert (conflict["date"], conflict["studentId"]) == ("2026-11-23", cast.ana.pk)
    assert everybody(cast)[1] == ALL_DAYS
    edit_group(**by(cast, series), edit=change, leave_out=None)
    assert days_of(cast.ben_cleo) == ["09 17:00", "16 17:00", "23 17:00", "30 17:00"]
    assert "23 16:00" in days_of(cast.ben_ana)
    with pytest.raises(InvalidError, match="not a date"):
        edit_group(
            **by(cast, series), edit=SeriesEdit("all", minutes=30), leave_out=[date(2026, 11, 12)]
        )


def test_one_student_at_another_hour_leaves_the_group(cast: Cast) -> None:
    """Then Ben is in two places where the hours meet, so that is refused; undone, they are back."""
    series = planned(cast).series
    with pytest.raises(ConflictError) as refusal:
        edit_series(**by(cast, series), edit=SeriesEdit("all", wall_time=time(16, 30)))
    assert {one["code"] for one in refusal.value.details["conflicts"]} == {"tutor_busy"}
    done = edit_series(**by(cast, series), edit=SeriesEdit("all", wall_time=time(17)))
    assert done.series.group is None
    assert {one.group for one in Session.objects.filter(tutor_student=cast.ben_ana)} == {None}
    assert len(taught_together(viewer_of(cast.owner), series_again(series))) == 1
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert everybody(cast) == [ALL_DAYS] * 2
    assert len({*Session.objects.values_list("group", flat=True)}) == 1


def test_a_text_of_one_student_leaves_them_in_the_group(cast: Cast) -> None:
    """What is written is each one's own."""
    series = planned(cast).series
    edit_series(**by(cast, series), edit=SeriesEdit("all", texts={"title": "Waves"}))
    assert len(taught_together(viewer_of(cast.owner), series_again(series))) == 2


def test_a_date_is_skipped_for_all_or_for_one(cast: Cast) -> None:
    """Removed, or called off with a reason; the look at it says so for each."""
    series = planned(cast).series
    seen = preview_group_skip(**by(cast, series), day=SECOND)
    assert [one.session.student for one in seen] == [cast.ana, cast.cleo]
    skip_group_date(**by(cast, series), day=SECOND)
    skip_date(**by(cast, series), day=THIRD)
    assert everybody(cast) == [["09 16:00", "30 16:00"], ["09 16:00", "23 16:00", "30 16:00"]]
    why = Cancelling("tutor", "ill")
    skip_group_date(**by(cast, series), day=FOURTH, cancelling=why)
    assert Session.objects.filter(status="cancelled").count() == 2
    with pytest.raises(ConflictError) as refusal:
        skip_group_date(**by(cast, series), day=SECOND)
    assert refusal.value.reason == "no_lesson"


def test_a_group_stops_from_a_date_for_all_or_for_one_and_goes_on_again(cast: Cast) -> None:
    """One deed for all; undone, all come back to their group."""
    series = planned(cast).series
    seen = preview_group_stop(**by(cast, series), on=THIRD)
    assert len(seen.removed) == 4
    done = stop_group(**by(cast, series), on=THIRD, expect=fingerprint(seen.shown))
    assert everybody(cast) == [ALL_DAYS[:2]] * 2
    look = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert len(look.planned_again) == 4
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert everybody(cast) == [ALL_DAYS] * 2
    assert len({*Session.objects.values_list("group", flat=True)}) == 1
    stop_series(**by(cast, series), on=THIRD)
    assert everybody(cast) == [ALL_DAYS[:2], ALL_DAYS]
    stop_group(**by(cast, series), on=FOURTH)
    assert everybody(cast) == [ALL_DAYS[:2], ALL_DAYS[:3]]


def test_an_open_ended_group_is_planned_on_together(cast: Cast) -> None:
    """Each by itself, and yet in one place; run twice nothing more is made."""
    done = planned(cast, rule="FREQ=WEEKLY")
    before = Session.objects.count()
    later = NOW + 14 * 24 * HOUR
    made = [one for topped in top_up(now=later) for one in topped.sessions]
    assert {one.group for one in made} == {done.series.group}
    assert (len(made), Session.objects.count()) == (2, before + 2)
    assert top_up(now=later) == []


def test_another_tutor_changes_no_group(cast: Cast) -> None:
    """Nor sees it."""
    series = planned(cast).series
    for action in (
        lambda: skip_group_date(
            requester=Requester(user(cast.cara), NOW), series_id=series.pk, day=SECOND
        ),
        lambda: stop_group(
            requester=Requester(user(cast.cara), NOW), series_id=series.pk, on=SECOND
        ),
    ):
        with pytest.raises(NotFoundError):
            action()
    assert everybody(cast) == [ALL_DAYS] * 2


def test_undoing_an_edit_leaves_one_series_though_one_was_moved_by_hand(cast: Cast) -> None:
    """Of one student as of a group: the first lesson, moved by hand, is no reason for two parts."""
    series = planned(cast).series
    first = Session.objects.get(series=series, series_date=MONDAY)
    starts_at = first.starts_at + HOUR / 2
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=first.pk,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
    )
    change = SeriesEdit("following", MONDAY, wall_time=time(17))
    for edits in (edit_group, edit_series):
        done = edits(**by(cast, series), edit=change)
        assert everybody(cast)[0] == ["09 16:30", "16 17:00", "23 17:00", "30 17:00"]
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
        assert everybody(cast) == [["09 16:30", *ALL_DAYS[1:]], ALL_DAYS]
        assert SessionSeries.objects.count() == 2


def test_a_group_that_is_in_the_way_is_one_thing_in_the_way(cast: Cast) -> None:
    """Three of Ben's lessons at one hour are one reason; dates come in order."""
    planned(cast, third(cast))
    gus = third(cast, "Gus Lind")
    alone = mondays(cast, tutor_student_id=gus.pk, together=())
    seen = preview_series(requester=Requester(cast.owner, NOW), wanted=alone)
    assert [(one.date, one.code) for one in seen.conflicts] == [
        (day, "tutor_busy") for day in (MONDAY, SECOND, THIRD, FOURTH)
    ]
    later = mondays(cast, wall_time=time(18))
    starts = [
        one.starts_at
        for one in plan_series(requester=Requester(cast.owner, NOW), wanted=later).sessions
    ]
    assert starts == sorted(starts)


def test_who_was_left_out_alone_stays_so_when_the_date_is_restored_for_all(cast: Cast) -> None:
    """What was skipped, called off or moved comes back; also where the weekday has become another.

    Alone they can have it back; a date that was left out for all comes back for all.
    """
    wanted = mondays(cast, absent=[(cast.ben_ana.pk, SECOND)])
    done = plan_series(requester=Requester(cast.owner, NOW), wanted=wanted, leave_out=[FOURTH])
    cleos = done.others[0]
    without = ["09 16:00", "23 16:00"]
    for take_away in (
        lambda: skip_group_date(**by(cast, done.series), day=SECOND),
        lambda: skip_group_date(
            **by(cast, cleos), day=SECOND, cancelling=Cancelling("tutor", "ill")
        ),
        lambda: delete(requester=Requester(cast.owner, NOW), session_id=lesson(cleos, SECOND).pk),
    ):
        take_away()
        assert everybody(cast) == [without] * 2
        back = restore_group_date(**by(cast, done.series), day=SECOND)
        assert [one.student for one in back] == [cast.cleo]
        assert everybody(cast) == [without, ALL_DAYS[:3]]
    with pytest.raises(ConflictError, match="Ana Ruiz alone has no lesson") as refusal:
        restore_group_date(**by(cast, done.series), day=SECOND)
    assert refusal.value.reason == "as_planned"
    skip_group_date(**by(cast, cleos), day=SECOND)
    edit_group(**by(cast, done.series), edit=SeriesEdit("all", weekday="TU"))
    restore_group_date(**by(cast, cleos), day=date(2026, 11, 17))
    assert everybody(cast) == [["10 16:00", "24 16:00"], ["10 16:00", "17 16:00", "24 16:00"]]
    restore_date(**by(cast, done.series), day=date(2026, 11, 17))
    restore_group_date(**by(cast, done.series), day=date(2026, 12, 1))
    assert everybody(cast) == [["10 16:00", "17 16:00", "24 16:00", "01 16:00"]] * 2


def lesson(series: SessionSeries, day: date) -> Session:
    """Return the lesson of a date."""
    return Session.objects.get(series=series, series_date=day)


@pytest.mark.parametrize(
    "change",
    [
        SeriesEdit("all", wall_time=time(16), minutes=60, texts={"title": "Light"}),
        SeriesEdit("following", SECOND, weekday="MO", texts={"title": "Light"}),
    ],
)
def test_one_who_keeps_the_hours_stays_in_the_group(cast: Cast, change: SeriesEdit) -> None:
    """Also where they are named again; at other hours they are the group's no more."""
    series = planned(cast).series
    done = edit_series(**by(cast, series), edit=change)
    assert done.series.group == series.group
    assert everybody(cast) == [ALL_DAYS] * 2
    assert {*Session.objects.values_list("group", flat=True)} == {series.group}
    alone = edit_series(**by(cast, done.series), edit=SeriesEdit("all", wall_time=time(17)))
    assert alone.series.group is None
