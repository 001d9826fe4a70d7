"""A tutor is away: every lesson in these hours is decided about in the same step, and undone so."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import cancel, complete, edit, reschedule, schedule
from tandem.lessons.models import Deed, Session, SessionEvent, TimeOff
from tandem.lessons.time_off import Absence, add_time_off, preview_time_off, remove_time_off
from tandem.lessons.touched import Decision
from tandem.lessons.undo_plan import UndoPlan
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.relationships.actions import pair, pause
from tandem.relationships.models import TutorStudent
from tests.cast import DECEMBER, HOUR, NOW, TERM, Cast, at, booked, user


def away(cast: Cast, *decisions: Decision, **other: Any) -> Absence:
    """Let Ben be away on 17 November, as the owner says unless told otherwise."""
    given: dict[str, Any] = {
        "requester": Requester(cast.owner, NOW),
        "tutor_id": cast.ben.pk,
        "starts_at": at(17, 0),
        "ends_at": at(18, 0),
        "decisions": decisions,
    }
    return add_time_off(**{**given, **other})


def seen(cast: Cast, *decisions: Decision, **other: Any) -> Absence:
    """Return what that would do."""
    given: dict[str, Any] = {
        "requester": Requester(cast.owner, NOW),
        "tutor_id": cast.ben.pk,
        "starts_at": at(17, 0),
        "ends_at": at(18, 0),
        "decisions": decisions,
    }
    return preview_time_off(**{**given, **other})


def to(session: Session, starts: datetime) -> Decision:
    """Move a session to another hour."""
    return Decision(session.pk, "move", starts_at=starts, ends_at=starts + HOUR)


def now_of(*sessions: Session) -> list[tuple[str, str, datetime]]:
    """Return how sessions stand: status, tutor, start."""
    rows = [Session.objects.get(pk=one.pk) for one in sessions]
    return [(one.status, one.tutor_id, one.starts_at) for one in rows]


def undone(cast: Cast, deed: str) -> UndoPlan:
    """Undo it as an owner, after a look."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "deed_id": deed}
    return undo_deed(**who, expect=fingerprint(preview_undo_of(**who).shown))


def test_each_lesson_gets_its_fate_in_one_step(cast: Cast) -> None:
    """One is kept, one called off, one covered, one moved; one deed, one undo."""
    kept, off, covered, moved = (booked(cast.ben_ana, at(17, hour)) for hour in (9, 11, 13, 15))
    before = now_of(kept, off, covered, moved)
    decisions = (
        Decision(off.pk, "cancel", reason="Doctor"),
        Decision(covered.pk, "cover", tutor_id=cast.cara.pk),
        to(moved, at(19, 15)),
    )
    plan = seen(cast, *decisions)
    assert now_of(kept, off, covered, moved) == before
    assert not TimeOff.objects.exists()
    assert [one.pk for one in plan.touched.sessions] == [kept.pk, off.pk, covered.pk, moved.pk]
    assert [plan.touched.does(one) for one in plan.touched.sessions] == [
        "keep",
        "cancel",
        "cover",
        "move",
    ]
    done = away(cast, *decisions, expect=fingerprint(plan.shown))
    ben = cast.ben.pk
    assert now_of(kept, off, covered, moved) == [
        ("scheduled", ben, at(17, 9)),
        ("cancelled", ben, at(17, 11)),
        ("scheduled", cast.cara.pk, at(17, 13)),
        ("scheduled", ben, at(19, 15)),
    ]
    line = SessionEvent.objects.filter(session=off).latest("id")
    assert line.details["because"] == "away"
    assert line.details["cancellation"] == {
        "by": "tutor",
        "reason": "Doctor",
        "notice_minutes": int((at(17, 11) - NOW) / timedelta(minutes=1)),
        "outcome": "free",
    }
    deed = Deed.objects.get()
    assert (deed.pk, deed.kind, deed.about) == (done.deed, "time_off", done.time_off.pk)
    look = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=deed.pk)
    assert [one.tutor for one in look.unpaired] == [cast.cara]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed.pk, expect=fingerprint(look.shown))
    assert now_of(kept, off, covered, moved) == before
    assert not TimeOff.objects.exists()
    assert TutorStudent.objects.filter(tutor=cast.cara).count() == 1
    with pytest.raises(ConflictError) as refused:
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed.pk)
    assert refused.value.reason == "undone"


