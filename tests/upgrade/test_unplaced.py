"""Old rows that fit nowhere and are no sessions find their place, or are left as they are."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.people.models import Guardian, Parent, Subscription
from tandem.people.requester import Requester
from tandem.upgrade.models import GradualUpgrade, UnlinkedLegacyRow
from tandem.upgrade.unplaced.placing import (
    leave,
    left,
    place_parent,
    place_subscription,
    take_up,
    undecided,
)
from tests.cast import NOW, Cast, user

MADE = "2025-01-02T03:04:05.678+00:00"
ENDS = "2026-12-31T00:00:00+00:00"


def a_parent(**row: Any) -> UnlinkedLegacyRow:
    """Return an old parent's account whose student is gone."""
    kept = {
        "id": "p1",
        "userId": "auth|7",
        "email": "Rosa@example.org",
        "phone": None,
        "fullName": "Rosa",
        "studentId": "gone",
        "createdAt": MADE,
        **row,
    }
    return UnlinkedLegacyRow.objects.create(
        source_table="Parent", source_id="p1", row=kept, reason="no_student"
    )


def a_plan(**row: Any) -> UnlinkedLegacyRow:
    """Return an old payment plan whose tutor is gone."""
    kept = {
        "id": "x1",
        "tutorId": "gone",
        "status": "active",
        "stripeCustomerId": "cus_1",
        "stripeSubId": "sub_1",
        "currentPeriodEnd": ENDS,
        "createdAt": MADE,
        **row,
    }
    return UnlinkedLegacyRow.objects.create(
        source_table="Subscription", source_id="x1", row=kept, reason="no_tutor"
    )


def test_a_parent_is_given_the_student(cast: Cast) -> None:
    """Id, account, address and the day it was made are as they were; the row waits no more."""
    row = a_parent()
    place_parent(requester=Requester(cast.owner, NOW), row_id=row.pk, student_id=cast.ana.pk)
    parent = Parent.objects.get()
    assert (parent.pk, parent.student_id, parent.auth_subject) == ("p1", cast.ana.pk, "auth|7")
    assert (parent.email, parent.full_name, parent.phone) == ("Rosa@example.org", "Rosa", None)
    assert parent.created_at == datetime(2025, 1, 2, 3, 4, 5, 678000, UTC)
    assert not UnlinkedLegacyRow.objects.exists()
    guardian = Guardian.objects.get(email="Rosa@example.org")
    assert (guardian.full_name, guardian.children.get().student) == ("Rosa", cast.ana)


def test_a_parent_whose_account_is_anothers_is_refused(cast: Cast) -> None:
    """One account is one parent's: the row stays as it was."""
    Parent.objects.create(
        student=cast.cleo, auth_subject="auth|7", email="other@example.org", full_name="Otto"
    )
    row = a_parent()
    with pytest.raises(ConflictError, match="Otto has this account"):
        place_parent(requester=Requester(cast.owner, NOW), row_id=row.pk, student_id=cast.ana.pk)
    assert list(undecided()) == [row]


def test_a_payment_plan_is_given_the_tutor(cast: Cast) -> None:
    """Everything in it is as it was; a tutor has one at most."""
    place_subscription(
        requester=Requester(cast.owner, NOW), row_id=a_plan().pk, tutor_id=cast.ben.pk
    )
    plan = Subscription.objects.get()
    assert (plan.pk, plan.tutor_id, plan.status, plan.stripe_sub_id) == (
        *("x1", cast.ben.pk, "active", "sub_1"),
    )
    assert plan.current_period_end == datetime(2026, 12, 31, tzinfo=UTC)
    with pytest.raises(ConflictError, match="payment plan already"):
        place_subscription(
            requester=Requester(cast.owner, NOW), row_id=a_plan().pk, tutor_id=cast.ben.pk
        )


def test_an_end_that_nobody_can_read_has_to_be_said(cast: Cast) -> None:
    """Nothing is invented."""
    row = a_plan(currentPeriodEnd="soon")
    with pytest.raises(InvalidError, match="until when"):
        place_subscription(
            requester=Requester(cast.owner, NOW), row_id=row.pk, tutor_id=cast.ben.pk
        )
    place_subscription(
        requester=Requester(cast.owner, NOW),
        row_id=row.pk,
        tutor_id=cast.ben.pk,
        current_period_end=NOW,
    )
    assert Subscription.objects.get().current_period_end == NOW


def test_a_row_is_left_and_taken_up_again(cast: Cast) -> None:
    """Who decided and when is kept; nothing of the row is lost."""
    row = a_parent()
    leave(requester=Requester(cast.owner, NOW), row_id=row.pk)
    assert (list(undecided()), list(left())) == ([], [row])
    row.refresh_from_db()
    assert (row.decided_at, row.decided_by, row.row["email"]) == (
        *(NOW, cast.owner, "Rosa@example.org"),
    )
    take_up(requester=Requester(cast.owner, NOW), row_id=row.pk)
    assert (list(undecided()), list(left())) == ([row], [])


@pytest.mark.parametrize("phase", ["expanded", "backfilled", "switched"])
def test_while_both_applications_run_the_old_one_decides(cast: Cast, phase: str) -> None:
    """A place given here would be a difference between the two sides; leaving is none."""
    GradualUpgrade.objects.create(phase=phase, old_schema="public", zone="UTC")
    row = a_parent()
    with pytest.raises(ConflictError, match="put this right there"):
        place_parent(requester=Requester(cast.owner, NOW), row_id=row.pk, student_id=cast.ana.pk)
    leave(requester=Requester(cast.owner, NOW), row_id=row.pk)


def test_only_owners_decide(cast: Cast) -> None:
    """A tutor is refused, whatever it is; and a row of another kind is none."""
    row, ben = a_parent(), user(cast.ben)
    decide: tuple[Callable[..., object], ...] = (leave, take_up)
    for action in decide:
        with pytest.raises(ForbiddenError):
            action(requester=Requester(ben, NOW), row_id=row.pk)
    with pytest.raises(ForbiddenError):
        place_parent(requester=Requester(ben, NOW), row_id=row.pk, student_id=cast.ana.pk)
    with pytest.raises(NotFoundError):
        place_subscription(
            requester=Requester(cast.owner, NOW), row_id=row.pk, tutor_id=cast.ben.pk
        )
    with pytest.raises(NotFoundError):
        leave(requester=Requester(cast.owner, NOW), row_id="nothing")
