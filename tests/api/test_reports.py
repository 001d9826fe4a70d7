"""Reports, over the API."""

from typing import Any

import pytest

from tandem.lessons.actions import cancel, complete, no_show
from tandem.lessons.cancelling_rules import Cancelling
from tandem.people.requester import Requester
from tests.api.client import Caller, refusal, said
from tests.cast import DECEMBER, Cast, at, booked

NOVEMBER: dict[str, Any] = {"firstDay": "2026-11-01", "lastDay": "2026-11-30"}


def test_hours_taught_come_with_their_total(cast: Cast, owner: Caller, ben: Caller) -> None:
    """An owner's lines are tutors unless asked otherwise; a tutor reads their own."""
    for link, day in ((cast.ben_ana, 3), (cast.cara_ana, 4)):
        complete(requester=Requester(None, DECEMBER), session_id=booked(link, at(day, 16)).pk)
    found = said(owner.get("reports/hours", **NOVEMBER))["hours"]
    numbers = {"sessions": 1, "minutes": 60, "hours": 1.0, "noShows": 0, "cancelled": 0}
    assert found == {
        "firstDay": "2026-11-01",
        "lastDay": "2026-11-30",
        "timeZone": "Europe/London",
        "by": "tutor",
        "lines": [
            {"id": cast.ben.pk, "name": "Ben", **numbers},
            {"id": cast.cara.pk, "name": "Cara", **numbers},
        ],
        "total": {
            "id": None,
            "name": "",
            "sessions": 2,
            "minutes": 120,
            "hours": 2.0,
            "noShows": 0,
            "cancelled": 0,
        },
    }
    own = said(ben.get("reports/hours", by="student", **NOVEMBER))["hours"]
    assert [line["name"] for line in own["lines"]] == ["Ana Ruiz"]
    assert own["total"]["sessions"] == 1


def test_what_came_of_sessions_comes_with_its_total(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Held, missed, and called off for whom; a tutor reads their own."""
    by_owner = Requester(None, DECEMBER)
    held, missed, off, unsaid = (booked(cast.ben_ana, at(day, 16)).pk for day in (3, 4, 5, 6))
    complete(requester=by_owner, session_id=held)
    no_show(requester=by_owner, session_id=missed)
    cancel(requester=by_owner, session_id=off, cancelling=Cancelling("family"))
    cancel(requester=by_owner, session_id=unsaid)
    complete(requester=by_owner, session_id=booked(cast.cara_ana, at(7, 16)).pk)
    found = said(owner.get("reports/outcomes", by="student", **NOVEMBER))["outcomes"]
    numbers = {
        "recorded": 5,
        "held": 2,
        "noShows": 1,
        "cancelled": 2,
        "cancelledByFamily": 1,
        "cancelledByTutor": 0,
        "cancelledByBusiness": 0,
        "cancelledByNobodyKnown": 1,
    }
    assert found == {
        "firstDay": "2026-11-01",
        "lastDay": "2026-11-30",
        "timeZone": "Europe/London",
        "by": "student",
        "lines": [{"id": cast.ana.pk, "name": "Ana Ruiz", **numbers}],
        "total": {"id": None, "name": "", **numbers},
    }
    own = said(ben.get("reports/outcomes", **NOVEMBER))["outcomes"]
    assert [(line["name"], line["held"]) for line in own["lines"]] == [("Ben", 1)]


@pytest.mark.parametrize("report", ["hours", "outcomes"])
def test_days_that_make_no_range_are_refused(owner: Caller, report: str) -> None:
    """Each with the name of what is wrong."""
    turned: dict[str, Any] = {"firstDay": "2026-11-30", "lastDay": "2026-11-01"}
    said_of = refusal(owner.get(f"reports/{report}", None, **turned), 422, "invalid")
    assert said_of["errors"][0]["field"] == "lastDay"
    wrongs: list[dict[str, Any]] = [
        {"firstDay": "2026-11-01"},
        {**NOVEMBER, "by": "room"},
        {**NOVEMBER, "to": "1"},
    ]
    for wrong in wrongs:
        refusal(owner.get(f"reports/{report}", None, **wrong), 422, "invalid")
