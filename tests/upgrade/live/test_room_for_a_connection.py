"""The old table has room for one connection of a tutor, student and subject: who is next."""

from datetime import UTC, datetime

import pytest

from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, connection, ms, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")


@pytest.mark.parametrize(
    "write",
    [
        """UPDATE "StudentTutorConnection" SET subject = 'Latin' WHERE id = 'c2'""",
        """DELETE FROM "StudentTutorConnection" WHERE id = 'c2'""",
    ],
)
def test_who_comes_back_is_shown_once_there_is_room(live: Live, write: str) -> None:
    """The old application gives the ended one another subject, or deletes it."""
    ended = connection(
        "c2", "ana", "t2", subject="Art", status="completed",
        startDate=ms("2026-01-05 09:00"), endDate=ms("2026-02-05 09:00"),
    )  # fmt: skip
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), ended, half=True).join()
    again = relationships.pair(
        requester=Requester(None, datetime.now(UTC)), tutor_id="t2", student_id="ana", subject="Art"
    )
    there = f"""SELECT status FROM "StudentTutorConnection" WHERE id = '{again.pk}'"""
    assert live.rows(there) == []
    live.in_step()
    change(live.url, write)
    live.in_step()
    assert live.rows(there) == [{"status": "active"}]


def test_who_is_primary_is_shown_once_there_is_room(live: Live) -> None:
    """The old application gives the student another subject, so the primary one has it."""
    ended = connection(
        "c2", "ana", "t2", subject="Art", status="completed",
        startDate=ms("2026-01-05 09:00"), endDate=ms("2026-02-05 09:00"),
    )  # fmt: skip
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), ended, half=True).join()
    requester = Requester(None, datetime.now(UTC))
    again = relationships.pair(
        requester=requester, tutor_id="t2", student_id="ana", subject="Art", primary=True
    )
    there = f"""SELECT subject FROM "StudentTutorConnection" WHERE id = '{again.pk}'"""
    assert live.rows(there) == []
    live.in_step()
    change(live.url, """UPDATE "Student" SET subject = 'Latin' WHERE id = 'ana'""")
    live.in_step()
    assert live.rows(there) == [{"subject": "Latin"}]
