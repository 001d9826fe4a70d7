"""Mistakes that are corrected: a wrong start, a mistaken end, a pairing that should not be."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.lessons.actions import cancel, complete
from tandem.lessons.corrections import correct_start, remove
from tandem.lessons.end_relationship import end
from tandem.lessons.erasure import erase_student
from tandem.lessons.models import Session
from tandem.lessons.reopening import preview_reopen, reopen
from tandem.lessons.transfers import transfer
from tandem.lessons.undo import undo_transfer
from tandem.people.actions import update_tutor
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.actions import make_primary, pair, pause
from tandem.relationships.events import EventStamp, change, state_of
from tandem.relationships.history import replay
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.queries import history_of_student, relationships_as_of
from tests.cast import DECEMBER, NOW, TERM, Cast, at, booked, link, user

AUGUST, OCTOBER = date(2026, 8, 1), date(2026, 10, 1)
THE_10TH, THE_16TH = date(2026, 11, 10), date(2026, 11, 16)


def reason(deed: Callable[[], object]) -> str:
    """Return why something is refused."""
    with pytest.raises(ConflictError) as refused:
        deed()
    return refused.value.reason


def lines(relationship: TutorStudent) -> list[str]:
    """Return what the history says of one relationship."""
    return [event.what for event in RelationshipEvent.objects.filter(relationship=relationship)]


def check_history(cast: Cast) -> None:
    """Hold what the history of Ana says against what the table says."""
    rows = TutorStudent.objects.filter(student=cast.ana)
    told = replay(history_of_student(viewer_of(cast.owner), cast.ana.pk))
    assert told == {row.pk: state_of(row) for row in rows}


def capacity(cast: Cast, tutor_id: str, number: int) -> None:
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=tutor_id, changes={"capacity": number}
    )


def started(cast: Cast, relationship: TutorStudent, day: date) -> TutorStudent:
    return correct_start(
        requester=Requester(cast.owner, NOW), tutor_student_id=relationship.pk, started_on=day
    )


def ended(cast: Cast, relationship: TutorStudent, day: date = THE_10TH) -> None:
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=relationship.pk,
        on=day,
        future_sessions="cancel",
    )
    relationship.refresh_from_db()


def transferred(cast: Cast) -> TutorStudent:
    return transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=THE_10TH,
    ).new


def test_a_wrong_start_is_corrected(cast: Cast) -> None:
    """Earlier and later; `asOf` and the history say so, and the same day writes nothing."""
    started(cast, cast.ben_ana, AUGUST)
    as_of = partial(relationships_as_of, viewer_of(cast.owner))
    assert [*as_of(date(2026, 8, 15))] == [cast.ben_ana]
    assert started(cast, cast.ben_ana, OCTOBER).started_on == OCTOBER
    assert cast.ben_ana not in as_of(date(2026, 9, 30))
    started(cast, cast.ben_ana, OCTOBER)
    assert lines(cast.ben_ana) == ["started", "corrected", "corrected"]
    check_history(cast)


def test_a_start_is_not_after_a_session(cast: Cast) -> None:
    """What was held or is planned before it stands against it; what was called off does not."""
    held, planned, off = (booked(cast.ben_ana, at(day, 10)) for day in (1, 5, 3))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk)
    cancel(requester=Requester(None, NOW), session_id=off.pk)
    with pytest.raises(ConflictError) as refused:
        started(cast, cast.ben_ana, date(2026, 11, 6))
    assert (refused.value.reason, refused.value.details) == (
        "sessions_before",
        {"sessions": [held.pk, planned.pk]},
    )
    assert started(cast, cast.ben_ana, date(2026, 11, 1)).started_on == date(2026, 11, 1)


def test_a_start_is_not_after_the_end(cast: Cast) -> None:
    """On the day of the end it holds on no day, which is allowed."""
    ended(cast, cast.ben_ana)
    with pytest.raises(InvalidError, match="cannot start after"):
        started(cast, cast.ben_ana, date(2026, 11, 11))
    assert started(cast, cast.ben_ana, THE_10TH).started_on == THE_10TH


def test_a_start_after_a_transfer_leaves_no_plan_of_the_former_tutor_outside(cast: Cast) -> None:
    """What Ben has planned for the days that would be Dev's stands against it, as for an end."""
    planned = booked(cast.ben_ana, at(6, 16))
    new = transferred(cast)
    assert reason(partial(started, cast, new, date(2026, 11, 5))) == "sessions_ahead"
    assert started(cast, new, date(2026, 11, 7)).started_on == date(2026, 11, 7)
    cancel(requester=Requester(None, NOW), session_id=planned.pk)
    assert started(cast, new, date(2026, 11, 5)).started_on == date(2026, 11, 5)
    check_history(cast)


def test_a_start_does_not_overlap_the_time_before(cast: Cast) -> None:
    """Ben taught Ana until August before: the second time cannot begin earlier than that."""
    ended(cast, cast.ben_ana, OCTOBER)
    again = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.ana.pk,
        subject="Physics",
    )
    assert reason(partial(started, cast, again, date(2026, 9, 30))) == "already_paired"
    assert started(cast, again, OCTOBER).started_on == OCTOBER
    started(cast, cast.ben_ana, AUGUST)
    check_history(cast)


