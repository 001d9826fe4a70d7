"""Parents' links while both applications run: the old side knows no last day and no strength."""

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from tandem.people.actions import create_student, rotate_parent_link
from tandem.people.link_keys import SETTING, opened
from tandem.people.link_sealing import kept_form, seal_waiting_links
from tandem.people.models import ParentLink, Student
from tandem.people.queries import viewer_of_parent_link
from tandem.people.requester import Requester
from tandem.people.weak_links import rotate_weak_links
from tandem.upgrade.errors import UpgradeRefusedError
from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import change, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")
STRONG = "0b0e4c1e-7a39-4e4f-a52e-3f9f7f0f6a77"


def now() -> datetime:
    return datetime.now(UTC)


def tokens(live: Live) -> dict[str, str]:
    """Return the links as the old side has them, by student."""
    rows = live.rows("""SELECT id, "parentLinkToken" AS token FROM "Student" ORDER BY id""")
    return {row["id"]: row["token"] for row in rows}


def test_weak_links_are_named_and_made_anew_on_both_sides(live: Live) -> None:
    """Check names them on the live database; the old application then hands out the new ones."""
    live.fill(tutor("t1"), student("ana", "t1"), student("bea", "t1", parentLinkToken=STRONG))
    found = command(live.url, "check")[1]
    assert [(one["rule"], one["samples"]) for one in found["notices"]] == [("weak_link", ["ana"])]
    assert found["faults"] == []
    live.join()
    (made,) = rotate_weak_links(requester=Requester(None, now()))
    assert tokens(live) == {"ana": made.parent_link_token, "bea": STRONG}
    live.in_step()


def test_a_last_day_ends_with_the_link_that_the_old_side_replaces(live: Live) -> None:
    """Both sides stay in step with a last day; a token written there begins without one."""
    live.fill(tutor("t1"), student("ana", "t1"))
    live.join()
    last_day = date.today() + timedelta(days=9)  # noqa: DTZ011 - any day ahead will do
    made = rotate_parent_link(requester=Requester(None, now()), student_id="ana", last_day=last_day)
    assert tokens(live) == {"ana": made.parent_link_token}
    live.in_step()
    change(live.url, """UPDATE "Student" SET "fullName" = 'Ana R.'""")
    assert ParentLink.objects.get(student="ana").last_day == last_day
    change(live.url, """UPDATE "Student" SET "parentLinkToken" = 'another'""")
    assert not ParentLink.objects.exists()
    live.in_step()


def test_the_old_side_deletes_a_student_whose_link_was_opened(live: Live) -> None:
    """What is known of the link goes too, and refuses nothing."""
    live.fill(tutor("t1"), student("ana", "t1"))
    live.join()
    ParentLink.objects.create(student_id="ana", opened_on=date(2026, 11, 2))
    change(live.url, """DELETE FROM "Student" WHERE id = 'ana'""")
    assert not ParentLink.objects.exists()
    live.in_step()


def kept(live: Live) -> dict[str, str]:
    """Return the links as Tandem's table has them, by student."""
    rows = live.rows("SELECT id, parent_link_token AS token FROM people_student ORDER BY id")
    return {row["id"]: row["token"] for row in rows}


def page_of(token: str) -> str | None:
    return viewer_of_parent_link(token, now=now()).student_id


def test_links_are_sealed_when_the_old_side_is_put_away(live: Live, tmp_path: Path) -> None:
    """Plain on both sides up to there, whoever writes; then nowhere, and every address goes on."""
    live.fill(tutor("t1"), student("ana", "t1"), student("bea", "t1", parentLinkToken=STRONG))
    live.join()
    made = rotate_parent_link(requester=Requester(None, now()), student_id="ana").parent_link_token
    change(live.url, """UPDATE "Student" SET "parentLinkToken" = 'written' WHERE id = 'bea'""")
    assert seal_waiting_links() == 0
    assert kept(live) == tokens(live) == {"ana": made, "bea": "written"}
    assert page_of("written") == "bea"
    assert live.verify() == []
    live.switch()
    assert live.verify() == []
    live.contract(tmp_path)
    sealed = kept(live)
    assert all(one.startswith("aes-siv:") for one in sealed.values())
    assert {pk: opened(one) for pk, one in sealed.items()} == {"ana": made, "bea": "written"}
    assert (page_of(made or ""), page_of("written")) == ("ana", "bea")
    archived = live.rows("""SELECT "parentLinkToken" AS token FROM legacy_archive."Student" """)
    assert not {one["token"] for one in archived} & {made, "written", STRONG}
    assert kept_form("another").startswith("aes-siv:")


def test_what_tandem_sealed_alone_is_opened_for_an_old_side(live: Live) -> None:
    """A student made before the old tables were joined: the old application hands out this link."""
    live.fill(tutor("t1"), student("ana", "t1"))
    live.join()
    live.rollback()
    change(live.url, "UPDATE upgrade_gradualupgrade SET phase = 'not begun'")
    assert seal_waiting_links() == 1
    live.join()
    assert kept(live) == tokens(live) == {"ana": "token-ana"}
    live.in_step()


def test_after_a_rollback_links_stay_plain(live: Live) -> None:
    """The old application stands beside, and may be joined again."""
    live.fill(tutor("t1"), student("ana", "t1"))
    live.join()
    live.rollback()
    made = create_student(requester=Requester(None, now()), full_name="Una")
    assert seal_waiting_links() == 0
    assert kept(live) == {"ana": "token-ana", made.pk: made.parent_link_token}


def test_links_of_a_lost_key_are_not_given_to_an_old_side(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused before anything is done; with the key back it goes on."""
    live.fill(tutor("t1"))
    create_student(requester=Requester(None, now()), full_name="Una")
    with monkeypatch.context() as patched:
        patched.setenv(SETTING, "another-key-than-the-one-that-they-were-sealed-with")
        with pytest.raises(UpgradeRefusedError, match="key that is not here"):
            live.expand()
    assert not live.rows("SELECT FROM upgrade_gradualupgrade")
    live.expand()
    assert not Student.objects.filter(kept_link__startswith="aes-siv:").exists()


def test_an_upgrade_waits_for_who_is_at_sealing(live: Live) -> None:
    """A student who is being made while it begins is plain when it has begun."""
    live.fill(tutor("t1"))
    with transaction.atomic():
        create_student(requester=Requester(None, now()), full_name="Una")
        expanding = threading.Thread(target=live.expand)
        expanding.start()
        while not live.rows("SELECT FROM upgrade_gradualupgrade"):
            assert expanding.is_alive()
        waits = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while not live.rows(waits):
            assert expanding.is_alive()
    expanding.join()
    assert not Student.objects.filter(kept_link__startswith="aes-siv:").exists()
