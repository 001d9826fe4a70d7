"""Relationships, by clicking: each change on its own page, wide ones with a look first."""

from datetime import date

import pytest
from django.test import Client

from tandem.lessons.actions import complete
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tests.cast import DECEMBER, NOW, Cast, at, booked, link
from tests.web.reading import read, words
from tests.web.sending import fields, send, sent


def test_subject_pause_resume_primary_and_notes(oona: Client, cast: Cast) -> None:
    """Each on its page; the student's page shows what came of it."""
    cara = f"/relationships/{cast.cara_ana.pk}"
    assert "Cara Chemistry since" in words(send(oona, f"{cara}/subject", subject="Chemistry"))
    assert "Cara Chemistry Paused" in words(send(oona, f"{cara}/pause", reason="Holiday"))
    assert "Cara Chemistry since" in words(send(oona, f"{cara}/resume"))
    assert "Cara Chemistry Primary since" in words(send(oona, f"{cara}/primary"))
    send(oona, f"{cara}/notes", notes="Likes puzzles.\nBring some.")
    assert "Likes puzzles. Bring some." in read(oona, cara)


def test_until_its_end_it_is_paused_and_resumed(oona: Client, cast: Cast) -> None:
    """The page offers it, and says until when; once it has ended, neither."""
    cara = f"/relationships/{cast.cara_ana.pk}"
    end(requester=Requester(None, NOW), tutor_student_id=cast.cara_ana.pk, on=date(2026, 12, 20))
    assert "Pause it" in read(oona, cara)
    paused = words(send(oona, f"{cara}/pause", reason="Holiday"))
    assert "Cara Maths Paused since Tue 1 Sep 2026, until Sun 20 Dec 2026" in paused
    seen = read(oona, cara)
    assert "Resume it" in seen
    assert "Plan a session" not in seen
    assert "Cara Maths since" in words(send(oona, f"{cara}/resume"))
    end(requester=Requester(None, NOW), tutor_student_id=cast.cara_ana.pk, on=NOW.date())
    over = read(oona, cara)
    assert "Pause it" not in over
    assert "Resume it" not in over


def test_a_pause_from_a_day_ahead_is_refused_beside_the_day(oona: Client, cast: Cast) -> None:
    """It would hold at once; the form says so, and nothing is changed."""
    cara = f"/relationships/{cast.cara_ana.pk}"
    for verb in ("pause", "subject"):
        answer = send(oona, f"{cara}/{verb}", on="2026-12-10")
        assert answer.status_code == 422
        assert "This holds at once, so the day cannot lie ahead." in words(answer)
    assert "Cara Maths since" in read(oona, cara)


def test_what_makes_no_sense_now_is_refused_in_words(oona: Client, cast: Cast) -> None:
    """Resuming what goes on already."""
    answer = send(oona, f"/relationships/{cast.ben_ana.pk}/resume")
    assert answer.status_code == 409
    assert "You cannot resume this relationship: it is active." in words(answer)


def test_a_tutor_changes_only_their_own(ben: Client, dev: Client, cast: Cast) -> None:
    """Ben sees Cara's with Ana and cannot touch it; Dev sees neither; primary is the owner's."""
    hers = f"/relationships/{cast.cara_ana.pk}"
    assert "What should change?" not in read(ben, hers)
    assert ben.get(f"{hers}/pause").status_code == 403
    assert dev.get(hers).status_code == 404
    assert ben.get(f"/relationships/{cast.ben_ana.pk}/primary").status_code == 403
    assert ben.get(f"/relationships/{cast.ben_ana.pk}/transfer").status_code == 403
    assert ben.get(f"/relationships/{cast.ben_ana.pk}/fly").status_code == 404


def test_the_look_at_an_end_says_that_nobody_is_left(oona: Client, cast: Cast) -> None:
    """Cleo has Ben alone; once somebody else is to begin, or teaches as with Ana, it does not."""
    said, on = "From Mon 16 Nov 2026 on nobody teaches Cleo Hart", {"on": "2026-11-16"}
    path = f"/relationships/{cast.ben_cleo.pk}/end"
    assert said in words(oona.get(path, on))
    assert "nobody teaches" not in words(oona.get(f"/relationships/{cast.ben_ana.pk}/end", on))
    pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.cleo.pk,
        started_on=date(2026, 12, 1),
    )
    assert said not in words(oona.get(path, on))


