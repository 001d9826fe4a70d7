"""The parent's page: no account, one secret address."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tandem.lessons.actions import complete
from tandem.lessons.models import Session
from tandem.people.actions import rotate_parent_link
from tandem.people.models import Student
from tandem.people.requester import Requester
from tests.cast import DECEMBER, NOW, Cast, at, booked
from tests.web.reading import read, words

SECRET = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store, private",
}


def address(student: Student) -> str:
    """Return the path of the parent's page."""
    return f"/parent/{student.parent_link_token}"


def test_a_parent_reads_all_tutors_and_sessions(cast: Cast) -> None:
    """Upcoming and past of everybody, with notes, homework and progress, and the zone."""
    held = booked(cast.ben_ana, at(12, 15, month=10))
    complete(
        requester=Requester(None, DECEMBER),
        session_id=held.pk,
        notes="Levers.",
        homework="Page 4",
        progress=4,
    )
    booked(cast.cara_ana, at(9, 16))
    seen = read(Client(), address(cast.ana))
    assert "How is Ana getting on?" in seen
    assert "All times are in London time" in seen
    assert "Ben Physics Primary since" in seen
    assert "Cara Maths since" in seen
    assert "Mon 9 Nov 2026 16:00 to 17:00 Maths with Cara" in seen
    assert "Notes Levers. Homework Page 4 Progress 4 of 5" in seen


def test_what_is_under_way_is_ahead_and_what_was_recorded_early_is_past(cast: Cast) -> None:
    """Nothing falls between the two lists, and nothing is in both."""
    booked(cast.ben_ana, at(2, 8, 30))
    early = booked(cast.cara_ana, at(3, 16))
    complete(requester=Requester(None, DECEMBER), session_id=early.pk)
    seen = read(Client(), address(cast.ana))
    ahead, past = seen.split("Past lessons")
    assert "Mon 2 Nov 2026 08:30 to 09:30 Now" in ahead
    assert "Tue 3 Nov 2026 16:00" in past
    assert seen.count("16:00") == seen.count("08:30") == 1


def test_a_slash_at_the_end_leads_to_the_page_and_tells_nothing(cast: Cast) -> None:
    """The same answer for a link that is and one that never was, kept as secret as the page."""
    for token in (cast.ana.parent_link_token, "never-was"):
        answer = Client().get(f"/parent/{token}/")
        assert (answer.status_code, answer["Location"]) == (302, f"/parent/{token}")
        assert {name: answer[name] for name in SECRET} == SECRET


def test_times_are_the_familys(cast: Cast) -> None:
    """A child in New York has New York's times, whatever the business's."""
    cast.ana.time_zone = "America/New_York"
    cast.ana.save()
    booked(cast.cara_ana, at(9, 16))
    seen = read(Client(), address(cast.ana))
    assert "All times are in New York time" in seen
    assert "Mon 9 Nov 2026 11:00 to 12:00" in seen


def test_nothing_of_anybody_else_is_on_it(cast: Cast) -> None:
    """Cleo's sessions, contact details and links into the site stay out."""
    booked(cast.ben_cleo, at(9, 10))
    page = Client().get(address(cast.ana)).content.decode()
    for word in ("Cleo", "ruiz@home.example", "ben@tandem.example", 'href="/students'):
        assert word not in page


def test_faults_are_the_businesss_to_repair(cast: Cast) -> None:
    """A parent reads the session, not what an import found wrong with it."""
    session = booked(cast.ben_ana, at(12, 15, month=10))
    Session.objects.filter(pk=session.pk).update(legacy_fault="overlap")
    seen = read(Client(), address(cast.ana))
    assert "Mon 12 Oct 2026" in seen
    assert "attention" not in seen


def test_the_address_is_kept_secret(cast: Cast) -> None:
    """No referrer, no index, no store; and no cookie."""
    answer = Client().get(address(cast.ana))
    assert {name: answer[name] for name in SECRET} == SECRET
    assert not answer.cookies


def test_a_rotated_link_answers_as_one_that_never_was(cast: Cast) -> None:
    """The same status, the same headers, the same bytes."""
    old = address(cast.ana)
    rotate_parent_link(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    gone, never = Client().get(old), Client().get("/parent/never-was")
    assert gone.status_code == never.status_code == 404
    assert gone.content == never.content
    assert headers(gone) == headers(never)
    assert {name: gone[name] for name in SECRET} == SECRET
    cast.ana.refresh_from_db()
    assert "Ana" in read(Client(), address(cast.ana))


def headers(answer: Any) -> dict[str, str]:
    """Return all but the number that each request has of its own."""
    return {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}


def test_reading_changes_nothing(cast: Cast) -> None:
    """Three visits of a mail scanner leave the link usable: the page reads, counts visits in shares
    of two, and notes the day on which it was opened."""
    with CaptureQueriesContext(connection) as captured:
        for _ in range(3):
            read(Client(), address(cast.ana))
    statements = [query["sql"].strip() for query in captured]
    counting = [one for one in statements if one.startswith("INSERT INTO people_requestcount")]
    noting = [one for one in statements if "INSERT INTO people_parentlink" in one]
    assert (len(counting), len(noting)) == (2, 1)
    assert sum(one.startswith("SELECT") for one in statements) == len(statements) - 3
    assert len(statements) <= 3 * 8
    assert Client().post(address(cast.ana)).status_code == 405


def test_a_long_past_comes_in_pages(cast: Cast) -> None:
    """Twenty at a time, the newest first, none twice."""
    for day in range(1, 26):
        booked(cast.ben_ana, at(day, 16, month=10))
    first = Client().get(address(cast.ana))
    page = first.context["page"]
    assert len(page.rows) == 20
    second = Client().get(address(cast.ana), {"page": page.after}).context["page"]
    days = [row.starts_at.day for row in (*page.rows, *second.rows)]
    assert days == list(range(25, 0, -1))


def test_guessing_links_is_slow(cast: Cast, settings: Settings) -> None:
    """After two wrong links an address waits before it tries another; a right one opens."""
    settings.WRONG_PARENT_LINKS_PER_TEN_MINUTES = 2
    client = Client()
    pages = [client.get("/parent/guess") for _ in range(3)]
    assert [page.status_code for page in pages] == [404, 404, 429]
    waiting = pages[-1]
    assert 0 < int(waiting["Retry-After"]) <= 601
    assert {name: waiting[name] for name in SECRET} == SECRET
    assert "Too many requests. Ask again in" in words(waiting)
    assert Client(REMOTE_ADDR="192.0.2.7").get("/parent/guess").status_code == 404
    assert client.get(address(cast.ana)).status_code == 200


def test_a_link_that_could_be_guessed_waits_with_the_guesses(
    cast: Cast, settings: Settings
) -> None:
    """Nothing else keeps it: until it is made anew, too many wrong ones close it there."""
    settings.WRONG_PARENT_LINKS_PER_TEN_MINUTES = 2
    Student.objects.filter(pk=cast.ana.pk).update(kept_link="4711")
    client = Client()
    assert [client.get(f"/parent/47{n}").status_code for n in (10, 12, 13)] == [404, 404, 429]
    assert client.get("/parent/4711").status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.7").get("/parent/4711").status_code == 200


def test_one_link_is_not_read_without_end(cast: Cast, settings: Settings) -> None:
    """From wherever; every other family at the same address goes on reading."""
    settings.PARENT_READS_PER_MINUTE = 2
    client = Client()
    assert [client.get(address(cast.ana)).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(address(cast.cleo)).status_code == 200
