"""A tutor leaves: the best plan for all of their students, carried out and undone at one go."""

from datetime import date
from typing import Any

import pytest

from tandem.insights.leaving import successors
from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import schedule_group
from tandem.lessons.cover import Choice, cover_all
from tandem.lessons.end_relationship import end
from tandem.lessons.hand_overs import Taker, hand_over, preview_hand_over
from tandem.lessons.models import Availability, Deed, Session, TimeOff
from tandem.lessons.undoing import undo_deed
from tandem.people.actions import set_subjects, update_tutor
from tandem.people.models import Tutor
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, TERM, Cast, at, booked, user

MONDAY = date(2026, 11, 16)


def teaches(cast: Cast, tutor: Tutor, *subjects: str) -> None:
    """Say what a tutor teaches."""
    set_subjects(
        requester=Requester(cast.owner, NOW),
        tutor_id=tutor.pk,
        subjects=[Taught(name, "advanced") for name in subjects],
    )


def found(cast: Cast, **other: Any) -> dict[str, str]:
    """Return who is found for each student of Ben, or why nobody is."""
    plan = successors(viewer_of(cast.owner, now=NOW), cast.ben, **{"on": MONDAY, **other})
    return {
        f"{one.row.student.full_name}, {one.row.subject}": one.placed.match.facts.name
        if one.placed and one.placed.match
        else one.why
        for one in plan
    }


def order(cast: Cast, *takers: Taker, **other: Any) -> dict[str, Any]:
    given = {"requester": Requester(cast.owner, NOW), "from_tutor_id": cast.ben.pk, "on": MONDAY}
    return {**given, "takers": takers, **other}


def holders(*sessions: Session) -> list[str]:
    return [Session.objects.get(pk=one.pk).tutor.full_name for one in sessions]


def test_the_best_plan_is_for_all_at_once(cast: Cast) -> None:
    """Cara could take either, Dev maths alone: so Ana goes to Cara and Cleo to Dev."""
    teaches(cast, cast.cara, "Physics", "Maths")
    teaches(cast, cast.dev, "Maths")
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, changes={"capacity": 2}
    )  # one place: she teaches Ana maths already
    assert found(cast) == {"Ana Ruiz, Physics": "Cara", "Cleo Hart, Maths": "Dev"}


def test_hours_count_where_lessons_move(cast: Cast) -> None:
    """Cara has a lesson when Ana's is; and where lessons are cancelled that is no matter."""
    teaches(cast, cast.cara, "Physics")
    booked(cast.ben_ana, at(17, 16))
    booked(cast.cara_ana, at(9, 16))
    other = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.cara.pk,
        student_id=cast.cleo.pk,
        subject="Art",
        started_on=TERM,
    )
    booked(other, at(17, 16))
    assert "is free at the hours of all sessions" in found(cast)["Ana Ruiz, Physics"]
    assert found(cast, moves_sessions=False)["Ana Ruiz, Physics"] == "Cara"


@pytest.mark.parametrize("in_the_way", ["a lesson", "time off"])
def test_every_lesson_that_moves_counts(cast: Cast, in_the_way: str) -> None:
    """The next one is free; the one after is not, and would refuse all."""
    teaches(cast, cast.cara, "Physics")
    for day in (17, 24):
        booked(cast.ben_ana, at(day, 16))
    assert found(cast)["Ana Ruiz, Physics"] == "Cara"
    if in_the_way == "a lesson":
        art = pair(
            requester=Requester(cast.owner, NOW),
            tutor_id=cast.cara.pk,
            student_id=cast.cleo.pk,
            subject="Art",
            started_on=TERM,
        )
        booked(art, at(24, 16, 30))
    else:
        TimeOff.objects.create(tutor=cast.cara, starts_at=at(24, 9), ends_at=at(24, 18))
    assert "is free at the hours of all sessions" in found(cast)["Ana Ruiz, Physics"]