def test_an_end_is_looked_at_first(oona: Client, cast: Cast) -> None:
    """Which sessions are cancelled and who becomes primary, and only then the deed."""
    ahead = booked(cast.ben_ana, at(17, 16))
    path = f"/relationships/{cast.ben_ana.pk}/end"
    preview = oona.get(path, {"on": "2026-11-16"})
    assert "1 session will be cancelled Tue 17 Nov 2026 16:00 to 17:00" in words(preview)
    assert "Cara is the primary tutor from Mon 16 Nov 2026 on." in words(preview)
    ahead.refresh_from_db()
    assert ahead.status == "scheduled"
    after = words(sent(oona, path, fields(preview)))
    assert "Ben Physics Primary since Tue 1 Sep 2026, until Mon 16 Nov 2026" in after
    assert "Cara Maths since" in after, "until then Ben is the primary tutor"
    ahead.refresh_from_db()
    assert ahead.status == "cancelled"


def test_what_was_looked_at_is_what_happens(oona: Client, cast: Cast) -> None:
    """A session planned after the look is not cancelled unseen: the page shows the new plan."""
    path = f"/relationships/{cast.ben_ana.pk}/end"
    form = fields(oona.get(path, {"on": "2026-11-16"}))
    later = booked(cast.ben_ana, at(18, 16))
    answer = sent(oona, path, form)
    assert answer.status_code == 409
    assert "Something has changed since you looked, so nothing was done." in words(answer)
    assert "Wed 18 Nov 2026" in words(answer)
    later.refresh_from_db()
    assert later.status == "scheduled"
    assert "ends on Mon 16 Nov 2026" in words(sent(oona, path, fields(answer)))


def test_what_lies_ahead_is_not_said_to_be_done(oona: Client, cast: Cast) -> None:
    """Today is 2 November: an end and transfers on the 16th are told with their day."""
    end_of_cara = f"/relationships/{cast.cara_ana.pk}/end"
    looked = fields(oona.get(end_of_cara, {"on": "2026-11-16"}))
    said = words(sent(oona, end_of_cara, looked))
    assert "The relationship ends on Mon 16 Nov 2026." in said
    path, form = transfer(oona, cast)
    assert "The transfer on Mon 16 Nov 2026 is set." in words(sent(oona, path, form))
    all_of_them = f"/tutors/{cast.dev.pk}/transfer"
    asked = {"to_tutor_id": cast.cara.pk, "on": "2026-11-23", "future_sessions": "move"}
    looked = fields(oona.get(all_of_them, asked))
    assert "The transfers on Mon 23 Nov 2026 are set." in words(sent(oona, all_of_them, looked))


def test_an_end_before_the_start_is_refused(oona: Client, cast: Cast) -> None:
    """Beside the field, with the date still in it."""
    answer = oona.get(f"/relationships/{cast.ben_ana.pk}/end", {"on": "2026-08-01"})
    assert "It started on Tue 1 Sep 2026, so cannot end before." in words(answer)
    assert 'value="2026-08-01"' in answer.content.decode()


def transfer(client: Client, cast: Cast, **typed: str) -> tuple[str, dict[str, str]]:
    """Return where Ana's transfer to Dev is confirmed, and what the page says would happen."""
    path = f"/relationships/{cast.ben_ana.pk}/transfer"
    asked = {"to_tutor_id": cast.dev.pk, "on": "2026-11-16", "future_sessions": "move", **typed}
    return path, {"words": words(answer := client.get(path, asked)), **fields(answer)}


