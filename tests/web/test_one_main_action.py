"""A page offers one main action: one button at most is filled, the others are outlined."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from tandem.lessons.actions import schedule_group
from tandem.lessons.models import Session, TimeOff
from tandem.people.requester import Requester
from tandem.relationships.requests import request
from tests.cast import HOUR, NOW, Cast, at, user
from tests.web.furnished import furnish

BUTTON = re.compile(r"<(?:a|button)\b([^>]*)>")
QUIET = re.compile(r'class="[^"]*\b(?:quiet-button|plain)\b')


def filled(client: Client, path: str) -> list[str]:
    """Return the attributes of the filled buttons in the main part of a page."""
    answer = client.get(path)
    assert answer.status_code == 200
    main = answer.content.decode().partition("<main")[2]
    links = re.findall(r'<a\b([^>]*class="button[^>]*)>', main)
    buttons = re.findall(r"<button\b([^>]*)>", main)
    return [one for one in (*links, *buttons) if not QUIET.search(one)]


@pytest.fixture
def busy(cast: Cast) -> Session:
    """Requests, absences, faults, and a lesson of two that runs and came over wrong."""
    furnish(cast)
    request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.cleo.pk)
    for day in (20, 23):
        TimeOff.objects.create(tutor=cast.ben, starts_at=at(day, 0), ends_at=at(day + 1, 0))
        for link in (cast.ben_ana, cast.ben_cleo):
            Session.objects.create(
                tutor_student=link,
                tutor=link.tutor,
                student=link.student,
                starts_at=at(day, 9 if link == cast.ben_ana else 11),
                ends_at=at(day, 10 if link == cast.ben_ana else 12),
            )
    Session.objects.filter(starts_at=at(2, 8, 30)).delete()
    first, _second = schedule_group(
        requester=Requester(cast.owner, NOW - HOUR),
        tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
        starts_at=NOW - timedelta(minutes=5),
        ends_at=NOW + timedelta(minutes=25),
    )
    return first


@pytest.mark.parametrize("fault", ["", "overlap"])
def test_one_button_is_filled(
    oona: Client, ben: Client, cast: Cast, busy: Session, fault: str
) -> None:
    """Today, the calendar, one student, one tutor, one session; for an owner and for a tutor."""
    Session.objects.filter(pk=busy.pk).update(legacy_fault=fault)
    assert user(cast.ben)
    pages = (
        "/",
        "/calendar",
        "/calendar?view=month",
        f"/students/{cast.ana.pk}",
        f"/tutors/{cast.ben.pk}",
        f"/sessions/{busy.pk}",
    )
    found = {path: filled(client, path) for client in (oona, ben) for path in pages}
    assert {path: some for path, some in found.items() if len(some) > 1} == {}
    assert found["/"]
    assert found["/calendar"]
    assert found[f"/sessions/{busy.pk}"]


def test_buttons_side_by_side_keep_their_distance(oona: Client, cast: Cast, busy: Session) -> None:
    """Also where the second comes below the first, as long words do on a phone."""
    pages = (
        "/",
        f"/students/{cast.ana.pk}",
        f"/tutors/{cast.ben.pk}",
        f"/sessions/{busy.pk}",
        f"/relationships/{cast.ben_ana.pk}",
    )
    for path in pages:
        seen = oona.get(path).content.decode()
        for attributes, inner in re.findall(r"<p\b([^>]*)>(.*?)</p>", seen, re.DOTALL):
            if len(re.findall(r'class="button\b', inner)) > 1:
                assert re.search(r'class="[^"]*\bbuttons\b', attributes), (path, inner)