def test_stated_hours_hold_most_of_the_lessons(cast: Cast) -> None:
    """One that lies outside warns, as everywhere; who has more than half outside is not asked, and
    who has fewer outside is better.
    """
    teaches(cast, cast.dev, "Physics")
    Availability.objects.create(tutor=cast.dev, weekday=1, starts="15:00", ends="18:00")
    for day in (17, 24, 18):
        booked(cast.ben_ana, at(day, 16))
    assert found(cast)["Ana Ruiz, Physics"] == "Dev"
    teaches(cast, cast.cara, "Physics")
    for weekday in (1, 2):
        Availability.objects.create(tutor=cast.cara, weekday=weekday, starts="15:00", ends="18:00")
    assert found(cast)["Ana Ruiz, Physics"] == "Cara"
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, subjects=[])
    for day in (19, 20):
        booked(cast.ben_ana, at(day, 16))
    assert "is free at the hours of all sessions" in found(cast)["Ana Ruiz, Physics"]


def test_who_is_taught_together_may_go_to_one_tutor(cast: Cast) -> None:
    """The lessons of one tutor never stand in each other's way, a group's neither."""
    teaches(cast, cast.dev, "Physics", "Maths")
    schedule_group(
        requester=Requester(cast.owner, NOW),
        tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
        starts_at=at(17, 16),
        ends_at=at(17, 17),
    )
    assert {*found(cast).values()} == {"Dev"}


def test_who_leaves_is_no_successor_of_themselves(cast: Cast) -> None:
    """Nor in a relationship that only begins; a student with two subjects stands there twice."""
    teaches(cast, cast.ben, "Physics", "Maths", "Art")
    teaches(cast, cast.dev, "Art")
    pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.ana.pk,
        subject="Art",
        started_on=date(2027, 1, 11),
    )
    assert found(cast) == {
        "Ana Ruiz, Art": "Dev",
        "Ana Ruiz, Physics": "Nobody here teaches Physics.",
        "Cleo Hart, Maths": "Nobody here teaches Maths.",
    }
    with pytest.raises(ForbiddenError):
        successors(viewer_of(user(cast.ben), now=NOW), cast.ben, on=MONDAY)


def test_it_is_carried_out_and_undone_at_one_go(cast: Cast) -> None:
    """Ana to Cara, Cleo to Dev, with their lessons; who is not named stays."""
    early, late = booked(cast.ben_ana, at(10, 16)), booked(cast.ben_ana, at(17, 16))
    cleos = booked(cast.ben_cleo, at(18, 16))
    wanted = order(cast, Taker(cast.ben_ana.pk, cast.cara.pk), Taker(cast.ben_cleo.pk, cast.dev.pk))
    seen = preview_hand_over(**wanted)
    assert [one.new.tutor.full_name for one in seen] == ["Cara", "Dev"]
    assert holders(early, late, cleos) == ["Ben"] * 3
    shown = {key: one for plan in seen for key, one in plan.shown.items()}
    done = hand_over(**wanted, expect=fingerprint(shown))
    assert holders(early, late, cleos) == ["Ben", "Cara", "Dev"]
    assert {one.deed for one in done} == {Deed.objects.get(kind="hand_over").pk}
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done[0].deed)
    assert holders(early, late, cleos) == ["Ben"] * 3
    assert TutorStudent.objects.get(pk=cast.ben_cleo.pk).ended_on is None


def test_all_or_nothing(cast: Cast) -> None:
    """Dev has another lesson when Cleo's is: then Ana stays as well."""
    ana, cleo = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_cleo, at(18, 16))
    other = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Art",
        started_on=TERM,
    )
    booked(other, at(18, 16))
    wanted = order(cast, Taker(cast.ben_ana.pk, cast.cara.pk), Taker(cast.ben_cleo.pk, cast.dev.pk))
    clashes = [clash.reason for one in preview_hand_over(**wanted) for clash in one.clashes]
    assert clashes == ["tutor_busy"]
    with pytest.raises(ConflictError) as refused:
        hand_over(**wanted)
    assert refused.value.reason == "clashes"
    assert holders(ana, cleo) == ["Ben", "Ben"]


