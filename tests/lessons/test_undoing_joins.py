"""Joining weekly lessons is undone: no lesson of it is left, and who is alone then is no group."""

from datetime import date, time
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import cancel, complete, delete, reschedule
from tandem.lessons.erasure import erase_student, preview_erase_student
from tandem.lessons.group_joining import join_lesson, join_series, preview_join
from tandem.lessons.group_series import edit_group
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import plan_series
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series
from tandem.lessons.series_exceptions import restore_date, stop_series
from tandem.lessons.series_horizon import top_up
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol
from tandem.relationships.models import TutorStudent
from tests.cast import HOUR, NOW, TERM, Cast, at, booked, third
from tests.lessons.test_group_joining import joined
from tests.lessons.test_group_series import (
    ALL_DAYS,
    FOURTH,
    MONDAY,
    SECOND,
    THIRD,
    by,
    days_of,
    mondays,
)

WEEK = 7 * 24 * HOUR
MOVED = [*ALL_DAYS[:2], "24 10:00", ALL_DAYS[3]]


def alone(cast: Cast, rule: str = "FREQ=WEEKLY;COUNT=4") -> SessionSeries:
    """Return Mondays of Ana alone, of which the third was moved by hand."""
    wanted = mondays(cast, together=(), rule=rule)
    series = plan_series(requester=Requester(cast.owner, NOW), wanted=wanted).series
    row = Session.objects.get(series=series, series_date=THIRD)
    to = at(24, 10)
    reschedule(
        requester=Requester(cast.owner, NOW), session_id=row.pk, starts_at=to, ends_at=to + HOUR
    )
    return series


def fourth(cast: Cast) -> TutorStudent:
    """Return who learns from Ben as well."""
    gus = enrol(
        requester=Requester(cast.owner, NOW),
        full_name="Gus Lind",
        tutors=[Pairing(cast.ben.pk, "Maths", TERM)],
    )
    return TutorStudent.objects.get(student=gus)


def groups(*relationships: str) -> set[str | None]:
    """Return of which groups the series and sessions of relationships are."""
    mine = {"tutor_student__in": relationships}
    series = SessionSeries.objects.filter(**mine).values_list("group", flat=True)
    return {*series, *Session.objects.filter(**mine).values_list("group", flat=True)}


def test_no_lesson_of_it_is_left(cast: Cast) -> None:
    """Nor one that stands at other hours than the rule's; and Ana is alone again."""
    series = alone(cast)
    done = joined(cast, series, cast.ben_cleo, MONDAY)
    assert days_of(cast.ben_cleo) == MOVED
    look = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert (len(look.removed), look.left) == (4, ())
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert (days_of(cast.ben_ana), days_of(cast.ben_cleo)) == (MOVED, [])
    assert groups(cast.ben_ana.pk) == {None}
    assert SessionSeries.objects.count() == 1


def test_what_was_changed_since_stays_and_is_named(cast: Cast) -> None:
    """Called off, or moved again by hand; then it is still a group's."""
    series = alone(cast)
    done = joined(cast, series, cast.ben_cleo, MONDAY)
    off, moved = (
        Session.objects.get(tutor_student=cast.ben_cleo, series_date=day) for day in (SECOND, THIRD)
    )
    cancel(requester=Requester(cast.owner, NOW), session_id=off.pk)
    to = at(25, 10)
    reschedule(
        requester=Requester(cast.owner, NOW), session_id=moved.pk, starts_at=to, ends_at=to + HOUR
    )
    look = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert len(look.removed) == 2
    assert {(one.session.pk, one.reason) for one in look.left} == {
        (off.pk, "changed_since"),
        (moved.pk, "changed_since"),
    }
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert days_of(cast.ben_cleo) == ["25 10:00"]
    assert groups(cast.ben_ana.pk) == {done.series.group}
    left = SessionSeries.objects.get(pk=done.series.pk)
    assert (left.ends_on, left.planned_until) == (date(2026, 11, 24),) * 2
    assert [one for one in top_up(now=NOW) if one.sessions] == []


