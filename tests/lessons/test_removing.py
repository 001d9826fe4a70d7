"""A lesson that a family has to pay for, or gets back, is not removed."""

from datetime import timedelta
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.lessons.actions import cancel, delete, reinstate
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.models import Session
from tandem.lessons.policies import change_policy
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, booked

FAMILY = Cancelling("family", "Flu")


@pytest.mark.parametrize("late", ["charged", "credit"])
def test_what_is_not_free_stays(cast: Cast, late: str) -> None:
    """Until it is planned again and called off for another reason."""
    changes = {"free_until_hours": 24, "late": late}
    change_policy(requester=Requester(cast.owner, NOW), changes=changes)
    session = booked(cast.ben_ana, NOW + timedelta(hours=21))
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "session_id": session.pk}
    cancel(**who, cancelling=FAMILY)
    with pytest.raises(ConflictError, match="Reinstate it") as refused:
        delete(**who)
    assert refused.value.reason == late
    reinstate(**who)
    cancel(**who, cancelling=Cancelling("business"))
    delete(**who)
    assert not Session.objects.exists()


@pytest.mark.parametrize("why", [None, FAMILY])
def test_what_is_free_goes(cast: Cast, why: Cancelling | None) -> None:
    """Called off in time, or by who says nothing; and what is still planned."""
    change_policy(requester=Requester(cast.owner, NOW), changes={"free_until_hours": 24})
    off = booked(cast.ben_ana, NOW + timedelta(hours=30))
    planned = booked(cast.ben_ana, NOW + timedelta(hours=40))
    cancel(requester=Requester(cast.owner, NOW), session_id=off.pk, cancelling=why)
    for one in (off, planned):
        delete(requester=Requester(cast.owner, NOW), session_id=one.pk)
    assert not Session.objects.exists()
