"""A tutor has two absences that overlap: taking one back leaves the other as it is."""

from datetime import datetime

import pytest

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.models import Session, TimeOff
from tandem.lessons.time_off import Absence, add_time_off
from tandem.lessons.touched import Decision
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked


def away(cast: Cast, starts_at: datetime, ends_at: datetime, *covered: Session) -> Absence:
    """Let Ben be away, Dev covering these."""
    return add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=starts_at,
        ends_at=ends_at,
        decisions=[Decision(one.pk, "cover", tutor_id=cast.dev.pk) for one in covered],
    )


def holders(*sessions: Session) -> list[str]:
    """Return who holds each now."""
    return [Session.objects.get(pk=one.pk).tutor.full_name for one in sessions]


def test_who_is_away_by_another_gets_nothing_back_in_it(cast: Cast) -> None:
    """The lesson of the 17th goes back; that of the 19th stays covered, and is named."""
    free, still_away = booked(cast.ben_ana, at(17, 9)), booked(cast.ben_ana, at(19, 9))
    first = away(cast, at(17, 0), at(20, 0), free, still_away)
    second = away(cast, at(19, 0), at(24, 0))
    owner = Requester(cast.owner, NOW)
    plan = preview_undo_of(requester=owner, deed_id=first.deed)
    assert [one.pk for one in plan.given_back] == [free.pk]
    assert [(one.session.pk, one.reason) for one in plan.left] == [(still_away.pk, "tutor_away")]
    with pytest.raises(ConflictError, match="Thu 19 Nov 2026, 09:00") as refused:
        undo_deed(requester=owner, deed_id=first.deed)
    assert refused.value.reason == "clashes"
    undo_deed(requester=owner, deed_id=first.deed, expect=fingerprint(plan.shown))
    assert holders(free, still_away) == ["Ben", "Dev"]
    assert [one.pk for one in TimeOff.objects.all()] == [second.time_off.pk]


def test_taken_back_in_the_order_of_their_making_from_the_last_all_is_as_it_was(cast: Cast) -> None:
    """The second absence goes first, then nothing keeps the first from going whole."""
    free, twice = booked(cast.ben_ana, at(17, 9)), booked(cast.ben_ana, at(19, 9))
    first = away(cast, at(17, 0), at(20, 0), free, twice)
    second = away(cast, at(19, 0), at(24, 0))
    for one in (second, first):
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=one.deed)
    assert holders(free, twice) == ["Ben", "Ben"]
    assert not TimeOff.objects.exists()
