"""The page of reports, and its file."""

import csv

import pytest
from django.test import Client

from tandem.lessons.actions import complete
from tandem.people.models import Tutor
from tests.cast import DECEMBER, Cast, at, booked
from tests.web.reading import read, words

NOVEMBER = {"first_day": "2026-11-01", "last_day": "2026-11-30"}


@pytest.fixture(autouse=True)
def _held(cast: Cast) -> None:
    for link, day in ((cast.ben_ana, 3), (cast.ben_cleo, 4), (cast.cara_ana, 5)):
        complete(actor=None, now=DECEMBER, session_id=booked(link, at(day, 16)).pk)


def file(client: Client, **query: str) -> list[list[str]]:
    """Return the lines of the file."""
    answer = client.get("/reports/hours.csv", query)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    return list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))


def test_an_owner_reads_this_month_by_tutor_with_a_total(oona: Client, cast: Cast) -> None:
    """Names lead to the tutors."""
    seen = read(oona, "/reports")
    assert "from 1 Nov 2026 to 30 Nov 2026" in seen
    assert "Ben 2 2 0 0 Cara 1 1 0 0 Total 3 3 0 0" in seen
    assert f'href="/tutors/{cast.ben.pk}"' in oona.get("/reports").content.decode()
    assert "Maths 2 2 0 0 Physics 1 1 0 0 Total 3 3 0 0" in read(oona, "/reports", by="subject")


def test_a_tutor_reads_their_own(ben: Client) -> None:
    """By student; nothing of Cara's, and no tab of tutors."""
    seen = read(ben, "/reports")
    assert "Ana Ruiz 1 1 0 0 Cleo Hart 1 1 0 0 Total 2 2 0 0" in seen
    assert "Only the sessions that you taught count." in seen
    assert "Cara" not in seen
    assert "By tutor" not in seen


def test_where_nothing_was_recorded_it_says_so(oona: Client) -> None:
    """And what to do."""
    empty = read(oona, "/reports", first_day="2026-10-01", last_day="2026-10-31")
    assert "Nothing was recorded on these days." in empty


def test_the_file_holds_what_the_page_shows(oona: Client, ben: Client, cast: Cast) -> None:
    """With ids, because names may be the same; a tutor's holds their own."""
    assert file(oona, **NOVEMBER) == [
        ["Tutor", "Id", "Sessions", "Hours", "Minutes", "No-shows", "Cancelled"],
        ["Ben", cast.ben.pk, "2", "2", "120", "0", "0"],
        ["Cara", cast.cara.pk, "1", "1", "60", "0", "0"],
        ["Total", "", "3", "3", "180", "0", "0"],
    ]
    assert [line[0] for line in file(ben, **NOVEMBER)] == [
        "Student",
        "Ana Ruiz",
        "Cleo Hart",
        "Total",
    ]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t="])
def test_no_name_in_the_file_is_a_formula(oona: Client, cast: Cast, begins: str) -> None:
    """A spreadsheet would calculate it."""
    Tutor.objects.filter(pk=cast.ben.pk).update(full_name=f"{begins}SUM(A1)")
    (name,) = (line[0] for line in file(oona, **NOVEMBER) if line[1] == cast.ben.pk)
    assert name == f"'{begins.strip()}SUM(A1)"


@pytest.mark.parametrize("path", ["/reports", "/reports/hours.csv"])
def test_days_that_make_no_range_are_refused_in_words(oona: Client, path: str) -> None:
    """On the page as for the file."""
    turned = oona.get(path, {"first_day": "2026-11-30", "last_day": "2026-11-01"})
    assert turned.status_code == 422
    assert "The last day is before the first." in words(turned)
    assert oona.get(path, {"first_day": "soon"}).status_code == 422
    assert oona.get(path, {"by": "room"}).status_code == 422


def test_it_is_for_who_is_signed_in(client: Client, stranger: Client) -> None:
    """Anybody else is sent to sign in; who has no role is told so."""
    assert client.get("/reports/hours.csv").status_code == 302
    assert "Total" not in words(stranger.get("/reports"))


@pytest.mark.parametrize(
    ("first_day", "last_day", "sentence"),
    [
        ("2026-11-31", "2026-12-01", "From Enter a valid date."),
        ("2026-11-30", "2026-11-01", "Until The last day is before the first."),
        ("1800-01-01", "2026-11-01", "From Choose a day from 1900 to 2200."),
    ],
)
@pytest.mark.parametrize("path", ["/reports", "/reports/hours.csv"])
def test_wrong_days_come_back_in_the_form(
    oona: Client, path: str, first_day: str, last_day: str, sentence: str
) -> None:
    """With what is wrong beside the field, and what was right still there."""
    answer = oona.get(path, {"first_day": first_day, "last_day": last_day})
    assert answer.status_code == 422
    assert words(answer).count(sentence.split(" ", 1)[1]) == 1
    assert sentence in words(answer)
    assert "Nothing was changed" not in words(answer)
    assert f'name="last_day" value="{last_day}"' in answer.content.decode()
