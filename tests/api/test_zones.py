"""A tutor's change of zone over the API."""

from datetime import date

from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.api.conftest import Clock
from tests.cast import HOUR, NOW, Cast, a_tutor, at, booked

BEGIN = at(1, 14, month=3, year=2027)


def test_a_change_of_zone_is_shown_and_what_was_held_recorded(
    cast: Cast, owner: Caller, clock: Clock
) -> None:
    """From Sydney to Los Angeles: the session of the first night is named, and can be recorded."""
    sid = a_tutor(cast.owner, "Sid", time_zone="Australia/Sydney")
    link = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=sid.pk,
        student_id=cast.ana.pk,
        started_on=date(2027, 3, 2),
    )
    session = booked(link, BEGIN)
    path, body = f"tutors/{sid.pk}/time-zone", {"timeZone": "America/Los_Angeles"}
    shown = said(owner.post(path, {**body, "dryRun": True}))
    (touched,) = shown["sessions"]
    assert (touched["session"]["id"], touched["dateBefore"], touched["dateAfter"]) == (
        session.pk,
        "2027-03-02",
        "2027-03-01",
    )
    assert Tutor.objects.get(pk=sid.pk).time_zone == "Australia/Sydney"
    done = said(owner.post(path, body))
    assert (done["tutor"]["timeZone"], done["sessions"]) == (
        "America/Los_Angeles",
        shown["sessions"],
    )
    clock.now = BEGIN + HOUR
    recorded = said(tutor_caller(sid).post(f"sessions/{session.pk}/complete"))
    assert recorded["session"]["status"] == "completed"
    refusal(owner.post(path, {"timeZone": "Mars/Olympus"}), 422, "invalid")