def test_an_earlier_start_needs_a_place_on_each_of_its_days(cast: Cast) -> None:
    """Ben had room for two, and in August somebody else had the second place."""
    other = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.cleo.pk,
        subject="Art",
        started_on=AUGUST,
    )
    ended(cast, other, date(2026, 8, 20))
    capacity(cast, cast.ben.pk, 1)
    ended(cast, cast.ben_cleo, TERM)
    assert reason(partial(started, cast, cast.ben_ana, date(2026, 8, 19))) == "capacity"
    assert started(cast, cast.ben_ana, date(2026, 8, 20)).started_on == date(2026, 8, 20)
    assert started(cast, cast.ben_ana, OCTOBER).started_on == OCTOBER


def test_somebody_is_primary_on_the_day_after_a_correction(cast: Cast) -> None:
    """Ben's start moves ahead: Cara, who teaches now, is primary; alone, he keeps the mark."""
    started(cast, cast.ben_ana, date(2027, 1, 11))
    assert TutorStudent.objects.get(student=cast.ana, is_primary=True) == cast.cara_ana
    assert started(cast, cast.ben_cleo, date(2027, 1, 11)).is_primary
    check_history(cast)


def test_the_date_of_a_transfer_is_corrected_on_both_sides(cast: Cast) -> None:
    """Dev began two days earlier, so Ben ended then; not before what Ben has held."""
    new = transferred(cast)
    held = booked(cast.ben_ana, at(8, 10))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk)
    assert reason(partial(started, cast, new, date(2026, 11, 7))) == "held_after"
    started(cast, new, date(2026, 11, 8))
    cast.ben_ana.refresh_from_db()
    assert cast.ben_ana.ended_on == date(2026, 11, 8)
    with pytest.raises(InvalidError, match="cannot end before"):
        started(cast, new, AUGUST)
    check_history(cast)


def test_only_an_owner_corrects(cast: Cast) -> None:
    """The tutor in it may not, and for a stranger there is nothing."""
    ended(cast, cast.ben_ana)
    for deed in (partial(correct_start, started_on=AUGUST), reopen, remove):
        with pytest.raises(ForbiddenError):
            deed(requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_ana.pk)
        with pytest.raises(NotFoundError):
            deed(requester=Requester(user(cast.dev), NOW), tutor_student_id=cast.ben_ana.pk)


def test_a_mistaken_end_is_taken_back(cast: Cast) -> None:
    """Ben goes on as primary; a session comes back, one whose hour was given away is named."""
    free, taken = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_ana, at(18, 16))
    off = booked(cast.ben_ana, at(19, 16))
    cancel(requester=Requester(None, NOW), session_id=off.pk)
    ended(cast, cast.ben_ana)
    there = booked(cast.ben_cleo, at(18, 16, 30))
    act: dict[str, Any] = {
        "requester": Requester(cast.owner, NOW),
        "tutor_student_id": cast.ben_ana.pk,
    }

    shown = preview_reopen(**act)
    cast.ben_ana.refresh_from_db()
    assert (shown.restored, cast.ben_ana.ended_on) == ((free,), THE_10TH)

    done = reopen(**act)
    cast.ben_ana.refresh_from_db()
    assert (cast.ben_ana.status, cast.ben_ana.ended_on, cast.ben_ana.is_primary) == (
        "active",
        None,
        True,
    )
    assert [(one.session, one.reason, one.busy_with) for one in done.clashes] == [
        (taken, "tutor_busy", there)
    ]
    states = dict(Session.objects.filter(tutor_student=cast.ben_ana).values_list("pk", "status"))
    assert states == {free.pk: "scheduled", taken.pk: "cancelled", off.pk: "cancelled"}
    assert lines(cast.ben_ana) == ["started", "ended", "reopened"]
    check_history(cast)


