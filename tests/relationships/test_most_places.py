"""How many students a tutor has at once at most, from a day on: as the rules count each day."""

from datetime import date, timedelta

import pytest

from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import most_places
from tests.cast import Cast

FIRST = date(2026, 11, 20)
ROWS = (
    ((0, 5), (5, None), (7, None)),
    ((0, 5), (4, None)),
    ((-9, 3), (3, 3), (3, 9), (9, None)),
    ((-9, -3), (-2, 1)),
    ((2, 2),),
)


@pytest.mark.parametrize("days", ROWS)
@pytest.mark.parametrize("kind", ["regular", "cover"])
@pytest.mark.parametrize("status", ["active", "paused", "pending"])
def test_one_who_leaves_makes_room_for_one_who_comes(
    cast: Cast, days: tuple[tuple[int, int | None], ...], kind: str, status: str
) -> None:
    """The most of any day, and not all who come and go; a cover takes no place."""
    for number, (begins, ends) in enumerate(days):
        TutorStudent.objects.create(
            pk=f"r{number}",
            tutor=cast.dev,
            student=(cast.ana, cast.cleo)[number % 2],
            started_on=FIRST + timedelta(days=begins),
            ended_on=None if ends is None else FIRST + timedelta(days=ends),
            status=status if ends is None or status != "pending" else "active",
            kind=kind if ends is not None else "regular",
        )
    states = [state_of(row) for row in TutorStudent.objects.filter(tutor=cast.dev)]
    for since in (FIRST, FIRST - timedelta(days=5), FIRST + timedelta(days=6)):
        each = [since + timedelta(days=more) for more in range(20)]
        most = max(sum(one.takes_place_on(day) for one in states) for day in each)
        assert most_places(since).get(cast.dev.pk, 0) == most
        assert most_places(since, [cast.dev.pk]).get(cast.dev.pk, 0) == most
    assert cast.dev.pk not in most_places(FIRST, [cast.ben.pk])
