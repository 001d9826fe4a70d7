"""The calendar: what is shown of a day, a week and a month, to whom, and how much of it."""

import re
from datetime import date, time, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.kit.weekly import Weekly
from tandem.lessons.actions import cancel, complete
from tandem.lessons.availability import set_availability
from tandem.lessons.models import Closure, Session
from tandem.lessons.time_off import add_time_off
from tandem.people.models import Student
from tandem.people.requester import Requester
from tests.cast import DECEMBER, NOW, Cast, at, booked, user
from tests.web.reading import read, words
from tests.web.sending import send

MOST_QUERIES = 8


def html(client: Client, path: str, **query: str) -> str:
    """Return a page as it is sent."""
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def many(cast: Cast, number: int) -> None:
    """Plan many lessons on Monday 2 November, a minute after each other from six."""
    Session.objects.bulk_create(
        Session(
            tutor_student=cast.ben_ana,
            tutor=cast.ben,
            student=cast.ana,
            starts_at=at(2, 6) + timedelta(minutes=n),
            ends_at=at(2, 6) + timedelta(minutes=n + 30),
            status="completed",
        )
        for n in range(number)
    )


@pytest.mark.parametrize("view", ["day", "week", "month"])
def test_who_may_see_a_lesson_sees_it(
    oona: Client, ben: Client, dev: Client, cast: Cast, view: str
) -> None:
    """The owner and its tutor; somebody else's calendar is empty of it."""
    booked(cast.ben_ana, at(2, 16))
    assert "Ana Ruiz" in read(oona, "/calendar", view=view)
    assert "Ana Ruiz" in read(ben, "/calendar", view=view)
    assert "Ana Ruiz" not in read(dev, "/calendar", view=view)


def test_nobody_else_is_let_in(stranger: Client, client: Client) -> None:
    assert stranger.get("/calendar").status_code == 403
    assert client.get("/calendar")["Location"].startswith("/accounts/login/")


def test_the_old_week_leads_here(oona: Client) -> None:
    """With what it was narrowed to."""
    answer = oona.get("/sessions/week", {"day": "2026-11-09", "tutor": "t1"})
    assert answer["Location"] == "/calendar?tutor=t1&date=2026-11-09"
    assert oona.get("/sessions/week")["Location"] == "/calendar"


def test_a_full_day_takes_no_room_from_the_next(oona: Client, cast: Cast) -> None:
    """400 on Monday: a few, how many more there are, and a way to them; Tuesday's is there."""
    many(cast, 400)
    booked(cast.cara_ana, at(3, 16))
    seen = html(oona, "/calendar")
    shown = seen.count('class="lesson completed')
    assert 0 < shown < 40
    assert f"+{400 - shown} more" in seen
    assert "view=day&amp;date=2026-11-02" in seen
    assert seen.count('class="lesson scheduled') == 1
    assert "+397 more" in read(oona, "/calendar", view="month")
    assert "+" not in read(oona, "/calendar", tutor="Cara").replace("+1 more", "+")


def test_it_is_narrowed(oona: Client, cast: Cast) -> None:
    """By tutor (a name or an id), student, subject and status."""
    booked(cast.ben_ana, at(2, 16))
    booked(cast.ben_cleo, at(3, 16))
    gone = booked(cast.cara_ana, at(4, 16))
    cancel(requester=Requester(cast.owner, NOW), session_id=gone.pk)

    def lessons(**query: str) -> list[str]:
        found = re.findall(
            r'class="lesson (\w+) .*?<strong dir="auto">(\w+)',
            html(oona, "/calendar", **query),
            re.DOTALL,
        )
        return [f"{name} {status}" for status, name in found]

    both = ["Ana scheduled", "Cleo scheduled"]
    assert lessons() == both
    assert lessons(tutor="ben") == lessons(tutor=cast.ben.pk) == both
    assert lessons(tutor="Cara") == lessons(tutor="nobody") == []
    assert lessons(student="hart cleo") == ["Cleo scheduled"]
    assert lessons(subject="physics") == ["Ana scheduled"]
    assert lessons(status="cancelled") == ["Ana cancelled"]
    assert lessons(status="any") == [*both, "Ana cancelled"]
    Student.objects.filter(pk=cast.cleo.pk).update(full_name="Cléo Härt")
    assert lessons(student="hart cleo") == ["Cléo scheduled"]
    assert lessons(student="HÄRT") == ["Cléo scheduled"]
    for asked in ({"q": "hart cleo"}, {"student": "hart", "q": "cleo"}):
        found = oona.get("/suggest/lessons", asked).json()["found"]
        assert [one["name"] for one in found] == ["Cléo Härt"]


