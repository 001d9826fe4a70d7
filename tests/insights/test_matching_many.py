"""Many students are matched at once, so that all together fare best."""

from collections.abc import Sequence
from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.insights.matching import Hours
from tandem.insights.matching_many import Looking, match_many
from tandem.kit.errors import ForbiddenError, InvalidError
from tandem.lessons.actions import complete
from tandem.lessons.models import Availability, TimeOff
from tandem.people.actions import set_subjects, update_tutor
from tandem.people.models import Student, Tutor
from tandem.people.queries import Viewer, viewer_of
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.actions import enrol
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked, user

OWNER = Viewer(is_owner=True)


def teach(cast: Cast, tutor: Tutor, *subjects: Taught) -> None:
    """Let a tutor teach subjects."""
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=tutor.pk, subjects=subjects)


def with_room_for(cast: Cast, tutor: Tutor, capacity: int) -> None:
    """Say how many students a tutor takes."""
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=tutor.pk, changes={"capacity": capacity}
    )


def waiting(cast: Cast, *names: str) -> list[Student]:
    """Add students who have no tutor yet."""
    return [enrol(requester=Requester(cast.owner, NOW), full_name=name) for name in names]


def plan(looking: Sequence[Looking]) -> dict[str, str]:
    """Return each student's tutor by name, or why there is none."""
    placed = match_many(OWNER, looking)
    return {one.student.full_name: one.match.facts.name if one.match else one.why for one in placed}


def test_one_steps_aside_so_that_both_get_somebody(cast: Cast) -> None:
    """Dev alone knows chemistry and has one place: who could have maths with Cara goes there."""
    teach(cast, cast.dev, Taught("Chemistry", "expert"), Taught("Maths", "expert"))
    teach(cast, cast.cara, Taught("Maths", ""))
    with_room_for(cast, cast.dev, 1)
    maths, chemistry = waiting(cast, "Max", "Kim")
    looking = [Looking(maths.pk, "Maths", "expert"), Looking(chemistry.pk, "chemistry")]
    assert plan(looking) == {"Max": "Cara", "Kim": "Dev"}


def test_who_waited_longest_comes_first_where_not_all_can(cast: Cast) -> None:
    teach(cast, cast.dev, Taught("Chemistry", ""))
    with_room_for(cast, cast.dev, 1)
    new, old = waiting(cast, "Newcomer", "Waiting since June")
    looking = [Looking(new.pk, "Chemistry"), Looking(old.pk, "Chemistry", since=date(2026, 6, 1))]
    assert plan(looking) == {
        "Newcomer": "Everybody who fits is given to somebody who has waited longer or fits better.",
        "Waiting since June": "Dev",
    }


def test_a_tutor_is_in_one_place_at_a_time(cast: Cast) -> None:
    """Both want Tuesday at four; one of them could also come on Wednesday."""
    teach(cast, cast.dev, Taught("Chemistry", ""))
    tuesday, wednesday = (Hours(at(day, 16), at(day, 16) + HOUR) for day in (3, 4))
    one, other = waiting(cast, "One", "Other")
    looking = [
        Looking(one.pk, "Chemistry", hours=(tuesday, wednesday)),
        Looking(other.pk, "Chemistry", hours=(tuesday,)),
    ]
    placed = match_many(OWNER, looking)
    assert [one.hours for one in placed] == [wednesday, tuesday]


def test_hours_in_which_a_tutor_is_kept_are_none(cast: Cast) -> None:
    """Ben has a session, Cara is away, and Dev said that he is free on Mondays only."""
    for tutor in (cast.ben, cast.cara, cast.dev):
        teach(cast, tutor, Taught("Chemistry", ""))
    booked(cast.ben_cleo, at(3, 16))
    TimeOff.objects.create(tutor=cast.cara, starts_at=at(2, 0), ends_at=at(4, 0))
    Availability.objects.create(tutor=cast.dev, weekday=0, starts=time(15), ends=time(18))
    (student,) = waiting(cast, "Kim")
    tuesday = Hours(at(3, 16), at(3, 16) + HOUR)
    looking = Looking(student.pk, "Chemistry", hours=(tuesday,))
    assert plan([looking]) == {
        "Kim": "Nobody who teaches Chemistry and has room is free in any of these hours."
    }


def test_past_work_and_the_next_best_are_told(cast: Cast) -> None:
    for tutor in (cast.ben, cast.cara, cast.dev):
        teach(cast, tutor, Taught("Chemistry", "expert"))
    complete(requester=Requester(None, DECEMBER), session_id=booked(cast.cara_ana, at(2, 8)).pk)
    (placed,) = match_many(OWNER, [Looking(cast.ana.pk, "Chemistry")])
    assert placed.match is not None
    assert placed.match.facts.name == "Cara"
    assert "Has held 1 session with this student." in placed.match.reasons
    assert [one.facts.name for one in placed.others] == ["Ben", "Dev"]


def test_the_work_is_spread(cast: Cast) -> None:
    for tutor in (cast.cara, cast.dev):
        teach(cast, tutor, Taught("Chemistry", ""))
    students = waiting(cast, "A", "B", "C")
    found = plan([Looking(one.pk, "Chemistry") for one in students])
    # Cara teaches one already, Dev nobody.
    assert sorted(found.values()) == ["Cara", "Dev", "Dev"]


@pytest.mark.parametrize(
    ("subject", "level", "why"),
    [
        ("Latin", "", "Nobody here teaches Latin."),
        ("Maths", "", "Nobody who teaches Maths has room for another student."),
        ("Chemistry", "expert", "Nobody here teaches Chemistry up to expert."),
    ],
)
def test_why_there_is_nobody(cast: Cast, subject: str, level: str, why: str) -> None:
    teach(cast, cast.ben, Taught("Maths", ""), Taught("Chemistry", "beginner"))
    teach(cast, cast.cara, Taught("Latin", ""))
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, changes={"active": False}
    )
    with_room_for(cast, cast.ben, 2)
    if subject != "Maths":
        with_room_for(cast, cast.ben, 9)
    (student,) = waiting(cast, "Kim")
    assert plan([Looking(student.pk, subject, level)]) == {"Kim": why}


def test_a_wish_that_means_nothing_is_refused(cast: Cast) -> None:
    over = Hours(at(3, 17), at(3, 16))
    for looking in (
        [Looking("nobody")],
        [Looking(cast.ana.pk), Looking(cast.ana.pk)],
        [Looking(cast.ana.pk, "Alchemy")],
        [Looking(cast.ana.pk, level="expert")],
        [Looking(cast.ana.pk, hours=(over,))],
    ):
        with pytest.raises(InvalidError):
            match_many(OWNER, looking)
    with pytest.raises(ForbiddenError):
        match_many(viewer_of(user(cast.ben)), [Looking(cast.ana.pk)])
    assert match_many(OWNER, []) == []


def test_as_many_queries_for_one_as_for_many(cast: Cast) -> None:
    teach(cast, cast.dev, Taught("Chemistry", ""))
    hours = (Hours(at(3, 16), at(3, 17)),)

    def queries(students: Sequence[Student]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            match_many(OWNER, [Looking(one.pk, "Chemistry", hours=hours) for one in students])
        return len(seen)

    students = waiting(cast, "A", "B", "C", "D")
    assert queries(students[:1]) == queries(students) <= 10
