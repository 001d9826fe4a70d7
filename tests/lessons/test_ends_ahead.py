"""What can be done with a relationship whose end lies ahead, and in which words what cannot."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons import erasure
from tandem.lessons.actions import cancel
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.lessons.transfers import preview_transfer, transfer
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.actions import update_student
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import change_subject, make_primary, pair
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import NOW, Cast, at, booked, link, user
from tests.primaries import check_periods

OWN: dict[str, Any] = {"requester": Requester(None, NOW)}
THE_20TH = date(2026, 12, 20)
SAID = "it ends on Sun 20 Dec 2026"


def refused(deed: Callable[[], object]) -> ConflictError:
    """Return why something is refused."""
    with pytest.raises(ConflictError) as refusal:
        deed()
    return refusal.value


def ending(cast: Cast, row: TutorStudent | None = None) -> TutorStudent:
    """Let a relationship, Ben's with Ana unless said, end before Christmas."""
    row = row or cast.ben_ana
    end(**OWN, tutor_student_id=row.pk, on=THE_20TH)
    row.refresh_from_db()
    return row


def test_the_subject_changes_until_the_end(cast: Cast) -> None:
    """Not once it is over; and what follows in the new subject stands in nobody's way."""
    row = ending(cast)
    pair(
        **OWN,
        tutor_id=cast.ben.pk,
        student_id=cast.ana.pk,
        subject="Greek",
        started_on=THE_20TH,
    )
    changed = change_subject(**OWN, tutor_student_id=row.pk, subject="Greek")
    assert (changed.subject and changed.subject.name, changed.ended_on) == ("Greek", THE_20TH)
    late = Requester(None, at(20, 9, month=12))
    over = refused(partial(change_subject, requester=late, tutor_student_id=row.pk, subject="Art"))
    assert str(over) == "You cannot change the subject of this relationship: it is ended."
    assert over.details["status"] == "ended"


def test_the_mark_is_refused_with_the_day_and_a_way(cast: Cast) -> None:
    """Cara is to leave, so she does not become the primary one."""
    row = ending(cast, cast.cara_ana)
    refusal = refused(partial(make_primary, **OWN, tutor_student_id=row.pk))
    assert (refusal.reason, refusal.details["status"]) == ("wrong_status", "active")
    assert SAID in str(refusal)
    assert "Take its end back first" in str(refusal)


def test_a_transfer_is_refused_with_the_day_and_a_way(cast: Cast) -> None:
    """Named or not: Ben is the primary one still, though he is to leave."""
    row = ending(cast)
    end(**OWN, tutor_student_id=cast.cara_ana.pk, on=date(2026, 11, 10))
    order: dict[str, Any] = {
        **OWN,
        "student_id": cast.ana.pk,
        "to_tutor_id": cast.dev.pk,
        "on": at(16, 9).date(),
    }
    named: dict[str, Any] = {"tutor_student_id": row.pk}
    for which in (named, {}):
        for deed in (preview_transfer, transfer):
            refusal = refused(partial(deed, **order, **which))
            assert refusal.details["tutorStudentId"] == row.pk
            assert SAID in str(refusal)
            assert "Take its end back first" in str(refusal)


def test_what_is_handed_over_is_ended_by_undoing_that(cast: Cast) -> None:
    """The end is the transfer's, and the words say so."""
    on: dict[str, Any] = {"student_id": cast.ana.pk, "to_tutor_id": cast.dev.pk, "on": THE_20TH}
    transfer(**OWN, **on)
    refusal = refused(partial(end, **OWN, tutor_student_id=cast.ben_ana.pk, on=at(16, 9).date()))
    assert SAID in str(refusal)
    assert "undo that transfer" in str(refusal)


def test_the_primary_of_the_day_of_a_transfer_moves(cast: Cast) -> None:
    """Cara is chosen from the 20th of November on: until then it is Ben, afterwards Cara."""
    make_primary(**OWN, tutor_student_id=cast.cara_ana.pk, on=at(20, 9).date())
    to_dev = partial(preview_transfer, **OWN, student_id=cast.ana.pk, to_tutor_id=cast.dev.pk)
    assert to_dev(on=at(16, 9).date()).old.pk == cast.ben_ana.pk
    assert to_dev(on=at(20, 9).date()).old.pk == cast.cara_ana.pk


def test_who_is_chosen_for_later_can_be_chosen_for_today(cast: Cast) -> None:
    """The mark lies with Cara already, but she is not primary before the 20th."""
    later, today = at(20, 9).date(), NOW.date()
    make_primary(**OWN, tutor_student_id=cast.cara_ana.pk, on=later)
    make_primary(**OWN, tutor_student_id=cast.cara_ana.pk)
    periods = cast.ana.primary_periods.order_by("starts_on")
    told = [(one.tutor_student_id, one.ends_on) for one in periods]
    assert told == [(cast.ben_ana.pk, today), (cast.cara_ana.pk, None)]
    check_periods()
    lines = RelationshipEvent.objects.count()
    again = partial(make_primary, **OWN, tutor_student_id=cast.cara_ana.pk, on=later)
    assert refused(again).reason == "already_primary"
    assert RelationshipEvent.objects.count() == lines


