"""The history of people while an older application shares the database."""

from datetime import UTC, datetime

import pytest

from tandem.lessons.end_relationship import end
from tandem.people.actions import update_student
from tandem.people.record_reads import NotedReads
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_old_writes import a_student, a_tutor

pytestmark = pytest.mark.usefixtures("tandem")
LINES = 'SELECT count(*) AS n, count("values") AS told FROM people_change'


def test_what_the_old_application_changes_leaves_no_line(live: Live, old: OldApplication) -> None:
    """Neither does what was brought over; what Tandem changes does, until the student is gone."""
    live.join()
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    old.do("student", "update", where={"id": "ana"}, data={"fullName": "Ana R."})
    assert live.one(LINES) == {"n": 0, "told": 0}
    update_student(
        requester=Requester(None, datetime.now(UTC)), student_id="ana", changes={"phone": "1"}
    )
    assert live.one(LINES) == {"n": 1, "told": 1}
    old.do("student", "delete", where={"id": "ana"})
    assert live.one(LINES) == {"n": 1, "told": 0}
    live.in_step()


def test_who_read_a_record_and_deeds_are_forgotten_with_the_student(
    live: Live, old: OldApplication
) -> None:
    """Also where the older application removes the student."""
    live.join()
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    noted = NotedReads()
    noted.note("an-account", "ana", datetime.now(UTC))
    noted.write()
    link = TutorStudent.objects.get(student="ana")
    end(requester=Requester(None, datetime.now(UTC)), tutor_student_id=link.pk)
    kept = """SELECT (SELECT count(*) FROM people_recordread) AS reads,
      (SELECT count(*) FROM lessons_deedpart) AS deeds"""
    assert live.one(kept) == {"reads": 1, "deeds": 1}
    old.do("student", "delete", where={"id": "ana"})
    assert live.one(kept) == {"reads": 0, "deeds": 0}
    live.in_step()