def test_held_lessons_are_there_and_quiet(oona: Client, cast: Cast) -> None:
    held = booked(cast.ben_ana, at(2, 7))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk)
    assert "Ana Ruiz 07:00 to 08:00 Completed" in read(oona, "/calendar")


def test_what_cannot_be_shown_is_said(oona: Client) -> None:
    for query in ({"date": "xx"}, {"date": "0001-01-01"}, {"view": "year"}, {"status": "lost"}):
        assert oona.get("/calendar", query).status_code == 422


def test_shades_say_who_is_away_and_why_it_is_closed(oona: Client, dev: Client, cast: Cast) -> None:
    """The owner of everybody; a tutor of themselves; the one tutor's stated week is shaded."""
    add_time_off(
        requester=Requester(None, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(4, 0),
        ends_at=at(5, 0),
        reason="",
    )
    Closure.objects.create(
        name="Autumn break", starts_on=date(2026, 11, 5), ends_on=date(2026, 11, 6)
    )
    spans = [Weekly(0, time(7), time(18))]
    set_availability(requester=Requester(None, NOW), tutor_id=cast.ben.pk, spans=spans)
    seen = read(oona, "/calendar")
    assert seen.count("Ben is away") == 1
    assert seen.count("Closed: Autumn break") == 1
    assert "Closed: Autumn break" in read(oona, "/calendar", view="month")
    assert "is away" not in read(dev, "/calendar")
    assert "shade free" not in html(oona, "/calendar")
    bens = html(oona, "/calendar", tutor="Ben")
    assert bens.count("shade free") == 1
    assert bens.count("shade off") == 1
    assert 'e12">07:00' in bens
    assert "Ben is away" not in read(oona, "/calendar", tutor="Cara")


def test_each_tutor_has_a_column_of_the_day(oona: Client, ben: Client, cast: Cast) -> None:
    """A tutor's own day has one, their own."""
    booked(cast.cara_ana, at(2, 16))
    seen = html(oona, "/calendar", view="day")
    assert re.findall(r'data-column="(\w+)"', seen) == [cast.ben.pk, cast.cara.pk, cast.dev.pk]
    assert re.findall(r'data-column="(\w+)"', html(ben, "/calendar", view="day")) == [cast.ben.pk]


@pytest.mark.parametrize(("day", "hours"), [("2026-10-25", 25), ("2027-03-28", 23)])
def test_a_day_of_23_or_25_hours(oona: Client, cast: Cast, day: str, hours: int) -> None:
    """From its first lesson to its last, each hour of it can be clicked once."""
    for starts_at in (at(24, 23, month=10), at(25, 23, month=10)):
        booked(cast.ben_ana, starts_at)
    for starts_at in (at(28, 0, month=3, year=2027), at(28, 22, month=3, year=2027)):
        booked(cast.ben_ana, starts_at)
    seen = html(oona, "/calendar", view="day", date=day, tutor="Ben")
    moments = re.findall(r'data-at="([^"]+)"', seen)
    assert len({*moments}) == len(moments) == hours


@pytest.mark.parametrize("view", ["day", "week", "month"])
def test_more_lessons_take_no_more_queries(oona: Client, cast: Cast, view: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            html(oona, "/calendar", view=view, tutor="Ben")
        return len(captured)

    booked(cast.ben_ana, at(4, 16))
    few = queries()
    many(cast, 100)
    assert few == queries() <= MOST_QUERIES


def test_htmx_is_sent_the_calendar_alone(oona: Client) -> None:
    answer = oona.get("/calendar", headers={"hx-request": "true"})
    assert "<html" not in answer.content.decode()
    assert "cal week-of" in answer.content.decode()


def test_every_row_has_its_classes() -> None:
    """300 rows: 25 hours of five minutes."""
    found = finders.find("tandem/calendar.css")
    assert isinstance(found, str)
    style = Path(found).read_text(encoding="utf-8")
    starts, ends = (
        re.findall(rf"\.{side}(\d+)\{{grid-row-(?:start|end):(\d+)\}}", style) for side in "se"
    )
    assert [(int(n), int(line)) for n, line in starts] == [(n, n + 1) for n in range(300)]
    assert [(int(n), int(line)) for n, line in ends] == [(n, n + 1) for n in range(1, 301)]


def test_a_move_says_first_what_stands_against_it(oona: Client, cast: Cast) -> None:
    """Where a lesson was put is filled in and judged; nothing has moved before it is sent."""
    lesson = booked(cast.ben_ana, at(9, 16))
    booked(cast.ben_cleo, at(10, 16))
    path = f"/sessions/{lesson.pk}/move"
    free = html(oona, path, at="2026-11-10T18:15Z")
    assert 'value="18:15"' in free
    assert "Nothing stands against it." in free
    busy = html(oona, path, at="2026-11-10T16:30Z")
    assert "The tutor already has a session in these hours." in busy
    assert "Nothing stands" not in busy
    assert "stands against it" not in html(oona, path, at="never")
    lesson.refresh_from_db()
    assert lesson.starts_at == at(9, 16)
    answer = send(
        oona, f"{path}?from=calendar&at=2026-11-10T18:15Z", day="2026-11-10", starts="18:15"
    )
    moved = "The session is moved. Ana Ruiz with Ben: Tue 10 Nov 2026, 18:15 to 19:15."
    assert moved in words(answer)
    lesson.refresh_from_db()
    assert lesson.starts_at == at(10, 18, 15)


def test_a_move_that_time_off_stands_against_can_be_insisted_on(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """The first look says so to an owner; of other lessons only, and to a tutor, it does not."""
    insist = "To move it all the same, tick"
    lesson = booked(cast.ben_ana, at(9, 16))
    booked(cast.cara_ana, at(12, 18))
    add_time_off(
        requester=Requester(None, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(11, 0),
        ends_at=at(12, 0),
        reason="",
    )
    path = f"/sessions/{lesson.pk}/move"
    assert insist in read(oona, path, at="2026-11-11T16:00Z")
    assert insist not in read(oona, path, at="2026-11-12T18:00Z")
    assert insist not in read(oona, path, at="2026-11-12T16:00Z")
    assert insist not in read(ben, path, at="2026-11-11T16:00Z")
    send(oona, f"{path}?at=2026-11-11T16:00Z", day="2026-11-11", starts="16:00", override="on")
    lesson.refresh_from_db()
    assert lesson.starts_at == at(11, 16)


@pytest.mark.parametrize("view", ["day", "week"])
def test_a_lesson_names_its_tutor_where_there_are_several(
    oona: Client, ben: Client, cast: Cast, view: str
) -> None:
    """To an owner, in the lesson and in its name; not in one tutor's calendar."""
    booked(cast.ben_ana, at(2, 16))
    label = 'aria-label="Ana Ruiz, 16:00 to 17:00, Physics, with Ben"'
    seen = html(oona, "/calendar", view=view)
    assert label in seen
    assert label.replace("aria-label", "title") in seen
    assert "Physics, Ben" in words_of_lessons(seen)
    for one in (html(ben, "/calendar", view=view), html(oona, "/calendar", view=view, tutor="Ben")):
        assert 'aria-label="Ana Ruiz, 16:00 to 17:00, Physics"' in one
        assert "Physics, Ben" not in words_of_lessons(one)


def words_of_lessons(page: str) -> str:
    """Return what is written in the lessons of a grid."""
    blocks = re.findall(r'<a class="lesson .*?>(.*?)</a>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", " ".join(blocks)).split())


def test_today_is_said_in_words(oona: Client) -> None:
    """In each view that holds today, and only in those."""
    for view in ("day", "week", "month"):
        assert html(oona, "/calendar", view=view).count('class="is-today"') == 1
        assert 'class="is-today"' not in html(oona, "/calendar", view=view, date="2027-01-20")


def test_a_move_is_taken_back(oona: Client, cast: Cast) -> None:
    """A button beside what was done leads to the old hours; not where it lasts longer now."""
    lesson = booked(cast.ben_ana, at(9, 16))
    way = f"/sessions/{lesson.pk}/move?at=2026-11-10T18:15Z&from=calendar"
    moved = send(oona, way).content.decode()
    (back,) = re.findall(r'href="([^"]*)">Move it back<', moved)
    send(oona, unescape(back))
    lesson.refresh_from_db()
    assert lesson.starts_at == at(9, 16)
    assert "Move it back" not in words(send(oona, way, minutes="90"))


def test_the_week_is_the_readers(oona: Client, cast: Cast) -> None:
    """From Monday to Sunday where the reader is; the weeks beside it are one step away."""
    booked(cast.ben_ana, at(8, 23, 30))
    booked(cast.cara_ana, at(2, 0, 15))
    seen = read(oona, "/calendar")
    assert "2 Nov to 8 Nov 2026" in seen
    assert "Ana Ruiz 00:15 to 01:15 Maths, Cara" in seen
    assert "Ana Ruiz 23:30 to Mon 9 Nov 2026, 00:30 Physics, Ben" in seen
    assert 'href="?date=2026-11-09"' in html(oona, "/calendar")
    cast.ben.time_zone = "America/New_York"
    cast.ben.save()
    bens = Client()
    bens.force_login(user(cast.ben))
    assert "Ana Ruiz 18:30 to 19:30" in read(bens, "/calendar", date="2026-11-08")
