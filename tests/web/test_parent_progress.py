"""What a family's page says beside the lessons that are planned: how it goes, and what was off."""

import re

import pytest
from django.test import Client

from tandem.lessons.actions import cancel, complete
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.models import Session
from tandem.people.guardians import create_guardian
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.cast import DECEMBER, NOW, Cast, at, booked
from tests.web.reading import read

LATER = Requester(None, DECEMBER)


def marked(link: TutorStudent, day: int, progress: int | None) -> Session:
    """Return a lesson of October that was held, with the mark that was given."""
    session = booked(link, at(day, 15, month=10))
    return complete(requester=LATER, session_id=session.pk, progress=progress)


def off(link: TutorStudent, day: int, by: str, reason: str = "") -> Session:
    """Return a lesson of November that was called off for somebody."""
    session = booked(link, at(day, 16))
    wanted = Cancelling(by, reason) if by else None
    return cancel(requester=Requester(None, NOW), session_id=session.pk, cancelling=wanted)


def page(cast: Cast, lang: str = "en") -> str:
    """Return the words of Ana's page, as her family reads it."""
    return read(Client(), f"/parent/{cast.ana.parent_link_token}", lang=lang)


def markup(cast: Cast) -> str:
    """Return the same page as it is sent."""
    return Client().get(f"/parent/{cast.ana.parent_link_token}").content.decode()


def test_a_family_sees_how_it_goes(cast: Cast) -> None:
    """A line with each tutor and one of all lessons, and the numbers behind them."""
    for link, day, progress in (
        (cast.ben_ana, 5, 2),
        (cast.cara_ana, 6, 3),
        (cast.ben_ana, 12, 4),
        (cast.ben_ana, 13, None),
    ):
        marked(link, day, progress)
    marked(cast.ben_cleo, 7, 5)
    seen = page(cast)
    behind = seen[seen.index("The numbers behind it") : seen.index("Upcoming lessons")]
    assert [*re.findall(r"(\d+) Oct 2026 (\w+) , (\w+) (\d)", behind)] == [
        ("12", "Ben", "Physics", "4"),
        ("6", "Cara", "Maths", "3"),
        ("5", "Ben", "Physics", "2"),
    ]
    assert [one in seen for one in ("All lessons", "Ben, Physics", "Cara, Maths")] == [True] * 3
    assert markup(cast).count("<polyline") == 3
    assert "Alle Stunden" in page(cast, lang="de")


def test_where_no_mark_was_given_there_is_no_chart(cast: Cast) -> None:
    """Neither an empty one nor a heading."""
    marked(cast.ben_ana, 5, None)
    assert "Progress" not in page(cast)
    assert "<svg" not in markup(cast)


def test_a_tutor_without_a_name_has_no_address_there(cast: Cast) -> None:
    """The chart calls a tutor what the lessons call them."""
    marked(cast.ben_ana, 5, 2)
    marked(cast.cara_ana, 6, 2)
    Tutor.objects.filter(pk=cast.ben.pk).update(full_name="")
    seen = markup(cast)
    assert "ben@tandem.example" not in seen
    assert "A tutor, Physics" in seen


def test_a_tutor_without_a_name_is_one_in_german_too(cast: Cast) -> None:
    """In the chart and beside each lesson."""
    marked(cast.ben_ana, 5, 2)
    marked(cast.cara_ana, 6, 2)
    Tutor.objects.filter(pk=cast.ben.pk).update(full_name="")
    seen = page(cast, lang="de")
    assert "Lehrkraft, Physics" in seen
    assert "A tutor" not in seen


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("family", "Cancelled by the family"),
        ("tutor", "Cancelled by the tutor"),
        ("business", "Cancelled by the business"),
        ("", "Cancelled"),
    ],
)
def test_what_is_called_off_is_listed_as_such(cast: Cast, by: str, said: str) -> None:
    """Among what is coming, in its place, with who cancelled; past ones likewise. Never why."""
    booked(cast.ben_ana, at(9, 16))
    off(cast.ben_ana, 10, by, "Cleo's party" if by else "")
    booked(cast.cara_ana, at(11, 16))
    seen = page(cast)
    ahead = seen[seen.index("Upcoming lessons") : seen.index("Tutors")]
    assert f"Tue 10 Nov 2026 16:00 to 17:00 {said} Physics with Ben Wed 11 Nov 2026" in ahead
    assert "party" not in seen
    assert seen.count("Cancelled") == 1


def test_past_ones_say_who_cancelled_too(cast: Cast) -> None:
    """They were listed, but not for whom."""
    session = booked(cast.ben_ana, at(12, 15, month=10))
    early = Requester(None, at(11, 9, month=10))
    cancel(requester=early, session_id=session.pk, cancelling=Cancelling("tutor", "A strike"))
    seen = page(cast)
    assert "Mon 12 Oct 2026 16:00 to 17:00 Cancelled by the tutor" in seen[seen.index("Past") :]
    assert "strike" not in seen


def test_the_next_lesson_is_one_that_takes_place(cast: Cast) -> None:
    """What is called off is never the next, and says nothing of what is planned after it."""
    off(cast.ben_ana, 9, "tutor")
    seen = page(cast)
    assert "Next lesson" not in seen
    assert "No lessons are planned. Ask the tutor for the next one." in seen
    booked(cast.cara_ana, at(11, 16))
    seen = page(cast)
    assert "Next lesson Wed 11 Nov 2026" in seen
    assert "No more are planned after the next one." in seen
    assert "Mon 9 Nov 2026 16:00 to 17:00 Cancelled by the tutor" in seen


def test_a_guardian_reads_the_same(cast: Cast) -> None:
    """By a link of their own."""
    marked(cast.ben_ana, 5, 2)
    off(cast.ben_ana, 10, "tutor")
    guardian = create_guardian(
        requester=Requester(cast.owner, NOW),
        student_ids=[cast.ana.pk],
        fields={"full_name": "Rosa Ruiz", "email": "rosa@home.example"},
    )
    seen = read(Client(), f"/family/{guardian.link_token}")
    assert "The numbers behind it" in seen
    assert "Cancelled by the tutor" in seen
