"""The page of reports, and its file."""

import csv
import re
from datetime import date

import pytest
from django.test import Client

from tandem.lessons.actions import complete, no_show
from tandem.lessons.models import Closure, Session
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tandem.web.views import report_page
from tests.cast import DECEMBER, Cast, at, booked
from tests.web.reading import read, words

NOVEMBER = {"first_day": "2026-11-01", "last_day": "2026-11-30"}


@pytest.fixture(autouse=True)
def _held(cast: Cast) -> None:
    for link, day in ((cast.ben_ana, 3), (cast.ben_cleo, 4), (cast.cara_ana, 5)):
        complete(requester=Requester(None, DECEMBER), session_id=booked(link, at(day, 16)).pk)


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


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t=", "\uff1d", "\uff20"])
def test_no_name_in_the_file_is_a_formula(oona: Client, cast: Cast, begins: str) -> None:
    """A spreadsheet would calculate it."""
    Tutor.objects.filter(pk=cast.ben.pk).update(full_name=f"{begins}SUM(A1)")
    (name,) = (line[0] for line in file(oona, **NOVEMBER) if line[1] == cast.ben.pk)
    assert name == f"'{begins.strip()}SUM(A1)"


def test_no_name_in_the_file_begins_another_cell(oona: Client, cast: Cast) -> None:
    """Where a spreadsheet parts cells by semicolons, as in Germany, what follows one is a formula
    but for the quotes around the whole name.
    """
    Tutor.objects.filter(pk=cast.ben.pk).update(full_name="Ben;=SUM(A1)")
    text = oona.get("/reports/hours.csv", NOVEMBER).content.decode("utf-8-sig")
    assert f'"Ben;=SUM(A1)","{cast.ben.pk}",' in text


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
        ("2026-11-31", "2026-12-01", "From That is no day."),
        ("2026-11-30", "2026-11-01", "Until The last day is before the first."),
        ("1800-01-01", "2026-11-01", "From Choose a day from 1900 to 2200."),
    ],
)
@pytest.mark.parametrize("path", ["/reports", "/reports/hours.csv"])
def test_wrong_days_come_back_in_the_form(
    oona: Client, path: str, first_day: str, last_day: str, sentence: str
) -> None:
    """With what is wrong on top and beside the field, and what was right still there."""
    answer = oona.get(path, {"first_day": first_day, "last_day": last_day})
    assert answer.status_code == 422
    assert words(answer).count(sentence.split(" ", 1)[1]) == 2
    assert sentence in words(answer)
    assert sentence.replace(" ", ": ", 1) in words(answer)
    assert "Nothing was changed" not in words(answer)
    assert f'name="last_day" value="{last_day}"' in answer.content.decode()


ROW = re.compile(r"<tr><th scope=\"row\">(.*?)</tr>", re.DOTALL)


def rows(client: Client, **query: str) -> list[list[str]]:
    """Return the lines of the table on the page, as text."""
    page = client.get("/reports", query).content.decode()
    cells = (re.split(r"</t[hd]>", row) for row in ROW.findall(page))
    return [[re.sub(r"<[^>]*>", "", cell).strip() for cell in line[:-1]] for line in cells]


@pytest.mark.parametrize("by", ["tutor", "student", "subject"])
@pytest.mark.parametrize("sort", ["", "name", "-name", "-minutes", "minutes", "-no_shows"])
def test_the_page_and_the_file_say_the_same(oona: Client, cast: Cast, by: str, sort: str) -> None:
    """Line by line, in one order, with one total; whatever it is sorted and counted by."""
    no_show(requester=Requester(None, DECEMBER), session_id=booked(cast.cara_ana, at(6, 16)).pk)
    asked = {**NOVEMBER, "by": by, "sort": sort}
    _, *lines = file(oona, **asked)
    assert [[one[0], one[2], one[3], one[5], one[6]] for one in lines] == rows(oona, **asked)
    assert lines[-1][:4] == ["Total", "", "3", "3"]


