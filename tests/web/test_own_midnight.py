"""The page of a student shows a tutor all of it from midnight where the tutor is."""

from datetime import date, timedelta

import pytest
from django.test import Client

from tandem.kit import time
from tandem.lessons.end_relationship import end
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, TERM, Cast, a_tutor, at, user
from tests.web.reading import read, words

IN_AUCKLAND = at(30, 11)
"""When the 1st of December begins there, thirteen hours before it does in London."""
MINUTE = timedelta(minutes=1)


def art_with_ana(cast: Cast, name: str, zone: str, since: date) -> tuple[TutorStudent, Client]:
    """Return what somebody far away teaches Ana, and their browser."""
    tutor = a_tutor(cast.owner, name, time_zone=zone)
    row = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=tutor.pk,
        student_id=cast.ana.pk,
        subject="Art",
        started_on=since,
    )
    client = Client()
    client.force_login(user(tutor))
    return row, client


def test_pages_turn_where_the_tutor_is(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address, who else teaches her, and the form; the state is that of the business's day."""
    Student.objects.filter(pk=cast.ana.pk).update(parent_email="ruiz@home.example")
    _, client = art_with_ana(cast, "Aki", "Pacific/Auckland", date(2026, 12, 1))
    path = f"/students/{cast.ana.pk}"
    for now, sees in ((IN_AUCKLAND - MINUTE, False), (IN_AUCKLAND, True)):
        monkeypatch.setattr(time, "utc_now", lambda now=now: now)
        seen = read(client, path)
        assert ("ruiz@home.example" in seen) is sees
        assert ("Ben" in seen) is sees
        assert "Aki Art Planned" in seen, seen
        assert ("Ben" in words(client.get("/students"))) is sees
        assert client.get(f"{path}/edit").status_code == (200 if sees else 403)


def test_what_can_be_done_is_offered_by_the_tutors_day(
    cast: Cast, oona: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To plan and to put the end elsewhere up to the end, to owner and tutor; to plan before it
    begins, too.
    """
    begins, aki = art_with_ana(cast, "Aki", "Pacific/Auckland", date(2026, 12, 1))
    ends, lou = art_with_ana(cast, "Lou", "America/Los_Angeles", TERM)
    end(requester=Requester(cast.owner, NOW), tutor_student_id=ends.pk, on=date(2026, 12, 10))
    in_los_angeles = at(10, 8, month=12)
    up_to_the_end = ((in_los_angeles - MINUTE, True), (in_los_angeles, False))
    for row, client, words_of_it, moments in (
        (begins, aki, "Plan a session", ((IN_AUCKLAND - MINUTE, True), (IN_AUCKLAND, True))),
        (ends, lou, "Plan a session", up_to_the_end),
        (ends, lou, "Put its end", up_to_the_end),
    ):
        for now, offered in moments:
            monkeypatch.setattr(time, "utc_now", lambda now=now: now)
            for reader in (oona, client):
                assert (words_of_it in read(reader, f"/relationships/{row.pk}")) is offered
            assert (client.get(f"/relationships/{row.pk}/end").status_code == 200) is (
                offered or row == begins
            )
