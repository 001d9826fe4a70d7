"""What students would like to learn stands in no write's way while the old application runs."""

import pytest

from tandem.people.models import LearningWish
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import create_wish, visible_wishes
from tandem.relationships.wishes import open_wishes
from tests.cast import NOW
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, student, tutor

ROWS = [
    tutor("ben"),
    tutor("cara"),
    student("ana", "ben", subject="Maths"),
    student("bea", "ben", subject="Maths"),
]


def wishing(student_id: str, subject: str) -> str:
    wanted = Wanted(subject, "advanced")
    return create_wish(requester=Requester(None, NOW), student_id=student_id, wanted=wanted).pk


def still_open() -> set[str]:
    rows = open_wishes(visible_wishes(viewer_of(None)), NOW.date())
    return {f"{row.student_id} {row.subject.name}" for row in rows}


@pytest.mark.usefixtures("tandem")
def test_the_old_application_writes_on(live: Live) -> None:
    """Who is deleted there takes the wishes along; a subject that is taught there fulfils one."""
    live.fill(*ROWS)
    live.join()
    for key in ("ana", "bea"):
        wishing(key, "Latin")
    assert still_open() == {"ana Latin", "bea Latin"}
    change(live.url, """UPDATE "Student" SET subject = 'latin' WHERE id = 'ana'""")
    assert still_open() == {"bea Latin"}
    change(live.url, """UPDATE "Student" SET id = 'zoe' WHERE id = 'bea'""")
    assert still_open() == {"zoe Latin"}
    change(live.url, """DELETE FROM "Student" WHERE id = 'zoe'""")
    assert set(LearningWish.objects.values_list("student", flat=True)) == {"ana"}
    change(live.url, """DELETE FROM "Tutor" WHERE id = 'ben'""")
    assert not LearningWish.objects.exists()
    assert live.verify() == []
