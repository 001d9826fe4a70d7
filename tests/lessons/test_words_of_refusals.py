"""Refusals say numbers and days as a person would, in both languages."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest

from tandem.kit.errors import TandemError
from tandem.kit.language import speaking
from tandem.lessons import rules, transfer_rules
from tandem.relationships import rules as relationship_rules
from tandem.relationships.rules import RelationshipState

DAY = date(2026, 11, 6)
LATER = date(2026, 12, 9)
LINK = RelationshipState("r", "t", "s", None, date(2026, 12, 1), date(2026, 12, 2))
ONE, TWO = ["a"], ["a", "b"]
REFUSALS: list[tuple[Callable[[], object], str]] = [
    (
        partial(transfer_rules.check_none_held_after, {"a": LATER}, DAY),
        "1 session was held after Fri 6 Nov 2026, on Wed 9 Dec 2026. Choose that day or a later",
    ),
    (
        partial(transfer_rules.check_none_held_after, {"a": DAY, "b": LATER}, DAY),
        "2 sessions were held after Fri 6 Nov 2026, the last on Wed 9 Dec 2026. Choose that day",
    ),
    (
        partial(transfer_rules.check_none_before, {"a": DAY}, LATER),
        "1 session lies before Wed 9 Dec 2026, on Fri 6 Nov 2026. Choose that day or an earlier",
    ),
    (
        partial(transfer_rules.check_none_before, {"a": LATER, "b": DAY}, LATER),
        "2 sessions lie before Wed 9 Dec 2026, the first on Fri 6 Nov 2026. Choose that day or",
    ),
    (partial(rules.check_none_ahead, ONE, DAY), "1 session is scheduled from Fri 6 Nov 2026 on"),
    (partial(rules.check_none_ahead, TWO, DAY), "2 sessions are scheduled"),
    (partial(rules.check_no_sessions, "student", 1), "has 1 session, which"),
    (partial(rules.check_no_sessions, "student", 2), "has 2 sessions, which"),
    (partial(relationship_rules.check_no_sessions, ONE), "has 1 session, which"),
    (partial(relationship_rules.check_no_sessions, TWO), "has 2 sessions, which"),
    (partial(transfer_rules.check_transfer_date, LINK, DAY), "started on Tue 1 Dec 2026, so"),
    (partial(relationship_rules.check_end, LINK, DAY), "started on Tue 1 Dec 2026, so"),
    (partial(relationship_rules.check_start, LINK, LATER), "ends on Wed 2 Dec 2026, so"),
]


@pytest.mark.parametrize(("refuse", "words"), REFUSALS)
def test_a_refusal_is_a_sentence(refuse: Callable[[], object], words: str) -> None:
    """One is one, several are several; a day has its weekday; German has words of its own."""
    with pytest.raises(TandemError) as refused:
        refuse()
    assert words in str(refused.value)
    with speaking("de"), pytest.raises(TandemError) as auf_deutsch:
        refuse()
    assert str(auf_deutsch.value) != str(refused.value)
    assert "2026-" not in str(auf_deutsch.value) + str(refused.value)
