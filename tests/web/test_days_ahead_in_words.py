"""What lies ahead is told as what will be, until its day has come."""

from datetime import date
from typing import Any

from django.test import Client

from tandem.lessons.end_relationship import end
from tandem.lessons.reopening import reopen
from tandem.lessons.transfers import transfer
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tandem.relationships.actions import make_primary, pair, pause
from tests.cast import NOW, Cast
from tests.web.reading import read

JUNE = date(2027, 6, 3)


def to_dev(cast: Cast, on: date) -> str:
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "student_id": cast.ana.pk}
    named: dict[str, Any] = {
        "tutor_student_id": cast.ben_ana.pk,
        "to_tutor_id": cast.dev.pk,
    }
    return transfer(**who, **named, on=on).deed


def test_a_transfer_ahead_will_be(oona: Client, cast: Cast) -> None:
    """On the student's, the tutor's page and among what was done, where its day stands."""
    to_dev(cast, JUNE)
    page = read(oona, f"/students/{cast.ana.pk}")
    assert "Ben will hand over to Dev" in page
    assert "Dev will take over Physics from Ben" in page
    assert "handed over" not in page
    assert "Ben will hand over to Dev" in read(oona, f"/tutors/{cast.ben.pk}")
    assert "Ana Ruiz will go to Dev on Thu 3 Jun 2027." in read(oona, "/deeds")


def test_what_has_come_was(oona: Client, cast: Cast) -> None:
    """Of today, and of what is behind."""
    to_dev(cast, NOW.date())
    page = read(oona, f"/students/{cast.ana.pk}")
    assert "Ben handed over to Dev" in page
    assert " will " not in page
    assert "Ana Ruiz went to Dev." in read(oona, "/deeds")


def test_a_transfer_that_was_undone_will_not_be(oona: Client, cast: Cast) -> None:
    """It was to be; and that it was undone is told as such."""
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=to_dev(cast, JUNE))
    told = read(oona, "/deeds")
    assert (
        "Undone It was planned that Ana Ruiz would go to another tutor on Thu 3 Jun 2027." in told
    )
    assert "went to" not in told
    page = read(oona, f"/students/{cast.ana.pk}")
    assert "Ben was to hand over to" in page
    assert "Ben goes on teaching: the transfer was undone" in page
    assert "will hand over" not in page


def test_ends_and_marks_ahead(oona: Client, cast: Cast) -> None:
    """An end that was taken back was to be; a mark from a day on will be."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    end(**who, tutor_student_id=cast.ben_cleo.pk, on=JUNE)
    assert "Ben will stop teaching" in read(oona, f"/students/{cast.cleo.pk}")
    assert "Ben will stop teaching Cleo Hart on Thu 3 Jun 2027." in read(oona, "/deeds")
    end(**who, tutor_student_id=cast.ben_cleo.pk, on=date(2027, 7, 1))
    planned = "It was planned that Ben would stop teaching Cleo Hart on"
    assert f"{planned} Thu 3 Jun 2027." in read(oona, "/deeds")
    reopen(**who, tutor_student_id=cast.ben_cleo.pk)
    assert "Ben was to stop teaching" in read(oona, f"/students/{cast.cleo.pk}")
    told = read(oona, "/deeds")
    for day in ("Thu 3 Jun 2027", "Thu 1 Jul 2027"):
        assert f"Undone {planned} {day}." in told
    assert "stopped teaching" not in told
    make_primary(**who, tutor_student_id=cast.cara_ana.pk, on=JUNE)
    pair(**who, tutor_id=cast.dev.pk, student_id=cast.ana.pk, started_on=JUNE)
    page = read(oona, f"/students/{cast.ana.pk}")
    assert "Cara will be the primary tutor" in page
    assert "Dev will begin to teach" in page


def test_the_lines_of_what_lies_ahead_are_german_too(oona: Client, cast: Cast) -> None:
    """In the words of a reader who reads German."""
    to_dev(cast, JUNE)
    cast.owner.language = "de"
    cast.owner.save()
    assert "Ben wird an Dev übergeben" in read(oona, f"/students/{cast.ana.pk}")
    assert "Ana Ruiz: ab Do, 3. Jun 2027 bei Dev." in read(oona, "/deeds")


def test_planned_and_paused_shows_both(oona: Client, cast: Cast) -> None:
    """It begins paused, so nothing is offered to be planned in it; it can be resumed."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    row = pair(**who, tutor_id=cast.dev.pk, student_id=cast.cleo.pk, started_on=JUNE)
    before = read(oona, f"/students/{cast.cleo.pk}")
    assert "Planned" in before
    assert "Paused" not in before
    assert "Plan a session with Dev" in before
    pause(**who, tutor_student_id=row.pk)
    for path in (f"/students/{cast.cleo.pk}", f"/relationships/{row.pk}"):
        page = read(oona, path)
        assert "Planned Paused" in page
    assert "Plan a session with Dev" not in read(oona, f"/students/{cast.cleo.pk}")


def test_a_decision_since_is_said_before_an_undoing(oona: Client, cast: Cast) -> None:
    """On the page of the deed, and on that which takes the end back."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    deed = end(**who, tutor_student_id=cast.ben_ana.pk, on=date(2026, 12, 1)).deed
    said = "stays the primary tutor of Ana Ruiz from"
    for path in (f"/deeds/{deed}/undo", f"/relationships/{cast.ben_ana.pk}/reopen"):
        assert said not in read(oona, path)
    dev = pair(**who, tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    make_primary(**who, tutor_student_id=dev.pk, on=date(2026, 12, 9))
    for path in (f"/deeds/{deed}/undo", f"/relationships/{cast.ben_ana.pk}/reopen"):
        assert f"Dev {said} Wed 9 Dec 2026 on, as was decided since." in read(oona, path)
