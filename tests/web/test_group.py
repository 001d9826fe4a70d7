"""A lesson of several students is recorded on one page."""

from datetime import timedelta

from django.test import Client

from tandem.lessons.actions import edit, no_show, schedule_group
from tandem.lessons.models import Session
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast
from tests.web.reading import words
from tests.web.sending import fields, sent


def a_group(cast: Cast) -> list[Session]:
    """Return Ana's and Cleo's lesson with Ben of two hours ago."""
    begun = NOW - timedelta(hours=2)
    return schedule_group(
        requester=Requester(cast.owner, NOW),
        tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
        starts_at=begun,
        ends_at=begun + HOUR,
    )


def test_each_gets_a_record_from_one_page(ben: Client, cast: Cast) -> None:
    ana, cleo = a_group(cast)
    path = f"/sessions/{ana.pk}/group"
    assert path in ben.get(f"/sessions/{ana.pk}").content.decode()
    page = ben.get(path)
    assert "Ana Ruiz" in words(page)
    assert "Cleo Hart" in words(page)
    typed = {**fields(page), f"became_{cleo.pk}": "no_show", f"notes_{ana.pk}": "Waves"}
    assert "It is recorded, for each student." in words(sent(ben, path, typed))
    ana.refresh_from_db()
    cleo.refresh_from_db()
    assert (ana.status, ana.notes, cleo.status) == ("completed", "Waves", "no_show")


def test_what_somebody_else_wrote_meanwhile_is_not_lost(ben: Client, cast: Cast) -> None:
    """The form was filled in on what was there before: nothing is done."""
    ana, cleo = a_group(cast)
    path = f"/sessions/{ana.pk}/group"
    typed = fields(ben.get(path))
    edit(requester=Requester(cast.owner, NOW), session_id=cleo.pk, changes={"notes": "Late"})
    assert "Somebody else changed this" in words(sent(ben, path, typed))
    assert {*Session.objects.values_list("status", flat=True)} == {"scheduled"}


def test_what_became_of_it_meanwhile_is_said(ben: Client, cast: Cast) -> None:
    """Cleo was recorded as missed by somebody else: that is saved, not "nothing"."""
    ana, cleo = a_group(cast)
    path = f"/sessions/{ana.pk}/group"
    typed = fields(ben.get(path))
    no_show(requester=Requester(cast.owner, NOW), session_id=cleo.pk)
    seen = words(sent(ben, path, typed))
    assert "Saved now: No show" in seen
    assert "Saved now: nothing" not in seen


def test_who_does_not_hold_it_finds_no_page(dev: Client, cast: Cast) -> None:
    ana, _ = a_group(cast)
    assert dev.get(f"/sessions/{ana.pk}/group").status_code == 404
