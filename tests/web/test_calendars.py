"""Calendar addresses: shown once, read by another program's parser, ended with their ground."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tandem.kit import time
from tandem.lessons.actions import cancel, reschedule
from tandem.lessons.models import Session
from tandem.people.actions import rotate_parent_link
from tandem.people.calendar_feeds import MOST, create_family_feed, create_feed
from tandem.people.closing import change_role, close_account
from tandem.people.models import CalendarFeed, Student
from tandem.people.requester import Requester
from tandem.web.calendar_file import _printable
from tests.cast import HOUR, NOW, Cast, at, booked, user
from tests.conftest import Committed
from tests.web.reading import words
from tests.web.sending import opened, send, sent


def parsed(answer: Any) -> list[Any]:
    """Return the events of a calendar, as a parser reads them that is not the writer's."""
    assert answer.status_code == 200
    calendar = vobject.readOne(answer.content.decode())
    return list(getattr(calendar, "vevent_list", []))


def events(secret: str) -> list[Any]:
    """Return the events that a program reads at an address."""
    return parsed(Client().get(f"/calendar/{secret}.ics"))


def told(answer: Any) -> dict[str, str]:
    """Return an answer's headers without what is each request's own."""
    return {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}


def written_on(session: Session, moment: datetime) -> None:
    """Say when a session was last written: the clock of a test stands still, or hurries."""
    made = {"created_at": NOW - timedelta(hours=1), "updated_at": moment}
    Session.objects.filter(pk=session.pk).update(**made)


def of_tutor(cast: Cast) -> str:
    return create_feed(account=user(cast.ben), now=NOW, kind="tutor")[1]


def of_family(student: Student) -> str:
    return create_family_feed(token=student.parent_link_token or "", now=NOW)[1]


def shown(answer: Any) -> str:
    """Return the secret of an address that a page shows."""
    (secret,) = re.findall(r"/calendar/([^.\"]+)\.ics", answer.content.decode())
    return str(secret)


def test_an_address_is_shown_once(ben: Client, cast: Cast, committed: Committed) -> None:
    """In the answer to the form; afterwards the account lists it without the address."""
    booked(cast.ben_ana, at(9, 16))
    form = opened(ben, "/account/calendars/new/tutor")
    with committed():
        made = sent(ben, "/account/calendars/new/tutor", form)
    secret = shown(made)
    assert [one.summary.value for one in events(secret)] == ["Physics with Ana Ruiz"]
    again = sent(ben, "/account/calendars/new/tutor", form)
    assert again.redirect_chain == [("/account", 302)]
    assert secret not in again.content.decode()
    assert "Your sessions. Made on 2 Nov 2026. Last read 2 Nov 2026, 09:00." in words(again)
    assert secret not in str(list(CalendarFeed.objects.values()))
    assert [one.to for one in mail.outbox] == [["ben@tandem.example"]]
    assert "Whoever has it can read when your sessions are" in mail.outbox[0].body


def test_each_reads_what_is_theirs(cast: Cast) -> None:
    """A tutor their own, an owner everybody's, a family all of their child's; never notes."""
    booked(cast.ben_ana, at(9, 16))
    booked(cast.cara_ana, at(10, 16))
    booked(cast.ben_cleo, at(11, 16))
    everybodys = create_feed(account=cast.owner, now=NOW, kind="owner")[1]
    read = {
        name: [one.summary.value for one in events(secret)]
        for name, secret in (
            ("tutor", of_tutor(cast)),
            ("owner", everybodys),
            ("family", of_family(cast.ana)),
        )
    }
    assert read == {
        "tutor": ["Physics with Ana Ruiz", "Maths with Cleo Hart"],
        "owner": [
            "Ben: Physics with Ana Ruiz",
            "Cara: Maths with Ana Ruiz",
            "Ben: Maths with Cleo Hart",
        ],
        "family": ["Ana Ruiz: Physics with Ben", "Ana Ruiz: Maths with Cara"],
    }


