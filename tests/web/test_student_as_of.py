"""A student's page as of another day: who teaches, who may what, and nothing to change."""

from datetime import date, datetime

import pytest
from django.test import Client

from tandem.kit import time
from tandem.lessons.actions import cancel
from tandem.lessons.cover import cover
from tandem.lessons.transfers import transfer
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.relationships.actions import pause, resume
from tests.cast import NOW, Cast, at, booked, user
from tests.web.conftest import at_their_pages
from tests.web.reading import read, words


@pytest.fixture
def moved(cast: Cast) -> None:
    """On 14 December Ana goes from Ben to Dev; on 1 December Dev covers one lesson of Cara's."""
    transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        tutor_student_id=cast.ben_ana.pk,
        to_tutor_id=cast.dev.pk,
        on=date(2026, 12, 14),
        future_sessions="move",
    )
    covered = booked(cast.cara_ana, at(1, 16, month=12))
    cover(requester=Requester(cast.owner, NOW), session_id=covered.pk, tutor_id=cast.dev.pk)


def as_of(client: Client, cast: Cast, day: str) -> str:
    return read(client, f"/students/{cast.ana.pk}", as_of=day)


def added(cast: Cast, moment: datetime) -> None:
    """Let Ana have been added then."""
    Student.objects.filter(pk=cast.ana.pk).update(created_at=moment)


@pytest.mark.usefixtures("moved")
def test_the_page_tells_of_the_day(oona: Client, cast: Cast) -> None:
    """Before the transfer Ben is primary, from its day on Dev; before the term there was nobody."""
    before = as_of(oona, cast, "2026-12-13")
    assert "As of Sun 13 Dec 2026 · Back to today" in before
    assert "Who will teach Ana on Sun 13 Dec 2026?" in before
    assert "Ben Physics Primary since Tue 1 Sep 2026, until Mon 14 Dec 2026" in before
    assert "Dev" not in before
    after = as_of(oona, cast, "2026-12-14")
    assert "Dev Physics Primary from Mon 14 Dec 2026" in after
    assert "Ben" not in after
    added(cast, at(1, 9, month=8))
    assert "Nobody" in as_of(oona, cast, "2026-08-31")


@pytest.mark.usefixtures("moved")
def test_it_tells_who_may_what(oona: Client, cast: Cast) -> None:
    """Who teaches may change the record; a cover opens its lessons alone."""
    seen = as_of(oona, cast, "2026-12-01")
    assert seen.count("Will be able to change the record, plan and record sessions") == 2
    dev = seen.index("Dev Maths Cover")
    assert "Will see the name and the sessions that were taken over, and no more." in seen[dev:]


def test_a_pause_is_told_as_it_was_on_the_day(oona: Client, cast: Cast) -> None:
    """It was paused from the 2nd to the 20th of October, and is not today."""
    for change, day in ((pause, 2), (resume, 20)):
        then = Requester(cast.owner, at(day, 9, month=10))
        change(requester=then, tutor_student_id=cast.ben_ana.pk)
    assert "Paused" not in as_of(oona, cast, "2026-10-21")
    seen = as_of(oona, cast, "2026-10-10")
    assert "Paused" in seen
    assert "planned no sessions while it was paused" in seen


@pytest.mark.usefixtures("moved")
def test_the_sessions_of_the_day_stand_there(oona: Client, cast: Cast) -> None:
    """Those of that day alone, with who holds them and what became of them."""
    booked(cast.ben_ana, at(2, 18, month=12))
    off = booked(cast.ben_ana, at(1, 10, month=12))
    cancel(requester=Requester(cast.owner, NOW), session_id=off.pk)
    seen = as_of(oona, cast, "2026-12-01")
    assert "10:00 to 11:00 Cancelled" in seen
    assert "16:00 to 17:00 Maths with Dev" in seen
    assert "18:00" not in seen
    assert "Sessions on that day None." in as_of(oona, cast, "2026-12-03")