def test_a_press_on_a_head_sorts_and_another_turns_it(oona: Client) -> None:
    """The most first; the head says so to who cannot see the arrow."""
    page = oona.get("/reports", {**NOVEMBER, "sort": "-minutes"}).content.decode()
    assert 'aria-sort="descending"' in page
    assert 'sort=minutes">Hours' in page
    assert [line[0] for line in rows(oona, **NOVEMBER, sort="minutes")] == ["Cara", "Ben", "Total"]
    assert oona.get("/reports", {"sort": "room"}).status_code == 422


def test_a_report_is_narrowed_to_one(oona: Client, cast: Cast) -> None:
    """To a tutor, a student and a subject, by what is typed; the file too, and the page says so."""
    asked = {**NOVEMBER, "by": "student", "tutor": "ben"}
    assert rows(oona, **asked) == [
        ["Ana Ruiz", "1", "1", "0", "0"],
        ["Cleo Hart", "1", "1", "0", "0"],
        ["Total", "2", "2", "0", "0"],
    ]
    assert len(file(oona, **asked)) == 4
    assert rows(oona, **asked, subject="PHYSICS")[0][0] == "Ana Ruiz"
    assert "only Ben and Physics" in read(oona, "/reports", **asked, subject="Physics")
    assert rows(oona, **NOVEMBER, student=cast.cleo.pk)[0] == ["Ben", "1", "1", "0", "0"]
    assert "Do you mean one of these?" in words(oona.get("/reports", {"student": "an"}))


def test_a_tutor_narrows_to_their_own_students_alone(ben: Client, dev: Client, cast: Cast) -> None:
    """A tutor's name is no filter of theirs, and a student of others is nobody."""
    assert rows(ben, **NOVEMBER, tutor="Cara")[-1] == ["Total", "2", "2", "0", "0"]
    assert rows(ben, **NOVEMBER, student="Ana Ruiz")[-1] == ["Total", "1", "1", "0", "0"]
    refused = dev.get("/reports", {"student": cast.ana.pk})
    assert refused.status_code == 422
    assert "Ana Ruiz" not in words(refused)


def test_usual_days_are_a_press_away(oona: Client, cast: Cast) -> None:
    """The term, where closures say which it is; years whole."""
    assert "This term" not in read(oona, "/reports")
    for first, over in (
        (date(2026, 7, 18), date(2026, 9, 1)),
        (date(2026, 12, 19), date(2027, 1, 4)),
    ):
        Closure.objects.create(name="Holidays", starts_on=first, ends_on=over)
    page = oona.get("/reports").content.decode()
    for named, begins, ends in (
        ("This term", "2026-09-01", "2026-12-18"),
        ("This year", "2026-01-01", "2026-12-31"),
        ("Last year", "2025-01-01", "2025-12-31"),
        ("Last month", "2026-10-01", "2026-10-31"),
    ):
        assert f'first_day={begins}&amp;last_day={ends}">{named}</a>' in page


def test_many_lines_come_in_parts_and_the_total_is_of_all(
    oona: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file holds them all; a page that is not there is the last one."""
    monkeypatch.setattr(report_page, "ON_A_PAGE", 2)
    kim = Student.objects.create(full_name="Kim")
    link = TutorStudent.objects.create(tutor=cast.dev, student=kim, started_on=date(2026, 9, 1))
    complete(requester=Requester(None, DECEMBER), session_id=booked(link, at(6, 10)).pk)
    asked = {**NOVEMBER, "by": "student"}
    assert [line[0] for line in rows(oona, **asked)] == ["Ana Ruiz", "Cleo Hart", "Total"]
    assert rows(oona, **asked)[-1][1] == "4"
    assert [line[0] for line in rows(oona, **asked, page="2")] == ["Kim", "Total"]
    assert rows(oona, **asked, page="9") == rows(oona, **asked, page="2")
    assert "Lines 1 to 2 of 3." in read(oona, "/reports", **asked)
    assert len(file(oona, **asked, page="2")) == 5
    assert Session.objects.count() == 4
