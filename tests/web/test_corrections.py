"""Mistakes corrected by clicking: a start, an end, a pairing."""

from django.test import Client

from tandem.lessons.end_relationship import end
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import fields, opened, send, sent


def test_a_start_is_corrected(oona: Client, cast: Cast) -> None:
    """The form has the day that is saved; a day after a session is refused in words."""
    path = f"/relationships/{cast.ben_ana.pk}"
    assert "The day it began" in read(oona, path)
    assert opened(oona, f"{path}/start")["started_on"] == "2026-09-01"
    after = words(send(oona, f"{path}/start", started_on="2026-08-03"))
    assert "Ben Physics Primary since Mon 3 Aug 2026" in after
    assert "The start of Ben was corrected to Mon 3 Aug 2026" in after
    booked(cast.ben_ana, at(5, 10))
    answer = send(oona, f"{path}/start", started_on="2026-11-06")
    assert answer.status_code == 409
    assert "1 session lies before Fri 6 Nov 2026, on " in words(answer)


def test_an_end_is_taken_back_after_a_look(oona: Client, cast: Cast) -> None:
    """What comes back and what stays cancelled; something new since then is shown first."""
    booked(cast.ben_ana, at(17, 16))
    booked(cast.ben_ana, at(18, 16))
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        future_sessions="cancel",
    )
    path = f"/relationships/{cast.ben_ana.pk}"
    assert "Take its end back" in read(oona, path)
    page = oona.get(f"{path}/reopen")
    assert "2 sessions will be planned again" in words(page)
    booked(cast.ben_cleo, at(18, 16))
    answer = sent(oona, f"{path}/reopen", fields(page))
    assert answer.status_code == 409
    assert "Something has changed since you looked" in words(answer)
    assert "Wed 18 Nov 2026, 16:00: the tutor already has a session" in words(answer)
    after = words(sent(oona, f"{path}/reopen", fields(answer)))
    assert "Ben Physics Primary since Tue 1 Sep 2026" in after
    assert "Ben goes on teaching: the end was taken back" in after
    assert "Take its end back" not in read(oona, path)


def test_a_mistaken_pairing_is_removed(oona: Client, ben: Client, cast: Cast) -> None:
    """It leaves the page, and the history tells of it; a tutor may not."""
    slip = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Greek",
    )
    path = f"/relationships/{slip.pk}"
    assert ben.get(f"{path}/remove").status_code == 403
    assert "Remove it: it was a mistake" in read(oona, path)
    after = words(send(oona, f"{path}/remove"))
    assert "The pairing with Dev Greek was a mistake and was removed" in after
    assert oona.get(path).status_code == 404
    booked(cast.ben_ana, at(17, 16))
    assert "Remove it: it was a mistake" not in read(oona, f"/relationships/{cast.ben_ana.pk}")
    refused = send(oona, f"/relationships/{cast.ben_ana.pk}/remove")
    assert refused.status_code == 409
    assert "which removing it would lose" in words(refused)
