"""Lists of students, tutors and sessions: sorted, counted, and as of a day."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.insights import pages
from tandem.lessons.actions import cancel
from tandem.people.actions import update_tutor
from tandem.people.models import Student
from tandem.people.requester import Requester
from tests.cast import NOW, TERM, Cast, at, booked
from tests.web.reading import read, words

BEFORE = str(TERM - timedelta(days=1))


def in_order(text: str, *names: str) -> bool:
    """Tell whether names stand in a text one after the other."""
    places = [text.find(name) for name in names]
    return -1 not in places and places == sorted(places)


@pytest.mark.parametrize(
    ("path", "sort", "names"),
    [
        ("/students", "", ("Ana Ruiz", "Cleo Hart")),
        ("/students", "-name", ("Cleo Hart", "Ana Ruiz")),
        ("/students", "year", ("Ana Ruiz", "Cleo Hart")),
        ("/tutors", "-name", ("Dev", "Cara", "Ben")),
        ("/tutors", "teaching", ("Dev", "Cara", "Ben")),
        ("/sessions", "", ("Tue 3 Nov", "Wed 4 Nov")),
        ("/sessions", "-when", ("Wed 4 Nov", "Tue 3 Nov")),
    ],
)
def test_a_list_is_sorted_by_its_address(
    oona: Client, cast: Cast, path: str, sort: str, names: tuple[str, ...]
) -> None:
    """And a sort of nothing is refused in words."""
    booked(cast.ben_ana, at(3, 16))
    booked(cast.ben_ana, at(4, 16))
    page = read(oona, path, sort=sort)
    assert in_order(page[page.index("Order") :].split("Search")[-1], *names)
    refused = oona.get(path, {"sort": "shoe size"})
    assert refused.status_code == 422
    assert "That cannot be shown" in words(refused)


def test_a_head_leads_to_the_other_way_and_keeps_what_is_narrowed(oona: Client) -> None:
    """By its address, so it can be kept and sent; a page of the old order is left."""
    page = oona.get("/students", {"which": "all", "sort": "year", "page": ""}).content.decode()
    assert '<th scope="col" aria-sort="ascending"><a href="?which=all&amp;sort=-year">Year' in page
    assert '<a href="?which=all&amp;sort=name">Student' in page


def test_parts_keep_their_order(oona: Client, cast: Cast) -> None:
    """Of sixty in one year each is shown once, in two parts."""
    Student.objects.bulk_create(Student(full_name=f"Kim {n:02}", year="8") for n in range(60))
    for sort in ("year", "-added", "-name"):
        first = oona.get("/students", {"which": "all", "sort": sort})
        after = first.context["page"].after
        second = oona.get("/students", {"which": "all", "sort": sort, "page": after})
        rows = [row.id for part in (first, second) for row in part.context["page"].rows]
        assert len(rows) == len(set(rows)) == 62
    added = {"which": "all", "sort": "added"}
    of_another = oona.get("/students", {**added, "page": after}).context["page"]
    assert of_another.rows == oona.get("/students", added).context["page"].rows


def test_students_are_counted(oona: Client, ben: Client, cast: Cast) -> None:
    """With those whom nobody teaches, a press away."""
    Student.objects.create(full_name="Una")
    page = read(oona, "/students")
    assert "3 students, 1 without a tutor ." in page
    assert 'href="?which=untaught"' in oona.get("/students").content.decode()
    assert "1 student for “ una ”" in read(oona, "/students", q="una")
    assert "2 students." in read(ben, "/students")


def test_tutors_are_counted(oona: Client, ben: Client, cast: Cast) -> None:
    """An owner reads who teaches nobody and who is full; of colleagues a tutor does not."""
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, changes={"capacity": 1}
    )
    assert "3 tutors, 1 teaching nobody, 1 full." in read(oona, "/tutors")
    assert "2 tutors." in read(ben, "/tutors")


def test_sessions_are_counted_so_far_as_anybody_reads(
    oona: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they are narrowed."""
    for day in (3, 4, 5):
        booked(cast.ben_ana, at(day, 16))
    cancel(requester=Requester(None, NOW), session_id=booked(cast.cara_ana, at(6, 16)).pk)
    assert "4 sessions from Mon 2 Nov 2026 on" in read(oona, "/sessions")
    assert "1 session from" in read(oona, "/sessions", status="cancelled")
    assert "1 session from" in read(oona, "/sessions", tutor="Cara", student="Ana Ruiz")
    until = read(oona, "/sessions", starts_until="2026-11-03")
    assert "1 session until Tue 3 Nov 2026" in until
    for number in range(60):
        booked(cast.cara_ana, at(9, 0) + number * timedelta(hours=2))
    assert "64 sessions from" in read(oona, "/sessions")
    monkeypatch.setattr(pages, "MOST_COUNTED", 2)
    assert "More than 2 sessions" in read(oona, "/sessions")


def test_a_list_is_shown_as_of_a_day(oona: Client, ben: Client, cast: Cast) -> None:
    """Who taught whom then; the next press is back to today."""
    page = read(oona, "/students", as_of=str(TERM))
    assert "2 students with a tutor on Tue 1 Sep 2026" in page
    assert "Show today’s" in page
    empty = read(oona, "/students", as_of=BEFORE)
    assert "Nobody had a tutor on Mon 31 Aug 2026" in empty
    assert "3 tutors, as of Mon 31 Aug 2026, 3 teaching nobody" in read(
        oona, "/tutors", as_of=BEFORE
    )
    assert "Dev" not in read(ben, "/students", as_of=str(TERM))
    assert oona.get("/students", {"as_of": "soon"}).status_code == 422
    assert oona.get("/students", {"as_of": "1800-01-01"}).status_code == 422


def test_lists_ask_little_however_they_are_sorted(oona: Client, cast: Cast) -> None:
    """At most eight times."""
    Student.objects.bulk_create(Student(full_name=f"Kim {n:02}") for n in range(60))
    for path in ("/students?sort=year&as_of=2026-11-02", "/tutors?sort=-teaching", "/sessions"):
        with CaptureQueriesContext(connection) as captured:
            assert oona.get(path).status_code == 200
        assert len(captured) <= 8, path
