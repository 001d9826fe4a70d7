"""Parents' links while both applications run: the old side knows no last day and no strength."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tandem.people.actions import rotate_parent_link
from tandem.people.models import ParentLink
from tandem.people.weak_links import rotate_weak_links
from tests.upgrade.gradual.steering import Live, command
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
    (made,) = rotate_weak_links(actor=None, now=now())
    assert tokens(live) == {"ana": made.parent_link_token, "bea": STRONG}
    live.in_step()


def test_a_last_day_ends_with_the_link_that_the_old_side_replaces(live: Live) -> None:
    """Both sides stay in step with a last day; a token written there begins without one."""
    live.fill(tutor("t1"), student("ana", "t1"))
    live.join()
    last_day = date.today() + timedelta(days=9)  # noqa: DTZ011 - any day ahead will do
    made = rotate_parent_link(actor=None, now=now(), student_id="ana", last_day=last_day)
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
