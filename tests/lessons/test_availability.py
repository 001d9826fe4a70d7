"""A tutor's week and absences: written whole, by an owner or the tutor."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from tandem.kit.errors import ForbiddenError, InvalidError, NotFoundError
from tandem.kit.weekly import Weekly
from tandem.lessons.availability import set_availability
from tandem.lessons.models import Availability, TimeOff
from tandem.lessons.time_off import add_time_off, remove_time_off
from tandem.lessons.time_rules import check_time_off, check_week
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tests.cast import NOW, Cast, at, user

MONDAY = Weekly(0, time(15), time(18))


@pytest.mark.parametrize(
    ("spans", "wrong"),
    [
        ([MONDAY, Weekly(0, time(18), time(19)), Weekly(1, time(16), time(17))], []),
        ([MONDAY, Weekly(0, time(17), time(19))], ["spans.1"]),
        ([MONDAY, Weekly(1, time(17), time(16)), MONDAY], ["spans.1", "spans.2"]),
        ([Weekly(7, time(15), time(16))], ["spans.0"]),
        ([Weekly(0, time(15), time(15))], ["spans.0"]),
    ],
)
def test_spans_are_in_order_and_apart(spans: list[Weekly], wrong: list[str]) -> None:
    """Spans that touch are apart; each wrong one is named."""
    assert faults_of(spans) == wrong


def faults_of(spans: list[Weekly]) -> list[str]:
    """Return the fields that are refused."""
    try:
        check_week(spans)
    except InvalidError as refusal:
        return [one.field for one in refusal.errors]
    return []


def test_time_off_has_a_zone_and_an_end_after_the_start() -> None:
    """Moments without an offset, and a span of nothing, are refused."""
    check_time_off(at(3, 9), at(3, 10))
    for starts_at, ends_at in ((at(3, 9), at(3, 9)), (datetime(2026, 11, 3), at(4, 9))):  # noqa: DTZ001 - what is refused
        with pytest.raises(InvalidError):
            check_time_off(starts_at, ends_at)


def test_time_off_lasts_a_year_at_most() -> None:
    """366 days, whatever the clocks do meanwhile; a slip of the year is told in words."""
    starts_at = at(3, 0)
    for most in (timedelta(days=366), timedelta(days=366, hours=1)):
        check_time_off(starts_at, starts_at + most)
    for more in (timedelta(days=366, hours=1, seconds=1), timedelta(days=15 * 365)):
        with pytest.raises(InvalidError, match="at most 366 days") as refusal:
            check_time_off(starts_at, starts_at + more)
        assert [one.field for one in refusal.value.errors] == ["to"]


def test_a_week_is_replaced_whole(cast: Cast) -> None:
    """What is not in the new week is gone; a wrong week leaves the old one."""
    write: dict[str, Any] = {"requester": Requester(user(cast.ben), NOW), "tutor_id": cast.ben.pk}
    set_availability(**write, spans=[MONDAY])
    set_availability(**write, spans=[Weekly(2, time(9), time(10))])
    with pytest.raises(InvalidError):
        set_availability(**write, spans=[MONDAY, MONDAY])
    assert list(Availability.objects.values_list("weekday", flat=True)) == [2]


def test_time_off_comes_and_goes(cast: Cast) -> None:
    """By the tutor, and taken back by an owner; of another tutor's there is none."""
    off = add_time_off(
        requester=Requester(user(cast.ben), NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(16, 0),
        ends_at=at(20, 0),
        reason=" Flu ",
    ).time_off
    assert off.reason == "Flu"
    with pytest.raises(NotFoundError):
        remove_time_off(
            requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, time_off_id=off.pk
        )
    remove_time_off(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, time_off_id=off.pk)
    assert not TimeOff.objects.exists()


def test_nobody_writes_another_tutors_time(cast: Cast) -> None:
    """A colleague with a common student is refused; to a stranger the tutor is not there."""
    pair(requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, student_id=cast.cleo.pk)
    with pytest.raises(ForbiddenError):
        set_availability(requester=Requester(user(cast.cara), NOW), tutor_id=cast.ben.pk, spans=[])
    with pytest.raises(NotFoundError):
        add_time_off(
            requester=Requester(user(cast.dev), NOW),
            tutor_id=cast.ben.pk,
            starts_at=at(16, 0),
            ends_at=at(20, 0),
        )
