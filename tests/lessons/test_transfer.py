"""Moving a student to another tutor on a date."""

from datetime import date, time
from functools import partial

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.lessons.actions import complete, no_show
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.transfers import preview_transfer, preview_transfer_all, transfer, transfer_all
from tandem.lessons.undo import undo_transfer
from tandem.people.models import Subject
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import relationships_as_of
from tests.cast import DECEMBER, NOW, TERM, Cast, a_tutor, at, booked, link, user

THE_16TH = date(2026, 11, 16)


def test_a_transfer_splits_the_sessions_at_its_date(cast: Cast) -> None:
    """What was held stays with the old tutor, what is ahead goes, and nothing is lost."""
    held = [booked(cast.ben_ana, at(day, 16, month=10)) for day in range(5, 12)]
    for session in held:
        complete(requester=Requester(None, DECEMBER), session_id=session.pk, notes="Forces.")
    missed = booked(cast.ben_ana, at(16, 8))
    no_show(requester=Requester(None, DECEMBER), session_id=missed.pk)
    ahead = [booked(cast.ben_ana, at(day, 16)) for day in (17, 24)]

    done = transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_16TH,
    )

    old, new = TutorStudent.objects.get(pk=cast.ben_ana.pk), link(cast.dev, cast.ana)
    assert (old.status, old.ended_on, old.is_primary) == ("active", THE_16TH, False)
    assert (new.started_on, new.is_primary, new.transferred_from) == (THE_16TH, True, old)
    assert new.subject == old.subject
    assert {*old.sessions.all()} == {*held, missed}
    assert [*new.sessions.order_by("starts_at")] == ahead == [*done.moved]
    assert Session.objects.filter(student=cast.ana).count() == 10
    assert Session.objects.filter(student=cast.ana, status="completed").count() == 7


def test_as_of_follows_the_dates(cast: Cast) -> None:
    """The day before a transfer the old tutor teaches, on its day the new one does."""
    transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_16TH,
    )

    def teaching(day: int) -> set[str]:
        rows = relationships_as_of(viewer_of(cast.owner), date(2026, 11, day))
        return {row.tutor_id for row in rows.filter(student=cast.ana)}

    assert teaching(15) == {cast.ben.pk, cast.cara.pk}
    assert teaching(16) == {cast.dev.pk, cast.cara.pk}


def test_a_busy_receiver_is_named_beforehand_and_refuses_all(cast: Cast) -> None:
    """One clash of three is shown in the preview, and none of the three moves."""
    moving = [booked(cast.ben_ana, at(day, 16)) for day in (17, 18, 19)]
    devs = pair(
        requester=Requester(None, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.cleo.pk,
        started_on=TERM,
    )
    in_the_way = booked(devs, at(18, 16, 30))
    ana, dev = cast.ana.pk, cast.dev.pk

    preview = preview_transfer(
        requester=Requester(cast.owner, NOW), student_id=ana, to_tutor_id=dev, on=THE_16TH
    )
    with pytest.raises(ConflictError) as refused:
        transfer(requester=Requester(cast.owner, NOW), student_id=ana, to_tutor_id=dev, on=THE_16TH)

    assert [(one.session, one.busy_with) for one in preview.clashes] == [(moving[1], in_the_way)]
    assert refused.value.reason == "clashes"
    assert refused.value.details["moving"] == [moving[1].pk]
    assert refused.value.details["sessions"] == [in_the_way.pk]
    assert Session.objects.filter(tutor_student=cast.ben_ana).count() == 3
    assert not TutorStudent.objects.filter(transferred_from=cast.ben_ana).exists()


def test_a_transfer_frees_the_hours_of_the_old_tutor(cast: Cast) -> None:
    """After a transfer the old tutor can be booked where the moved session was."""
    booked(cast.ben_ana, at(17, 16))
    transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_16TH,
    )
    assert booked(cast.ben_cleo, at(17, 16)).tutor_id == cast.ben.pk