def test_a_cover_in_the_way_is_said_with_who_covers_and_when(cast: Cast) -> None:
    """Beforehand as in the deed; after its days, or once it is undone, nothing is in the way."""
    lesson = booked(cast.ben_ana, at(12, 16))
    choices = [Choice(lesson.pk, cast.dev.pk)]
    deed = cover_all(requester=Requester(cast.owner, NOW), choices=choices)[0].deed
    taker = Taker(cast.ben_ana.pk, cast.dev.pk)
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "from_tutor_id": cast.ben.pk}
    wanted: dict[str, Any] = {**who, "takers": [taker], "on": date(2026, 11, 10)}
    for look_or_deed in (preview_hand_over, hand_over):
        with pytest.raises(ConflictError) as refused:
            look_or_deed(**wanted)
        assert refused.value.reason == "already_paired"
        assert str(refused.value) == (
            "Dev covers lessons of Ana Ruiz in this subject on Thu 12 Nov 2026. Undo that cover "
            "first, or choose a later day."
        )
    later = preview_hand_over(**{**wanted, "on": date(2026, 11, 13)})
    assert [one.new.tutor for one in later] == [cast.dev]
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
    assert [one.new.tutor for one in hand_over(**wanted)] == [cast.dev]


def test_the_plan_gives_nobody_who_would_be_refused(cast: Cast) -> None:
    """Who covers from that day on, or is to teach the student: another is found, or it says why."""
    teaches(cast, cast.dev, "Physics")
    lesson = booked(cast.ben_ana, at(17, 16))
    cover_all(requester=Requester(cast.owner, NOW), choices=[Choice(lesson.pk, cast.dev.pk)])
    assert found(cast, on=date(2026, 11, 18))["Ana Ruiz, Physics"] == "Dev"
    assert found(cast)["Ana Ruiz, Physics"].endswith(
        "Dev covers lessons of Ana Ruiz in this subject on Tue 17 Nov 2026. Undo that cover "
        "first, or choose a later day."
    )
    teaches(cast, cast.cara, "Physics")
    assert found(cast)["Ana Ruiz, Physics"] == "Cara"
    pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.cara.pk,
        student_id=cast.ana.pk,
        subject="Physics",
        started_on=date(2026, 12, 1),
    )
    assert found(cast)["Ana Ruiz, Physics"].startswith("Nobody")


def test_who_teaches_the_student_already_is_named_with_the_days(cast: Cast) -> None:
    """From a day on, or up to one; another subject is in nobody's way."""
    theirs = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Physics",
        started_on=date(2026, 12, 1),
    )
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "from_tutor_id": cast.ben.pk}
    wanted: dict[str, Any] = {**who, "on": date(2026, 11, 10)}
    said = "Dev and Ana Ruiz already have a relationship in this subject from Tue 1 Dec 2026 "
    for end_on, days in ((None, "on."), (date(2026, 12, 11), "to Thu 10 Dec 2026.")):
        if end_on:
            end(requester=Requester(cast.owner, NOW), tutor_student_id=theirs.pk, on=end_on)
        with pytest.raises(ConflictError) as refused:
            hand_over(**wanted, takers=[Taker(cast.ben_ana.pk, cast.dev.pk)])
        assert str(refused.value) == said + days
    hand_over(**wanted, takers=[Taker(cast.ben_cleo.pk, cast.dev.pk)])


def test_of_several_who_has_no_room_is_named(cast: Cast) -> None:
    """Nobody else could be meant; where there is one, their name is known."""
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, changes={"capacity": 0}
    )
    takers = [Taker(cast.ben_ana.pk, cast.cara.pk), Taker(cast.ben_cleo.pk, cast.dev.pk)]
    with pytest.raises(ConflictError, match=r"^Dev: This tutor has room for 0") as refused:
        hand_over(**order(cast, *takers))
    assert refused.value.details["tutorId"] == cast.dev.pk


def test_what_is_refused(cast: Cast) -> None:
    """No room, no choice, one twice, another's relationship, not an owner, to themselves."""
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, changes={"capacity": 1}
    )
    both = [Taker(row.pk, cast.dev.pk) for row in (cast.ben_ana, cast.ben_cleo)]
    with pytest.raises(ConflictError) as refused:
        hand_over(**order(cast, *both))
    assert refused.value.reason == "capacity"
    for takers in ((), (both[0], both[0])):
        with pytest.raises(InvalidError):
            hand_over(**order(cast, *takers))
    with pytest.raises(NotFoundError):
        hand_over(**order(cast, Taker(cast.cara_ana.pk, cast.dev.pk)))
    with pytest.raises(ForbiddenError):
        hand_over(**order(cast, both[0], requester=Requester(user(cast.ben), NOW)))
    with pytest.raises(InvalidError):
        hand_over(**order(cast, Taker(cast.ben_ana.pk, cast.ben.pk)))
    assert not Deed.objects.exists()
