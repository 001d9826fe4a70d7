"""The page of outcomes, its chart and its file."""

import csv
import re
from datetime import date

import pytest
from django.test import Client

from tandem.lessons.actions import cancel, complete, no_show
from tandem.lessons.cancelling_rules import Cancelling
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.web.shares import share_words
from tests.cast import DECEMBER, NOW, Cast, at, booked
from tests.web.reading import read, words

NOVEMBER = {"first_day": "2026-11-01", "last_day": "2026-11-30"}
COUNTED = re.compile(r"<tr><th scope=\"row\">(.*?)</tr>", re.DOTALL)
LATER = Requester(None, DECEMBER)


@pytest.fixture(autouse=True)
def _recorded(cast: Cast) -> None:
    """Ben: two held, one cancelled by the family and one by himself; Cara: one held, one missed."""
    for link, day in ((cast.ben_ana, 3), (cast.ben_cleo, 4), (cast.cara_ana, 5)):
        complete(requester=LATER, session_id=booked(link, at(day, 16)).pk)
    no_show(requester=LATER, session_id=booked(cast.cara_ana, at(6, 16)).pk)
    for day, by in ((9, "family"), (10, "tutor")):
        session = booked(cast.ben_ana, at(day, 16))
        cancel(requester=Requester(None, NOW), session_id=session.pk, cancelling=Cancelling(by))


def chart(client: Client, **query: str) -> str:
    """Return the chart's own markup."""
    page = client.get("/reports/outcomes", query).content.decode()
    return page[page.index('<svg class="chart shares"') : page.index("</svg>")]


def file(client: Client, **query: str) -> list[list[str]]:
    """Return the lines of the file."""
    answer = client.get("/reports/outcomes.csv", query)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    assert 'filename="outcomes-by-' in answer["Content-Disposition"]
    return list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))


def test_an_owner_reads_what_came_of_sessions_with_shares(oona: Client) -> None:
    """By tutor, with the share of each outcome in that tutor's sessions, and a total."""
    seen = read(oona, "/reports/outcomes")
    assert "Outcomes of sessions from 1 Nov 2026 to 30 Nov 2026" in seen
    assert "Ben 4 2 50% 0 1 25% 1 25% 0 Cara 2 1 50% 1 50% 0 0 0" in seen
    assert "Total 6 3 50% 1 17% 1 17% 1 17% 0" in seen
    assert "Physics 3 1 33% 0 1 33% 1 33% 0" in read(oona, "/reports/outcomes", by="subject")


def test_a_tutor_reads_their_own(ben: Client) -> None:
    """By student; nothing of Cara's."""
    seen = read(ben, "/reports/outcomes")
    assert "Ana Ruiz 3 1 33% 0 1 33% 1 33% 0 Cleo Hart 1 1 100% 0 0 0 0" in seen
    assert "Only the sessions that you taught count." in seen
    assert "Cara" not in seen


def test_the_chart_says_in_words_what_it_shows(oona: Client) -> None:
    """A title and a description that a screen reader reads; lengths begin at nothing."""
    drawn = chart(oona)
    assert 'role="img" aria-labelledby="chart-title" aria-describedby="chart-words"' in drawn
    assert '<title id="chart-title">Sessions by what came of them</title>' in drawn
    assert "Held: 3 (50%); No-shows: 1 (17%); Cancelled by the family: 1 (17%)" in drawn
    assert re.findall(r'class="now" x="0" y="\d+" width="([\d.]+)"', drawn) == ["160.0"]
    assert "<script" not in drawn
    assert "style=" not in drawn


def test_nobody_is_asked_for_what_is_known(oona: Client, cast: Cast) -> None:
    """A column and a bar for whom nobody knows stand there only where there are such sessions."""
    assert "not known by whom" not in read(oona, "/reports/outcomes")
    session = booked(cast.ben_ana, at(11, 16))
    cancel(requester=Requester(None, NOW), session_id=session.pk)
    assert "Cancelled, not known by whom: 1 (14%)" in chart(oona)
    assert "Ben 5 2 40% 0 1 20% 1 20% 0 1 20%" in read(oona, "/reports/outcomes")