def test_sessions_ahead_can_be_cancelled_instead(cast: Cast) -> None:
    """Asked to cancel, a transfer calls off what is ahead and leaves it with the old tutor."""
    ahead = booked(cast.ben_ana, at(17, 16))
    done = transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_16TH,
        future_sessions="cancel",
    )
    ahead.refresh_from_db()
    assert (ahead.status, ahead.tutor_student_id) == ("cancelled", cast.ben_ana.pk)
    assert done.moved == ()
    assert done.cancelled == (ahead,)


def test_there_and_back_in_one_day_makes_three_rows(cast: Cast) -> None:
    """Ben to Dev and back to Ben on the day Ben began: three rows, of which two hold on no day."""
    start = cast.ben_ana.started_on
    for tutor in (cast.dev, cast.ben):
        transfer(
            requester=Requester(cast.owner, NOW),
            student_id=cast.ana.pk,
            to_tutor_id=tutor.pk,
            on=start,
        )
    rows = TutorStudent.objects.filter(student=cast.ana).exclude(tutor=cast.cara).order_by("id")
    held = relationships_as_of(viewer_of(cast.owner), start).filter(student=cast.ana)
    assert [(row.tutor_id, row.ended_on, row.is_primary) for row in rows] == [
        (cast.ben.pk, start, False),
        (cast.dev.pk, start, False),
        (cast.ben.pk, None, True),
    ]
    assert {row.pk for row in held} == {rows[2].pk, cast.cara_ana.pk}


def test_all_of_a_tutors_students_move_together_or_not_at_all(cast: Cast) -> None:
    """One student's clash keeps every student where they are; without it all move."""
    booked(cast.ben_cleo, at(20, 10))
    caras = booked(cast.cara_ana, at(20, 10, 30))
    move = partial(
        transfer_all,
        requester=Requester(cast.owner, NOW),
        from_tutor_id=cast.ben.pk,
        to_tutor_id=cast.cara.pk,
        on=THE_16TH,
    )
    with pytest.raises(ConflictError, match="the tutor has another lesson then"):
        move()
    assert cast.ben.relationships.filter(ended_on=None).count() == 2

    caras.delete()
    done = move()
    assert {one.new.student_id for one in done} == {cast.ana.pk, cast.cleo.pk}
    assert cast.ben.relationships.filter(ended_on=None).count() == 0


def test_a_date_before_what_was_held_is_refused(cast: Cast) -> None:
    """A transfer cannot leave a session that was held outside the relationship that held it."""
    held = booked(cast.ben_ana, at(30, 16, month=10))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk)
    with pytest.raises(ConflictError) as refused:
        transfer(
            requester=Requester(cast.owner, NOW),
            student_id=cast.ana.pk,
            to_tutor_id=cast.dev.pk,
            on=date(2026, 10, 29),
        )
    assert (refused.value.reason, refused.value.details) == ("held_after", {"sessions": [held.pk]})


def test_impossible_transfers_are_refused(cast: Cast) -> None:
    """Not to the same tutor, not before the start, not to who teaches the same already."""
    move = partial(transfer, requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    with pytest.raises(InvalidError):
        move(to_tutor_id=cast.ben.pk, on=THE_16TH)
    with pytest.raises(InvalidError):
        move(to_tutor_id=cast.dev.pk, on=date(2026, 8, 31))
    with pytest.raises(ConflictError, match="already have"):
        move(to_tutor_id=cast.cara.pk, on=THE_16TH, subject="maths")
    with pytest.raises(NotFoundError):
        move(to_tutor_id="nobody", on=THE_16TH)


def test_only_an_owner_moves_students(cast: Cast) -> None:
    """The student's tutor is told so; a tutor without a link finds no such student."""
    move = partial(transfer, student_id=cast.ana.pk, to_tutor_id=cast.dev.pk, on=THE_16TH)
    with pytest.raises(ForbiddenError):
        move(requester=Requester(user(cast.ben), NOW))
    with pytest.raises(NotFoundError):
        move(requester=Requester(user(cast.dev), NOW))


def test_a_preview_changes_nothing(cast: Cast) -> None:
    """It tells both relationships and the session, and makes no row, not even the new subject."""
    session = booked(cast.ben_ana, at(17, 16))
    told = preview_transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_16TH,
        subject="Geology",
    )
    assert (told.old.ended_on, told.new.tutor, told.moved) == (THE_16TH, cast.dev, (session,))
    assert str(told.new.subject) == "Geology"
    assert not Subject.objects.filter(name="Geology").exists()
    assert link(cast.ben, cast.ana).is_primary
    assert TutorStudent.objects.count() == 3


