"""Both applications at work in every phase: what each does, the other sees, and nothing fails."""

from pathlib import Path

import pytest

from tests.upgrade.live.deeds import (
    OLD_DEEDS,
    TANDEM_DEEDS,
    create_student,
    create_tutors,
    old_writes,
    student_of,
)
from tests.upgrade.live.playing import OldApplication, OldApplicationError
from tests.upgrade.live.steering import Live

pytestmark = pytest.mark.usefixtures("tandem")
SIDES = {
    "tutor": ("id", "email", "user_id"),
    "student": ("id", "tutor_id", "full_name", "subject", "year", "active", "parent_link_token"),
    "session": ("id", "student_id", "start_time", "end_time", "notes", "homework"),
}


def of_one_phase(live: Live, who: str) -> None:
    """Fail unless both sides say the same of what ``who`` made, when the rest is not there yet."""
    assert live.missed() == []
    for table, columns in SIDES.items():
        said, shown = (
            live.rows(
                f"SELECT {', '.join(columns)} FROM tandem_sync.{view}"
                f" WHERE id LIKE '{who}-%' ORDER BY id"
            )
            for view in (table, f"shown_{table}")
        )
        assert said == shown


def everything(live: Live, old: OldApplication, who: str, *, is_backfilled: bool) -> None:
    """Do every deed of both applications, and compare both sides after each."""
    for deed in OLD_DEEDS:
        deed(old, who)
        live.in_step() if is_backfilled else of_one_phase(live, who)
    for tandems in TANDEM_DEEDS:
        tandems(live, old, who)
        live.in_step() if is_backfilled else of_one_phase(live, who)


def only_the_old_one(old: OldApplication, who: str) -> None:
    for deed in OLD_DEEDS:
        deed(old, who)


def test_all_that_both_do_in_every_phase(live: Live, old: OldApplication) -> None:
    """Before, expanded, backfilled, switched, rolled back, and the same once more."""
    only_the_old_one(old, "before")
    live.expand()
    everything(live, old, "expanded", is_backfilled=False)
    # Those from before, whom no backfill has brought yet, are changed as well.
    old.do("student", "update", where={"id": "before-ana"}, data={"tutorId": "before-t1"})
    old.do("student", "update", where={"id": "before-many0"}, data={"active": False})
    old.do("session", "delete", where={"id": "before-past"})
    of_one_phase(live, "expanded")
    live.backfill()
    live.in_step()
    everything(live, old, "backfilled", is_backfilled=True)
    only_the_old_one(old, "waiting")
    live.in_step()
    live.switch()
    only_reads(live, old)
    live.rollback()
    only_the_old_one(old, "back")
    old.do("student", "update", where={"id": "backfilled-many0"}, data={"year": "12"})
    live.expand()
    everything(live, old, "again", is_backfilled=False)
    live.backfill()
    live.in_step()
    everything(live, old, "last", is_backfilled=True)


def only_reads(live: Live, old: OldApplication) -> None:
    """After the switch every write is refused and says why; reading and Tandem go on."""
    for kind, write in old_writes("waiting").items():
        with pytest.raises(OldApplicationError, match="business has moved to Tandem"):
            pytest.fail(f"{kind}: {old.begin(write).result(30)}")
    with pytest.raises(OldApplicationError, match="business has moved to Tandem"):
        old.together(*list(old_writes("waiting").values())[:2])
    live.in_step()
    for tandems in TANDEM_DEEDS:
        tandems(live, old, "waiting")
        live.in_step()
    found = old.do("student", "findMany", include={"sessions": True, "tutor": True})
    assert {"before-ana", "expanded-ana", "waiting-ana"} <= {s["id"] for s in found}


@pytest.mark.parametrize("drop", [False, True])
def test_what_the_old_application_is_told_at_the_end(
    live: Live, old: OldApplication, tmp_path: Path, *, drop: bool
) -> None:
    """Once its tables are put away or dropped, an error names the table that is not there."""
    create_tutors(old, "p")
    create_student(old, "p")
    live.join()
    live.verify()
    live.switch()
    live.verify()
    assert student_of(old, "p-ana")["id"] == "p-ana"
    live.contract(tmp_path, drop=drop)
    for step in (
        {"action": "findMany"},
        {"action": "update", "where": {"id": "p-ana"}, "data": {}},
    ):
        action = str(step.pop("action"))
        with pytest.raises(OldApplicationError, match=r"table `public\.Student` does not exist"):
            old.do("student", action, **step)
