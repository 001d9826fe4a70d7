"""Who is back early gets a group's lesson back whole, or leaves it whole."""

from django.test import Client

from tandem.lessons.actions import schedule_group
from tandem.lessons.models import Session, TimeOff
from tandem.people.actions import set_subjects
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import words
from tests.web.sending import fields, sent
from tests.web.test_time_off import looked


def test_a_group_stays_with_who_covers_it_or_goes_back_as_one(oona: Client, cast: Cast) -> None:
    """One tick for all who are taught together, and one for who is taught alone."""
    owner = Requester(cast.owner, NOW)
    set_subjects(
        requester=owner, tutor_id=cast.dev.pk, subjects=[Taught("Physics"), Taught("Maths")]
    )
    group = schedule_group(
        requester=owner,
        tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
        starts_at=at(18, 9),
        ends_at=at(18, 10),
    )
    alone = booked(cast.ben_ana, at(19, 9))
    path = f"/tutors/{cast.ben.pk}/time-off"
    typed = {"first_day": "2026-11-17", "last_day": "2026-11-20", "sessions": "keep"}
    covers = {f"do_{one.pk}": f"cover {cast.dev.pk}" for one in (group[0], alone)}
    sent(oona, path, fields(oona.get(path, {**typed, **covers})))
    assert {one.tutor for one in Session.objects.all()} == {cast.dev}
    path = f"{path}/{TimeOff.objects.get().pk}/back"
    seen = oona.get(path, {"back_on": "2026-11-18"})
    assert "Leave Ana Ruiz and Cleo Hart on Wed 18 Nov 2026, 09:00 with Dev" in words(seen)
    keep = next(
        f"keep_{one.pk}" for one in group if f'name="keep_{one.pk}"' in seen.content.decode()
    )
    again = looked(oona, path, seen, **{keep: "on"})
    sent(oona, path, fields(again))
    assert {Session.objects.get(pk=one.pk).tutor for one in group} == {cast.dev}
    assert Session.objects.get(pk=alone.pk).tutor == cast.ben
