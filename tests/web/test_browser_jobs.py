"""The jobs that come every day, in a real browser, with no more clicks than they are worth.

Planning from the calendar is in ``test_browser_planning.py``, moving by a drag in
``test_browser_calendar.py``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.lessons.actions import complete
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session, TimeOff
from tandem.lessons.policies import change_policy
from tandem.people.models import Account
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked
from tests.web.test_browser import site, visit

__all__ = ["site"]
DESK = {"width": 1280, "height": 1200}
PHONE = {"width": 360, "height": 800}


@dataclass
class Hand:
    """Somebody at a page, who counts their clicks; typing counts nothing."""

    page: Page
    clicks: int = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def link(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name).first)

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name).first)

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()


@contextmanager
def hand(
    browser: Browser, site: LiveServer, who: Account | None, path: str, *, at_most: int
) -> Iterator[Hand]:
    """Yield a hand at ``path``; afterwards it clicked at most so often."""
    with visit(browser, site, who, viewport=DESK) as page:
        page.goto(path)
        own = Hand(page)
        yield own
        assert own.clicks <= at_most


def test_todays_lesson_is_recorded(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """One click on Today; two with how it went; and one more takes it back."""
    first, second = (booked(cast.cara_ana, NOW - hours * HOUR) for hours in (3, 5))
    with hand(browser, site, cast.owner, "/", at_most=2) as own:
        own.click(own.page.locator("li", has_text="06:00 to 07:00").get_by_text("Held"))
        own.sees("The session is recorded. Ana Ruiz with Cara")
        own.button("Undo it")
        own.sees("It is undone. Ana Ruiz with Cara")
    with hand(browser, site, cast.owner, "/", at_most=2) as own:
        own.click(own.page.locator("li", has_text="04:00 to 05:00").get_by_text("Record how"))
        own.page.get_by_label("What was done").fill("Levers")
        own.button("Record it")
        own.sees("The session is recorded. Ana Ruiz with Cara")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status, second.notes) == ("scheduled", "completed", "Levers")


def test_anybody_is_found_from_anywhere(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """A key, a part of the name, a click; or Enter; on a phone by a page of its own."""
    with hand(browser, site, cast.owner, "/reports", at_most=1) as own:
        own.page.keyboard.press("/")
        own.page.keyboard.type("ana r")
        own.click(own.page.get_by_role("option", name="Ana Ruiz"))
        expect(own.page.get_by_role("heading", name="Ana Ruiz")).to_be_visible()
        own.page.keyboard.press("Control+k")
        own.page.keyboard.type("dev")
        own.page.get_by_role("option", name="Dev").wait_for()
        own.page.keyboard.press("ArrowDown")
        own.page.keyboard.press("Enter")
        expect(own.page.get_by_role("heading", name="Dev")).to_be_visible()
    with hand(browser, site, cast.owner, "/find?q=dev", at_most=2) as own:
        own.link("Switch the key / off")
        own.sees("Ctrl+K leads here from every page.")
        own.page.goto("/")
        own.page.keyboard.press("/")
        expect(own.page.get_by_role("combobox")).not_to_be_focused()
        own.page.set_viewport_size({"width": 360, "height": 800})
        own.page.keyboard.press("Control+k")
        expect(own.page.get_by_label("Name of a student")).to_be_focused()
        own.page.keyboard.type("cara")
        own.page.keyboard.press("Enter")
        own.link("Cara")
        expect(own.page.get_by_role("heading", name="Cara")).to_be_visible()


def test_hours_of_last_month_are_a_file(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """Reports, last month, the file: each tutor a line."""
    held = booked(cast.cara_ana, at(13, 15, month=10))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk)
    with hand(browser, site, cast.owner, "/", at_most=3) as own:
        own.link("Reports")
        own.link("Last month")
        with own.page.expect_download() as file:
            own.link("Download as CSV")
        assert "Cara" in file.value.path().read_text()


def test_todays_absence_is_covered(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """From Today: the best for each lesson is chosen already, and shown before it is done."""
    TimeOff.objects.all().delete()
    TimeOff.objects.create(tutor=cast.ben, starts_at=at(2, 0), ends_at=at(3, 0), reason="Ill")
    with hand(browser, site, cast.owner, "/", at_most=4) as own:
        own.link("Find cover for Ben")
        own.button("Show what will happen")
        own.button("Let them cover")
        own.sees("covered")
    assert Session.objects.get(student=cast.ana, starts_at=at(2, 16)).tutor == cast.cara


def test_what_will_happen_is_what_comes_into_sight(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """Below a long form, on a phone: it has the focus, unless something is wrong with the form."""
    for hour in (9, 11, 13):
        booked(cast.ben_ana, at(17, hour))
    path = f"/tutors/{cast.ben.pk}/time-off"
    with visit(browser, site, cast.owner, viewport=PHONE) as page:
        page.goto(path)
        page.get_by_label("First day").fill("2026-11-17")
        page.get_by_role("button", name="Show what will happen").click()
        expect(page.get_by_role("heading", name="What will happen")).to_be_in_viewport()
        expect(page.get_by_role("region", name="What will happen")).to_be_focused()
        page.get_by_label("Last day").fill("2026-11-16")
        page.get_by_role("button", name="Show what will happen").click()
        expect(page.locator(".problems")).to_be_focused()


def test_what_ended_starts_again(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """From the student's page, with the tutor and the subject that it had."""
    Session.objects.filter(tutor_student=cast.cara_ana).delete()
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk, on=NOW.date())
    with hand(browser, site, cast.owner, f"/students/{cast.ana.pk}", at_most=3) as own:
        own.link("Start again with Cara, Maths")
        own.button("Add the tutor")
        own.sees("The tutor is added. Cara and Ana Ruiz.")
    again = TutorStudent.objects.filter(tutor=cast.cara, student=cast.ana, ended_on=None)
    assert again.exclude(pk=cast.cara_ana.pk).get().subject == cast.cara_ana.subject