def test_what_was_held_stays_and_is_named(cast: Cast) -> None:
    """What is still to come goes."""
    series = alone(cast)
    done = joined(cast, series, cast.ben_cleo, MONDAY)
    row = Session.objects.get(tutor_student=cast.ben_cleo, series_date=MONDAY)
    complete(requester=Requester(cast.owner, NOW + WEEK + 8 * HOUR), session_id=row.pk)
    later = NOW + WEEK + 9 * HOUR
    look = preview_undo_of(requester=Requester(cast.owner, later), deed_id=done.deed)
    assert [(one.session.pk, one.reason) for one in look.left] == [(row.pk, "begun")]
    undo_deed(requester=Requester(cast.owner, later), deed_id=done.deed)
    assert days_of(cast.ben_cleo) == []
    assert Session.objects.filter(tutor_student=cast.ben_cleo).count() == 1


def test_a_group_that_was_one_stays_one(cast: Cast) -> None:
    """Also where a third student has joined meanwhile, and the first who joined is undone."""
    finn, series = third(cast), alone(cast)
    done = joined(cast, series, cast.ben_cleo, MONDAY)
    joined(cast, series, finn, MONDAY)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert (days_of(cast.ben_cleo), days_of(finn)) == ([], MOVED)
    assert groups(cast.ben_ana.pk, finn.pk) == {done.series.group}


def test_what_was_changed_from_a_lesson_on_since_is_named(cast: Cast) -> None:
    """It is a series of its own by then, and stays with those who are in it."""
    series = alone(cast)
    done = joined(cast, series, cast.ben_cleo, MONDAY)
    edit_group(**by(cast, series), edit=SeriesEdit("following", FOURTH, texts={"title": "Light"}))
    look = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    still = Session.objects.get(tutor_student=cast.ben_cleo, series_date=FOURTH)
    assert [(one.session.pk, one.reason) for one in look.left] == [(still.pk, "changed_since")]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert days_of(cast.ben_cleo) == [ALL_DAYS[3]]
    assert groups(cast.ben_ana.pk) == {done.series.group}


def test_what_was_planned_on_since_is_no_group_either(cast: Cast) -> None:
    """Of lessons without an end; and of what was called off meanwhile."""
    series = alone(cast, "FREQ=WEEKLY")
    done = joined(cast, series, cast.ben_cleo, MONDAY)
    top_up(now=NOW + 2 * WEEK)
    row = Session.objects.get(series=series, series_date=SECOND)
    cancel(requester=Requester(cast.owner, NOW), session_id=row.pk)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert days_of(cast.ben_cleo) == []
    assert groups(cast.ben_ana.pk) == {None}


def test_a_lesson_that_another_joined_comes_back_to_its_hour(cast: Cast) -> None:
    """Called off and restored, it is the one that Finn takes part in, and he is not in the way."""
    finn, series = third(cast), alone(cast)
    row = Session.objects.get(series=series, series_date=SECOND)
    his = join_lesson(
        requester=Requester(cast.owner, NOW), session_id=row.pk, tutor_student_id=finn.pk
    )
    cancel(requester=Requester(cast.owner, NOW), session_id=row.pk)
    (back,) = restore_date(**by(cast, series), day=SECOND)
    assert (back.pk, back.group) == (row.pk, his.group)


def test_who_takes_part_in_one_lesson_is_of_the_group(cast: Cast) -> None:
    """Finn's lesson is in nobody's way, and he and Ana stay together when it is undone."""
    finn, series = third(cast), alone(cast)
    row = Session.objects.get(series=series, series_date=SECOND)
    his = join_lesson(
        requester=Requester(cast.owner, NOW), session_id=row.pk, tutor_student_id=finn.pk
    )
    look = preview_join(**by(cast, series), tutor_student_id=cast.ben_cleo.pk, since=MONDAY)
    assert look.conflicts == ()
    done = joined(cast, series, cast.ben_cleo, MONDAY)
    then = Session.objects.filter(starts_at=row.starts_at).values_list("group", flat=True)
    assert [*then] == [his.group] * 3
    assert groups(cast.ben_cleo.pk) == {done.series.group, his.group}
    later = joined(cast, series, fourth(cast), MONDAY)
    assert len(later.sessions) == 4
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=later.deed)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    row.refresh_from_db()
    assert (groups(finn.pk), row.group) == ({his.group}, his.group)
    assert groups(cast.ben_ana.pk) == {None, his.group}
    assert SessionSeries.objects.get().group is None


