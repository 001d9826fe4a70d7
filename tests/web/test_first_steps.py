"""Where there is nothing yet, Today says what to do first, and ticks what is done."""

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.lessons.models import Session
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol
from tests.cast import NOW, TERM, Cast, an_account, at, booked, link
from tests.web.conftest import at_their_pages
from tests.web.reading import read

STEPS = ("Add a tutor", "Add a student", "Pair them", "Plan a lesson")
MOST_QUERIES = 8


def first(client: Client) -> tuple[list[str], str]:
    """Return the steps that are done, and the words of the one button of the page."""
    page = client.get("/").content.decode()
    done = re.findall(r'<span class="lead">([^<]*)</span> <span class="mark primary">Done', page)
    (button,) = re.findall(r'<a class="button" href="[^"]*">([^<]*)</a>', page)
    return done, button


def test_an_owner_is_led_from_nothing_to_a_lesson(db: None) -> None:
    """Each step is a link, the next a button; no zeros stand beside them."""
    owner = an_account("oona@tandem.example", is_owner=True)
    oona = at_their_pages(owner)
    seen = read(oona, "/")
    assert "First steps" in seen
    assert [step for step in STEPS if step in seen] == [*STEPS]
    assert "In numbers" not in seen
    assert "Sessions a week" not in seen
    assert "Sessions today" not in seen
    assert first(oona) == ([], "Add a tutor")
    page = oona.get("/").content.decode()
    for of in ("tutors", "students"):
        assert f'<a href="/{of}/import">Bring {of} in from a spreadsheet</a>' in page
        assert f"Bring {of} in from a spreadsheet" in read(oona, f"/{of}")
    tutor = Tutor.objects.create(full_name="Ben", email="ben@tandem.example")
    assert first(oona) == ([*STEPS[:1]], "Add a student")
    student = Student.objects.create(full_name="Una")
    assert first(oona) == ([*STEPS[:2]], "Pair them")
    enrol(
        requester=Requester(owner, NOW),
        full_name="Ana Ruiz",
        tutors=[Pairing(tutor.pk, "Physics", TERM)],
    )
    assert first(oona) == ([*STEPS[:3]], "Plan a lesson")
    assert "1 student without a tutor" in read(oona, "/")
    assert "Student taught now 1" in read(oona, "/")
    assert "Sessions today No sessions today." in read(oona, "/")
    booked(link(tutor, Student.objects.exclude(pk=student.pk).get()), at(20, 16))
    seen = read(oona, "/")
    assert "First steps" not in seen
    assert "Sessions a week" in seen


def test_a_tutor_has_steps_of_their_own(dev: Client, ben: Client, cast: Cast) -> None:
    """Students, hours and a lesson; a colleague's are not theirs."""
    booked(cast.cara_ana, at(20, 16))
    assert first(dev) == ([], "Add a student")
    assert "Or wait until the owner pairs you with one." in read(dev, "/")
    assert "spreadsheet" not in read(dev, "/") + read(dev, "/students")
    assert first(ben) == (["Add a student"], "Say when you are free")
    booked(cast.ben_ana, at(20, 18))
    assert "First steps" not in read(ben, "/")


def test_who_had_a_lesson_long_ago_is_no_beginner(oona: Client, cast: Cast) -> None:
    """After a long summer the numbers are nought, and stand there."""
    Session.objects.create(
        tutor_student=cast.ben_ana,
        tutor=cast.ben,
        student=cast.ana,
        starts_at=at(1, 16, month=2),
        ends_at=at(1, 17, month=2),
        status="completed",
    )
    seen = read(oona, "/")
    assert "First steps" not in seen
    assert "Nothing is waiting for you." in seen


def test_a_beginner_waits_for_no_more_queries(oona: Client, dev: Client) -> None:
    for client in (oona, dev):
        with CaptureQueriesContext(connection) as captured:
            read(client, "/")
        assert len(captured) <= MOST_QUERIES