def test_all_at_once_are_called_off_or_kept(cast: Cast) -> None:
    """Only what lies in these hours and is scheduled: what touches their edge is not."""
    inside = booked(cast.ben_ana, at(17, 12))
    before, after = booked(cast.ben_ana, at(16, 23)), booked(cast.ben_ana, at(18, 0))
    another = booked(cast.cara_ana, at(17, 14))
    off = booked(cast.ben_cleo, at(17, 14))
    cancel(requester=Requester(None, NOW), session_id=off.pk)
    plan = away(cast, default="cancel").touched
    assert [one.pk for one in plan.cancelled] == [inside.pk]
    statuses = [status for status, *_ in now_of(before, after, another)]
    assert statuses == ["scheduled"] * 3


def test_who_says_nothing_keeps_everything(cast: Cast) -> None:
    """As before there were choices."""
    session = booked(cast.ben_ana, at(17, 12))
    done = away(cast)
    assert [one.pk for one in done.touched.kept] == [session.pk]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert not TimeOff.objects.exists()


def test_a_tutor_decides_about_their_own_but_not_who_covers(cast: Cast) -> None:
    """Another tutor's time is nobody else's."""
    session = booked(cast.ben_ana, at(17, 12))
    ben = user(cast.ben)
    with pytest.raises(ForbiddenError):
        away(
            cast,
            Decision(session.pk, "cover", tutor_id=cast.cara.pk),
            requester=Requester(ben, NOW),
        )
    with pytest.raises(NotFoundError):
        away(cast, requester=Requester(user(cast.dev), NOW), tutor_id=cast.ben.pk)
    assert not TimeOff.objects.exists()
    done = away(cast, to(session, at(19, 12)), requester=Requester(ben, NOW))
    assert now_of(session) == [("scheduled", cast.ben.pk, at(19, 12))]
    undo_deed(requester=Requester(ben, NOW), deed_id=done.deed)
    assert now_of(session) == [("scheduled", cast.ben.pk, at(17, 12))]


def test_what_cannot_move_or_be_covered_is_named_and_refused_whole(cast: Cast) -> None:
    """Taken hours, the absence itself, two that would meet; nothing is done then."""
    one, two, three = (booked(cast.ben_ana, at(17, hour)) for hour in (9, 11, 13))
    there = booked(cast.ben_cleo, at(19, 9))
    decisions = (to(one, at(19, 9)), to(two, at(17, 20)), to(three, at(19, 9, 30)))
    plan = seen(cast, *decisions).touched
    found = {(clash.session.pk, clash.reason) for clash in plan.clashes}
    assert {(one.pk, "tutor_busy"), (two.pk, "tutor_away"), (three.pk, "tutor_busy")} <= found
    assert there.pk in {clash.busy_with.pk for clash in plan.clashes if clash.busy_with}
    with pytest.raises(ConflictError) as refused:
        away(cast, *decisions)
    assert refused.value.reason == "clashes"
    assert not TimeOff.objects.exists()
    dev_cleo = pair(
        requester=Requester(None, NOW),
        student_id=cast.cleo.pk,
        tutor_id=cast.dev.pk,
        subject="Art",
        started_on=TERM,
    )
    busy = booked(dev_cleo, at(17, 13))
    (clash,) = seen(cast, Decision(three.pk, "cover", tutor_id=cast.dev.pk)).touched.clashes
    assert (clash.session.pk, clash.reason, clash.busy_with) == (three.pk, "tutor_busy", busy)


def test_a_lesson_takes_hours_that_another_leaves_in_the_same_step(cast: Cast) -> None:
    """A lesson that begins before the absence ends after it, where another one was."""
    edge, later = booked(cast.ben_ana, at(17, 23, 30)), booked(cast.ben_ana, at(17, 21))
    before = now_of(edge, later)
    done = away(cast, to(edge, at(18, 9)), to(later, at(18, 0)), ends_at=at(17, 23, 45))
    assert now_of(edge, later) == [
        ("scheduled", cast.ben.pk, at(18, 9)),
        ("scheduled", cast.ben.pk, at(18, 0)),
    ]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert now_of(edge, later) == before


def test_two_lessons_at_the_edges_change_sides(cast: Cast) -> None:
    """Each goes where some of the other was; and back."""
    one, two = booked(cast.ben_ana, at(17, 9, 30)), booked(cast.ben_cleo, at(17, 11, 30))
    before = now_of(one, two)
    hours: dict[str, Any] = {"starts_at": at(17, 10), "ends_at": at(17, 12)}
    done = away(cast, to(one, at(17, 12)), to(two, at(17, 9)), **hours)
    assert [starts for *_, starts in now_of(one, two)] == [at(17, 12), at(17, 9)]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert now_of(one, two) == before