def test_a_day_outside_is_named_without_contradiction(cast: Cast) -> None:
    """The end is the first day that is not the tutor's."""
    ending(cast)
    refusal = refused(partial(booked, cast.ben_ana, at(20, 9, month=12)))
    assert str(refusal) == (
        "This tutor teaches this student from Tue 1 Sep 2026 up to, but not on, "
        "Sun 20 Dec 2026; the session would be on Sun 20 Dec 2026."
    )


def test_a_tutor_is_not_erased_while_ends_lie_ahead(cast: Cast) -> None:
    """Until the last of them has come; the words say when."""
    for row in (cast.ben_ana, cast.ben_cleo):
        ending(cast, row)
    now = Requester(cast.owner, NOW)
    for deed in (erasure.preview_erase_tutor, erasure.erase_tutor):
        refusal = refused(partial(deed, requester=now, tutor_id=cast.ben.pk))
        assert refusal.reason == "teaches_now"
        assert "until Sun 20 Dec 2026" in str(refusal)
    then = Requester(cast.owner, at(20, 9, month=12))
    erasure.erase_tutor(requester=then, tutor_id=cast.ben.pk)
    assert Tutor.objects.get(pk=cast.ben.pk).full_name == "Erased tutor"
    assert link(cast.cara, cast.ana).is_primary


def test_a_substitute_is_not_erased_before_the_lesson(cast: Cast) -> None:
    """A cover that lies ahead is a lesson that somebody waits for."""
    session = booked(cast.ben_ana, at(17, 16))
    cover(**OWN, session_id=session.pk, tutor_id=cast.dev.pk)
    now = Requester(cast.owner, NOW)
    early = partial(erasure.erase_tutor, requester=now, tutor_id=cast.dev.pk)
    assert refused(early).reason == "teaches_now"
    erasure.erase_tutor(requester=Requester(cast.owner, at(18, 9)), tutor_id=cast.dev.pk)


def test_who_begins_later_does_not_change_the_record(cast: Cast) -> None:
    """Dev has not begun, so the words do not say that he has stopped; Ben goes on until then."""
    order: dict[str, Any] = {"student_id": cast.ana.pk, "to_tutor_id": cast.dev.pk, "on": THE_20TH}
    transfer(requester=Requester(cast.owner, NOW), **order)
    change = partial(update_student, student_id=cast.ana.pk, changes={"year": "11"})
    with pytest.raises(ForbiddenError, match="do not teach this student today"):
        change(requester=Requester(user(cast.dev), NOW))
    assert change(requester=Requester(user(cast.ben), NOW)).year == "11"


def moved_end(cast: Cast, on: date) -> str:
    """Let Ben's end with Ana lie on another day, with what is ahead called off; return the deed."""
    return end(
        **OWN, tutor_student_id=cast.ben_ana.pk, on=on, future_sessions="cancel", reason="Exams"
    ).deed


@pytest.mark.parametrize("second", [date(2026, 12, 10), date(2027, 1, 20)])
def test_undoing_another_end_gives_back_the_one_before(cast: Cast, second: date) -> None:
    """With the lessons that it called off, the mark and the reason; the first is undone then."""
    one, other = (
        booked(cast.ben_ana, at(15, 9, month=12)),
        booked(cast.ben_ana, at(5, 9, month=1, year=2027)),
    )
    first = end(**OWN, tutor_student_id=cast.ben_ana.pk, on=THE_20TH, future_sessions="cancel")
    cast.ben_ana.refresh_from_db()
    before = (cast.ben_ana.ended_on, cast.ben_ana.status, cast.ben_ana.end_reason)
    planned = {*Session.objects.filter(status="scheduled").values_list("pk", flat=True)}
    deed = moved_end(cast, second)
    seen = preview_undo_of(**OWN, deed_id=deed)
    assert seen.ends_on == THE_20TH
    undo_deed(**OWN, deed_id=deed, expect=fingerprint(seen.shown))
    row = TutorStudent.objects.get(pk=cast.ben_ana.pk)
    assert (row.ended_on, row.status, row.end_reason) == before
    there = Session.objects.filter(status="scheduled")
    assert {*there.values_list("pk", flat=True)} == planned
    check_periods()
    undo_deed(**OWN, deed_id=first.deed)
    row.refresh_from_db()
    assert row.ended_on is None
    assert {*there.values_list("pk", flat=True)} >= {one.pk, other.pk}
    check_periods()


def test_an_end_is_not_undone_under_another_that_came_later(cast: Cast) -> None:
    """Undone from the last one on, both are."""
    first = moved_end(cast, THE_20TH)
    moved_end(cast, date(2026, 12, 10))
    said = str(refused(partial(undo_deed, **OWN, deed_id=first)))
    assert "another end since, Thu 10 Dec 2026" in said


def test_a_later_end_is_not_undone_over_what_is_planned_since(cast: Cast) -> None:
    """Nothing is lost by it; without that lesson it is undone."""
    moved_end(cast, THE_20TH)
    deed = moved_end(cast, date(2027, 1, 20))
    since = booked(cast.ben_ana, at(5, 9, month=1, year=2027))
    refusal = refused(partial(undo_deed, **OWN, deed_id=deed))
    assert (refusal.reason, refusal.details["sessions"]) == ("sessions_ahead", [since.pk])
    cancel(**OWN, session_id=since.pk)
    undo_deed(**OWN, deed_id=deed)
    cast.ben_ana.refresh_from_db()
    assert cast.ben_ana.ended_on == THE_20TH
