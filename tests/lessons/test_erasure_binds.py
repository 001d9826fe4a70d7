"""What goes with somebody who is erased was looked at: what came since, or changed, is no part."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.weekly import Weekly
from tandem.lessons import erasure
from tandem.lessons.availability import set_availability
from tandem.lessons.diary_letters import choose_kinds
from tandem.lessons.models import SessionSeries, TimeOff
from tandem.lessons.time_off import add_time_off
from tandem.people.actions import set_subjects
from tandem.people.calendar_feeds import create_feed
from tandem.people.models import Account, ApiToken, Subscription, Tutor
from tandem.people.rules import Taught
from tandem.people.tokens import create_token
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import create_wish
from tests.cast import NOW, Cast, at, user
from tests.lessons.looks import OWN, done
from tests.lessons.wide_changes import WIDE


def _away(cast: Cast) -> object:
    dev = cast.dev.pk
    return add_time_off(**OWN, tutor_id=dev, starts_at=at(20, 0), ends_at=at(21, 0))


def _week(cast: Cast) -> object:
    spans = [Weekly(0, time(9), time(12))]
    return set_availability(**OWN, tutor_id=cast.dev.pk, spans=spans)


def _told(cast: Cast) -> object:
    return choose_kinds(**OWN, tutor_id=cast.dev.pk, kinds=[])


def _teaches(cast: Cast) -> object:
    return set_subjects(**OWN, tutor_id=cast.dev.pk, subjects=[Taught("Art")])


def _renamed(cast: Cast) -> object:
    return Account.objects.filter(pk=user(cast.dev).pk).update(full_name="Devi")


def _paid(cast: Cast) -> object:
    ids = {"stripe_customer_id": "cus_1", "stripe_sub_id": "sub_1"}
    return Subscription.objects.create(
        tutor=cast.dev, status="active", current_period_end=NOW, **ids
    )


OF_A_TUTOR: dict[str, Callable[[Cast], object]] = {
    "time_off": _away,
    "availability": _week,
    "told": _told,
    "subjects": _teaches,
    "account": _renamed,
    "subscription": _paid,
    "tokens": lambda cast: create_token(account=user(cast.dev), now=NOW, name="Report"),
    "feeds": lambda cast: create_feed(account=user(cast.dev), now=NOW, kind="tutor"),
}
OF_A_STUDENT: dict[str, Callable[[Cast], object]] = {
    "wishes": lambda cast: create_wish(**OWN, student_id=cast.ana.pk, wanted=Wanted("Latin")),
    "series": lambda _cast: SessionSeries.objects.update(title="Levers"),
}


def refused(erase: Callable[..., object], named: dict[str, Any], expect: str) -> set[str]:
    """Return what differs, by kind, for an erasure with a look of before."""
    with pytest.raises(ConflictError) as refusal:
        erase(**OWN, **named, expect=expect)
    assert refusal.value.reason == "changed_since_preview"
    return {one["what"] for one in refusal.value.details["difference"]}


@pytest.mark.parametrize("kind", OF_A_TUTOR)
def test_what_goes_with_a_tutor_was_shown(cast: Cast, kind: str) -> None:
    """What came after the look stops the erasure, which is done after another look."""
    named: dict[str, Any] = {"tutor_id": cast.dev.pk}
    seen = fingerprint(erasure.preview_erase_tutor(**OWN, **named).shown)
    OF_A_TUTOR[kind](cast)
    assert kind in refused(erasure.erase_tutor, named, seen)
    assert Tutor.objects.get(pk=cast.dev.pk).full_name == "Dev"
    again = fingerprint(erasure.preview_erase_tutor(**OWN, **named).shown)
    erasure.erase_tutor(**OWN, **named, expect=again)
    assert not TimeOff.objects.filter(tutor=cast.dev).exists()


@pytest.mark.parametrize("kind", OF_A_STUDENT)
def test_what_goes_with_a_student_was_shown(cast: Cast, kind: str) -> None:
    """As for a tutor."""
    done(WIDE["a series"](cast))
    named: dict[str, Any] = {"student_id": cast.ana.pk}
    seen = fingerprint(erasure.preview_erase_student(**OWN, **named).shown)
    OF_A_STUDENT[kind](cast)
    assert kind in refused(erasure.erase_student, named, seen)
    again = fingerprint(erasure.preview_erase_student(**OWN, **named).shown)
    erasure.erase_student(**OWN, **named, expect=again)
    assert not SessionSeries.objects.exists()


def test_what_comes_by_itself_stops_no_erasure(cast: Cast) -> None:
    """A token that is used, a calendar that is read."""
    create_token(account=user(cast.dev), now=NOW, name="Report")
    create_feed(account=user(cast.dev), now=NOW, kind="tutor")
    named: dict[str, Any] = {"tutor_id": cast.dev.pk}
    seen = fingerprint(erasure.preview_erase_tutor(**OWN, **named).shown)
    ApiToken.objects.update(last_used_at=NOW)
    user(cast.dev).calendar_feeds.update(last_read_at=NOW)
    Account.objects.filter(pk=user(cast.dev).pk).update(last_login=NOW)
    erasure.erase_tutor(**OWN, **named, expect=seen)
