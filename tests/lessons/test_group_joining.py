"""A further student in one lesson, or in weekly lessons from a date on; and leaving them."""

from datetime import date, time

import pytest

from tandem.kit.errors import ConflictError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import cancel, complete, schedule_group
from tandem.lessons.closures import add_closure
from tandem.lessons.group_joining import Joining, join_lesson, join_series, preview_join
from tandem.lessons.group_records import held_with
from tandem.lessons.group_series import edit_group, skip_group_date
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import plan_series
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_exceptions import stop_series
from tandem.lessons.series_horizon import top_up
from tandem.lessons.undoing import undo_deed
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked, third, user
from tests.lessons.test_group_series import (
    ALL_DAYS,
    FOURTH,
    SECOND,
    THIRD,
    by,
    days_of,
    everybody,
    mondays,
    planned,
)


def joined(cast: Cast, series: SessionSeries, who: TutorStudent, since: date) -> Joining:
    return join_series(**by(cast, series), tutor_student_id=who.pk, since=since)


def test_a_student_joins_from_a_date_and_it_is_undone(cast: Cast) -> None:
    """In a series of their own with the group's; the look is what happens."""
    finn, series = third(cast), planned(cast).series
    seen = preview_join(**by(cast, series), tutor_student_id=finn.pk, since=SECOND)
    assert days_of(finn) == []
    done = join_series(
        requester=Requester(user(cast.ben), NOW),
        series_id=series.pk,
        tutor_student_id=finn.pk,
        since=SECOND,
        expect=fingerprint(seen.shown),
    )
    assert days_of(finn) == ALL_DAYS[1:]
    assert done.series.group == series.group
    assert {one.group for one in Session.objects.all()} == {series.group}
    undo_deed(requester=Requester(user(cast.ben), NOW), deed_id=done.deed)
    assert days_of(finn) == []
    assert everybody(cast) == [ALL_DAYS] * 2


def test_who_joins_comes_when_the_others_do(cast: Cast) -> None:
    """A date that the group skipped has none, one that it moved is where it went."""
    finn, series = third(cast), planned(cast).series
    skip_group_date(**by(cast, series), day=SECOND)
    edit_group(**by(cast, series), edit=SeriesEdit("this", THIRD, wall_time=time(18)))
    joined(cast, series, finn, SECOND)
    assert days_of(finn) == ["23 18:00", "30 16:00"]


def test_lessons_of_one_become_a_group_by_joining(cast: Cast) -> None:
    """Theirs that are ahead, too; then the group is moved as one."""
    series = plan_series(
        requester=Requester(cast.owner, NOW), wanted=mondays(cast, together=())
    ).series
    assert series.group is None
    joined(cast, series, cast.ben_cleo, SECOND)
    assert everybody(cast) == [ALL_DAYS, ALL_DAYS[1:]]
    row = Session.objects.get(tutor_student=cast.ben_ana, series_date=SECOND)
    assert len(held_with(viewer_of(cast.owner), row.pk)) == 2
    edit_group(**by(cast, series), edit=SeriesEdit("following", THIRD, wall_time=time(17)))
    assert everybody(cast) == [
        [*ALL_DAYS[:2], "23 17:00", "30 17:00"],
        ["16 16:00", "23 17:00", "30 17:00"],
    ]


def test_what_stands_against_joining_is_named_and_left_out_by_choice(cast: Cast) -> None:
    """The student's own clash; the group's lessons are in nobody's way."""
    finn, series = third(cast), planned(cast).series
    elsewhere = booked(cast.ben_ana, at(9, 8))
    elsewhere.delete()
    booked(finn, at(16, 15, 30), at(16, 16))
    joined_at = preview_join(**by(cast, series), tutor_student_id=finn.pk, since=SECOND)
    assert joined_at.conflicts == ()
    add_closure(
        requester=Requester(cast.owner, NOW),
        name="Fair",
        starts_on=THIRD,
        ends_on=date(2026, 11, 24),
    )
    with pytest.raises(ConflictError) as refusal:
        joined(cast, series, finn, SECOND)
    assert [one["code"] for one in refusal.value.details["conflicts"]] == ["closed"]
    assert len(days_of(finn)) == 1
    with pytest.raises(InvalidError, match="not a date"):
        join_series(
            **by(cast, series),
            tutor_student_id=finn.pk,
            since=SECOND,
            leave_out=[date(2026, 11, 17)],
        )
    join_series(**by(cast, series), tutor_student_id=finn.pk, since=SECOND, leave_out=[THIRD])
    assert days_of(finn) == ["16 15:30", "16 16:00", "30 16:00"]


