"""While both run, a student whom nobody teaches yet is in Tandem alone, until somebody does."""

import pytest

from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_old_writes import a_tutor
from tests.upgrade.live.test_tandem_writes import now

pytestmark = pytest.mark.usefixtures("tandem")


def test_who_waits_for_a_tutor_is_shown_once_there_is_one(live: Live, old: OldApplication) -> None:
    """A student of nobody yet; the old application has each with the tutor who is primary."""
    live.join()
    a_tutor(old, "t1")
    student = relationships.enrol(requester=Requester(None, now()), full_name="Dina")
    live.in_step()
    relationships.pair(
        requester=Requester(None, now()), student_id=student.pk, tutor_id="t1", subject=""
    )
    live.in_step()
    found = old.do("student", "findUnique", where={"id": student.pk})
    assert (found["fullName"], found["tutorId"]) == ("Dina", "t1")
