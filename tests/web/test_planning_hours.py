"""An hour of the calendar is planned by one small form: whose lesson, when, and how long."""

import re
from collections.abc import Mapping
from datetime import date, time
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.kit.weekly import Weekly
from tandem.lessons.availability import set_availability
from tandem.lessons.models import Closure, Session
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol, pause
from tests.cast import NOW, TERM, Cast, at, booked, third
from tests.web.reading import read, words
from tests.web.sending import fields, opened, send, sent

PATH = "/calendar/plan"
FOUR = f"{PATH}?at=2026-11-09T16:00Z"
PASSED = f"{PATH}?at=2026-11-02T07:00Z"
MOST_QUERIES = 8


def suggested(client: Client, **asked: str) -> list[tuple[str, str]]:
    """Return whose lessons are suggested, each with what is said about it."""
    found = client.get("/suggest/lessons", asked).json()["found"]
    return [(one["name"], one["about"]) for one in found]


def form(client: Client, path: str) -> Mapping[str, str]:
    """Return what the form at ``path`` opens with, but for its key."""
    kept = ("whose", "whose_is", "day", "starts", "minutes")
    return {name: value for name, value in opened(client, path).items() if name in kept}


def test_an_hour_opens_with_all_but_whose_it_is(oona: Client, cast: Cast) -> None:
    """Day, hour and length are filled in; who it may be is named for a browser without script."""
    hour = {"day": "2026-11-09", "starts": "16:00", "minutes": "60"}
    assert form(oona, FOUR) == {"whose": "", "whose_is": "", **hour}
    names = re.findall(r'<option value="([^"]*)"', oona.get(FOUR).content.decode())
    assert names == ["Ana Ruiz", "Cleo Hart"]
    assert form(oona, f"{PATH}?at=never")["day"] == "2026-11-02"
    assert form(oona, f"{PATH}?date=2026-11-20")["day"] == "2026-11-20"
    assert form(oona, f"{PATH}?date=2026-10-20")["day"] == "2026-11-02"


def test_where_one_is_left_it_is_chosen(oona: Client, cast: Cast) -> None:
    """By the filters of the calendar; what else is said of it stands below the name."""
    one = form(oona, f"{FOUR}&tutor=Ben&student=Ana")
    assert (one["whose"], one["whose_is"]) == ("Ana Ruiz", cast.ben_ana.pk)
    assert "Physics with Ben" in read(oona, PATH, student="Ana", subject="Physics")
    assert form(oona, f"{FOUR}&tutor=Ben")["whose"] == ""


def test_by_a_name_it_is_planned(oona: Client, cast: Cast) -> None:
    """Two clicks and a name; one is back in the week of the lesson, which is said."""
    seen = words(send(oona, FOUR, whose="Cleo Hart"))
    assert "The session is planned. Cleo Hart with Ben: Mon 9 Nov 2026, 16:00 to 17:00." in seen
    assert "9 Nov to 15 Nov 2026" in seen
    assert "Cleo Hart 16:00 to 17:00" in seen


def test_of_two_who_may_be_meant_one_is_asked(oona: Client, cast: Cast) -> None:
    """Ana has two tutors: each stands with what it is; what was typed stays."""
    page = send(oona, FOUR, whose="Ana Ruiz", starts="17:15", minutes="45")
    assert page.status_code == 422
    assert "Ana Ruiz Maths with Cara" in words(page)
    assert (fields(page)["starts"], fields(page)["minutes"]) == ("17:15", "45")
    sent(oona, FOUR, {**fields(page), "whose_is": cast.cara_ana.pk})
    assert Session.objects.get().tutor_student == cast.cara_ana


def test_who_begins_with_what_is_typed_comes_first(oona: Client, cast: Cast) -> None:
    """Enter takes the first: of "an" Ana, not Alexander; words of tutor and subject find, too."""
    pairing = Pairing(cast.dev.pk, "Latin", TERM)
    enrol(requester=Requester(cast.owner, NOW), full_name="Alexander Ny", tutors=[pairing])
    found = [("Ana Ruiz", "Physics with Ben"), ("Ana Ruiz", "Maths with Cara")]
    at_four = {"at": "2026-11-09T16:00Z"}
    assert suggested(oona, q="an", **at_four) == [*found, ("Alexander Ny", "Latin with Dev")]
    assert suggested(oona, q="maths ben", **at_four) == [("Cleo Hart", "Maths with Ben")]
    assert suggested(oona, q="hart", tutor="Ben", **at_four) == [("Cleo Hart", "Maths")]
    assert suggested(oona, q=cast.ben_ana.pk, **at_four) == found[:1]
    assert suggested(oona, q="%", **at_four) == suggested(oona, q="zz", **at_four) == []


