"""People who act at the same moment: one order of what they did explains the end."""

from datetime import date, time
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.lessons.actions import cancel, complete, schedule
from tandem.lessons.cancelling_rules import Terms
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.lessons.policies import change_policy, current_terms
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.time_off import Absence, add_time_off
from tandem.lessons.transfers import transfer
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, change_subject, enrol, make_primary, pair
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked, link, user
from tests.once import gathered
from tests.together import refusals, together, wait_until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)

THE_16TH = date(2026, 11, 16)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The cast, written so that other connections see them."""
    return gathered()


def test_ten_bookings_of_one_hour_make_one_session(cast: Cast) -> None:
    """Ten students are booked with Dev for the same hour at once: one gets it, nine are told."""
    students = [
        enrol(
            requester=Requester(None, NOW), full_name=f"Student {n}", tutors=[Pairing(cast.dev.pk)]
        )
        for n in range(10)
    ]
    hour = at(1, 16, month=3, year=2027)
    book = partial(
        schedule, requester=Requester(cast.owner, NOW), starts_at=hour, ends_at=hour + HOUR
    )
    results = together(
        *(partial(book, tutor_student_id=link(cast.dev, student).pk) for student in students)
    )

    (session,) = Session.objects.all()
    refused = refusals(results)
    assert len(refused) == 9
    assert {one.code for one in refused} == {"conflict"}
    for one in refused:
        assert isinstance(one, ConflictError)
        assert (one.reason, one.details["sessions"]) == ("tutor_busy", [session.pk])


def test_of_two_transfers_one_happens(cast: Cast) -> None:
    """Ana goes to Dev or to Cara, with her session; the other owner is told of a conflict."""
    session = booked(cast.ben_ana, at(17, 16))
    move = partial(
        transfer,
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        tutor_student_id=cast.ben_ana.pk,
        on=THE_16TH,
    )
    results = together(
        partial(move, to_tutor_id=cast.dev.pk), partial(move, to_tutor_id=cast.cara.pk)
    )

    (refused,) = refusals(results)
    heir = TutorStudent.objects.get(transferred_from=cast.ben_ana)
    session.refresh_from_db()
    assert isinstance(refused, ConflictError)
    assert refused.reason == "wrong_status"
    assert heir.is_primary
    assert session.tutor_student == heir


def test_a_transfer_and_an_end_exclude_each_other(cast: Cast) -> None:
    """Either Ben's relationship ends and Cara is primary, or it goes on with Dev as primary."""
    results = together(
        partial(
            transfer,
            requester=Requester(cast.owner, NOW),
            student_id=cast.ana.pk,
            tutor_student_id=cast.ben_ana.pk,
            to_tutor_id=cast.dev.pk,
            on=THE_16TH,
        ),
        partial(
            end, requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk, on=THE_16TH
        ),
    )

    (refused,) = refusals(results)
    primary = TutorStudent.objects.get(student=cast.ana, is_primary=True)
    moved = TutorStudent.objects.filter(transferred_from=cast.ben_ana).exists()
    assert isinstance(refused, ConflictError)
    assert primary.tutor == (cast.dev if moved else cast.cara)


def test_the_mark_is_given_once(cast: Cast) -> None:
    """Cara is made primary while Ben's relationship moves to Dev: in either order, Cara is."""
    results = together(
        partial(
            make_primary, requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk
        ),
        partial(
            transfer,
            requester=Requester(cast.owner, NOW),
            student_id=cast.ana.pk,
            tutor_student_id=cast.ben_ana.pk,
            to_tutor_id=cast.dev.pk,
            on=THE_16TH,
        ),
    )

    assert refusals(results) == []
    primary = TutorStudent.objects.get(student=cast.ana, is_primary=True)
    assert primary == cast.cara_ana
    assert not link(cast.dev, cast.ana).is_primary


def test_a_session_is_completed_or_cancelled(cast: Cast) -> None:
    """Of a completion and a cancellation one counts, and the other is told what the session is."""
    session = booked(cast.ben_ana, at(3, 16))
    results = together(
        partial(
            complete,
            requester=Requester(cast.owner, DECEMBER),
            session_id=session.pk,
            notes="Done.",
        ),
        partial(cancel, requester=Requester(cast.owner, NOW), session_id=session.pk),
    )

    (refused,) = refusals(results)
    session.refresh_from_db()
    assert isinstance(refused, ConflictError)
    assert refused.details == {"sessionId": session.pk, "status": session.status}
    assert session.notes == ("Done." if session.status == "completed" else None)


def test_a_completion_follows_a_session_that_moves(cast: Cast) -> None:
    """The owner completes a session while it moves: the tutor who has it then held it."""
    session = booked(cast.ben_ana, at(17, 16))
    results = together(
        partial(complete, requester=Requester(cast.owner, DECEMBER), session_id=session.pk),
        partial(
            transfer,
            requester=Requester(cast.owner, NOW),
            student_id=cast.ana.pk,
            tutor_student_id=cast.ben_ana.pk,
            to_tutor_id=cast.dev.pk,
            on=THE_16TH,
        ),
    )

    session.refresh_from_db()
    moved = TutorStudent.objects.filter(transferred_from=cast.ben_ana).exists()
    assert session.status == "completed"
    assert session.tutor == (cast.dev if moved else cast.ben)
    assert [one.code for one in refusals(results)] == ([] if moved else ["conflict"])


