"""What a tutor may see turns at midnight where they are; what is counted, at the business's.

Aki is in Auckland (thirteen hours ahead of London in December) and teaches Ana from the 1st; Lou is
in Los Angeles (eight hours behind) and taught her up to, not on, the 10th.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tandem.lessons.end_relationship import end
from tandem.people.guardians import create_guardian
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.api.conftest import Clock
from tests.cast import NOW, TERM, Cast, a_tutor, at

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 10)
IN_AUCKLAND, IN_LOS_ANGELES = at(30, 11), at(10, 8, month=12)
"""When their own midnight is, of the first day and of the end."""
IN_LONDON = at(1, 0, month=12)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def aki(cast: Cast) -> Tutor:
    """Who teaches Ana from the 1st, in Auckland."""
    return _teaching(cast, a_tutor(cast.owner, "Aki", time_zone="Pacific/Auckland"), FIRST)


@pytest.fixture
def lou(cast: Cast) -> Tutor:
    """Who teaches Ana up to the 10th, in Los Angeles."""
    tutor = _teaching(cast, a_tutor(cast.owner, "Lou", time_zone="America/Los_Angeles"), TERM)
    row = TutorStudent.objects.get(tutor=tutor)
    end(requester=Requester(cast.owner, NOW), tutor_student_id=row.pk, on=LAST)
    return tutor


def _teaching(cast: Cast, tutor: Tutor, since: date) -> Tutor:
    Student.objects.filter(pk=cast.ana.pk).update(parent_email="ruiz@home.example")
    pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=tutor.pk,
        student_id=cast.ana.pk,
        subject="Art",
        started_on=since,
    )
    return tutor


def told(caller: Caller, cast: Cast) -> dict[str, Any]:
    """Return what somebody is told of Ana, by each of the ways to ask."""
    ana = said(caller.get(f"students/{cast.ana.pk}"))["student"]
    (listed,) = said(caller.get("students"))["students"]
    assert ana == {name: value for name, value in listed.items() if name in ana}
    found = said(caller.get("students", q="ruiz@home"))["students"]
    links = said(caller.get("tutor-students", studentId=cast.ana.pk))["tutorStudents"]
    assert [one["id"] for one in links] == sorted(
        (one["id"] for one in ana["tutorStudents"]), key=[one["id"] for one in links].index
    )
    tutors = [one["fullName"] for one in said(caller.get("tutors"))["tutors"]]
    history = said(caller.get(f"students/{cast.ana.pk}/history"))["history"]
    return {
        "address": ana["parentEmail"],
        "link": ana["parentLinkToken"] is not None,
        "found": len(found),
        "beside": sorted({one["tutorName"] for one in links}),
        "tutors": sorted(tutors),
        "history": sorted({one["tutorName"] for one in history}),
    }


def sees_her_all(name: str) -> dict[str, Any]:
    everybody = sorted([name, "Ben", "Cara"])
    return {
        "address": "ruiz@home.example",
        "link": True,
        "found": 1,
        "beside": everybody,
        "tutors": everybody,
        "history": everybody,
    }


def sees_their_own(name: str) -> dict[str, Any]:
    return {
        "address": None,
        "link": False,
        "found": 0,
        **{key: [name] for key in ("beside", "tutors", "history")},
    }


def test_it_begins_at_midnight_where_the_tutor_is(cast: Cast, aki: Tutor, clock: Clock) -> None:
    """Thirteen hours before it does in London, and not a minute earlier."""
    caller = tutor_caller(aki)
    clock.now = IN_AUCKLAND - MINUTE
    assert told(caller, cast) == sees_their_own("Aki")
    for now in (IN_AUCKLAND, IN_LONDON - MINUTE, IN_LONDON):
        clock.now = now
        assert told(caller, cast) == sees_her_all("Aki")


def test_it_ends_at_midnight_where_the_tutor_is(cast: Cast, lou: Tutor, clock: Clock) -> None:
    """Eight hours after it does in London, and not a minute later."""
    caller = tutor_caller(lou)
    clock.now = IN_LOS_ANGELES - MINUTE
    assert told(caller, cast) == sees_her_all("Lou")
    clock.now = IN_LOS_ANGELES
    assert told(caller, cast) == sees_their_own("Lou")


def test_who_has_no_zone_of_their_own_goes_by_the_business(
    cast: Cast, lou: Tutor, clock: Clock
) -> None:
    """Its midnight is theirs."""
    Tutor.objects.filter(pk=lou.pk).update(time_zone="")
    caller = tutor_caller(lou)
    clock.now = at(10, 0, month=12) - MINUTE
    assert told(caller, cast) == sees_her_all("Lou")
    clock.now = at(10, 0, month=12)
    assert told(caller, cast) == sees_their_own("Lou")


def state(caller: Caller, tutor: Tutor, **query: Any) -> tuple[str, bool]:
    (row,) = said(caller.get("tutor-students", tutorId=tutor.pk, **query))["tutorStudents"]
    return row["status"], row["active"]


@pytest.mark.parametrize(
    ("now", "status"),
    [(IN_AUCKLAND, "planned"), (IN_LONDON - MINUTE, "planned"), (IN_LONDON, "active")],
)
def test_states_and_counts_turn_with_the_business(
    cast: Cast, owner: Caller, aki: Tutor, clock: Clock, now: datetime, status: str
) -> None:
    """What a relationship is, the filter for it, and the numbers are the same for everybody."""
    clock.now = now
    caller = tutor_caller(aki)
    for one in (caller, owner):
        assert state(one, aki) == (status, status == "active")
        assert state(one, aki, status=status) == (status, status == "active")
        assert state(one, aki, asOf="2026-12-01") == ("active", True)
    taught = said(caller.get("dashboard"))["dashboard"]["students"]["taught"]
    # Ben and Cara teach her as well, and Aki sees it.
    assert taught == 1
    assert said(caller.get(f"students/{cast.ana.pk}"))["student"]["tutorId"] == cast.ben.pk


def test_a_dashboard_counts_on_the_days_of_the_business(
    cast: Cast, lou: Tutor, clock: Clock
) -> None:
    """Who sees Ana some hours longer counts her no more among those who are taught."""
    TutorStudent.objects.exclude(tutor=lou).update(status="declined", is_primary=False)
    caller = tutor_caller(lou)
    for now, taught, ended in (
        (at(10, 0, month=12) - MINUTE, 1, 0),
        (at(10, 0, month=12), 0, 1),
        (IN_LOS_ANGELES, 0, 1),
    ):
        clock.now = now
        found = said(caller.get("dashboard"))["dashboard"]
        assert (found["students"]["taught"], found["relationships"]["ended"]) == (taught, ended)


def test_what_may_be_changed_follows(cast: Cast, aki: Tutor, lou: Tutor, clock: Clock) -> None:
    """The year of a student, and the parents' link: from one's own midnight, up to one's own."""
    path = f"students/{cast.ana.pk}"
    clock.now = IN_AUCKLAND - MINUTE
    refusal(tutor_caller(aki).patch(path, {"year": "11"}), 403, "forbidden")
    refusal(tutor_caller(aki).post(f"{path}/parent-link"), 403, "forbidden")
    clock.now = IN_AUCKLAND
    assert said(tutor_caller(aki).patch(path, {"year": "11"}))["student"]["year"] == "11"
    assert said(tutor_caller(aki).post(f"{path}/parent-link"))
    clock.now = IN_LOS_ANGELES - MINUTE
    assert said(tutor_caller(lou).patch(path, {"year": "12"}))["student"]["year"] == "12"
    clock.now = IN_LOS_ANGELES
    refusal(tutor_caller(lou).patch(path, {"year": "13"}), 403, "forbidden")


def test_guardians_are_told_of_as_long_as_one_teaches(
    cast: Cast, aki: Tutor, lou: Tutor, clock: Clock
) -> None:
    """By name and address, to who teaches the child where they are."""
    create_guardian(
        requester=Requester(cast.owner, NOW),
        student_ids=[cast.ana.pk],
        fields={"full_name": "Maria Ruiz", "email": "maria@home.example"},
    )
    moments = (IN_AUCKLAND - MINUTE, IN_AUCKLAND, IN_LOS_ANGELES - MINUTE, IN_LOS_ANGELES)
    seen = []
    for now, tutor in zip(moments, (aki, aki, lou, lou), strict=True):
        clock.now = now
        found = said(tutor_caller(tutor).get("guardians", studentId=cast.ana.pk))["guardians"]
        by_name = said(tutor_caller(tutor).get("students", q="Maria"))["students"]
        assert len(found) == len(by_name)
        seen.append(len(found))
    assert seen == [0, 1, 1, 0]
