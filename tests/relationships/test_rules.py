"""What may become of a relationship, decided from facts alone."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError
from tandem.relationships import capacity, next_primary, request_rules, rules
from tandem.relationships.history import replay
from tandem.relationships.request_rules import Request
from tandem.relationships.rules import RelationshipState

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
ACTIVE = RelationshipState(id="r1", tutor="ben", student="ana", subject="maths", started_on=MAY)
ENDED = replace(ACTIVE, ended_on=JUNE)


@pytest.mark.parametrize("verb", ["pause", "end", "transfer", "give the primary mark to"])
def test_an_active_relationship_has_these_verbs(verb: str) -> None:
    """What is active may be paused, ended, moved or marked; what has ended may not."""
    rules.check_status(verb, ACTIVE, JUNE)
    with pytest.raises(ConflictError) as refused:
        rules.check_status(verb, ENDED, JUNE)
    assert refused.value.details == {"tutorStudentId": "r1", "status": "ended"}


@pytest.mark.parametrize(
    "other",
    [
        ENDED,
        replace(ACTIVE, status="declined"),
        replace(ACTIVE, subject=None),
        replace(ACTIVE, subject="art"),
        replace(ACTIVE, tutor="cara"),
        replace(ENDED, started_on=JULY, ended_on=JULY),
    ],
)
def test_these_leave_room_for_another(other: RelationshipState) -> None:
    """Over before, declined, of another subject or tutor, or held on no day."""
    rules.check_pairing([other], tutor="ben", subject="maths", started_on=JUNE)


@pytest.mark.parametrize(
    "other",
    [
        ACTIVE,
        replace(ACTIVE, status="paused"),
        replace(ACTIVE, status="pending", started_on=JULY),
        replace(ENDED, ended_on=JULY),
    ],
)
def test_these_leave_no_room(other: RelationshipState) -> None:
    """Going on, paused, asked for, or ending only later."""
    with pytest.raises(ConflictError, match="already have"):
        rules.check_pairing([other], tutor="ben", subject="maths", started_on=JUNE)


def test_capacity_counts_what_is_coming() -> None:
    """A full tutor takes nobody; two do not fit where one does; no limit is no limit."""
    capacity.check_capacity([ACTIVE], capacity=2, since=JUNE)
    capacity.check_capacity([ACTIVE] * 99, capacity=None, since=JUNE)
    for teaching, more in ((2, 1), (1, 2)):
        with pytest.raises(ConflictError, match="room for 2"):
            capacity.check_capacity([ACTIVE] * teaching, capacity=2, since=JUNE, more=more)


def test_the_next_primary_is_the_oldest_that_teaches_for_itself() -> None:
    """Age decides; who only covers never is; who is paused counts; who is chosen wins."""
    cover = replace(ACTIVE, id="r0", kind="cover")
    young, old = replace(ACTIVE, id="r2", started_on=JUNE), replace(ACTIVE, status="paused")
    assert next_primary.next_primary([cover, young, old]) == "r1"
    assert next_primary.next_primary([cover, young, old], chosen="r2") == "r2"
    assert next_primary.next_primary([cover, ENDED]) is None
    assert next_primary.next_primary([ENDED]) is None
    with pytest.raises(ConflictError):
        next_primary.next_primary([young, ENDED], chosen="r1")


def test_an_end_is_not_before_the_start() -> None:
    """The same day is allowed: such a relationship held on no day."""
    rules.check_end(ACTIVE, MAY)
    with pytest.raises(InvalidError):
        rules.check_end(ACTIVE, date(2026, 4, 30))


@pytest.mark.parametrize(
    ("asked_by", "tutor", "teaches_now", "may"),
    [
        ("cara", "ben", False, True),  # Ben was offered the student
        (None, "ben", False, True),  # by an owner
        ("cara", "cara", True, False),  # who offers does not accept
        ("ben", "ben", True, False),  # who asks for themselves does not accept
        ("ben", "cara", True, True),  # who teaches now answers
        ("ben", "dev", False, False),
        ("cara", None, False, False),
    ],
)
def test_the_side_that_was_asked_answers(
    asked_by: str | None, tutor: str | None, *, teaches_now: bool, may: bool
) -> None:
    """The colleague who was offered the student; whoever teaches now when one asked for self."""
    asked = Request("ben", asked_by)
    request_rules.check_answer(asked, is_owner=True, tutor=None, teaches_now=False)
    if may:
        request_rules.check_answer(asked, is_owner=False, tutor=tutor, teaches_now=teaches_now)
    else:
        with pytest.raises(ForbiddenError):
            request_rules.check_answer(asked, is_owner=False, tutor=tutor, teaches_now=teaches_now)


@dataclass(frozen=True)
class Line:
    relationship_id: str
    details: dict[str, Any]
    what: str = "started"
    on_date: date = date(2026, 5, 1)


def test_history_replays_to_the_present() -> None:
    """Opening, pausing, giving the mark to another and ending, in order, give the last state."""
    opened = {"tutor": "ben", "student": "ana", "subject": None, "started_on": "2026-05-01"}
    history = [
        Line("r1", {"set": {**opened, "is_primary": True}}),
        Line("r2", {"set": {**opened, "tutor": "cara"}}),
        Line("r3", {"set": {**opened, "student": "cleo", "is_primary": True}}),
        Line("r1", {"set": {"status": "paused"}}),
        Line("r2", {"set": {"is_primary": True}}),
        Line("r1", {"set": {"status": "ended", "ended_on": "2026-06-01"}, "reason": "moved"}),
    ]
    states = replay(history)
    assert states["r1"] == replace(ENDED, subject=None, status="paused")
    assert [states[key].is_primary for key in ("r1", "r2", "r3")] == [False, True, True]
