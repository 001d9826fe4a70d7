"""What is made for a tutor while they are erased, over two connections: one waits for the other.

An erasure that waited sees what was made, which its look did not; what waited for an erasure is
refused, and leaves nothing.
"""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons import erasure
from tandem.lessons.diary_letters import choose_kinds
from tandem.people.calendar_feeds import create_feed
from tandem.people.closing import close_account
from tandem.people.models import Account, AddressChange, ApiToken, CalendarFeed
from tandem.people.requester import Requester
from tandem.people.sign_in_address import ask_for_address, set_address
from tandem.people.tokens import create_token
from tests.cast import NOW, Cast, user
from tests.lessons.looks import OWN
from tests.once import gathered
from tests.together import together, wait_until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "seven-lanterns-drift"


def _ask(dev: Account) -> object:
    dev.set_password(PASSWORD)
    return ask_for_address(
        requester=Requester(dev, NOW),
        account_id=dev.pk,
        email="devi@tandem.example",
        password=PASSWORD,
    )


MADE: dict[str, Callable[[Account], object]] = {
    "tokens": lambda dev: create_token(account=dev, now=NOW, name="Report"),
    "feeds": lambda dev: create_feed(account=dev, now=NOW, kind="tutor"),
}
ASKED: dict[str, Callable[[Account], object]] = {**MADE, "address": _ask}
CHANGED: dict[str, Callable[[Cast, Account], object]] = {
    **{kind: lambda _cast, dev, make=make: make(dev) for kind, make in MADE.items()},  # type: ignore[misc]
    "told": lambda cast, _dev: choose_kinds(**OWN, tutor_id=cast.dev.pk, kinds=[]),
    "account": lambda _cast, dev: set_address(account_id=dev.pk, email="devi@tandem.example"),
    "closed": lambda cast, dev: close_account(
        requester=Requester(cast.owner, NOW), account_id=dev.pk
    ),
}
"""By the kind of what differs then."""


def one_after_the_other(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Do the first without committing it until the second, over a connection of its own, waits."""
    written = Event()

    def begun() -> Any:
        with transaction.atomic():
            done = first()
            written.set()
            wait_until_somebody_waits()
            return done

    def waiting() -> Any:
        assert written.wait(timeout=20)
        return second()

    return together(begun, waiting)


@pytest.mark.parametrize("kind", CHANGED)
def test_an_erasure_waits_for_what_is_being_changed(transactional_db: None, kind: str) -> None:
    """The look was before, so the erasure is refused."""
    cast = gathered()
    dev = user(cast.dev)
    named: dict[str, Any] = {"tutor_id": cast.dev.pk}
    seen = fingerprint(erasure.preview_erase_tutor(**OWN, **named).shown)
    _, refused = one_after_the_other(
        lambda: CHANGED[kind](cast, dev),
        lambda: erasure.erase_tutor(**OWN, **named, expect=seen),
    )
    assert isinstance(refused, ConflictError), refused
    assert refused.reason == "changed_since_preview"
    what = "account" if kind == "closed" else kind
    assert what in {one["what"] for one in refused.details["difference"]}


@pytest.mark.parametrize("kind", ASKED)
def test_nothing_is_made_for_who_is_being_erased(transactional_db: None, kind: str) -> None:
    """It waits for the erasure, and is refused."""
    cast = gathered()
    dev = user(cast.dev)
    _, refused = one_after_the_other(
        lambda: erasure.erase_tutor(**OWN, tutor_id=cast.dev.pk), lambda: ASKED[kind](dev)
    )
    assert isinstance(refused, NotFoundError), refused
    assert not ApiToken.objects.exists()
    assert not CalendarFeed.objects.exists()
    assert not AddressChange.objects.exists()


@pytest.mark.parametrize("kind", MADE)
def test_nothing_is_made_for_a_closed_account(cast: Cast, kind: str) -> None:
    """Refused like one that is not there; one that is open has it."""
    dev = user(cast.dev)
    MADE[kind](dev)
    close_account(requester=Requester(cast.owner, NOW), account_id=dev.pk)
    with pytest.raises(NotFoundError):
        MADE[kind](dev)
