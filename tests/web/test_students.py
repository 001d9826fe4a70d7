"""The list of students: search, filters, pages."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.lessons.end_relationship import end
from tandem.people.actions import create_student, update_student
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tests.cast import NOW, Cast
from tests.web.reading import read, words

MOST_QUERIES = 8


def test_each_student_stands_with_every_tutor(oona: Client) -> None:
    """Ana's row names both tutors, what each teaches, and which is the primary."""
    seen = read(oona, "/students")
    assert (
        "Ana Ruiz Year 10 Ben Physics Primary since Tue 1 Sep 2026 "
        "Cara Maths since Tue 1 Sep 2026" in seen
    )


def test_search_works_without_a_script(oona: Client) -> None:
    """Words of the name, in any order and case."""
    assert "Cleo" not in read(oona, "/students", q="RUIZ an")
    assert "No student’s name has “ zz ” in it" in read(oona, "/students", q="zz")


def test_search_as_you_type_gets_the_list_alone(oona: Client) -> None:
    """With htmx only the rows come; going back in history brings the whole page."""
    part = oona.get("/students?q=ana", headers={"HX-Request": "true"})
    assert "Ana Ruiz" in words(part)
    assert "<html" not in part.content.decode()
    back = oona.get(
        "/students?q=ana",
        headers={"HX-Request": "true", "HX-History-Restore-Request": "true"},
    )
    assert "<html" in back.content.decode()


def test_the_filters_divide_the_students(oona: Client, cast: Cast) -> None:
    """Learning now, without a tutor, inactive, all."""
    create_student(requester=Requester(cast.owner, NOW), full_name="Una Taught")
    idle = create_student(requester=Requester(cast.owner, NOW), full_name="Zed Idle")
    update_student(
        requester=Requester(cast.owner, NOW), student_id=idle.pk, changes={"active": False}
    )

    def shown(which: str) -> set[str]:
        seen = read(oona, "/students", which=which)
        return {name for name in ("Ana", "Una", "Zed") if name in seen}

    assert shown("active") == {"Ana", "Una"}
    assert shown("untaught") == {"Una"}
    assert shown("inactive") == {"Zed"}
    assert shown("all") == {"Ana", "Una", "Zed"}
    assert oona.get("/students?which=everybody").status_code == 422


def test_a_former_tutor_is_not_told_who_teaches_since(
    ben: Client, oona: Client, cast: Cast
) -> None:
    """Ben sees nobody who teaches Cleo, whether Dev does or not; the owner sees Dev."""

    def shown(client: Client) -> tuple[bool, str]:
        page = read(client, "/students", which="untaught")
        return "Cleo" in page, page[page.index("Students") :][:200]

    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk)
    before = shown(ben)
    assert before[0]
    assert shown(oona)[0]
    pair(requester=Requester(cast.owner, NOW), student_id=cast.cleo.pk, tutor_id=cast.dev.pk)
    assert shown(ben) == before
    assert not shown(oona)[0]


def test_a_tutor_with_nobody_learns_what_happens_next(dev: Client) -> None:
    """An empty list says when it will fill."""
    assert "You teach nobody yet" in read(dev, "/students")


def many(number: int) -> None:
    """Make students of whom many share a name, which a page border must not lose."""
    Student.objects.bulk_create(
        Student(full_name=f"Pupil {index // 7:04}", kept_link=None) for index in range(number)
    )


def ids(page: str) -> list[str]:
    """Return the students whom a page of the list shows, in order."""
    return re.findall(r'<th scope="row"><a href="/students/([^"]+)"', page)


def link(page: str, rel: str) -> str:
    """Return where a paging link leads, or ''."""
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return "/students" + found[1].replace("&amp;", "&") if found else ""


def test_paging_shows_everybody_once_both_ways(oona: Client) -> None:
    """Forward to the end and back again: nobody twice, nobody missing, in one order."""
    many(175)
    path = "/students?which=all"
    forward: list[str] = []
    backward: list[str] = []
    while path:
        page = oona.get(path).content.decode()
        forward += ids(page)
        last, path = page, link(page, "next")
    page = last
    while page:
        backward = ids(page) + backward
        before = link(page, "prev")
        page = oona.get(before).content.decode() if before else ""
    assert forward == backward
    assert len(forward) == len(set(forward)) == 177


@pytest.mark.parametrize("list_of", ["students", "tutors", "sessions", "deeds"])
@pytest.mark.parametrize(
    "mark",
    ["2", "nonsense", "é", "W10", "WzEsIj14Il0", "WzEsIkBub3ciLCJ4Il0", "WzEsIj1BIiwiXHUwMDAwIl0"],
)
def test_a_mark_that_cannot_be_read_is_of_no_page(oona: Client, list_of: str, mark: str) -> None:
    """An address that was cut or made up begins the list, as one without a mark does."""
    said = words(oona.get(f"/{list_of}"))
    answer = oona.get(f"/{list_of}", {"page": mark})
    assert answer.status_code == 200
    assert words(answer) == said


def test_somebody_who_comes_in_between_shifts_nobody(oona: Client, cast: Cast) -> None:
    """A student added before the border of two pages is not a reason to repeat another."""
    many(60)
    first = oona.get("/students").content.decode()
    create_student(requester=Requester(cast.owner, NOW), full_name="Aaron First")
    second = oona.get(link(first, "next")).content.decode()
    assert not {*ids(first)} & {*ids(second)}
    assert len(ids(first)) + len(ids(second)) == 62


def test_more_rows_take_no_more_queries(oona: Client) -> None:
    """The list asks as often for fifty students as for two."""
    with CaptureQueriesContext(connection) as few:
        read(oona, "/students")
    many(60)
    with CaptureQueriesContext(connection) as more:
        read(oona, "/students")
    assert len(few) == len(more) <= MOST_QUERIES
