"""What the policy makes of a cancellation. No database."""

from datetime import timedelta

import pytest

from tandem.kit.errors import InvalidError
from tandem.lessons.cancelling_rules import (
    Cancelling,
    Terms,
    as_told,
    check_cancelling,
    check_terms,
    outcome,
)

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
DAY_BEFORE = Terms(24, "charged")


@pytest.mark.parametrize(
    ("by", "notice", "becomes"),
    [
        ("family", 24 * HOUR, "free"),
        ("family", 24 * HOUR - SECOND, "charged"),
        ("family", -HOUR, "charged"),
        ("tutor", HOUR, "free"),
        ("business", timedelta(), "free"),
    ],
)
def test_only_a_familys_late_cancellation_is_charged(
    by: str, notice: timedelta, becomes: str
) -> None:
    """To the second; what the tutor or the business calls off never is."""
    assert outcome(DAY_BEFORE, by=by, notice=notice) == becomes


def test_a_business_may_give_a_credit_or_ask_nothing() -> None:
    """Without hours everything is free; with none, until it begins."""
    assert outcome(Terms(24, "credit"), by="family", notice=HOUR) == "credit"
    assert outcome(Terms(), by="family", notice=-HOUR) == "free"
    assert outcome(Terms(0), by="family", notice=timedelta()) == "free"
    assert outcome(Terms(0), by="family", notice=-SECOND) == "charged"


def test_who_asks_is_one_of_three_and_says_why_where_that_is_asked() -> None:
    """A blank reason is none; a long one is refused."""
    check_cancelling(Cancelling("family"), DAY_BEFORE)
    check_cancelling(Cancelling("family", "flu"), Terms(reason_required=True))
    for wrong, terms, field in (
        (Cancelling("grandmother"), DAY_BEFORE, "cancelled_by"),
        (Cancelling("tutor", " "), Terms(reason_required=True), "reason"),
        (Cancelling("tutor", "x" * 501), DAY_BEFORE, "reason"),
    ):
        with pytest.raises(InvalidError) as refused:
            check_cancelling(wrong, terms)
        assert [one.field for one in refused.value.errors] == [field]


@pytest.mark.parametrize("terms", [Terms(-1), Terms(1441), Terms(24, "shouted at")])
def test_terms_that_are_none_are_refused(terms: Terms) -> None:
    """Hours are from none to 60 days."""
    check_terms(Terms(1440, "credit"))
    with pytest.raises(InvalidError):
        check_terms(terms)


def test_what_is_told_is_what_was_said_and_decided() -> None:
    """By which policy, too; of who says nothing, the notice alone."""
    told = as_told(Cancelling("family", " flu "), DAY_BEFORE, notice=21 * HOUR)
    assert told == {
        "by": "family",
        "reason": "flu",
        "notice_minutes": 1260,
        "outcome": "charged",
        "free_until_hours": 24,
    }
    assert as_told(None, DAY_BEFORE, notice=-HOUR) == {"notice_minutes": 0}