def test_the_file_holds_what_the_page_shows(oona: Client, ben: Client, cast: Cast) -> None:
    """Counts and shares apart, so that they can be calculated with; a tutor's has their own."""
    head, first, *_, total = file(oona, **NOVEMBER)
    assert head[:7] == ["Tutor", "Id", "Sessions", "Held", "Held, %", "No-shows", "No-shows, %"]
    assert first == ["Ben", cast.ben.pk, "4", "2", "50.0", "0", "0.0", "1", "25.0", "1", "25.0",
                     "0", "0.0", "0", "0.0"]  # fmt: skip
    assert total[:7] == ["Total", "", "6", "3", "50.0", "1", "16.7"]
    assert [line[0] for line in file(ben)][1:] == ["Ana Ruiz", "Cleo Hart", "Total"]


def test_it_is_sorted_and_narrowed_as_hours_are(oona: Client) -> None:
    """A press on a head; a tutor by a part of the name; the file in the same order."""
    asked = {**NOVEMBER, "sort": "-no_shows"}
    assert [line[0] for line in file(oona, **asked)][1:] == ["Cara", "Ben", "Total"]
    assert 'aria-sort="descending"' in oona.get("/reports/outcomes", asked).content.decode()
    assert "only Ben" in read(oona, "/reports/outcomes", tutor="ben")
    assert oona.get("/reports/outcomes", {"sort": "hours"}).status_code == 422


def test_hours_and_outcomes_lead_to_each_other(oona: Client) -> None:
    """With the same days and people; the order is each one's own."""
    there = "/reports/outcomes?by=subject&amp;tutor=Ben"
    back = "/reports?by=subject&amp;tutor=Ben"
    asked = {"by": "subject", "tutor": "Ben"}
    assert there in oona.get("/reports", {**asked, "sort": "-minutes"}).content.decode()
    assert back in oona.get("/reports/outcomes", {**asked, "sort": "-held"}).content.decode()


def test_no_name_in_the_file_is_a_formula(oona: Client, cast: Cast) -> None:
    """A spreadsheet would calculate it."""
    Tutor.objects.filter(pk=cast.ben.pk).update(full_name="=SUM(A1)")
    assert "'=SUM(A1)" in [line[0] for line in file(oona, **NOVEMBER)]


@pytest.mark.parametrize("path", ["/reports/outcomes", "/reports/outcomes.csv"])
def test_what_cannot_be_is_refused_in_words(oona: Client, path: str) -> None:
    """On the page as for the file; where nothing was recorded it says so."""
    turned = oona.get(path, {"first_day": "2026-11-30", "last_day": "2026-11-01"})
    assert turned.status_code == 422
    assert "The last day is before the first." in words(turned)
    empty = {"first_day": "2026-10-01", "last_day": str(date(2026, 10, 31))}
    assert "Nothing was recorded on these days." in read(oona, "/reports/outcomes", **empty)


def test_it_is_for_who_is_signed_in(client: Client, stranger: Client) -> None:
    """Anybody else is sent to sign in; who has no role is told so."""
    assert client.get("/reports/outcomes").status_code == 302
    assert client.get("/reports/outcomes.csv").status_code == 302
    assert "Total" not in words(stranger.get("/reports/outcomes"))


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "0%"), (0, 9, "0%"), (1, 3, "33%"), (2, 3, "67%"), (1, 1000, "under 1%"),
     (999, 1000, "over 99%"), (9, 9, "100%")],
)  # fmt: skip
def test_a_share_is_in_whole_percent(part: int, whole: int, said: str) -> None:
    """What is there is never none of it, and what is missing never makes all of it."""
    assert share_words(part, whole) == said