def test_a_change_has_the_same_uid_and_a_higher_sequence(cast: Cast) -> None:
    """Moved, then cancelled: a program sees one event that changed, not three."""
    session = booked(cast.ben_ana, at(9, 16))
    secret = of_tutor(cast)
    written_on(session, NOW)
    (before,) = events(secret)
    reschedule(
        requester=Requester(None, NOW),
        session_id=session.pk,
        starts_at=at(9, 18),
        ends_at=at(9, 19),
    )
    written_on(session, NOW + timedelta(seconds=1))
    (moved,) = events(secret)
    cancel(requester=Requester(None, NOW), session_id=session.pk)
    written_on(session, NOW + timedelta(days=365))
    (cancelled,) = events(secret)
    assert len({one.uid.value for one in (before, moved, cancelled)}) == 1
    numbers = [int(one.sequence.value) for one in (before, moved, cancelled)]
    assert numbers == sorted(set(numbers))
    assert (before.dtstart.value, moved.dtstart.value) == (at(9, 16), at(9, 18))
    assert [one.status.value for one in (before, moved, cancelled)] == [
        "CONFIRMED", "CONFIRMED", "CANCELLED"]  # fmt: skip
    assert cancelled.summary.value == "Cancelled: Physics with Ana Ruiz"


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("Europe/Helsinki", [(2026, 10, 24), (2026, 10, 26), (2027, 3, 27), (2027, 3, 29)]),
        ("Europe/London", [(2026, 10, 24), (2026, 10, 26), (2027, 3, 27), (2027, 3, 29)]),
        ("America/New_York", [(2026, 10, 31), (2026, 11, 2), (2027, 3, 13), (2027, 3, 15)]),
    ],
)
def test_an_hour_stays_what_it_is_over_a_clock_change(
    cast: Cast, zone: str, days: list[tuple[int, int, int]]
) -> None:
    """Ten o'clock in a zone is ten o'clock there before and after, in autumn and spring."""
    there = ZoneInfo(zone)
    planned = [datetime(*day, 10, tzinfo=there) for day in days]
    for moment in planned:
        booked(cast.ben_ana, moment.astimezone(UTC))
    read = [one.dtstart.value.astimezone(there) for one in events(of_tutor(cast))]
    assert [(one.date(), one.hour) for one in read] == [(one.date(), 10) for one in planned]


