"""A look shows who is primary then: what others change about that meanwhile is no longer looked at.

Neither of the rows that were shown is another; only the days of the mark are.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons import assigning, end_relationship, transfers
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.requester import Requester
from tandem.relationships.actions import make_primary, pair
from tests.cast import NOW, Cast
from tests.primaries import stored

OWN: dict[str, Any] = {"requester": Requester(None, NOW)}
TODAY, THE_16TH, THE_9TH = NOW.date(), date(2026, 11, 16), date(2026, 12, 9)


def transfer_of_cara(cast: Cast) -> tuple[Callable[[], Any], Callable[[str], Any]]:
    make_primary(**OWN, tutor_student_id=cast.cara_ana.pk)
    make_primary(**OWN, tutor_student_id=cast.ben_ana.pk, on=THE_9TH)
    order: dict[str, Any] = {**OWN, "student_id": cast.ana.pk, "to_tutor_id": cast.dev.pk}
    order |= {"tutor_student_id": cast.cara_ana.pk, "on": THE_16TH}
    return (
        lambda: transfers.preview_transfer(**order).shown,
        lambda expect: transfers.transfer(**order, expect=expect),
    )


def end_of_ben(cast: Cast) -> tuple[Callable[[], Any], Callable[[str], Any]]:
    make_primary(**OWN, tutor_student_id=cast.cara_ana.pk, on=THE_9TH)
    order: dict[str, Any] = {**OWN, "tutor_student_id": cast.ben_ana.pk, "on": THE_16TH}
    return (
        lambda: end_relationship.preview_end(**order).shown,
        lambda expect: end_relationship.end(**order, expect=expect),
    )


def a_tutor_after_ben(cast: Cast) -> tuple[Callable[[], Any], Callable[[str], Any]]:
    end_relationship.end(**OWN, tutor_student_id=cast.ben_cleo.pk, on=date(2026, 12, 20))
    choices = [assigning.Assigned(cast.cleo.pk, cast.dev.pk, "Art")]
    return (
        lambda: assigning.preview_assign(**OWN, choices=choices).shown,
        lambda expect: assigning.assign(**OWN, choices=choices, expect=expect),
    )


def undoing_a_tutor_beside_ben(cast: Cast) -> tuple[Callable[[], Any], Callable[[str], Any]]:
    choices = [assigning.Assigned(cast.ana.pk, cast.dev.pk, "Art")]
    deed = assigning.assign(**OWN, choices=choices).deed
    return (
        lambda: preview_undo_of(**OWN, deed_id=deed).shown,
        lambda expect: undo_deed(**OWN, deed_id=deed, expect=expect),
    )


def ben_now(cast: Cast) -> None:
    make_primary(**OWN, tutor_student_id=cast.ben_ana.pk)


def dev_later(cast: Cast) -> None:
    about: dict[str, Any] = {"student_id": cast.ana.pk, "tutor_id": cast.dev.pk}
    row = pair(**OWN, **about)
    make_primary(**OWN, tutor_student_id=row.pk, on=THE_9TH)


def ben_leaves_sooner(cast: Cast) -> None:
    end_relationship.end(**OWN, tutor_student_id=cast.ben_cleo.pk, on=date(2026, 12, 10))


def cara_now(cast: Cast) -> None:
    make_primary(**OWN, tutor_student_id=cast.cara_ana.pk)


@pytest.mark.parametrize(
    ("begun", "meanwhile"),
    [
        (transfer_of_cara, ben_now),
        (end_of_ben, dev_later),
        (a_tutor_after_ben, ben_leaves_sooner),
        (undoing_a_tutor_beside_ben, cara_now),
    ],
)
def test_other_days_of_the_mark_are_looked_at_again(
    cast: Cast, begun: Callable[[Cast], Any], meanwhile: Callable[[Cast], None]
) -> None:
    """Refused, with the student whose primary tutor is another, and nothing is done."""
    look, act = begun(cast)
    expect = fingerprint(look())
    meanwhile(cast)
    before = stored(cast.ana.pk), stored(cast.cleo.pk)
    with pytest.raises(ConflictError) as refused:
        act(expect)
    assert refused.value.reason == "changed_since_preview"
    assert "primary" in {one["what"] for one in refused.value.details["difference"]}
    assert "who is the primary tutor has changed" in str(refused.value)
    assert (stored(cast.ana.pk), stored(cast.cleo.pk)) == before
    act(fingerprint(look()))
