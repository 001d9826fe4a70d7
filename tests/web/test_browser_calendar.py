"""The calendar in a real browser: planned by two clicks, moved by dragging and by the keyboard."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tandem.lessons.models import Session
from tandem.relationships.models import TutorStudent
from tests.cast import Cast, at, booked
from tests.web.test_browser import COLOURS, site, visit
from tests.web.troubles import troubles_of

__all__ = ["site"]
DESK = {"width": 1280, "height": 1200}


@pytest.fixture
def lesson(site: LiveServer, cast: Cast) -> Session:
    """Cara's lesson with Ana, on Tuesday at ten."""
    return booked(cast.cara_ana, at(3, 10))


def starts_of(lesson: Session) -> object:
    """Return when a lesson starts by now."""
    return Session.objects.get(pk=lesson.pk).starts_at


def test_two_clicks_plan_a_lesson(browser: Browser, site: LiveServer, cast: Cast) -> None:
    """An empty hour, and the form that it fills in."""
    with visit(browser, site, cast.owner) as page:
        page.goto("/calendar?tutor=Ben&student=Cleopatra")
        page.locator('a.hour[data-at="2026-11-05T14:00Z"]').click()
        page.get_by_role("button", name="Plan it").click()
        expect(page.get_by_text("The session is planned.")).to_be_visible()
        kept = "view=week&tutor=Ben&student=Cleopatra&date=2026-11-05"
        expect(page).to_have_url(f"{site.url}/calendar?{kept}")
    assert Session.objects.filter(tutor_student=cast.ben_cleo, starts_at=at(5, 14)).exists()


def drag(page: Page, to: str) -> None:
    """Drag the one lesson of Cara's onto the hour that begins at ``to``."""
    block, hour = page.locator(".lesson").first, page.locator(f'a.hour[data-at="{to}"]')
    block.hover(position={"x": 10, "y": 4})
    page.mouse.down()
    box = hour.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 12, box["y"] + 30, steps=4)
    page.mouse.move(box["x"] + 12, box["y"] + 5, steps=4)
    page.mouse.up()


def test_a_lesson_is_dragged(
    browser: Browser, site: LiveServer, cast: Cast, lesson: Session
) -> None:
    """To another day and hour; it moves when that is confirmed, and not before."""
    with visit(browser, site, cast.owner, viewport=DESK) as page:
        page.goto("/calendar?tutor=Cara&date=2026-11-03")
        drag(page, "2026-11-05T13:00Z")
        expect(page.get_by_text("Nothing stands against it.")).to_be_visible()
        assert starts_of(lesson) == at(3, 10)
        page.get_by_role("button", name="Move it").click()
        expect(page.get_by_text("The session is moved.")).to_be_visible()
    assert starts_of(lesson) == at(5, 13)


def test_a_move_that_cannot_be_says_why(
    browser: Browser, site: LiveServer, cast: Cast, lesson: Session
) -> None:
    """Ana is with Ben then; nothing has moved."""
    booked(cast.ben_ana, at(6, 13))
    with visit(browser, site, cast.owner, viewport=DESK) as page:
        page.goto("/calendar?tutor=Cara&date=2026-11-03")
        drag(page, "2026-11-06T13:00Z")
        expect(page.get_by_text("already has a session in these hours")).to_be_visible()
        expect(page.get_by_text("Nothing has moved.")).to_be_visible()
    assert starts_of(lesson) == at(3, 10)


def test_the_keyboard_moves_a_lesson(
    browser: Browser, site: LiveServer, cast: Cast, lesson: Session
) -> None:
    """A quarter of an hour down and a day on, announced; Escape leaves it."""
    with visit(browser, site, cast.owner) as page:
        page.goto("/calendar?tutor=Cara&date=2026-11-03")
        block, said = page.locator(".lesson").first, page.locator("#calendar-said")
        block.focus()
        page.keyboard.press("m")
        expect(said).to_contain_text("Tuesday 3 November, 10:00")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Escape")
        expect(said).to_have_text("It stays where it was.")
        page.keyboard.press("m")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        expect(said).to_have_text("Wednesday 4 November, 10:15")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Move it").click()
        expect(page.get_by_text("The session is moved.")).to_be_visible()
    assert starts_of(lesson) == at(4, 10, 15)


