"""A site with something on every page, long names and a fault among it."""

from datetime import time

from tandem.kit.weekly import Weekly
from tandem.lessons.actions import complete
from tandem.lessons.availability import set_availability
from tandem.lessons.models import Session
from tandem.lessons.policies import change_policy
from tandem.lessons.time_off import add_time_off
from tandem.people.actions import set_subjects
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.requests import request
from tandem.upgrade.models import UnlinkedLegacyRow
from tests.cast import DECEMBER, NOW, Cast, at, booked, user


def furnish(cast: Cast) -> None:
    """Put something on every page."""
    Student.objects.filter(pk=cast.cleo.pk).update(full_name="Cleopatra" * 12)
    Student.objects.create(full_name="שירה לוי", legacy_fault="dangling_tutor")
    held = booked(cast.ben_ana, at(12, 15, month=10))
    complete(
        requester=Requester(None, DECEMBER),
        session_id=held.pk,
        notes="Levers, then pulleys. https://example.org/" + "long" * 40,
        homework="Page 4",
        progress=4,
    )
    for start in (at(2, 8, 30), at(2, 16), at(9, 16)):
        booked(cast.ben_ana, start)
    booked(cast.cara_ana, at(10, 16))
    Session.objects.filter(pk=held.pk).update(legacy_fault="overlap")
    change_policy(requester=Requester(None, NOW), changes={"families_cancel": True})
    set_subjects(
        requester=Requester(None, NOW), tutor_id=cast.dev.pk, subjects=[Taught("Physics", "expert")]
    )
    set_availability(
        requester=Requester(None, NOW), tutor_id=cast.ben.pk, spans=[Weekly(0, time(15), time(18))]
    )
    add_time_off(
        requester=Requester(None, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(9, 0),
        ends_at=at(10, 0),
        reason="A course",
    )
    request(requester=Requester(user(cast.ben), NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    UnlinkedLegacyRow.objects.create(
        source_table="Session", source_id="s1", row={"notes": "Kept"}, reason="no_student"
    )
