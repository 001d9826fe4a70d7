"""Planning sessions: when they clash, and in which relationships they may be planned."""

from datetime import date, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.lessons.actions import cancel, reschedule, schedule, schedule_group
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.people.actions import update_tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import pair, pause
from tandem.relationships.requests import decline, request
from tests.cast import HOUR, NOW, Cast, a_tutor, at, booked, user


@pytest.mark.parametrize(
    ("start", "end"), [((10, 0), (10, 30)), ((10, 30), (11, 0)), ((9, 0), (12, 0))]
)
def test_hours_that_overlap_clash(cast: Cast, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Within, at the end, or around: Ben is busy from ten to eleven."""
    there = booked(cast.ben_ana, at(3, 10))
    with pytest.raises(ConflictError) as refused:
        booked(cast.ben_cleo, at(3, *start), at(3, *end))
    assert (refused.value.reason, refused.value.details["sessions"]) == (
        "tutor_busy",
        [there.pk],
    )


def test_hours_that_touch_do_not_clash(cast: Cast) -> None:
    """A session may begin when another ends, on either side."""
    booked(cast.ben_ana, at(3, 10))
    assert booked(cast.ben_cleo, at(3, 11)).status == "scheduled"
    assert booked(cast.ben_cleo, at(3, 9)).status == "scheduled"


def test_a_cancelled_hour_is_free_again(cast: Cast) -> None:
    """Ana's hour is called off, so Cleo can have it."""
    session = booked(cast.ben_ana, at(3, 10))
    cancel(requester=Requester(user(cast.ben), NOW), session_id=session.pk)
    assert booked(cast.ben_cleo, at(3, 10)).starts_at == at(3, 10)


def test_a_student_is_in_one_place_too(cast: Cast) -> None:
    """Ana is with Ben, so Cara cannot have her in that hour."""
    booked(cast.ben_ana, at(3, 10))
    with pytest.raises(ConflictError) as refused:
        booked(cast.cara_ana, at(3, 10, 59))
    assert refused.value.reason == "student_busy"


def test_a_clash_is_seen_across_midnight(cast: Cast) -> None:
    """In Chicago 17:30 to 18:30 ends on the next day of UTC: 18:00 clashes all the same."""
    gail = a_tutor(cast.owner, "Gail", time_zone="America/Chicago")
    start = partial(
        pair, requester=Requester(None, NOW), tutor_id=gail.pk, started_on=date(2026, 11, 1)
    )
    first, second = start(student_id=cast.ana.pk), start(student_id=cast.cleo.pk)
    booked(first, at(1, 23, 30, month=3, year=2027))
    with pytest.raises(ConflictError, match="tutor already has"):
        booked(second, at(2, 0, month=3, year=2027))


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "field"),
    [
        (at(3, 10), at(3, 10), "ends_at"),
        (at(3, 10), at(3, 9), "ends_at"),
        (at(3, 10), at(4, 10) + timedelta(seconds=1), "ends_at"),
        (datetime(2026, 11, 3, 10), at(3, 11), "starts_at"),  # noqa: DTZ001 - naive on purpose
    ],
)
def test_impossible_hours_are_refused(
    cast: Cast, starts_at: datetime, ends_at: datetime, field: str
) -> None:
    """Hours end after they start, last at most a day, and say their offset."""
    with pytest.raises(InvalidError) as refused:
        booked(cast.ben_ana, starts_at, ends_at)
    assert [error.field for error in refused.value.errors] == [field]


@pytest.mark.parametrize("written_in", ["UTC", "Europe/Berlin", "America/New_York"])
def test_a_day_has_24_hours_on_every_clock(cast: Cast, written_in: str) -> None:
    """Clocks go forward in Berlin and back in New York: the database counts hours, not dates."""
    spring = at(27, 12, month=3, year=2027)
    autumn = at(6, 12, month=11, year=2027)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = %s", [written_in])
    for start in (spring, autumn):
        session = booked(cast.ben_ana, start, start + timedelta(hours=24))
        with pytest.raises(IntegrityError, match="session_at_most_a_day"), transaction.atomic():
            Session.objects.filter(pk=session.pk).update(ends_at=start + timedelta(hours=24.5))


def test_a_session_is_planned_from_the_first_day_up_to_not_on_the_end(cast: Cast) -> None:
    """The day of the end belongs to what was held on it before."""
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        on=date(2026, 11, 10),
    )
    assert booked(cast.ben_ana, at(9, 22)).status == "scheduled"
    for moment in (at(10, 9), at(11, 0), at(31, 22, month=8)):
        with pytest.raises(ConflictError) as refused:
            booked(cast.ben_ana, moment)
        assert refused.value.reason == "outside_relationship"


