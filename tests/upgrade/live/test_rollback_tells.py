"""What a rollback says that the old application cannot see."""

import pytest

from tandem.upgrade.live.report import rolled_back
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, student, tutor


@pytest.mark.usefixtures("tandem")
def test_one_is_one(live: Live) -> None:
    """The words are right for any number of rows."""
    live.fill(tutor("t1"), student("ana", "t1")).join()
    change(live.url, "INSERT INTO people_student (id, full_name) VALUES ('ben', 'Ben')")
    assert "students whom nobody ever taught: 1 (ben)" in rolled_back(live.rollback())