def test_a_tutor_plans_their_own_only(ben: Client, dev: Client, client: Client, cast: Cast) -> None:
    """Cara's of Ana, whom Ben sees, are not his to plan, nor is he told that they are his."""
    assert suggested(ben) == [("Ana Ruiz", "Physics"), ("Cleo Hart", "Maths")]
    assert suggested(dev) == []
    assert client.get("/suggest/lessons").status_code == 302
    assert "Nobody has a tutor on that day" in read(dev, PATH)
    asked = {"whose": "Ana Ruiz", "whose_for": "Ana Ruiz", "whose_is": cast.cara_ana.pk}
    send(ben, FOUR, **asked)
    assert not Session.objects.filter(tutor=cast.cara).exists()


def test_where_nobody_has_a_tutor_planning_says_so(oona: Client, cast: Cast) -> None:
    """It does not speak of a filter where there was none; of one that there was, it does."""
    assert "Nobody has a tutor on that day. Begin with a student" in read(
        oona, PATH, at="2024-01-01T10:00Z"
    )
    assert "Nobody whom the calendar is narrowed to" in read(oona, PATH, student="Xaver")
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk)
    assert suggested(oona, q="cleo") == []


def test_hours_are_on_the_readers_clock(oona: Client, cast: Cast) -> None:
    """As the calendar's are, wherever the tutor is; the whole form is on the tutor's."""
    cast.ben.time_zone = "America/New_York"
    cast.ben.save()
    assert form(oona, FOUR)["starts"] == "16:00"
    assert "Times are in London time." in read(oona, PATH, at="2026-11-09T16:00Z")
    typed = {**opened(oona, FOUR), "whose": "Cleo Hart", "minutes": "45", "more": "1"}
    whole = oona.post(FOUR, typed)["Location"]
    assert whole.startswith(f"/relationships/{cast.ben_cleo.pk}/sessions/new?from=calendar")
    opens = opened(oona, whole)
    assert (opens["starts"], opens["minutes"]) == ("11:00", "45")
    assert not Session.objects.exists()
    send(oona, FOUR, whose="Cleo Hart")
    assert Session.objects.get().starts_at == at(9, 16)


def test_a_clash_is_said_where_it_was_typed(oona: Client, cast: Cast) -> None:
    """With everything that was typed; what nobody overrides has no box to tick."""
    booked(cast.ben_ana, at(9, 16))
    for day in ("0001-01-01", "9999-12-31", "never"):
        assert send(oona, FOUR, whose="Cleo Hart", day=day).status_code == 422
    page = send(oona, FOUR, whose="Cleo Hart", minutes="45")
    assert page.status_code == 409
    assert "The tutor already has a session in these hours." in words(page)
    assert "Even if the tutor is away" not in words(page)
    assert (fields(page)["whose"], fields(page)["minutes"]) == ("Cleo Hart", "45")
    assert sent(oona, FOUR, fields(page), starts="17:00").status_code == 200
    assert Session.objects.filter(student=cast.cleo, starts_at=at(9, 17)).exists()


def test_an_owner_plans_in_spite_of_a_closed_day(oona: Client, ben: Client, cast: Cast) -> None:
    """Asked once that is what stands against it; a tutor is not."""
    Closure.objects.create(
        name="Autumn break", starts_on=date(2026, 11, 9), ends_on=date(2026, 11, 10)
    )
    insist = "Even if the tutor is away or the business is closed"
    assert insist not in read(oona, PATH, at="2026-11-09T16:00Z")
    assert insist not in words(send(ben, FOUR, whose="Cleo Hart"))
    refused = send(oona, FOUR, whose="Cleo Hart")
    assert insist in words(refused)
    assert sent(oona, FOUR, fields(refused), override="on").status_code == 200
    assert Session.objects.get().student == cast.cleo