@pytest.mark.parametrize("change", ["moved", "written about", "new one"])
def test_what_was_looked_at_is_what_happens(cast: Cast, change: str) -> None:
    """A lesson that changed, or came in, since the look is told of; nothing is done."""
    session = booked(cast.ben_ana, at(17, 12))
    expect = fingerprint(seen(cast, default="cancel").shown)
    who: dict[str, Any] = {"requester": Requester(None, NOW)}
    if change == "moved":
        reschedule(**who, session_id=session.pk, starts_at=at(17, 14), ends_at=at(17, 15))
    elif change == "written about":
        edit(**who, session_id=session.pk, changes={"notes": "Lenses"})
    else:
        booked(cast.ben_cleo, at(17, 14))
    with pytest.raises(ConflictError) as refused:
        away(cast, default="cancel", expect=expect)
    assert refused.value.reason == "changed_since_preview"
    assert not TimeOff.objects.exists()


def test_half_a_decision_and_one_about_another_lesson_are_refused(cast: Cast) -> None:
    """With the place of it."""
    session, other = booked(cast.ben_ana, at(17, 12)), booked(cast.ben_ana, at(19, 12))
    for wrong, field in (
        ([Decision(session.pk, "cover")], "decisions.0"),
        ([Decision(session.pk, "move", starts_at=at(19, 9))], "decisions.0"),
        ([Decision(session.pk, "cancel"), Decision(session.pk, "keep")], "decisions.1"),
        ([Decision(other.pk, "cancel")], "decisions"),
        ([Decision(session.pk, "cover", tutor_id=cast.ben.pk)], "tutor_id"),
        ([Decision(session.pk, "move", starts_at=at(19, 9), ends_at=at(19, 8))], "ends_at"),
    ):
        for deed in (away, seen):
            with pytest.raises(InvalidError) as refused:
                deed(cast, *wrong)
            assert [one.field for one in refused.value.errors] == [field]
    assert not TimeOff.objects.exists()


def test_undoing_leaves_what_was_changed_since(cast: Cast) -> None:
    """Moved on, planned again and moved away, covered and called off: each stays as it is now."""
    off, covered, moved = (booked(cast.ben_ana, at(17, hour)) for hour in (9, 11, 13))
    done = away(
        cast,
        Decision(off.pk, "cancel"),
        Decision(covered.pk, "cover", tutor_id=cast.dev.pk),
        to(moved, at(19, 13)),
    )
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    cancel(**who, session_id=covered.pk)
    reschedule(**who, session_id=moved.pk, starts_at=at(20, 9), ends_at=at(20, 10))
    taken = schedule(
        **who,
        tutor_student_id=cast.cara_ana.pk,
        starts_at=at(17, 9),
        ends_at=at(17, 10),
    )
    with pytest.raises(ConflictError, match="look at what would be") as refused:
        undo_deed(**who, deed_id=done.deed)
    assert refused.value.reason == "clashes"
    plan = undone(cast, done.deed)
    assert {(one.session.pk, one.reason) for one in plan.left} == {
        (off.pk, "student_busy"),
        (covered.pk, "changed_since"),
        (moved.pk, "changed_since"),
    }
    assert now_of(off, covered, moved, taken) == [
        ("cancelled", cast.ben.pk, at(17, 9)),
        ("cancelled", cast.dev.pk, at(17, 11)),
        ("scheduled", cast.ben.pk, at(20, 9)),
        ("scheduled", cast.cara.pk, at(17, 9)),
    ]
    assert not TimeOff.objects.exists()


def test_what_cannot_go_back_is_named_on_its_old_day_and_the_others_go(cast: Cast) -> None:
    """Only after a look: the moved one stays where it is now, the others are as they were."""
    moved, other = booked(cast.ben_ana, at(17, 13)), booked(cast.ben_ana, at(17, 15))
    covered = booked(cast.ben_ana, at(17, 9))
    done = away(
        cast,
        to(moved, at(19, 13)),
        to(other, at(19, 15)),
        Decision(covered.pk, "cover", tutor_id=cast.dev.pk),
    )
    taken = booked(cast.cara_ana, at(17, 13))
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "deed_id": done.deed}
    plan = preview_undo_of(**who)
    assert [(one.session.pk, one.reason, one.busy_with, one.at) for one in plan.left] == [
        (moved.pk, "student_busy", taken, at(17, 13))
    ]
    assert not plan.is_refused
    with pytest.raises(ConflictError, match="which would be on Tue 17 Nov 2026, 13:00") as refused:
        undo_deed(**who)
    assert refused.value.details["conflicts"][0]["date"] == "2026-11-17"
    assert TimeOff.objects.exists()
    undo_deed(**who, expect=fingerprint(plan.shown))
    assert now_of(moved, other, covered) == [
        ("scheduled", cast.ben.pk, at(19, 13)),
        ("scheduled", cast.ben.pk, at(17, 15)),
        ("scheduled", cast.ben.pk, at(17, 9)),
    ]
    assert not TimeOff.objects.exists()