def test_the_day_is_the_tutors(cast: Cast) -> None:
    """One in the morning, London time, is still the day before in Los Angeles."""
    late = at(11, 1)
    update_tutor(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.cara.pk,
        changes={"time_zone": "America/Los_Angeles"},
    )
    for link in (cast.ben_ana, cast.cara_ana):
        end(requester=Requester(cast.owner, NOW), tutor_student_id=link.pk, on=date(2026, 11, 11))
    with pytest.raises(ConflictError, match="not on, Wed 11 Nov 2026"):
        booked(cast.ben_ana, late)
    assert booked(cast.cara_ana, late).starts_at == late


def test_nothing_is_planned_where_nobody_teaches(cast: Cast) -> None:
    """Not while paused, not while only asked for, not after a no."""
    paused = pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    asked = request(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.cleo.pk,
        started_on=NOW.date(),
    )
    for link in (paused, asked):
        with pytest.raises(ConflictError, match="cannot plan"):
            booked(link, at(3, 10))
    decline(requester=Requester(user(cast.dev), NOW), tutor_student_id=asked.pk)
    with pytest.raises(ConflictError, match="it is declined"):
        booked(asked, at(3, 10))


def test_a_group_is_one_hour_of_the_tutor(cast: Cast) -> None:
    """Ana and Cleo are taught together; a third session in that hour still clashes."""
    links = [cast.ben_ana.pk, cast.ben_cleo.pk]
    together = schedule_group(
        requester=Requester(user(cast.ben), NOW),
        tutor_student_ids=links,
        starts_at=at(3, 10),
        ends_at=at(3, 11),
    )
    assert len({session.group for session in together}) == 1
    assert {session.student for session in together} == {cast.ana, cast.cleo}
    with pytest.raises(ConflictError):
        booked(cast.ben_ana, at(3, 10, 30))
    with pytest.raises(InvalidError, match="exactly one tutor"):
        schedule_group(
            requester=Requester(cast.owner, NOW),
            tutor_student_ids=[cast.ben_cleo.pk, cast.cara_ana.pk],
            starts_at=at(4, 10),
            ends_at=at(4, 11),
        )


def test_a_group_is_planned_whole_or_not_at_all(cast: Cast) -> None:
    """Ana is busy, so Cleo is not booked either."""
    booked(cast.cara_ana, at(3, 10))
    with pytest.raises(ConflictError, match="student already has"):
        schedule_group(
            requester=Requester(cast.owner, NOW),
            tutor_student_ids=[cast.ben_cleo.pk, cast.ben_ana.pk],
            starts_at=at(3, 10),
            ends_at=at(3, 11),
        )
    assert Session.objects.count() == 1


def test_a_session_moves_to_free_hours_only(cast: Cast) -> None:
    """It may move over its own old hours, but not into another's."""
    session = booked(cast.ben_ana, at(3, 10))
    booked(cast.ben_cleo, at(3, 12))
    move = partial(reschedule, requester=Requester(user(cast.ben), NOW), session_id=session.pk)
    assert move(starts_at=at(3, 10, 30), ends_at=at(3, 11, 30)).starts_at == at(3, 10, 30)
    with pytest.raises(ConflictError, match="tutor already has"):
        move(starts_at=at(3, 11, 30), ends_at=at(3, 12, 30))


def test_where_it_is_already_it_does_not_move(cast: Cast) -> None:
    """Who moves it to the hours that it has is told so; with a fault of old it is put right."""
    session = booked(cast.ben_ana, at(3, 10))
    move = partial(reschedule, requester=Requester(user(cast.ben), NOW), session_id=session.pk)
    with pytest.raises(ConflictError, match="nothing was changed") as refused:
        move(starts_at=at(3, 10), ends_at=at(3, 11))
    assert refused.value.reason == "unchanged"
    Session.objects.filter(pk=session.pk).update(legacy_fault="overlap")
    assert move(starts_at=at(3, 10), ends_at=at(3, 11)).legacy_fault == ""


def test_a_tutor_plans_only_their_own(cast: Cast) -> None:
    """Ben may see that Cara teaches Ana, yet not plan for her; Dev finds no such relationship."""
    plan = partial(
        schedule,
        tutor_student_id=cast.cara_ana.pk,
        starts_at=at(3, 10),
        ends_at=at(3, 10) + HOUR,
    )
    with pytest.raises(ForbiddenError):
        plan(requester=Requester(user(cast.ben), NOW))
    with pytest.raises(NotFoundError):
        plan(requester=Requester(user(cast.dev), NOW))
    assert plan(requester=Requester(user(cast.cara), NOW)).tutor == cast.cara