def test_the_filter_follows_what_is_typed(
    browser: Browser, site: LiveServer, cast: Cast, lesson: Session
) -> None:
    """And still lets lessons be moved; without script a button shows it."""
    with visit(browser, site, cast.owner) as page:
        page.goto("/calendar?date=2026-11-03")
        page.get_by_label("Tutor").fill("Cara")
        page.get_by_label("Tutor").press("Tab")
        expect(page.locator(".lesson")).to_have_count(1)
        expect(page).to_have_url(re.compile("tutor=Cara"))
    with visit(browser, site, cast.owner, java_script_enabled=False) as page:
        page.goto("/calendar?date=2026-11-03")
        page.get_by_label("Tutor").fill("Cara")
        page.get_by_role("button", name="Show").click()
        expect(page.locator(".lesson")).to_have_count(1)


@pytest.mark.parametrize("view", ["day", "week", "month"])
@pytest.mark.parametrize("width", [320, 390, 768, 1920])
def test_it_is_open_to_everybody(
    browser: Browser, site: LiveServer, cast: Cast, lesson: Session, view: str, width: int
) -> None:
    """Axe finds nothing in light and dark, and nothing sticks out at the side."""
    size = {"width": width, "height": 900}
    with visit(browser, site, cast.owner, viewport=size) as page:
        page.goto(f"/calendar?view={view}")
        assert troubles_of(page) == []
        page.emulate_media(color_scheme="dark")
        assert troubles_of(page, COLOURS) == []


def test_a_phone_shows_a_day_at_a_time(
    browser: Browser, site: LiveServer, cast: Cast, lesson: Session
) -> None:
    """With a strip of the week, from which the next day is one tap."""
    with visit(browser, site, cast.owner, viewport={"width": 390, "height": 800}) as page:
        page.goto("/calendar")
        expect(page.locator(".col:visible")).to_have_count(1)
        page.get_by_role("navigation", name="Days of this week").get_by_text("Tue").click()
        expect(page.locator(".col:visible .lesson strong")).to_have_text(["Ana Ruiz"])


def top_of(page: Page, what: str) -> float:
    """Return how far down the page something begins, in pixels."""
    box = page.locator(what).first.bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_begins_with_lessons(
    browser: Browser, site: LiveServer, cast: Cast, width: int
) -> None:
    """Filters are folded, buttons take two rows: a lesson at eight is on the first screen."""
    held(cast.ben_ana, at(2, 8))
    with visit(browser, site, cast.owner, viewport={"width": width, "height": 844}) as page:
        for view in ("day", "week"):
            page.goto(f"/calendar?view={view}&date=2026-11-02")
            assert top_of(page, ".col:visible .lesson") < 844
            buttons = page.locator(".cal-bar .buttons a")
            tops = {buttons.nth(n).evaluate("one => one.offsetTop") for n in range(7)}
            assert len(tops) == 2
            expect(page.get_by_label("Tutor", exact=True)).to_be_hidden()
        page.get_by_text("Filters").click()
        page.get_by_label("Tutor").fill("Cara")
        page.get_by_label("Tutor").press("Tab")
        expect(page).to_have_url(re.compile("tutor=Cara"))
        expect(page.get_by_label("Tutor")).to_be_visible()
        page.goto("/calendar?subject=Maths")
        expect(page.get_by_label("Subject")).to_have_value("Maths")
        expect(page.get_by_label("Subject")).to_be_visible()


def test_a_desk_has_its_filters_open(browser: Browser, site: LiveServer, cast: Cast) -> None:
    with visit(browser, site, cast.owner, viewport=DESK, java_script_enabled=False) as page:
        page.goto("/calendar")
        expect(page.get_by_label("Tutor")).to_be_visible()
        expect(page.get_by_text("Filters", exact=True)).to_be_hidden()


def held(link: TutorStudent, starts_at: datetime) -> None:
    """Record an hour that was held, whatever else was held then."""
    Session.objects.create(
        tutor_student=link,
        tutor=link.tutor,
        student=link.student,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        status="completed",
    )


