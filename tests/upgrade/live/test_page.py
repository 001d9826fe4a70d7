"""The page of the move, while a move is made."""

import pytest
from django.test import Client

from tandem.people.accounts import create_account
from tandem.upgrade.live.lock import only_upgrade
from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_old_writes import a_session, a_student, a_tutor
from tests.upgrade.old_databases import change, session, student, tutor
from tests.web.reading import words


@pytest.mark.usefixtures("tandem")
def test_the_page_follows_the_move(live: Live, old: OldApplication) -> None:
    """Phase, step, rows of both sides, the command at work and the last comparison."""
    owner = create_account(email="oona@tandem.example", password="a long secret")
    page = Client()
    page.force_login(owner)
    assert "no move has begun" in words(page.get("/upgrade"))
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    a_session(old, "past", "ana", -5)
    live.expand()
    with only_upgrade(live.url, "backfill"):
        seen = words(page.get("/upgrade", headers={"HX-Request": "true"}))
    assert seen.startswith("The move is expanded since")
    assert "At work now: tandem upgrade backfill" in seen
    assert "0 of 1." in seen
    assert "Tutor 1 0 Student 1 0 Session 1 0 Who teaches whom – 0" in seen
    assert "have not been compared yet" in seen
    live.backfill()
    live.verify()
    seen = words(page.get("/upgrade"))
    assert "The move is backfilled since" in seen
    assert "No command is at work." in seen
    assert "Tutor 1 1 Student 1 1 Session 1 1 Who teaches whom – 1" in seen
    assert "not one difference." in seen
    live.rollback()
    seen = words(page.get("/upgrade"))
    assert "expand, to begin again" in seen


@pytest.mark.usefixtures("tandem")
def test_the_page_says_that_both_sides_have_parted(live: Live) -> None:
    """Nobody is sent on to the next step; which table it is, the command says."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana")).join()
    page = Client()
    page.force_login(create_account(email="oona@tandem.example", password="a long secret"))
    assert "verify, then switch" in words(page.get("/upgrade"))
    change(live.url, 'DROP TABLE "Session" CASCADE')
    seen = words(page.get("/upgrade"))
    assert "cannot go on together" in seen
    assert "Session – 1" in seen
    assert "verify, then switch" not in seen
