"""Which orders of some transactions differ, and how an order is written down. No database."""

from collections.abc import Sequence
from itertools import permutations
from random import Random

import pytest

from drills.interleavings.orders import Deed, Order, Part, Token
from drills.interleavings.scheduler import (
    Footprint,
    Places,
    Steps,
    conflicts_of,
    normal_form,
    orders,
    switches_of,
)

READS, WRITES = Footprint(read=frozenset({"x"})), Footprint(written=frozenset({"x"}))
NOTHING, ELSEWHERE = Footprint(), Footprint(written=frozenset({"y"}))


def steps(*footprints: Footprint, students: Sequence[str] = ()) -> Steps:
    return Steps(footprints, frozenset(students))


def every(*transactions: Steps) -> list[Places]:
    return orders(transactions, Random(0), most=1000)


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        ([WRITES, WRITES], [WRITES], 3),
        ([READS, READS], [READS], 1),
        ([WRITES, NOTHING], [READS], 2),
        ([WRITES], [ELSEWHERE, ELSEWHERE], 1),
        ([READS, ELSEWHERE], [WRITES, READS], 2),
    ],
)
def test_orders_that_nobody_can_tell_apart_are_run_once(
    one: list[Footprint], other: list[Footprint], number: int
) -> None:
    """Two steps change places unless one writes what the other reads or writes."""
    assert len(every(steps(*one), steps(*other))) == number


def test_every_order_is_as_good_as_one_that_is_run() -> None:
    """Of three transactions with steps of every kind, nothing is left out or comes twice."""
    three = (steps(WRITES, NOTHING, READS), steps(READS, ELSEWHERE), steps(WRITES, ELSEWHERE))
    conflict = conflicts_of(three)
    forms = {normal_form(places, conflict) for places in permutations((0, 0, 0, 1, 1, 2, 2))}
    found = every(*three)
    assert {normal_form(places, conflict) for places in found} == forms
    assert len(found) == len(forms)


def test_orders_with_few_switches_come_first() -> None:
    switches = list(map(switches_of, every(steps(WRITES, WRITES), steps(WRITES, WRITES))))
    assert switches == sorted(switches)
    assert (switches[0], switches[-1]) == (1, 3)


def test_of_too_many_a_sample_is_drawn() -> None:
    """The same seed draws the same; no order is drawn twice."""
    long = steps(*[WRITES] * 12)
    drawn = [orders((long, long), Random(1), most=40) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 40


def test_students_apart_meet_only_in_what_is_shared() -> None:
    """Rows of other students are other rows; subjects and notes are everybody's."""
    ana, ben = steps(WRITES, students=["ana"]), steps(WRITES, students=["ben"])
    assert len(every(ana, ben)) == 1
    noted = Footprint(written=frozenset({"missed"}))
    assert len(every(steps(noted, students=["ana"]), steps(noted, students=["ben"]))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "midway batch+adds_session:s5 B A3 B? A",
        "half batch*+deletes_tutor:t1+catch_up A2 C~ B A! C10",
    ],
)
def test_an_order_is_one_line(text: str) -> None:
    """It is read as it was written."""
    assert str(Order.parse(text)) == text


def test_what_an_order_says() -> None:
    order = Order.parse("joined switch+touches_student:s1* A2 B? A!")
    assert order.parts == (Part("switch"), Part("touches_student:s1", inside=True))
    assert order.tokens == (Token(0), Token(0), Token(1, Deed.HOLD), Token(0, Deed.KILL))


@pytest.mark.parametrize("text", ["midway a+b E", "midway a+b A?2", "midway a+b 3"])
def test_what_is_no_order(text: str) -> None:
    with pytest.raises(ValueError, match="is no step"):
        Order.parse(text)
