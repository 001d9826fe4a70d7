"""A return lists what is to be heard: what a write brings about meanwhile is shown after it."""

import psycopg
import pytest

from drills.interleavings.oracle import Sides
from tandem.lessons import actions as lessons
from tandem.lessons.transfers import transfer
from tandem.people.requester import Requester
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_stopped_returns import LIST, NEW, STARTS, stops
from tests.upgrade.live.test_tandem_writes import booked, now, today
from tests.upgrade.old_databases import change, session, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")
LISTED = """SELECT source_table, source_id FROM tandem_sync.unheard
UNION SELECT 'Session', row_id FROM upgrade_unshownrow WHERE table_name = 'lessons_session'"""
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


@pytest.mark.parametrize("at", [*NEW, LIST])
def test_what_is_done_in_tandem_before_anything_is_shown(live: Live, at: str) -> None:
    """It is listed, too, and counts as all that was done there before; what is new stays."""
    rows = tutor("t1"), tutor("t2"), student("ana", "t1"), session("x", "ana", STARTS)
    live.fill(*rows, half=True).join()
    live.rollback()
    by_owner = Requester(None, now())
    for stop in stops(live.url, live.expand, ("Session", at)):
        if stop == "Session":
            continue
        lessons.edit(requester=by_owner, session_id="x", changes={"notes": "of Tandem"})
        made = booked(live.one("SELECT tutor_student_id AS id FROM lessons_session")["id"], 50).pk
        transfer(requester=by_owner, student_id="ana", to_tutor_id="t2", on=today())
    with psycopg.connect(live.url) as connection:
        differing = {(one.table, one.row_id) for one in Sides.read(connection).differences()}
    listed = {tuple(row.values()) for row in live.rows(LISTED)}
    assert ("Session", "x") in differing <= listed
    live.backfill()
    live.in_step()
    is_shown = at == NEW[-1]  # who teaches whom is, by then
    tutor_id = "t2" if is_shown else "t1"
    assert live.one('SELECT "tutorId" AS tutor FROM "Student"') == {"tutor": tutor_id}
    assert live.rows('SELECT id, notes FROM "Session" ORDER BY 1') == [
        {"id": made, "notes": "from Tandem"},
        {"id": "x", "notes": None},
    ]
