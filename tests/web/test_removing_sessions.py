"""Removing a lesson by clicking is offered only where nobody has to pay for it."""

from datetime import timedelta

from django.test import Client

from tandem.lessons.actions import cancel
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.cover import cover
from tandem.lessons.models import Session
from tandem.lessons.policies import change_policy
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, booked
from tests.web.reading import read, words
from tests.web.sending import opened, sent


def test_a_charged_lesson_is_not_removed_but_a_free_one_is(ben: Client, cast: Cast) -> None:
    """A form that was open before is refused in words."""
    change_policy(requester=Requester(cast.owner, NOW), changes={"free_until_hours": 24})
    session = booked(cast.ben_ana, NOW + timedelta(hours=21))
    path = f"/sessions/{session.pk}"
    assert "Remove it" in read(ben, path)
    form = opened(ben, f"{path}/delete")
    cancel(
        requester=Requester(None, NOW),
        session_id=session.pk,
        cancelling=Cancelling("family", "Flu"),
    )
    assert "Remove it" not in read(ben, path)
    form["form_seen"] = Session.objects.get().updated_at.isoformat()
    refused = sent(ben, f"{path}/delete", form)
    assert refused.status_code == 409
    assert "This lesson was cancelled late and is charged, so it stays." in words(refused)
    assert Session.objects.exists()
    sent(ben, f"{path}/reinstate", opened(ben, f"{path}/reinstate"))
    sent(ben, f"{path}/delete", opened(ben, f"{path}/delete"))
    assert not Session.objects.exists()


def test_who_covers_is_not_offered_to_remove_a_lesson(
    oona: Client, dev: Client, cast: Cast
) -> None:
    """But to cancel it; an owner may remove it, and a form of a tab is refused in words."""
    session = booked(cast.ben_ana, NOW + timedelta(hours=21))
    cover(requester=Requester(cast.owner, NOW), session_id=session.pk, tutor_id=cast.dev.pk)
    path = f"/sessions/{session.pk}"
    assert "Cancel it" in read(dev, path)
    assert "Remove it" not in read(dev, path)
    assert "Remove it" in read(oona, path)
    answer = sent(dev, f"{path}/delete", opened(dev, f"{path}/delete"))
    assert "This tutor only covers this session. Cancel it instead" in words(answer)
    assert Session.objects.exists()