def test_what_is_left_out_blocks_nothing(cast: Cast) -> None:
    """Of a date on which somebody else takes part, or on which Ben has something else."""
    finn, series = third(cast), alone(cast)
    row = Session.objects.get(series=series, series_date=SECOND)
    join_lesson(requester=Requester(cast.owner, NOW), session_id=row.pk, tutor_student_id=finn.pk)
    join_lesson(
        requester=Requester(cast.owner, NOW), session_id=row.pk, tutor_student_id=cast.ben_cleo.pk
    )
    look = preview_join(**by(cast, series), tutor_student_id=cast.ben_cleo.pk, since=MONDAY)
    assert [(one.date, one.code) for one in look.conflicts] == [(SECOND, "student_busy")]
    done = join_series(
        **by(cast, series), tutor_student_id=cast.ben_cleo.pk, since=MONDAY, leave_out=[SECOND]
    )
    assert days_of(cast.ben_cleo) == MOVED
    assert len(done.sessions) == 3
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert days_of(cast.ben_cleo) == [ALL_DAYS[1]]


def test_who_has_other_hours_for_good_since_stays(cast: Cast) -> None:
    """Cleo's lessons were moved by a deed of their own, which is undone first; Ana is alone."""
    series = alone(cast)
    done = joined(cast, series, cast.ben_cleo, MONDAY)
    edit_series(**by(cast, done.series), edit=SeriesEdit("all", wall_time=time(18)))
    booked(cast.cara_ana, at(30, 8))
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert days_of(cast.ben_cleo) == []
    assert None in groups(cast.ben_ana.pk)


def test_a_lesson_from_before_the_first_who_joined_is_alone_again(cast: Cast) -> None:
    """It was no group's though its series was, and is none's once the second is undone."""
    series = alone(cast)
    joined(cast, series, cast.ben_cleo, THIRD)
    done = joined(cast, series, third(cast), MONDAY)
    early = Session.objects.filter(series=series, series_date__lt=THIRD)
    assert {*early.values_list("group", flat=True)} == {done.series.group}
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert {*early.values_list("group", flat=True)} == {None}
    later = Session.objects.filter(series=series, series_date__gte=THIRD)
    assert {*later.values_list("group", flat=True)} == {done.series.group}


def test_who_is_left_alone_is_no_group_in_whichever_order_they_go(cast: Cast) -> None:
    """Who made it a group goes first, those who found it one after: Ana is alone again."""
    series = alone(cast)
    came = [joined(cast, series, who, MONDAY) for who in (cast.ben_cleo, third(cast), fourth(cast))]
    for done in came:
        assert groups(cast.ben_ana.pk) == {came[0].series.group}
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert days_of(cast.ben_ana) == MOVED
    assert groups(cast.ben_ana.pk) == {None}


def test_what_was_stopped_in_a_group_that_is_none_any_more_goes_on_alone(cast: Cast) -> None:
    """Ana stops, Cleo's joining is undone, and Ana goes on: nobody is a group by then."""
    series = alone(cast)
    done = joined(cast, series, cast.ben_cleo, MONDAY)
    stop = stop_series(**by(cast, series), on=SECOND)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=stop.deed)
    assert days_of(cast.ben_ana) == MOVED
    assert groups(cast.ben_ana.pk) == {None}


@pytest.mark.parametrize("lost", ["a lesson", "the student"])
def test_who_is_left_alone_was_looked_at(cast: Cast, lost: str) -> None:
    """Whoever of the others goes after the look, or a lesson of theirs, is looked at again."""
    done = joined(cast, alone(cast), cast.ben_cleo, MONDAY)
    own: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    look = fingerprint(preview_undo_of(**own, deed_id=done.deed).shown)
    if lost == "a lesson":
        delete(**own, session_id=Session.objects.filter(tutor_student=cast.ben_ana)[0].pk)
    else:
        erase_student(**own, student_id=cast.ana.pk)
    with pytest.raises(ConflictError) as refusal:
        undo_deed(**own, deed_id=done.deed, expect=look)
    assert {one["what"] for one in refusal.value.details["difference"]} == {"group"}
    undo_deed(**own, deed_id=done.deed)
    assert days_of(cast.ben_cleo) == []


def test_a_look_at_an_erasure_sees_that_a_group_parts(cast: Cast) -> None:
    """Ana's lessons are nobody else's any more, though nothing else of them changed."""
    done = joined(cast, alone(cast), cast.ben_cleo, MONDAY)
    own: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    look = fingerprint(preview_erase_student(**own, student_id=cast.ana.pk).shown)
    undo_deed(**own, deed_id=done.deed)
    with pytest.raises(ConflictError) as refusal:
        erase_student(**own, student_id=cast.ana.pk, expect=look)
    assert {one["what"] for one in refusal.value.details["difference"]} == {"sessions", "series"}
