"""Who changed a lesson, for somebody who is told no sign-in address."""

from django.test import Client

from tandem.lessons.actions import edit
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, booked, user
from tests.web.reading import read


def test_an_owner_without_a_name_is_somebody_in_the_readers_language(
    ben: Client, cast: Cast
) -> None:
    """Inside a sentence, in English and in German: it stood there in English, as a name."""
    session = booked(cast.ben_ana, NOW)
    cast.owner.full_name = ""
    cast.owner.save()
    edit(requester=Requester(cast.owner, NOW), session_id=session.pk, changes={"notes": "Late"})
    assert "by somebody" in read(ben, f"/sessions/{session.pk}")
    account = user(cast.ben)
    account.language = "de"
    account.save()
    seen = read(ben, f"/sessions/{session.pk}")
    assert "durch jemand" in seen
    assert "omebody" not in seen