def test_a_tutor_does_not_complete_what_has_just_left_them(cast: Cast) -> None:
    """Ben's completion waits for a transfer, and then there is no such session for him."""
    session = booked(cast.ben_ana, at(17, 16))
    moved = Event()

    def moves() -> None:
        with transaction.atomic():
            transfer(
                requester=Requester(cast.owner, NOW),
                student_id=cast.ana.pk,
                to_tutor_id=cast.dev.pk,
                on=THE_16TH,
            )
            moved.set()
            wait_until_somebody_waits()

    def completes() -> None:
        assert moved.wait(timeout=20)
        complete(requester=Requester(user(cast.ben), DECEMBER), session_id=session.pk)

    (refused,) = refusals(together(moves, completes))
    session.refresh_from_db()
    assert isinstance(refused, NotFoundError)
    assert (session.status, session.tutor) == ("scheduled", cast.dev)


def test_capacity_holds_when_many_come_at_once(cast: Cast) -> None:
    """Dev has room for one: of four students who are paired at once, one is."""
    cast.dev.capacity = 1
    cast.dev.save()
    students = [enrol(requester=Requester(None, NOW), full_name=f"Student {n}") for n in range(4)]
    results = together(
        *(
            partial(
                pair,
                requester=Requester(cast.owner, NOW),
                tutor_id=cast.dev.pk,
                student_id=student.pk,
            )
            for student in students
        )
    )

    reasons = [one.reason for one in refusals(results) if isinstance(one, ConflictError)]
    assert reasons == ["capacity"] * 3
    assert cast.dev.relationships.count() == 1


def test_a_new_subject_is_made_once(cast: Cast) -> None:
    """Two relationships change to a subject that nobody taught before: both find the same one."""
    change = partial(change_subject, requester=Requester(cast.owner, NOW))
    results = together(
        partial(change, tutor_student_id=cast.ben_ana.pk, subject="Latin"),
        partial(change, tutor_student_id=cast.ben_cleo.pk, subject="latin "),
    )

    assert refusals(results) == []
    assert results[0].subject_id == results[1].subject_id


def test_of_two_covers_one_holds(cast: Cast) -> None:
    """Dev and Cara are given Ben's session at once: it is with the one who came last, once."""
    session = booked(cast.ben_ana, at(17, 16))
    give = partial(cover, requester=Requester(cast.owner, NOW), session_id=session.pk)
    results = together(partial(give, tutor_id=cast.dev.pk), partial(give, tutor_id=cast.cara.pk))

    session.refresh_from_db()
    history = RelationshipEvent.objects.filter(what="covered").order_by("id")
    assert refusals(results) == []
    assert [event.details["session"] for event in history] == [session.pk] * 2
    assert history[1].relationship_id == history[0].details["to"]
    assert session.tutor_student_id == history[1].details["to"]


def test_of_two_sessions_at_one_hour_one_is_covered(cast: Cast) -> None:
    """Dev is given a session of Ana's and one of Cleo's at once: one of them stays."""
    other = pair(
        requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, student_id=cast.cleo.pk
    )
    sessions = [booked(cast.ben_ana, at(17, 16)), booked(other, at(17, 16))]
    give = partial(cover, requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk)
    results = together(*(partial(give, session_id=one.pk) for one in sessions))

    (refused,) = refusals(results)
    assert isinstance(refused, ConflictError)
    assert refused.reason == "tutor_busy"
    assert Session.objects.filter(tutor=cast.dev).count() == 1
    assert TutorStudent.objects.filter(tutor=cast.dev).count() == 1


@pytest.mark.parametrize("what", ["transfer", "cover", "series"])
def test_a_deed_is_undone_once(cast: Cast, what: str) -> None:
    """Whoever comes later is told so, and not what stands against it by then."""
    session = booked(cast.ben_ana, at(17, 16))
    own: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    if what == "transfer":
        way: dict[str, Any] = {
            "student_id": cast.ana.pk,
            "to_tutor_id": cast.dev.pk,
            "on": THE_16TH,
        }
        deed = transfer(**own, **way).deed
    elif what == "cover":
        deed = cover(**own, session_id=session.pk, tutor_id=cast.dev.pk).deed
    else:
        wanted = NewSeries(cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=3", date(2027, 1, 4), time(9), 60)
        deed = plan_series(**own, wanted=wanted).deed
    results = together(*[partial(undo_deed, **own, deed_id=deed)] * 4)
    refused = refusals(results)
    assert [getattr(one, "reason", one) for one in refused] == ["undone"] * 3
    assert Session.objects.get().tutor == cast.ben


def test_no_booking_slips_into_time_off_in_the_making(cast: Cast) -> None:
    """It is refused, or called off with the others: whoever books holds the tutor."""
    booked(cast.ben_ana, at(17, 9))
    span: dict[str, Any] = {"starts_at": at(17, 0), "ends_at": at(18, 0)}
    for hour in (10, 12, 14):
        away, planned = together(
            partial(
                add_time_off,
                requester=Requester(None, NOW),
                tutor_id=cast.ben.pk,
                default="cancel",
                **span,
            ),
            partial(
                schedule,
                requester=Requester(None, NOW),
                tutor_student_id=cast.ben_cleo.pk,
                starts_at=at(17, hour),
                ends_at=at(17, hour) + HOUR,
            ),
        )
        assert isinstance(away, Absence)
        assert isinstance(planned, Session) or planned.reason == "tutor_away"
        assert not Session.objects.filter(status="scheduled").exists()
        undo_deed(requester=Requester(None, NOW), deed_id=away.deed)
        Session.objects.filter(student=cast.cleo).delete()


def test_two_who_change_the_policy_lose_nothing_of_each_other(cast: Cast) -> None:
    """Each says one thing; both hold."""
    change = partial(change_policy, requester=Requester(cast.owner, NOW))
    together(
        partial(change, changes={"free_until_hours": 24}),
        partial(change, changes={"late": "credit"}),
    )
    assert current_terms() == Terms(24, "credit")