def test_a_preview_of_all_tells_each_and_changes_nothing(cast: Cast) -> None:
    """Both of Ben's students are told; one who begins later moves on the day they begin."""
    later = date(2026, 12, 1)
    pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.cleo.pk,
        subject="Art",
        started_on=later,
    )
    told = preview_transfer_all(
        requester=Requester(cast.owner, NOW),
        from_tutor_id=cast.ben.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_16TH,
    )
    assert sorted(one.new.started_on for one in told) == [THE_16TH, THE_16TH, later]
    assert cast.ben.relationships.filter(ended_on=None).count() == 3


def test_a_day_is_the_new_tutors_day_too(cast: Cast) -> None:
    """One in the morning on the 16th is the 15th in Los Angeles, so too early: it is named."""
    late = booked(cast.ben_ana, at(16, 1))
    far = a_tutor(cast.owner, "Gail", time_zone="America/Los_Angeles")
    told = preview_transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=far.pk,
        on=THE_16TH,
    )
    assert [(one.session, one.reason, one.busy_with) for one in told.clashes] == [
        (late, "before_start", None)
    ]


def test_what_comes_back_weekly_follows_its_sessions(cast: Cast) -> None:
    """The series goes to Dev with its sessions, and returns when the transfer is undone."""
    series = SessionSeries.objects.create(
        tutor_student=cast.ben_ana,
        rule="FREQ=WEEKLY",
        first_date=THE_16TH,
        starts_on=THE_16TH,
        planned_until=THE_16TH,
        wall_time=time(16),
        minutes=60,
        time_zone="Europe/London",
    )
    booked(cast.ben_ana, at(17, 16))
    new = transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_16TH,
    ).new
    series.refresh_from_db()
    assert series.tutor_student == new
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    series.refresh_from_db()
    assert series.tutor_student == cast.ben_ana


def test_what_has_begun_on_its_day_stays_with_who_held_it(cast: Cast) -> None:
    """Nobody has recorded the lesson of this morning yet, and one runs; the next one moves."""
    begun = [booked(cast.ben_ana, at(16, hour)) for hour in (8, 11)]
    ahead = [booked(cast.ben_ana, at(16, 16)), booked(cast.ben_ana, at(17, 8))]
    noon = at(16, 11, 30)
    ana, dev = cast.ana.pk, cast.dev.pk

    looked = preview_transfer(
        requester=Requester(cast.owner, noon), student_id=ana, to_tutor_id=dev, on=THE_16TH
    )
    assert [*looked.moved] == ahead
    done = transfer(
        requester=Requester(cast.owner, noon), student_id=ana, to_tutor_id=dev, on=THE_16TH
    )
    assert [*done.moved] == ahead
    assert {*cast.ben_ana.sessions.all()} == {*begun}
    held = complete(requester=Requester(user(cast.ben), noon), session_id=begun[0].pk)
    assert (held.status, held.tutor_id) == ("completed", cast.ben.pk)


def test_a_transfer_of_last_week_moves_what_its_last_day_has_no_room_for(cast: Cast) -> None:
    """What was planned after the day and never recorded cannot stay, so it moves."""
    booked(cast.ben_ana, at(16, 8))
    later = booked(cast.ben_ana, at(17, 8))
    done = transfer(
        requester=Requester(cast.owner, at(23, 9)),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_16TH,
    )
    assert [*done.moved] == [later]
