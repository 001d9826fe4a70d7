"""A tutor's key that the old application changed, and that something else holds fast."""

import pytest

from tandem.upgrade.errors import UpgradeRefusedError
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_changed_keys import NEW, PAST, ROWS, TUTORS, rename
from tests.upgrade.old_databases import change

HELD_FAST = """CREATE TABLE payroll (tutor text REFERENCES people_tutor (id));
INSERT INTO payroll VALUES ('t1')"""


def test_a_backfill_says_what_holds_the_key(live: Live) -> None:
    """And brings nobody under two names; once that is mended it goes on, and nothing was lost."""
    live.fill(*ROWS).join()
    change(live.url, HELD_FAST)
    before = live.rows(TUTORS)
    change(live.url, f"{PAST}; {rename('Tutor')}")
    with pytest.raises(UpgradeRefusedError) as refused:
        live.backfill()
    assert str(refused.value).startswith(
        f"The tutor t1 became {NEW} in the old application, and Tandem could not follow:"
    )
    assert "payroll" in str(refused.value)
    assert "Nothing was lost." in str(refused.value)
    assert live.rows(TUTORS) == before
    change(live.url, "DROP TABLE payroll")
    live.backfill()
    assert {row["id"] for row in live.rows(TUTORS)} == {NEW, "t2"}
    live.in_step()
