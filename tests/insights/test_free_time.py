"""When people could meet: the tutor's week without what stands against it."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.insights.free_time import FreeTime, free_time, merged, without
from tandem.insights.matching import Hours
from tandem.kit.errors import ForbiddenError, InvalidError, NotFoundError
from tandem.kit.weekly import Weekly
from tandem.lessons.actions import cancel
from tandem.lessons.availability import set_availability
from tandem.lessons.closures import add_closure
from tandem.lessons.time_off import add_time_off
from tandem.people.models import Tutor
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked, user

MINUTES = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 90)), max_size=8)
NOON = at(2, 12)


def hours(spans: list[tuple[int, int]]) -> list[Hours]:
    """Return spans of minutes (start, length) as hours."""
    starts = [NOON + timedelta(minutes=start) for start, _ in spans]
    return [
        Hours(one, one + timedelta(minutes=span[1]))
        for one, span in zip(starts, spans, strict=True)
    ]


def minutes_of(spans: list[Hours]) -> list[int]:
    """Return each minute that lies in any of them."""
    return [
        minute
        for minute in range(400)
        if any(one.starts_at <= NOON + timedelta(minutes=minute) < one.ends_at for one in spans)
    ]


@given(MINUTES, MINUTES)
def test_what_is_left_is_every_minute_that_is_free_and_not_taken(
    free: list[tuple[int, int]], taken: list[tuple[int, int]]
) -> None:
    """Minute by minute; and no two of them touch."""
    left = [*without(merged(hours(free)), merged(hours(taken)))]
    expected = {*minutes_of(hours(free))} - {*minutes_of(hours(taken))}
    assert minutes_of(left) == sorted(expected)
    assert left == merged(left)
    assert all(one.starts_at < one.ends_at for one in left)


def week(cast: Cast, *spans: tuple[int, int, int]) -> None:
    """Let Ben be free on weekdays between full hours."""
    said = [Weekly(day, time(starts), time(ends)) for day, starts, ends in spans]
    set_availability(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, spans=said)


def free(cast: Cast, *, days: int = 7, minutes: int = 60, **more: Any) -> FreeTime:
    """Return when Ben and Ana could meet from Monday the ninth on, as an owner asks."""
    begin = more.pop("begin", at(9, 0))
    asked = {"tutor_id": cast.ben.pk, "student_id": cast.ana.pk, **more}
    within = Hours(begin, begin + timedelta(days=days))
    return free_time(viewer_of(cast.owner), within=within, minutes=minutes, **asked)


def spans(found: FreeTime) -> list[tuple[int, int, int]]:
    """Return hours as day, from and until, in UTC."""
    return [(one.starts_at.day, one.starts_at.hour, one.ends_at.hour) for one in found.hours]


def test_the_week_without_either_ones_sessions(cast: Cast) -> None:
    """Ana's with somebody else counts, Ben's with somebody else too; a cancelled one does not."""
    week(cast, (0, 9, 12), (2, 14, 18))
    booked(cast.cara_ana, at(9, 10))
    booked(cast.ben_cleo, at(11, 15))
    called_off = booked(cast.ben_ana, at(11, 17))
    cancel(requester=Requester(cast.owner, NOW), session_id=called_off.pk)
    found = free(cast)
    assert (spans(found), found.is_stated) == (
        [(9, 9, 10), (9, 11, 12), (11, 14, 15), (11, 16, 18)],
        True,
    )
    assert spans(free(cast, minutes=120)) == [(11, 16, 18)]
    assert spans(free(cast, student_id=None)) == [(9, 9, 12), (11, 14, 15), (11, 16, 18)]


def test_time_off_and_closed_days_are_not_free(cast: Cast) -> None:
    """Nor what touches them only in part."""
    week(cast, (0, 9, 12), (1, 9, 12), (2, 9, 12))
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(9, 11),
        ends_at=at(10, 10),
    )
    add_closure(
        requester=Requester(cast.owner, NOW),
        name="Retreat",
        starts_on=date(2026, 11, 11),
        ends_on=date(2026, 11, 12),
        default="keep",
    )
    assert spans(free(cast)) == [(9, 9, 11), (10, 10, 12)]


def test_a_week_that_is_not_stated_is_all_of_it(cast: Cast) -> None:
    """And it says so."""
    booked(cast.ben_ana, at(9, 10))
    found = free(cast, days=1)
    assert (spans(found), found.is_stated) == ([(9, 0, 10), (9, 11, 0)], False)


def test_hours_are_on_the_clock_where_the_tutor_is(cast: Cast) -> None:
    """Nine in New York is another hour in London, a week apart around the clock change."""
    Tutor.objects.filter(pk=cast.ben.pk).update(time_zone="America/New_York")
    week(cast, (0, 9, 12))
    found = free(cast, begin=at(8, 0, month=3, year=2027), days=14)
    assert spans(found) == [(8, 14, 17), (15, 13, 16)]


@pytest.mark.parametrize(
    ("days", "sentence"), [(0, "The end has to come after"), (63, "62 days at most")]
)
def test_hours_that_are_none_are_refused(cast: Cast, days: int, sentence: str) -> None:
    """In words."""
    with pytest.raises(InvalidError, match=sentence):
        free(cast, days=days)


def test_the_tutor_asks_and_nobody_elses(cast: Cast) -> None:
    """Not for a colleague's time, and not beside a student who is not theirs."""
    week(cast, (0, 9, 12))
    viewer, within = viewer_of(user(cast.ben)), Hours(at(9, 0), at(10, 0))
    own = free_time(viewer, tutor_id=cast.ben.pk, student_id=cast.ana.pk, within=within, minutes=60)
    assert spans(own) == [(9, 9, 12)]
    with pytest.raises(ForbiddenError):
        free_time(viewer, tutor_id=cast.cara.pk, student_id=None, within=within, minutes=60)
    with pytest.raises(NotFoundError):
        free_time(
            viewer_of(user(cast.dev)),
            tutor_id=cast.dev.pk,
            student_id=cast.ana.pk,
            within=within,
            minutes=60,
        )


def test_time_between_lessons_is_left(cast: Cast) -> None:
    """Before and after each one's sessions, also of one just outside; not about time off."""
    week(cast, (0, 9, 15))
    booked(cast.ben_cleo, at(9, 12))
    booked(cast.cara_ana, at(9, 8))
    found = free(cast, buffer=30, minutes=30)
    assert [(f"{one.starts_at:%H:%M}", f"{one.ends_at:%H:%M}") for one in found.hours] == [
        ("09:30", "11:30"),
        ("13:30", "15:00"),
    ]
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(9, 14),
        ends_at=at(9, 16),
    )
    assert [one.ends_at for one in free(cast, buffer=30, minutes=30).hours][-1] == at(9, 14)
    outside = free(cast, begin=at(9, 9, 0), buffer=30)
    assert outside.hours[0].starts_at == at(9, 9, 30)
    assert free(cast).hours[0].starts_at == at(9, 9)
