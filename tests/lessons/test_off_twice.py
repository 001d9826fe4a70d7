"""The same time off or closure is saved once."""

from datetime import date
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.lessons.closures import add_closure, preview_closure
from tandem.lessons.models import Closure, TimeOff
from tandem.lessons.time_off import add_time_off, preview_time_off
from tests.cast import NOW, Cast, at


def test_hours_that_are_off_already_are_refused(cast: Cast) -> None:
    """The same and a part of them, naming what is there; wider ones and another tutor's are not."""
    given: dict[str, Any] = {"actor": cast.owner, "now": NOW, "tutor_id": cast.ben.pk}
    there = add_time_off(**given, starts_at=at(17, 0), ends_at=at(18, 0), reason="Flu").time_off
    for starts, ends in ((at(17, 0), at(18, 0)), (at(17, 9), at(17, 12))):
        for do in (preview_time_off, add_time_off):
            with pytest.raises(ConflictError) as refused:
                do(**given, starts_at=starts, ends_at=ends)
            assert refused.value.reason == "already_away"
            assert "Ben is away already on Tue 17 Nov 2026, all day" in str(refused.value)
            assert refused.value.details == {"timeOff": there.pk}
    add_time_off(**given, starts_at=at(17, 9), ends_at=at(18, 12))
    add_time_off(**{**given, "tutor_id": cast.cara.pk}, starts_at=at(17, 0), ends_at=at(18, 0))
    assert TimeOff.objects.count() == 3


def test_days_that_are_closed_already_are_refused(cast: Cast) -> None:
    """The same and some of them, naming what is there; more days are not."""

    def days(first: int, end: int) -> dict[str, Any]:
        span = {"starts_on": date(2026, 11, first), "ends_on": date(2026, 11, end)}
        return {"actor": cast.owner, "now": NOW, "name": "Again", **span}

    there = add_closure(**{**days(17, 20), "name": "Storm"}).closure
    for span in (days(17, 20), days(18, 19)):
        for do in (preview_closure, add_closure):
            with pytest.raises(ConflictError) as refused:
                do(**span)
            assert refused.value.reason == "already_closed"
            assert "closed already from 17 Nov 2026 to 19 Nov 2026: Storm" in str(refused.value)
            assert refused.value.details == {"closure": there.pk}
    add_closure(**days(17, 21))
    assert Closure.objects.count() == 2
