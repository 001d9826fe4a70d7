"""What a rollback says that the old application cannot see."""

import pytest

from tandem.upgrade.live.report import rolled_back
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, connection, session, student, tutor


@pytest.mark.usefixtures("tandem")
def test_one_is_one(live: Live) -> None:
    """The words are right for any number of rows."""
    live.fill(tutor("t1"), student("ana", "t1")).join()
    change(live.url, "INSERT INTO people_student (id, full_name) VALUES ('ben', 'Ben')")
    assert "students whom nobody ever taught: 1 (ben)" in rolled_back(live.rollback())


def test_what_the_old_side_has_is_not_said_to_be_beyond_it(live: Live) -> None:
    """Where it knows students without a tutor and the tutor of a session, they are there."""
    live.fill(
        tutor("t1"),
        tutor("t2"),
        student("ana", "t1"),
        student("eve", None),
        connection("c", "ana", "t2"),
        session("one", "ana", tutorId="t2", connectionId="c"),
        half=True,
    ).join()
    kept = live.rollback().kept
    assert [(one.what, one.samples) for one in kept] == []
