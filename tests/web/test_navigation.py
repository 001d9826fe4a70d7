"""The navigation says where one is: on a page of its own, or below one."""

import re

import pytest
from django.test import Client

from tests.cast import Cast, at, booked

MARKED = re.compile(r'aria-current="(page|true)">(\w+)</a></li>')


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/", ("page", "Today")),
        ("/students", ("page", "Students")),
        ("/students/{ana}", ("true", "Students")),
        ("/students/{ana}/export", ("true", "Students")),
        ("/students/{ana}/edit", ("true", "Students")),
        ("/relationships/{link}", ("true", "Students")),
        ("/relationships/{link}/end", ("true", "Students")),
        ("/sessions", ("page", "Sessions")),
        ("/sessions/{session}", ("true", "Sessions")),
        ("/calendar", ("page", "Calendar")),
        ("/calendar/plan", ("true", "Calendar")),
        ("/tutors", ("page", "Tutors")),
        ("/tutors/{ben}/edit", ("true", "Tutors")),
        ("/attention", ("page", "Attention")),
    ],
)
def test_one_area_is_marked(cast: Cast, oona: Client, path: str, marked: tuple[str, str]) -> None:
    session = booked(cast.ben_ana, at(9, 16)).pk
    address = path.format(ana=cast.ana.pk, ben=cast.ben.pk, link=cast.ben_ana.pk, session=session)
    assert MARKED.findall(oona.get(address).content.decode()) == [marked]


def test_a_page_that_is_not_there_is_in_no_area(cast: Cast, oona: Client) -> None:
    assert MARKED.findall(oona.get("/nowhere").content.decode()) == []


def test_sessions_are_one_press_away(oona: Client, ben: Client) -> None:
    """For an owner and for a tutor, from any page, after the calendar."""
    for client in (oona, ben):
        page = client.get("/settings").content.decode()
        menu = page[page.index("<nav") : page.index("</nav>")]
        assert re.findall(r'href="(/\w*)"', menu)[:4] == [
            "/",
            "/students",
            "/calendar",
            "/sessions",
        ]