@pytest.mark.usefixtures("moved")
def test_nobody_on_a_day_is_told_as_its_reader_may_know(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """An owner sees all, so nobody is nobody; a tutor is told that others may have taught."""
    added(cast, at(1, 9, month=8))
    seen = as_of(oona, cast, "2026-08-31")
    assert "Nobody." in seen
    assert "Nobody whom you may see." not in seen
    assert "Nobody whom you may see." in as_of(ben, cast, "2026-08-31")


def test_of_a_day_before_the_student_was_added_it_says_so(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """Nobody can know whether anybody taught then; what was entered later is told all the same."""
    added(cast, at(20, 9, month=10))
    seen = as_of(oona, cast, "2020-01-01")
    assert "Ana Ruiz was added here on Tue 20 Oct 2026." in seen
    assert "it does not know who taught then" in seen
    for unknown in ("Nobody", "None.", "Who taught"):
        assert unknown not in seen
    assert "there is nothing that you may see" in as_of(ben, cast, "2020-01-01")
    assert "was added here" not in as_of(oona, cast, "2026-10-20")
    assert "Ben Physics" in as_of(oona, cast, "2026-10-01")
    german = read(oona, f"/students/{cast.ana.pk}", as_of="2020-01-01", lang="de")
    assert "wurde hier am Di, 20. Okt 2026 eingetragen" in german


def test_nothing_can_be_done_there(oona: Client, cast: Cast) -> None:
    """No deed, no address, no link of the parents; the one form asks for another day."""
    page = oona.get(f"/students/{cast.ana.pk}", {"as_of": "2026-12-01"}).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert main.count("<form") == 1
    assert 'method="get"' in main
    for word in (
        "Edit",
        "Change…",
        "Plan a session",
        "Add a tutor",
        "Erase",
        "ruiz@home",
        "/parent/",
    ):
        assert word not in main, word


@pytest.mark.usefixtures("moved")
def test_a_day_that_is_over_is_told_as_past(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at on 20 December: who taught, from when to when, and could do what."""
    monkeypatch.setattr(time, "utc_now", lambda: at(20, 9, month=12))
    oona = at_their_pages(cast.owner)
    seen = as_of(oona, cast, "2026-12-01")
    assert "Who taught Ana on Tue 1 Dec 2026?" in seen
    assert "Ben Physics Primary Tue 1 Sep 2026 to Mon 14 Dec 2026" in seen
    assert "Cara Maths since Tue 1 Sep 2026" in seen
    assert seen.count("Could change the record, plan and record sessions, and was told") == 2
    assert "Saw the name and the sessions that were taken over, and no more." in seen
    for present in ("May change", "Sees", "teaches Ana", "will"):
        assert present not in seen
    german = read(oona, f"/students/{cast.ana.pk}", as_of="2026-12-01", lang="de")
    assert "Wer hat Ana am Di, 1. Dez 2026 unterrichtet?" in german


def test_a_pause_ahead_is_told_as_to_come(oona: Client, cast: Cast) -> None:
    """It is paused now, and will be then."""
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    seen = as_of(oona, cast, "2026-12-01")
    assert "will plan no sessions while it is paused" in seen


def test_today_is_the_page_itself(oona: Client, cast: Cast) -> None:
    """Two clicks lead from it: a day, and Show."""
    for query in ({}, {"as_of": ""}, {"as_of": "2026-11-02"}):
        page = oona.get(f"/students/{cast.ana.pk}", query).content.decode()
        assert 'name="as_of"' in page
        assert "Back to today" not in page
        assert "Add a tutor" in page


@pytest.mark.parametrize("day", ["nonsense", "2026-02-30", "0001-01-01"])
def test_no_day_is_told_of_as_one(oona: Client, cast: Cast, day: str) -> None:
    """It is refused with what is wrong beside the field."""
    response = oona.get(f"/students/{cast.ana.pk}", {"as_of": day})
    assert response.status_code == 422
    assert "As of" in words(response)


@pytest.mark.usefixtures("moved")
def test_who_may_not_see_her_today_sees_no_other_day(cast: Cast, ben: Client) -> None:
    """A day of the past opens nothing; who teaches her sees who else did, or will."""
    cara = at_their_pages(user(cast.cara))
    assert "Cara Maths" in as_of(ben, cast, "2026-12-01")
    assert "Dev Physics" in as_of(cara, cast, "2026-12-20")
    cleo = cara.get(f"/students/{cast.cleo.pk}", {"as_of": "2026-12-01"})
    assert cleo.status_code == 404