def test_a_list_is_as_of_a_day(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """The day is typed, and the list follows."""
    long_ago = date(2020, 1, 1).isoformat()
    with hand(browser, site, cast.owner, "/students", at_most=2) as own:
        own.click(own.page.get_by_label("As of"))
        own.page.get_by_label("As of").fill(long_ago)
        own.sees("had a tutor on Wed 1 Jan 2020")


def test_the_last_deed_is_undone(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """By the button in the message, where the deed was done."""
    path = f"/tutors/{cast.cara.pk}/time-off"
    with visit(browser, site, cast.owner, viewport=DESK) as page:
        page.goto(path)
        page.get_by_label("First day").fill("2026-11-25")
        page.get_by_role("button", name="Show what will happen").click()
        page.get_by_role("button", name="Save the time off").click()
        own = Hand(page)
        own.button("Undo it")
        expect(page.get_by_text("undone").first).to_be_visible()
        assert own.clicks == 1
    assert not TimeOff.objects.filter(tutor=cast.cara).exists()


def test_a_family_cannot_come(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """By keyboard and on a phone, without script; no cookie but that of the form is left."""
    change_policy(requester=Requester(cast.owner, NOW), changes={"families_cancel": True})
    lesson = Session.objects.filter(student=cast.ana, starts_at__gt=NOW).earliest("starts_at")
    for script in (False, True):
        with visit(browser, site, java_script_enabled=script, viewport=PHONE) as page:
            page.goto(f"/parent/{cast.ana.parent_link_token}")
            page.get_by_role("link", name="We cannot come").first.focus()
            page.keyboard.press("Enter")
            page.get_by_label("Why").fill("Flu")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            expect(page.get_by_text("You said that you cannot come.")).to_be_visible()
            assert {one["name"] for one in page.context.cookies()} <= {"csrftoken"}
    lesson.refresh_from_db()
    assert lesson.status == "cancelled"