def test_what_stays_is_in_the_way_of_what_wanted_its_hours(cast: Cast) -> None:
    """Cleo is taken in the old hours of hers, so it stays where Ana's was, and that stays too."""
    one, two = booked(cast.ben_ana, at(17, 9, 30)), booked(cast.ben_cleo, at(17, 11, 30))
    hours: dict[str, Any] = {"starts_at": at(17, 10), "ends_at": at(17, 12)}
    done = away(cast, to(one, at(17, 12)), to(two, at(17, 9)), **hours)
    dev_cleo = pair(
        requester=Requester(None, NOW), student_id=cast.cleo.pk, tutor_id=cast.dev.pk,
        subject="Art", started_on=TERM,
    )  # fmt: skip
    booked(dev_cleo, at(17, 11))
    before = now_of(one, two)
    plan = undone(cast, done.deed)
    assert [(one.session.pk, one.reason) for one in plan.left] == [
        (two.pk, "student_busy"),
        (one.pk, "tutor_busy"),
    ]
    assert now_of(one, two) == before
    assert not TimeOff.objects.exists()


def test_undoing_is_refused_once_somebody_has_taught(cast: Cast) -> None:
    """What was held stands against it; giving back by the tutor's return is another deed."""
    covered = booked(cast.ben_ana, at(17, 9))
    done = away(cast, Decision(covered.pk, "cover", tutor_id=cast.dev.pk))
    complete(requester=Requester(cast.owner, DECEMBER), session_id=covered.pk)
    with pytest.raises(ConflictError) as refused:
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert refused.value.reason == "already_taught"


def test_who_does_not_meet_any_more_stays_where_they_are(cast: Cast) -> None:
    """A student who is inactive since is no reason to keep the others away."""
    moved, other = booked(cast.ben_ana, at(17, 13)), booked(cast.ben_cleo, at(17, 15))
    done = away(cast, to(moved, at(19, 13)), to(other, at(19, 15)))
    Student.objects.filter(pk=cast.ana.pk).update(active=False)
    plan = undone(cast, done.deed)
    assert [(one.session.pk, one.reason) for one in plan.left] == [(moved.pk, "student_inactive")]
    assert now_of(moved, other) == [
        ("scheduled", cast.ben.pk, at(19, 13)),
        ("scheduled", cast.ben.pk, at(17, 15)),
    ]


def test_what_stood_in_a_pause_comes_back_in_it(cast: Cast) -> None:
    """Called off or moved: it was planned before, so a pause is no reason against it."""
    off, moved = booked(cast.ben_ana, at(17, 9)), booked(cast.ben_ana, at(17, 13))
    deed = away(cast, Decision(off.pk, "cancel"), to(moved, at(19, 13))).deed
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert now_of(off, moved) == [
        ("scheduled", cast.ben.pk, at(17, 9)),
        ("scheduled", cast.ben.pk, at(17, 13)),
    ]
    again = away(cast, Decision(off.pk, "cancel")).deed
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=again)
    assert now_of(off) == [("scheduled", cast.ben.pk, at(17, 9))]
    with pytest.raises(ConflictError, match="paused"):
        reinstate_elsewhere(cast, off)


def reinstate_elsewhere(cast: Cast, session: Session) -> None:
    """Move a lesson: that is a new plan."""
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=session.pk,
        starts_at=at(18, 9),
        ends_at=at(18, 10),
    )


def test_a_tutor_does_not_undo_what_others_cover(cast: Cast) -> None:
    """They do not even see an owner's deed; time off taken back leaves lessons as they are."""
    covered = booked(cast.ben_ana, at(17, 9))
    done = away(cast, Decision(covered.pk, "cover", tutor_id=cast.dev.pk))
    with pytest.raises(NotFoundError):
        undo_deed(requester=Requester(user(cast.ben), NOW), deed_id=done.deed)
    remove_time_off(
        requester=Requester(user(cast.ben), NOW), tutor_id=cast.ben.pk, time_off_id=done.time_off.pk
    )
    assert now_of(covered) == [("scheduled", cast.dev.pk, at(17, 9))]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert now_of(covered) == [("scheduled", cast.ben.pk, at(17, 9))]
