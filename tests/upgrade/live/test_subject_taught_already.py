"""The old application names a subject of a student that the tutor teaches them already."""

from datetime import timedelta

import pytest

from tandem.lessons.transfers import transfer
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_tandem_writes import now, today
from tests.upgrade.old_databases import change, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")
BECOMES_ART = """UPDATE "Student" SET subject = 'Art', active = true WHERE id = 'ana'"""


def both(live: Live, *, half: bool) -> None:
    """Ana learns maths from the first tutor, by the row, and art by what was made in Tandem."""
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), half=half).join()
    relationships.pair(
        requester=Requester(None, now()), tutor_id="t1", student_id="ana", subject="Art"
    )
    live.in_step()


def standing(live: Live) -> list[tuple[str, str, bool, str]]:
    return [
        (link["subject"], link["status"], link["is_primary"], link["legacy_fault"])
        for link in live.links("ana")
    ]


@pytest.mark.parametrize("half", [False, True])
def test_that_relationship_becomes_the_primary_one(live: Live, *, half: bool) -> None:
    """And the other goes on beside it, also as a connection, where there are any."""
    both(live, half=half)
    change(live.url, BECOMES_ART)
    assert standing(live) == [("maths", "active", False, ""), ("art", "active", True, "")]
    live.in_step()
    change(live.url, """UPDATE "Student" SET subject = 'Maths' WHERE id = 'ana'""")
    assert standing(live) == [("maths", "active", True, ""), ("art", "active", False, "")]
    live.in_step()


@pytest.mark.parametrize("half", [False, True])
def test_until_the_day_of_a_plan(live: Live, *, half: bool) -> None:
    both(live, half=half)
    on = today() + timedelta(days=40)
    transfer(requester=Requester(None, now()), student_id="ana", to_tutor_id="t2", on=on)
    change(live.url, BECOMES_ART)
    live.in_step()
    shown = live.one("""SELECT "tutorId" AS tutor, lower(subject) AS subject FROM "Student" """)
    assert shown == {"tutor": "t1", "subject": "art"}


def test_a_subject_that_nobody_teaches_yet_is_the_primary_ones(live: Live) -> None:
    both(live, half=False)
    change(live.url, """UPDATE "Student" SET subject = 'Latin' WHERE id = 'ana'""")
    assert standing(live) == [("latin", "active", True, ""), ("art", "active", False, "")]
    live.in_step()
