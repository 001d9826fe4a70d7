"""Who could cover: the student's own tutors who are free, then others who teach the subject."""

from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.insights.cover import cover_candidates, sessions_to_cover
from tandem.insights.matching import Hours
from tandem.kit.errors import ForbiddenError
from tandem.lessons.actions import cancel
from tandem.lessons.models import Availability, Session, TimeOff
from tandem.lessons.queries import with_people
from tandem.people.actions import set_subjects
from tandem.people.models import Tutor
from tandem.people.queries import Viewer, viewer_of
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tests.cast import NOW, Cast, a_tutor, at, booked, user

OWNER = Viewer(is_owner=True)


def teach(cast: Cast, tutor: Tutor, subject: str, level: str = "") -> None:
    """Let a tutor teach a subject."""
    set_subjects(
        requester=Requester(cast.owner, NOW), tutor_id=tutor.pk, subjects=[Taught(subject, level)]
    )


def candidates(session: Session) -> dict[str, str]:
    """Return who could cover, best first, with the first reason for each."""
    row = with_people(Session.objects.all()).get(pk=session.pk)
    found = cover_candidates(OWNER, [row])[session.pk]
    return {one.facts.name: one.reasons[0] for one in found}


def test_own_tutors_come_before_others_who_teach_it(cast: Cast) -> None:
    """Cara teaches Ana (maths), Dev is an expert in physics, Fay teaches neither."""
    a_tutor(cast.owner, "Fay")
    teach(cast, cast.dev, "Physics", "expert")
    session = booked(cast.ben_ana, at(17, 16))
    assert candidates(session) == {
        "Cara": "Teaches this student already.",
        "Dev": "Has nothing in these hours.",
    }


def test_who_is_busy_away_or_not_available_is_left_out(cast: Cast) -> None:
    """Each in turn; who said to be free is named as free."""
    session = booked(cast.ben_ana, at(17, 16))
    teach(cast, cast.dev, "Physics")
    off = TimeOff.objects.create(tutor=cast.cara, starts_at=at(17, 0), ends_at=at(18, 0))
    assert list(candidates(session)) == ["Dev"]
    off.delete()
    booked(cast.cara_ana, at(17, 17))
    row = Availability.objects.create(tutor=cast.dev, weekday=1, starts=time(9), ends=time(12))
    assert list(candidates(session)) == ["Cara"]
    row.ends = time(18)
    row.save()
    assert candidates(session)["Dev"] == "Is free in these hours."


def test_what_an_absence_leaves_is_what_is_scheduled_in_it(cast: Cast) -> None:
    """What only touches it, is called off or another's is not in it."""
    inside, across = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_cleo, at(17, 8, 30))
    booked(cast.ben_ana, at(17, 7, 30))
    off = booked(cast.ben_ana, at(17, 12))
    cancel(requester=Requester(None, NOW), session_id=off.pk)
    booked(cast.cara_ana, at(17, 10))
    rows = sessions_to_cover(OWNER, tutor_id=cast.ben.pk, hours=Hours(at(17, 9), at(17, 18)))
    assert list(rows) == [across, inside]


def test_only_an_owner_is_told(cast: Cast) -> None:
    """It tells how everybody works."""
    with pytest.raises(ForbiddenError):
        cover_candidates(viewer_of(user(cast.ben)), [booked(cast.ben_ana, at(17, 16))])


def test_many_sessions_take_no_more_queries(cast: Cast) -> None:
    """As many for twenty as for one."""

    def queries(number: int) -> int:
        rows = list(with_people(Session.objects.order_by("starts_at"))[:number])
        with CaptureQueriesContext(connection) as seen:
            cover_candidates(OWNER, rows)
        return len(seen)

    for day in range(3, 23):
        booked(cast.ben_ana, at(day, 16))
    assert queries(1) == queries(20) <= 8