SEEN_LETTERS = """one => {
  const text = one.firstChild, box = one.getBoundingClientRect(), range = document.createRange();
  let seen = "";
  for (let n = 0; n < text.length; n += 1) {
    range.setStart(text, n);
    range.setEnd(text, n + 1);
    const letter = range.getBoundingClientRect();
    if (letter.right > box.right + 0.5 || letter.top >= box.bottom - 1) break;
    seen += text.data[n];
  }
  return seen.trim();
}"""


@pytest.mark.parametrize("width", [390, 1440])
def test_first_names_are_read_beside_each_other(
    browser: Browser, site: LiveServer, cast: Cast, width: int
) -> None:
    """Of three at once each has six letters at least, or the whole given name, and no half word."""
    names = ("Phuong Nguyen Thi", "Conceição Magalhães")
    for student, name in zip((cast.ana, cast.cleo), names, strict=True):
        student.full_name = name
        student.save()
    for link, minute in ((cast.ben_ana, 0), (cast.ben_cleo, 30), (cast.cara_ana, 45)):
        held(link, at(3, 10, minute))
    with visit(browser, site, cast.owner, viewport={"width": width, "height": 844}) as page:
        page.goto("/calendar?date=2026-11-03")
        found = page.locator(".col:visible .of3 strong")
        seen = [found.nth(n).evaluate(SEEN_LETTERS) for n in range(3)]
        assert sorted(one[:6] for one in seen) == ["Concei", "Phuong", "Phuong"]
        whole = "Conceição Magalhães, 10:30 to 11:30, Completed, Maths, with Ben"
        assert all(one == "Phuong" or one.startswith("Concei") for one in seen)
        expect(page.get_by_role("link", name=whole, exact=True)).to_be_visible()
        assert troubles_of(page) == []


def test_a_lesson_dragged_to_another_tutor_stays_and_says_so(
    browser: Browser, site: LiveServer, cast: Cast, lesson: Session
) -> None:
    """While it is dragged and where it is dropped, with the page on which another takes it."""
    before = starts_of(lesson)
    with visit(browser, site, cast.owner, viewport=DESK) as page:
        page.goto("/calendar?view=day&date=2026-11-03")
        block = page.locator("[data-column][data-tutor=Cara] .lesson[data-move]")
        block.hover(position={"x": 10, "y": 4})
        page.mouse.down()
        other = page.locator("[data-column][data-tutor=Ben]").bounding_box()
        assert other is not None
        page.mouse.move(other["x"] + 30, other["y"] + 100, steps=4)
        note = page.locator("#calendar-note")
        expect(note).to_have_text("Cara keeps this lesson: dragging it to Ben moves nothing.")
        page.mouse.up()
        expect(note).to_contain_text("Choose who takes it")
        assert troubles_of(page) == []
        block.focus()
        page.keyboard.press("m")
        page.keyboard.press("ArrowLeft")
        expect(page.locator("#calendar-said")).to_contain_text("Cara keeps it.")
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Choose who takes it").click()
        expect(page.get_by_role("heading", name="Who covers for Cara?")).to_be_visible()
    assert starts_of(lesson) == before


def test_three_at_once_have_room_on_a_tablet_and_paper_shows_the_whole_week(
    browser: Browser, site: LiveServer, cast: Cast
) -> None:
    """The week is then wider than the screen, the page is not; paper is never cut at the side."""
    for link, minute in ((cast.ben_ana, 0), (cast.ben_cleo, 30), (cast.cara_ana, 45)):
        held(link, at(3, 10, minute))
    with visit(browser, site, cast.owner, viewport={"width": 768, "height": 900}) as page:
        page.goto("/calendar?date=2026-11-03")
        lane = page.locator(".of3").first.bounding_box()
        assert lane is not None
        assert lane["width"] > 50
        assert troubles_of(page) == []
        page.emulate_media(media="print")
        sunday = page.locator(".cal > .col").last.bounding_box()
        assert sunday is not None
        assert sunday["x"] + sunday["width"] <= 769
