"""A return lists what is to be heard: what a write brings about meanwhile is shown after it."""

import pytest

from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_stopped_returns import LIST, STARTS, stops
from tests.upgrade.old_databases import change, session, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")
TRANSFER = """UPDATE "Student" SET "tutorId" = 't2'"""


@pytest.mark.parametrize("at", ["Session", LIST])
def test_a_change_of_tutor_takes_sessions_along_while_the_list_is_made(live: Live, at: str) -> None:
    """Too late for the list, and too early to be shown: it waits, and nobody takes it back."""
    rows = tutor("t1"), tutor("t2"), student("ana", "t1")
    live.fill(*rows, session("x", "ana", STARTS, tutorId="t1"), half=True).join()
    live.rollback()
    for stop in stops(live.url, live.expand, ("Session", LIST)):
        if stop == at:
            change(live.url, TRANSFER)
    live.backfill()
    live.in_step()
    assert live.one("SELECT tutor_id FROM lessons_session") == {"tutor_id": "t2"}
    assert live.one('SELECT "tutorId" FROM "Session"') == {"tutorId": "t2"}
