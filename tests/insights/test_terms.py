"""Which days are this term."""

from datetime import date

import pytest

from tandem.insights.terms import term_around

SUMMER = (date(2026, 7, 18), date(2026, 9, 1))
HALF = (date(2026, 10, 26), date(2026, 10, 30))
CHRISTMAS = (date(2026, 12, 19), date(2027, 1, 4))
AUTUMN = (date(2026, 9, 1), date(2026, 12, 18))


@pytest.mark.parametrize(
    ("day", "closures", "term"),
    [
        (date(2026, 11, 2), [CHRISTMAS, HALF, SUMMER], AUTUMN),
        (date(2026, 9, 1), [SUMMER, CHRISTMAS], AUTUMN),
        (date(2026, 12, 18), [SUMMER, CHRISTMAS], AUTUMN),
        (date(2026, 8, 3), [SUMMER, CHRISTMAS], AUTUMN),
        (date(2026, 12, 24), [SUMMER, CHRISTMAS], None),
        (date(2026, 11, 2), [SUMMER], None),
        (date(2026, 11, 2), [CHRISTMAS], None),
        (date(2026, 11, 2), [(date(2026, 1, 1), date(2026, 1, 9)), CHRISTMAS], None),
        (date(2026, 11, 2), [], None),
    ],
)
def test_a_term_lies_between_two_long_closures(
    day: date, closures: list[tuple[date, date]], term: tuple[date, date] | None
) -> None:
    """During one of them it is the term that follows; where either is missing, none is known."""
    assert term_around(day, closures) == term