def test_who_takes_part_or_comes_too_late_joins_nothing(cast: Cast) -> None:
    """Nor a student of another tutor, nor by another tutor."""
    finn, series = third(cast), planned(cast).series
    for who, since, reason in (
        (cast.ben_cleo, SECOND, "in_the_group"),
        (finn, date(2026, 12, 7), "nothing_to_come"),
    ):
        with pytest.raises(ConflictError) as refusal:
            joined(cast, series, who, since)
        assert refusal.value.reason == reason
    with pytest.raises(InvalidError, match="one tutor"):
        joined(cast, series, cast.cara_ana, SECOND)
    assert SessionSeries.objects.count() == 2


def test_who_left_may_come_back(cast: Cast) -> None:
    """Leaving is stopping one's own series; the others go on."""
    series = planned(cast).series
    cleos = SessionSeries.objects.get(tutor_student=cast.ben_cleo)
    stop_series(**by(cast, cleos), on=SECOND)
    assert everybody(cast) == [ALL_DAYS, ALL_DAYS[:1]]
    joined(cast, series, cast.ben_cleo, FOURTH)
    assert everybody(cast) == [ALL_DAYS, [ALL_DAYS[0], ALL_DAYS[3]]]


def test_who_joined_lessons_that_go_on_goes_on_with_them(cast: Cast) -> None:
    """The horizon moves for all of them."""
    finn, series = third(cast), planned(cast, rule="FREQ=WEEKLY").series
    joined(cast, series, finn, SECOND)
    made = [one for topped in top_up(now=NOW + 14 * 24 * HOUR) for one in topped.sessions]
    assert len(made) == 3
    assert {one.group for one in made} == {series.group}


def test_a_student_joins_one_lesson_and_leaves_it(cast: Cast) -> None:
    """At its hours and with its texts, in a relationship of their own."""
    finn = third(cast)
    first, _other = schedule_group(
        requester=Requester(cast.owner, NOW),
        tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
        starts_at=at(9, 16),
        ends_at=at(9, 17),
        title="Levers",
    )
    done = join_lesson(
        requester=Requester(user(cast.ben), NOW), session_id=first.pk, tutor_student_id=finn.pk
    )
    assert (done.group, done.title, done.starts_at) == (first.group, "Levers", first.starts_at)
    assert len(held_with(viewer_of(cast.owner), first.pk)) == 3
    cancel(requester=Requester(user(cast.ben), NOW), session_id=done.pk)
    assert Session.objects.filter(status="scheduled").count() == 2


def test_a_lesson_of_one_becomes_a_groups(cast: Cast) -> None:
    """And stays as it was where who would join cannot."""
    row = booked(cast.ben_cleo, at(9, 16))
    busy = booked(cast.cara_ana, at(9, 16, 30))
    with pytest.raises(ConflictError) as refusal:
        join_lesson(
            requester=Requester(cast.owner, NOW),
            session_id=row.pk,
            tutor_student_id=cast.ben_ana.pk,
        )
    assert refusal.value.reason == "student_busy"
    row.refresh_from_db()
    assert row.group is None
    busy.delete()
    done = join_lesson(
        requester=Requester(cast.owner, NOW), session_id=row.pk, tutor_student_id=cast.ben_ana.pk
    )
    row.refresh_from_db()
    assert row.group == done.group is not None


def test_nobody_joins_a_lesson_that_is_over_or_anothers(cast: Cast) -> None:
    """Nor twice, nor by a tutor who does not hold it."""
    row = booked(cast.ben_cleo, at(9, 16))
    with pytest.raises(InvalidError, match="one tutor"):
        join_lesson(
            requester=Requester(cast.owner, NOW),
            session_id=row.pk,
            tutor_student_id=cast.cara_ana.pk,
        )
    with pytest.raises(ConflictError) as refusal:
        join_lesson(
            requester=Requester(cast.owner, NOW),
            session_id=row.pk,
            tutor_student_id=cast.ben_cleo.pk,
        )
    assert refusal.value.reason == "student_busy"
    complete(requester=Requester(cast.owner, DECEMBER), session_id=row.pk)
    with pytest.raises(ConflictError) as refusal:
        join_lesson(
            requester=Requester(cast.owner, NOW),
            session_id=row.pk,
            tutor_student_id=cast.ben_ana.pk,
        )
    assert refusal.value.reason == "not_ahead"
    with pytest.raises(NotFoundError):
        join_lesson(
            requester=Requester(user(cast.cara), NOW),
            session_id=row.pk,
            tutor_student_id=cast.cara_ana.pk,
        )