def test_a_group_is_one_event_for_who_teaches_it(cast: Cast, oona: Client) -> None:
    """With everybody in it; a family reads its own child alone."""
    answer = oona.post(
        "/api/sessions",
        {
            "tutorStudentIds": [cast.ben_ana.pk, cast.ben_cleo.pk],
            "startTime": "2026-11-09T16:00:00Z",
            "endTime": "2026-11-09T17:00:00Z",
            "title": "Exam\r\nBEGIN:VALARM",
            "location": "Room 2; second floor",
        },
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.content
    (event,) = events(of_tutor(cast))
    assert event.summary.value in {
        f"Exam BEGIN:VALARM (Physics with {names})"
        for names in ("Ana Ruiz, Cleo Hart", "Cleo Hart, Ana Ruiz")
    } | {"Exam BEGIN:VALARM (Maths with Cleo Hart, Ana Ruiz)"}
    assert event.location.value == "Room 2; second floor"
    (familys,) = events(of_family(cast.ana))
    assert "Cleo" not in familys.serialize()


def test_nothing_new_is_a_304(cast: Cast) -> None:
    """A program that sends the tag it has is told so; after a change it gets the calendar."""
    session = booked(cast.ben_ana, at(9, 16))
    secret = of_tutor(cast)
    first = Client().get(f"/calendar/{secret}.ics")
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert (first["Cache-Control"], first["Referrer-Policy"]) == (
        "private, no-cache",
        "no-referrer",
    )
    tag = {"If-None-Match": first["ETag"]}
    assert Client().get(f"/calendar/{secret}.ics", headers=tag).status_code == 304
    cancel(requester=Requester(None, NOW + HOUR), session_id=session.pk)
    assert Client().get(f"/calendar/{secret}.ics", headers=tag).status_code == 200
    assert Client().post(f"/calendar/{secret}.ics").status_code == 405


def ends() -> Iterator[Any]:
    """Yield what ends an address, with whose it ends."""

    def by_link(cast: Cast) -> None:
        rotate_parent_link(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)

    def by_last_day(cast: Cast) -> None:
        rotate_parent_link(
            requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, last_day=NOW.date()
        )

    def by_closing(cast: Cast) -> None:
        close_account(requester=Requester(cast.owner, NOW), account_id=user(cast.ben).pk)

    yield pytest.param("family", by_link, id="a new parents' link")
    yield pytest.param("family", by_last_day, id="a parents' link with a last day")
    yield pytest.param("tutor", by_closing, id="a closed account")


@pytest.mark.parametrize(("whose", "end"), [*ends()])
def test_an_address_ends_with_what_it_rests_on(cast: Cast, whose: str, end: Any) -> None:
    """It opens until then, and nothing afterwards, in the words for one that never was."""
    secret = of_family(cast.ana) if whose == "family" else of_tutor(cast)
    assert Client().get(f"/calendar/{secret}.ics").status_code == 200
    end(cast)
    gone = Client().get(f"/calendar/{secret}.ics")
    never = Client().get("/calendar/never-was.ics")
    assert (gone.status_code, gone.content) == (404, never.content)
    assert told(gone) == told(never)
    assert "opens nothing" in gone.content.decode()


def test_an_owners_ends_with_the_role(cast: Cast) -> None:
    """Who is an owner no more reads everybody's no more; another owner is there."""
    other = create_feed(account=cast.owner, now=NOW, kind="owner")[1]
    change_role(requester=Requester(None, NOW), account_id=user(cast.ben).pk, is_owner=True)
    change_role(requester=Requester(None, NOW), account_id=cast.owner.pk, is_owner=False)
    assert Client().get(f"/calendar/{other}.ics").status_code == 404


def test_ones_own_address_is_ended(ben: Client, dev: Client, cast: Cast) -> None:
    """By its holder, after a question; nobody else finds it."""
    secret = of_tutor(cast)
    feed = CalendarFeed.objects.get()
    assert dev.get(f"/account/calendars/{feed.pk}/end").status_code == 404
    done = send(ben, f"/account/calendars/{feed.pk}/end")
    assert "The calendar address is ended" in words(done)
    assert "You have no calendar addresses" in words(done)
    assert Client().get(f"/calendar/{secret}.ics").status_code == 404


def test_only_who_is_that_makes_one(ben: Client, stranger: Client, cast: Cast) -> None:
    """No tutor has everybody's, and who is neither has none; the pages do not offer it."""
    assert "everybody’s sessions" not in words(ben.get("/account"))
    refused = send(ben, "/account/calendars/new/owner")
    assert (refused.status_code, "Only an owner" in words(refused)) == (403, True)
    assert stranger.get("/account/calendars/new/tutor").status_code == 403
    assert not CalendarFeed.objects.exists()


def test_a_family_makes_and_ends_its_own(cast: Cast) -> None:
    """On a page that the parents' page leads to; another family's link ends nothing here."""
    page = f"/parent/{cast.ana.parent_link_token}/calendar"
    assert page in Client().get(page.removesuffix("/calendar")).content.decode()
    family = Client()
    assert "None yet." in words(family.get(page))
    booked(cast.cara_ana, at(10, 16))
    secret = shown(family.post(page, {"make": "yes"}))
    assert [one.summary.value for one in events(secret)] == ["Ana Ruiz: Maths with Cara"]
    assert "Made on 2 November 2026. Last read on 2 November 2026." in words(family.get(page))
    feed = CalendarFeed.objects.get()
    others = f"/parent/{cast.cleo.parent_link_token}/calendar"
    assert Client().post(others, {"end": feed.pk}).status_code == 404
    assert Client().get(f"/calendar/{secret}.ics").status_code == 200
    assert family.post(page, {"end": feed.pk}).status_code == 302
    assert Client().get(f"/calendar/{secret}.ics").status_code == 404
    assert Client().get("/parent/never-was/calendar").status_code == 404


def test_there_are_ten_at_most(cast: Cast) -> None:
    """The eleventh is refused with what to do; ended ones do not count."""
    page = f"/parent/{cast.ana.parent_link_token}/calendar"
    for _ in range(MOST):
        of_family(cast.ana)
    refused = Client().post(page, {"make": "yes"})
    assert refused.status_code == 409
    assert "First end one that nobody uses any more." in words(refused)
    Client().post(page, {"end": CalendarFeed.objects.all()[0].pk})
    assert Client().post(page, {"make": "yes"}).status_code == 200


def test_a_form_from_elsewhere_makes_nothing(cast: Cast) -> None:
    """A family has no account, and its form is still its own page's."""
    page = f"/parent/{cast.ana.parent_link_token}/calendar"
    answer = Client(enforce_csrf_checks=True).post(page, {"make": "yes"})
    assert answer.status_code == 403
    assert not CalendarFeed.objects.exists()


def test_how_often(cast: Cast, settings: Settings) -> None:
    """One address so many times in ten minutes; wrong ones from an address like parents' links."""
    settings.CALENDAR_READS_PER_TEN_MINUTES = 2
    settings.WRONG_PARENT_LINKS_PER_TEN_MINUTES = 1
    secret = of_tutor(cast)
    codes = [Client().get(f"/calendar/{secret}.ics").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    wrong = [Client().get("/calendar/never-was.ics") for _ in range(2)]
    assert [one.status_code for one in wrong] == [404, 429]
    assert int(wrong[1]["Retry-After"]) > 0


def test_how_far_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year for who was there, and all that is ahead."""
    booked(cast.ben_ana, at(9, 16))
    booked(cast.ben_ana, at(9, 16, year=2029))
    secret = of_tutor(cast)
    assert len(events(secret)) == 2
    monkeypatch.setattr(time, "utc_now", lambda: NOW + timedelta(days=380))
    assert len(events(secret)) == 1


def test_an_address_that_was_ended_is_said_to_be_gone(cast: Cast) -> None:
    """Sent twice, another family's, or one that cannot be: the parents' link is not dead."""
    page = f"/parent/{cast.ana.parent_link_token}/calendar"
    secret, kept = of_family(cast.ana), of_family(cast.ana)
    feed = CalendarFeed.objects.order_by("created_at", "id")[0]
    of_family(cast.cleo)
    others = CalendarFeed.objects.exclude(student=cast.ana).get()
    family = Client()
    assert family.post(page, {"end": feed.pk}).status_code == 302
    for gone in (feed.pk, others.pk, "\x00", "a\x00b", "x" * 5_000):
        refused = family.post(page, {"end": gone})
        assert refused.status_code == 404
        assert "This calendar address is gone already." in words(refused)
        assert "Lessons in your own calendar" in refused.content.decode()
        assert refused["Referrer-Policy"] == "same-origin"
    codes = [Client().get(f"/calendar/{one}.ics").status_code for one in (secret, kept)]
    assert sorted(codes) == [200, 404]
    assert CalendarFeed.objects.filter(ended_at=None).count() == 2


def test_only_its_button_makes_an_address(cast: Cast) -> None:
    """A form that says nothing makes none, and is told so."""
    page = f"/parent/{cast.ana.parent_link_token}/calendar"
    for typed in ({}, {"end": ""}, {"make": ""}):
        refused = Client().post(page, typed)
        assert refused.status_code == 422
        assert "Nothing was done." in words(refused)
    assert not CalendarFeed.objects.exists()
    assert Client().post(page, {"make": "yes"}).status_code == 200
    assert CalendarFeed.objects.count() == 1


def test_an_address_is_only_read(cast: Cast) -> None:
    """Whoever writes to it is told that it is read, not that a form came without its secret."""
    secret = of_tutor(cast)
    for address in (secret, "never-was"):
        answer = Client(enforce_csrf_checks=True).post(f"/calendar/{address}.ics")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Family \U0001f468\u200d\U0001f469\u200d\U0001f467", None),
        ("\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", None),
        ("Turned\u202e round", "Turned round"),
        ("a\x00b\r\nc", "a b c"),
        ("\u200d \u200c", ""),
    ],
    ids=["joined pictures", "letters kept apart", "direction", "control", "nothing to see"],
)
def test_a_title_is_whole_and_on_one_line(title: str, told: str | None) -> None:
    """What joins letters and pictures stays; what no calendar may hold goes."""
    assert _printable(title) == (title if told is None else told)