def test_a_transfer_is_looked_at_carried_out_and_undone(oona: Client, cast: Cast) -> None:
    """What ends, starts and moves; afterwards Dev teaches her, and undoing brings Ben back."""
    held, ahead = booked(cast.ben_ana, at(12, 16, month=10)), booked(cast.ben_ana, at(17, 16))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk)
    path, form = transfer(oona, cast)
    assert "Ben Physics since Tue 1 Sep 2026, until Mon 16 Nov 2026" in form["words"]
    assert "Dev Physics Planned from Mon 16 Nov 2026" in form["words"]
    assert "Dev is the primary tutor from Mon 16 Nov 2026 on." in form["words"]
    assert "1 session will move Tue 17 Nov 2026 16:00 to 17:00" in form["words"]
    after = words(sent(oona, path, form))
    assert "The transfer on Mon 16 Nov 2026 is set." in after
    ahead.refresh_from_db()
    held.refresh_from_db()
    assert (ahead.tutor_id, held.tutor_id) == (cast.dev.pk, cast.ben.pk)
    new = link(cast.dev, cast.ana)
    assert "Undo the transfer" in read(oona, f"/relationships/{new.pk}")
    undone = words(send(oona, f"/relationships/{new.pk}/undo"))
    assert "Ben Physics Primary since Tue 1 Sep 2026" in undone
    ahead.refresh_from_db()
    assert ahead.tutor_id == cast.ben.pk


def test_a_clash_is_named_and_nothing_can_be_confirmed(oona: Client, cast: Cast) -> None:
    """Dev is busy for one of the sessions: the page says when, and has no button."""
    send(oona, f"/students/{cast.cleo.pk}/pair", tutor_id=cast.dev.pk, subject="Greek")
    booked(cast.ben_ana, at(17, 16))
    booked(link(cast.dev, cast.cleo), at(17, 16, 30))
    answer = oona.get(
        f"/relationships/{cast.ben_ana.pk}/transfer",
        {"to_tutor_id": cast.dev.pk, "on": "2026-11-16", "future_sessions": "move"},
    )
    assert "the tutor already has a session from 16:30 to 17:30" in words(answer)
    assert 'class="danger"' not in answer.content.decode().split("<main")[1]


def test_after_teaching_nothing_is_undone(oona: Client, cast: Cast) -> None:
    """The page for it is refused, and no link leads there."""
    booked(cast.ben_ana, at(17, 16))
    path, form = transfer(oona, cast)
    sent(oona, path, form)
    complete(requester=Requester(None, at(18, 9)), session_id=Session.objects.get().pk)
    new = link(cast.dev, cast.ana)
    assert "Undo the transfer" not in read(oona, f"/relationships/{new.pk}")
    answer = oona.get(f"/relationships/{new.pk}/undo")
    assert answer.status_code == 409
    assert "The new tutor has taught since" in words(answer)


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_who_was_asked_answers(ben: Client, dev: Client, cast: Cast, verb: str) -> None:
    """Dev answers what Ben asked; Ben cannot accept for him."""
    send(ben, f"/students/{cast.ana.pk}/ask", tutor_id=cast.dev.pk, subject="Greek")
    asked = link(cast.dev, cast.ana)
    assert "It waits for an answer." in read(ben, f"/relationships/{asked.pk}")
    assert send(ben, f"/relationships/{asked.pk}/accept").status_code == 403
    assert "Accept" in read(dev, f"/relationships/{asked.pk}")
    send(dev, f"/relationships/{asked.pk}/{verb}")
    asked.refresh_from_db()
    assert asked.status == {"accept": "active", "decline": "declined"}[verb]
    assert asked.started_on == date(2026, 11, 2)


def test_who_asked_may_withdraw(ben: Client, cast: Cast) -> None:
    """Before it is answered, from the page of the request."""
    send(ben, f"/students/{cast.ana.pk}/ask", tutor_id=cast.dev.pk, subject="Greek")
    asked = link(cast.dev, cast.ana)
    assert "Withdraw the request" in read(ben, f"/relationships/{asked.pk}")
    send(ben, f"/relationships/{asked.pk}/decline")
    asked.refresh_from_db()
    assert asked.status == "declined"


def test_what_is_over_shows_no_form_to_end_it(oona: Client, cast: Cast) -> None:
    """Nobody fills in a form that could only be refused."""
    end(requester=Requester(None, NOW), tutor_student_id=cast.cara_ana.pk, on=NOW.date())
    for page in ("end", "transfer"):
        answer = oona.get(f"/relationships/{cast.cara_ana.pk}/{page}")
        assert answer.status_code == 409
        assert "This relationship is ended, so there is nothing to end" in words(answer)
