"""Ten callers at the same moment."""

from functools import partial

import pytest

from tandem.lessons.models import Session
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol
from tests.api.client import Caller, refusal, said
from tests.cast import NOW, link
from tests.once import gathered
from tests.together import together


@pytest.mark.django_db(transaction=True)
def test_ten_bookings_of_one_hour_make_one_session(transactional_db: None) -> None:
    """One 201, nine 409 that name the one session there is."""
    cast = gathered()
    students = [
        enrol(
            requester=Requester(None, NOW), full_name=f"Student {n}", tutors=[Pairing(cast.dev.pk)]
        )
        for n in range(10)
    ]
    callers = [Caller(cast.owner) for _ in students]
    hour = {"startTime": "2027-03-01T16:00:00Z", "endTime": "2027-03-01T17:00:00Z"}
    answers = together(
        *(
            partial(
                caller.post,
                "sessions",
                {**hour, "tutorStudentId": link(cast.dev, student).pk},
            )
            for caller, student in zip(callers, students, strict=True)
        )
    )

    assert sorted(one.status_code for one in answers) == [201, *[409] * 9]
    (session,) = Session.objects.all()
    for one in answers:
        if one.status_code == 201:
            assert said(one, 201)["session"]["id"] == session.pk
        else:
            problem = refusal(one, 409, "conflict")
            assert problem["reason"] == "tutor_busy"
            assert [there["id"] for there in problem["sessions"]] == [session.pk]
