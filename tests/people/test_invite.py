"""Inviting a tutor: an account of their own, made once."""

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.people.accounts import invite
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, user


def test_a_tutor_without_an_account_gets_one(cast: Cast) -> None:
    """With no password yet, and the same one when invited again."""
    eve = Tutor.objects.create(full_name="Eve", email="eve@tandem.example")
    first = invite(requester=Requester(cast.owner, NOW), tutor_id=eve.pk)
    assert (first.email, first.has_usable_password(), first.is_owner) == (eve.email, False, False)
    assert invite(requester=Requester(cast.owner, NOW), tutor_id=eve.pk) == first


def test_who_is_not_invited(cast: Cast) -> None:
    """Not by a tutor, not an unknown or inactive tutor, not under somebody else's address."""
    with pytest.raises(ForbiddenError):
        invite(requester=Requester(user(cast.ben), NOW), tutor_id=cast.dev.pk)
    with pytest.raises(NotFoundError):
        invite(requester=Requester(cast.owner, NOW), tutor_id="nobody")
    gone = Tutor.objects.create(email="gone@tandem.example", active=False)
    same = Tutor.objects.create(email="OONA@tandem.example")
    for tutor, reason in ((gone, "tutor_inactive"), (same, "email_taken")):
        with pytest.raises(ConflictError) as refusal:
            invite(requester=Requester(cast.owner, NOW), tutor_id=tutor.pk)
        assert refusal.value.reason == reason
