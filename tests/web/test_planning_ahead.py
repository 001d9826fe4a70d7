"""Planning on pages goes by the days of a relationship: before it begins, and until it ends."""

from datetime import date, time

import pytest
from django.test import Client

from tandem.kit.weekly import Weekly
from tandem.lessons.availability import set_availability
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.people.requester import Requester
from tandem.relationships.actions import pair, pause
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read
from tests.web.sending import opened

THE_14TH = date(2026, 11, 14)
PLAN = "Plan a session"


def has(client: Client, path: str, words: str) -> bool:
    """Tell whether a page has something, in its markup too."""
    return words in client.get(path).content.decode()


@pytest.fixture
def from_the_14th(cast: Cast) -> TutorStudent:
    """Dev teaches Cleo from 14 November on; today is the 2nd."""
    return pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.cleo.pk,
        subject="Latin",
        started_on=THE_14TH,
    )


def test_who_begins_later_is_planned_with_today(
    oona: Client, dev: Client, cast: Cast, from_the_14th: TutorStudent
) -> None:
    """Offered on both pages, from the first day on; a pause and a cover plan nothing."""
    path = f"/relationships/{from_the_14th.pk}"
    for reader in (oona, dev):
        for page in (path, f"/students/{cast.cleo.pk}"):
            assert has(reader, page, f"{path}/sessions/new")
    assert has(oona, path, f"{path}/series/new")
    assert opened(oona, f"{path}/sessions/new")["day"] == "2026-11-14"
    assert opened(oona, f"{path}/series/new")["first_date"] == "2026-11-14"
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=from_the_14th.pk)
    assert PLAN not in read(oona, path)


def test_a_cover_of_today_is_no_place_to_plan(oona: Client, cast: Cast) -> None:
    """It holds what was covered and no more."""
    today = booked(cast.ben_cleo, at(2, 16))
    made = cover(
        requester=Requester(cast.owner, NOW), session_id=today.pk, tutor_id=cast.dev.pk
    ).link
    assert not has(oona, f"/students/{cast.cleo.pk}", f"{made.pk}/sessions/new")


def test_free_hours_lie_in_the_relationship(
    oona: Client, cast: Cast, from_the_14th: TutorStudent
) -> None:
    """From its first day, up to its end: all others would be refused."""
    mondays = [Weekly(0, time(8), time(12))]
    for tutor in (cast.ben, cast.dev):
        set_availability(requester=Requester(cast.owner, NOW), tutor_id=tutor.pk, spans=mondays)
    seen = read(oona, f"/relationships/{from_the_14th.pk}/sessions/new")
    assert "Mon 9 Nov" not in seen
    assert "Both are free Mon 16 Nov, 08:00 to 12:00 Mon 23 Nov, 08:00 to 12:00" in seen
    end(
        requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk, on=date(2026, 11, 9)
    )
    seen = read(oona, f"/relationships/{cast.ben_ana.pk}/sessions/new")
    assert "Both are free Mon 2 Nov, 09:15 to 12:00" in seen
    assert "Mon 9 Nov" not in seen


def test_who_goes_on_until_an_end_ahead_is_taught_together(oona: Client, cast: Cast) -> None:
    """Cleo, until 14 November: with Ana on the 9th, and in her lesson then, not on the 16th."""
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk, on=THE_14TH)
    cleo = cast.ben_cleo.pk
    assert has(oona, f"/relationships/{cast.ben_ana.pk}/sessions/new", cleo)
    early, late = booked(cast.ben_ana, at(9, 9)), booked(cast.ben_ana, at(16, 9))
    assert has(oona, f"/sessions/{early.pk}/join", cleo)
    assert not has(oona, f"/sessions/{late.pk}/join", cleo)


def test_an_hour_of_the_calendar_offers_who_teaches_on_its_day(
    oona: Client, cast: Cast, from_the_14th: TutorStudent
) -> None:
    """Ben until the 14th, Dev from then on; nobody in a pause."""
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk, on=THE_14TH)

    def offered(day: int) -> str:
        asked = {"at": f"2026-11-{day:02d}T16:00Z", "q": "Cleo"}
        return oona.get("/suggest/lessons", asked).content.decode()

    assert "with Ben" in offered(9)
    assert "with Dev" not in offered(9)
    assert "with Dev" in offered(16)
    assert "with Ben" not in offered(16)
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=from_the_14th.pk)
    assert "with Dev" not in offered(16)
