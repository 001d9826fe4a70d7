"""While both run, an end is a date: what was decided of a relationship stays, whoever ends it."""

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection as django
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.lessons.end_relationship import end
from tandem.lessons.reopening import reopen
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.relationships.history import replay
from tandem.upgrade.live.history_invariants import DECIDED
from tests.cast import Cast
from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_connections import (  # noqa: F401 - a fixture
    TABLE,
    connect,
    now,
    school,
    shown,
)

ENDS = date(2027, 6, 1)
THERE = "2027-05-31T23:00:00.000Z"


def further(live: Live) -> tuple[str, str, date | None]:
    """Return what is stored of Ana's second relationship, and what it comes to."""
    link = live.links("ana")[1]
    return link["decided"], link["status"], link["ended_on"]


@pytest.mark.usefixtures("tandem")
def test_ended_in_tandem_ahead(live: Live, school: OldApplication) -> None:  # noqa: F811
    """The old application is shown the end when it is known; paused it stays, also reopened."""
    link = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Physics"
    )
    relationships.pause(requester=Requester(None, now()), tutor_student_id=link.pk)
    end(requester=Requester(None, now()), tutor_student_id=link.pk, on=ENDS)
    assert further(live) == ("paused", "ended", ENDS)
    assert [(one["status"], one["endDate"]) for one in shown(school)] == [("completed", THERE)]
    live.in_step()
    relationships.resume(requester=Requester(None, now()), tutor_student_id=link.pk)
    assert further(live) == ("active", "ended", ENDS)
    assert [(one["status"], one["endDate"]) for one in shown(school)] == [("completed", THERE)]
    live.in_step()
    reopen(requester=Requester(None, now()), tutor_student_id=link.pk)
    assert [(one["status"], one["endDate"]) for one in shown(school)] == [("active", None)]
    live.in_step()


@pytest.mark.usefixtures("tandem")
def test_ended_by_the_old_application(live: Live, school: OldApplication) -> None:  # noqa: F811
    """Whatever it changes afterwards, what was decided before its end is kept till it says more."""
    ends = datetime(2026, 6, 1, tzinfo=UTC)
    connect(school, "c2", "t2", subject="Physics", status="inactive")
    for data, stored in (
        ({"status": "completed", "endDate": ends}, ("paused", "ended", ends.date())),
        ({"subject": "Latin"}, ("paused", "ended", ends.date())),
        (
            {"endDate": ends + timedelta(days=1)},
            ("paused", "ended", ends.date() + timedelta(days=1)),
        ),
        ({"endDate": None}, ("ended", "ended", None)),
        ({"endDate": ends}, ("active", "ended", ends.date())),
        ({"status": "active"}, ("active", "active", ends.date())),
        ({"status": "completed"}, ("active", "ended", ends.date())),
        ({"status": "inactive", "endDate": None}, ("paused", "paused", None)),
        ({"status": "declined"}, ("declined", "declined", None)),
        ({"status": "completed", "endDate": ends}, ("active", "ended", ends.date())),
    ):
        school.do(TABLE, "update", where={"id": "c2"}, data=data)
        assert (data, further(live)) == (data, stored)
        live.in_step()


@pytest.mark.usefixtures("tandem")
def test_a_student_comes_back_to_a_tutor(live: Live, school: OldApplication) -> None:  # noqa: F811
    """A relationship that has ended is none to go on with: a new one begins."""
    for tutor in ("t2", "t1", "t2"):
        school.do("student", "update", where={"id": "ana"}, data={"tutorId": tutor})
    assert [(one["tutor_id"], one["status"]) for one in live.links("ana")] == [
        *(("t1", "ended"), ("t2", "ended"), ("t1", "ended"), ("t2", "active")),
    ]
    live.in_step()


BEGUN = {"tutor": "t", "student": "s", "subject": None, "started_on": "2026-01-01"}
WORDS = [
    *({"status": word} for word in ("paused", "active", "pending")),
    {"status": "ended", "ended_on": "2026-06-01", "is_primary": False},
    {"status": "ended", "ended_on": None},
    {"status": "paused", "ended_on": "2026-06-01"},
    {"status": "active", "ended_on": None},
    {"subject": None},
]


@pytest.mark.django_db
@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    first=st.sampled_from(["active", "paused", "pending", "ended"]),
    ends=st.sampled_from([None, "2026-06-01"]),
    words=st.lists(st.sampled_from(WORDS), max_size=6),
)
def test_both_readers_of_the_history_agree(
    cast: Cast, first: str, ends: str | None, words: list[dict[str, Any]]
) -> None:
    """What ``verify`` and the replay make of lines, those of earlier versions among them."""
    opening = {**BEGUN, "status": first, "ended_on": ends}
    lines = [{"set": one} for one in [opening, *words]]
    events = [SimpleNamespace(relationship_id="r", details=line, what="") for line in lines]
    rows = ", ".join(["(%s, %s::jsonb)"] * len(lines))
    values = [one for number, line in enumerate(lines) for one in (number + 1, json.dumps(line))]
    with django.cursor() as cursor:
        cursor.execute(f"SELECT {DECIDED} FROM (VALUES {rows}) line (id, details)", values)
        ((decided,),) = cursor.fetchall()
    assert decided == replay(events)["r"].status