def test_what_was_paused_is_paused_again(cast: Cast) -> None:
    """Ended while paused, then given another end: both ends are taken back together."""
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    session = booked(cast.cara_ana, at(20, 10))
    ended(cast, cast.ben_ana, THE_16TH)
    ended(cast, cast.ben_ana, THE_10TH)
    reopen(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    cast.ben_ana.refresh_from_db()
    session.refresh_from_db()
    assert (cast.ben_ana.status, cast.ben_ana.ended_on) == ("paused", None)
    assert session.status == "scheduled"
    check_history(cast)


def test_the_mark_stays_with_whom_somebody_made_primary(cast: Cast) -> None:
    """After Ben's end Dev was chosen; taking the end back does not take the mark."""
    dev = pair(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    ended(cast, cast.ben_ana)
    make_primary(requester=Requester(cast.owner, DECEMBER), tutor_student_id=dev.pk)
    reopen(requester=Requester(cast.owner, DECEMBER), tutor_student_id=cast.ben_ana.pk)
    assert TutorStudent.objects.get(student=cast.ana, is_primary=True) == dev
    check_history(cast)


def test_an_end_is_not_taken_back_where_a_rule_stands_against_it(cast: Cast) -> None:
    """It goes on; the place is given away; the tutor has left; they are paired anew."""
    again = partial(reopen, requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    assert reason(again) == "wrong_status"
    ended(cast, cast.ben_ana)
    capacity(cast, cast.ben.pk, 1)
    assert reason(again) == "capacity"
    capacity(cast, cast.ben.pk, 9)
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, changes={"active": False}
    )
    assert reason(again) == "tutor_inactive"
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, changes={"active": True}
    )
    new = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.ana.pk,
        subject="Physics",
        started_on=THE_16TH,
    )
    assert reason(again) == "already_paired"
    remove(requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    assert again().row.status == "active"
    check_history(cast)


def test_one_side_of_a_transfer_is_not_corrected_alone(cast: Cast) -> None:
    """Ben's end belongs to the transfer, and what was undone is transferred again instead."""
    new = transferred(cast)
    act: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    assert reason(partial(reopen, **act, tutor_student_id=cast.ben_ana.pk)) == "transferred"
    assert reason(partial(remove, **act, tutor_student_id=cast.ben_ana.pk)) == "transferred"
    assert reason(partial(remove, **act, tutor_student_id=new.pk)) == "transferred"
    undo_transfer(**act, tutor_student_id=new.pk)
    for correction in (reopen, remove):
        with pytest.raises(NotFoundError):
            correction(**act, tutor_student_id=new.pk)
    check_history(cast)


def test_what_an_earlier_version_left_of_an_undone_transfer_is_not_reopened(cast: Cast) -> None:
    """It was kept where something called off stood in it, and its history says undone."""
    new = transferred(cast)
    told = {"undone": True, "set": {"ended_on": new.started_on.isoformat()}}
    moment = EventStamp(Requester(cast.owner, NOW), new.started_on)
    changes = {"ended_on": new.started_on, "is_primary": False, "transferred_from": None}
    change(new, RelationshipEvent.What.ENDED, moment, changes, details=told)
    again = partial(reopen, requester=Requester(cast.owner, NOW), tutor_student_id=new.pk)
    assert reason(again) == "undone"


def test_a_mistaken_pairing_is_removed_and_its_history_stays(cast: Cast) -> None:
    """Dev with Ana was a slip, and had the mark, which goes back; the history tells of it."""
    slip = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Greek",
        primary=True,
    )
    pk = slip.pk
    remove(requester=Requester(cast.owner, NOW), tutor_student_id=pk)
    assert not TutorStudent.objects.filter(pk=pk).exists()
    assert TutorStudent.objects.get(student=cast.ana, is_primary=True) == cast.ben_ana
    told = [
        (event.what, str(event.relationship.tutor))
        for event in history_of_student(viewer_of(cast.owner), cast.ana.pk)
        if event.relationship_id == pk
    ]
    assert told == [("started", "Dev"), ("removed", "Dev")]
    check_history(cast)


def test_who_teaches_now_reads_of_a_removed_pairing_and_who_left_does_not(cast: Cast) -> None:
    """Cara reads all of Ana's history while she teaches her, and only her own afterwards."""
    slip = pair(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    remove(requester=Requester(cast.owner, NOW), tutor_student_id=slip.pk)

    def read_by_cara() -> set[str]:
        viewer = viewer_of(user(cast.cara), now=DECEMBER)
        return {event.what for event in history_of_student(viewer, cast.ana.pk)}

    assert "removed" in read_by_cara()
    ended(cast, cast.cara_ana)
    assert read_by_cara() == {"started", "ended"}


def test_what_has_sessions_is_not_removed(cast: Cast) -> None:
    """Not even one that was called off; without sessions it goes."""
    session = booked(cast.ben_cleo, at(17, 16))
    cancel(requester=Requester(None, NOW), session_id=session.pk)
    with pytest.raises(ConflictError) as refused:
        remove(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk)
    assert (refused.value.reason, refused.value.details) == (
        "has_sessions",
        {"sessions": [session.pk]},
    )
    session.delete()
    remove(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk)
    assert not TutorStudent.objects.filter(student=cast.cleo).exists()


def test_an_erasure_takes_the_lines_of_removed_pairings_too(cast: Cast) -> None:
    """Nothing about Ana is left, whatever became of who taught her."""
    slip = pair(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    remove(requester=Requester(cast.owner, NOW), tutor_student_id=slip.pk)
    number = RelationshipEvent.objects.exclude(relationship_id=cast.ben_cleo.pk).count()
    assert (
        erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk).events == number
    )
    assert {event.relationship_id for event in RelationshipEvent.objects.all()} == {
        cast.ben_cleo.pk
    }


def test_a_removed_pairing_can_be_made_again(cast: Cast) -> None:
    """Its days are free, and the new one is another row."""
    remove(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    again = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.cara.pk,
        student_id=cast.ana.pk,
        subject="Maths",
    )
    assert link(cast.cara, cast.ana) == again