def test_an_hour_that_has_passed_is_asked_about(oona: Client, cast: Cast) -> None:
    """Whether it was held; what is recorded so is taken back by one press, once."""
    asked = send(oona, PASSED, whose="Cleo Hart")
    assert "This hour has passed. Say whether it was held." in words(asked)
    held = sent(oona, PASSED, fields(asked), held="yes")
    assert "The session is recorded. Cleo Hart with Ben" in words(held)
    way = f"/sessions/{Session.objects.get().pk}/unrecord?from=calendar&back="
    assert f'action="{way.replace("&", "&amp;")}"' in held.content.decode()
    for _ in range(2):
        done = oona.post(way, fields(held), follow=True)
        assert done.request["QUERY_STRING"] == "date=2026-11-02"
    assert not Session.objects.exists()


def test_what_became_of_a_recorded_lesson_is_not_taken_back(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """The tutor wrote about it since: the press says so, and so does the page of its own."""
    path = f"/relationships/{cast.ben_cleo.pk}/sessions/new"
    hour = {"day": "2026-11-02", "starts": "07:00"}
    held = sent(oona, path, fields(send(oona, path, **hour)), held="yes")
    lesson = Session.objects.get()
    way = f"/sessions/{lesson.pk}/unrecord"
    assert f'action="{way}"' in held.content.decode()
    assert "It is removed as if it had not been recorded." in read(oona, way)
    send(ben, f"/sessions/{lesson.pk}/edit", notes="Levers")
    late = oona.post(way, fields(held), follow=True)
    assert late.status_code == 409
    assert "Something has become of this lesson since it was recorded" in words(late)
    assert Session.objects.get().notes == "Levers"


def test_what_was_planned_outside_stated_hours_is_said(oona: Client, cast: Cast) -> None:
    spans = [Weekly(0, time(9), time(12))]
    set_availability(requester=Requester(None, NOW), tutor_id=cast.ben.pk, spans=spans)
    assert "outside" in words(send(oona, FOUR, whose="Cleo Hart"))


def test_htmx_is_sent_the_form_alone_and_led_on(oona: Client, cast: Cast) -> None:
    """Also where the same form is sent once more: a part cannot follow a redirect."""
    by_htmx = {"hx-request": "true"}
    opens = oona.get(FOUR, headers=by_htmx)
    assert "<html" not in opens.content.decode()
    typed = {**fields_of_part(opens), "whose": "Cleo Hart"}
    refused = oona.post(FOUR, {**typed, "minutes": "0"}, headers=by_htmx)
    assert (refused.status_code, "<html" in refused.content.decode()) == (422, False)
    for _ in range(2):
        led = oona.post(FOUR, typed, headers=by_htmx)
        assert led["HX-Redirect"] == "/calendar?date=2026-11-09"
    assert Session.objects.count() == 1
    signed_out = Client().get(FOUR, headers=by_htmx)
    assert signed_out["HX-Redirect"].startswith("/accounts/login/")


def fields_of_part(answer: Any) -> dict[str, str]:
    """Return what a form would send that stands on no page."""
    answer.content = b"<main>" + answer.content + b"</main>"
    return fields(answer)


def test_the_calendar_is_as_it_was_left(oona: Client, cast: Cast) -> None:
    """By day, all hours of it and narrowed to Ben, once a lesson was planned."""
    asked = {"view": "day", "date": "2026-11-10", "tutor": "Ben", "hours": "all"}
    shown = oona.get("/calendar", asked).content.decode()
    (hour,) = set(re.findall(r'href="([^"]*at=2026-11-10T22%3A00[^"]*)"', shown))
    planned = send(oona, unescape(hour), whose="Cleo Hart")
    assert QueryDict(planned.request["QUERY_STRING"]).dict() == asked
    lesson = Session.objects.get()
    back = "view=month&status=scheduled&date=1999-01-01&next=//elsewhere.example"
    path = f"/sessions/{lesson.pk}/move?{urlencode({'from': 'calendar', 'back': back})}"
    moved = send(oona, path, day="2026-11-11", starts="09:00")
    query = QueryDict(moved.request["QUERY_STRING"]).dict()
    assert query == {"view": "month", "status": "scheduled", "date": "2026-11-11"}


def test_early_and_late_hours_can_be_had(oona: Client, ben: Client, cast: Cast) -> None:
    """All 24 where one asks for them; else from 8 to 20, and farther where a lesson is."""

    def hours(**asked: str) -> list[str]:
        page = oona.get("/calendar", {"date": "2026-11-16", **asked}).content.decode()
        return re.findall(r'data-at="2026-11-16T(\d\d)', page)

    assert hours() == [f"{n:02}" for n in range(8, 20)]
    assert hours(hours="all") == [f"{n:02}" for n in range(24)]
    assert "Earlier and later hours" in read(oona, "/calendar", date="2026-11-16")
    assert "Only the usual hours" in read(oona, "/calendar", date="2026-11-16", hours="all")
    assert "later hours" not in read(oona, "/calendar", view="month")
    booked(cast.ben_ana, at(17, 6, 30))
    booked(cast.ben_ana, at(18, 21))
    assert hours() == [f"{n:02}" for n in range(6, 22)]
    assert oona.get("/calendar", {"hours": "some"}).status_code == 422


@pytest.mark.parametrize("path", [PATH, f"{FOUR}&tutor=Ben", "/suggest/lessons?q=a&tutor=Ben"])
def test_more_students_take_no_more_queries(oona: Client, cast: Cast, path: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert oona.get(path).status_code == 200
        return len(captured)

    few = queries()
    for number in range(5):
        third(cast, f"Finn {number}")
    assert few == queries() <= MOST_QUERIES


def test_what_was_planned_is_taken_back_by_one_press(ben: Client, cast: Cast) -> None:
    """The button stands beside what is said; pressed again, it leads back as before."""
    back = {"back": "view=day&tutor=Ben"}
    page = send(ben, f"{FOUR}&{urlencode(back)}", whose="Cleo Hart")
    lesson = Session.objects.get()
    way = f"/sessions/{lesson.pk}/unplan?{urlencode({'from': 'calendar', **back})}"
    assert f'action="{way.replace("&", "&amp;")}"' in page.content.decode()
    for _ in range(2):
        done = ben.post(way, fields(page), follow=True)
        assert done.request["QUERY_STRING"] == "view=day&tutor=Ben&date=2026-11-09"
    assert not Session.objects.exists()


def test_a_press_that_comes_too_late_says_so(oona: Client, cast: Cast) -> None:
    """And what the page of its own asks is the same."""
    page = send(oona, f"/relationships/{cast.ben_cleo.pk}/sessions/new", starts="16:00")
    lesson = Session.objects.get()
    assert f"/sessions/{lesson.pk}/unplan" in page.content.decode()
    send(oona, f"/sessions/{lesson.pk}/edit", title="Levers")
    late = send(oona, f"/sessions/{lesson.pk}/unplan")
    assert late.status_code == 409
    assert "Something has become of this lesson since it was planned" in words(late)


def test_a_group_that_is_taken_back_is_named(oona: Client, cast: Cast) -> None:
    path = f"/relationships/{cast.ben_cleo.pk}/sessions/new"
    page = send(oona, path, starts="16:00", together=cast.ben_ana.pk)
    (way,) = re.findall(r'action="(/sessions/[^"]*/unplan)"', page.content.decode())
    undone = oona.post(way, fields(page), follow=True)
    assert "It is undone. Cleo Hart and 1 more with Ben" in words(undone)
    assert not Session.objects.exists()


def test_what_was_written_while_signed_out_comes_back_beside_the_hour(cast: Cast) -> None:
    """The panel says so itself, and nothing of it stands beside what is planned then."""
    client, panel = Client(), {"HX-Request": "true"}
    client.force_login(cast.owner)
    typed = opened(client, FOUR) | {"whose": "Cleo", "minutes": "45"}
    client.logout()
    client.post(FOUR, typed, headers=panel)
    kept = client.session["kept_form"]
    client.force_login(cast.owner)
    session = client.session
    session["kept_form"] = kept
    session.save()
    back = client.get(FOUR, headers=panel)
    assert 'name="minutes" value="45"' in back.content.decode()
    assert "This was not saved before you showed that it is you." in words(back)
    (key,) = re.findall(r'name="form_key" value="([^"]*)"', back.content.decode())
    whose = {"whose_is": cast.ben_cleo.pk, "whose_for": "Cleo"}
    again = {**typed, **whose, "form_key": unescape(key)}
    done = client.post(FOUR, again, headers=panel)
    said = words(client.get(done["HX-Redirect"]))
    assert "The session is planned." in said
    assert "This was not saved" not in said
