"""A form that is refused says on top of its page what is wrong, and leads to where it is."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast, at, booked, user
from tests.web.reading import words
from tests.web.sending import send
from tests.web.test_browser import visit
from tests.web.test_group import a_group
from tests.web.troubles import troubles_of

SUMMARY = re.compile(r'<div class="problems".*?</div></div>', re.DOTALL)
LINKS = re.compile(r'href="#([^"]+)"')
TOP = "Something is not right yet"
PASSWORD = "correct horse battery"


def links(answer: Any) -> list[str]:
    """Return the ids of the fields to which what stands on top of a page leads."""
    page = answer.content.decode()
    found = SUMMARY.findall(page)
    assert len(found) == 1
    return LINKS.findall(found[0])


def holds(answer: Any, *ids: str) -> None:
    """Tell that a page is refused with links to these fields, each marked and with its text."""
    page = answer.content.decode()
    assert links(answer) == list(ids)
    assert re.search(r"<title>\s*Error: ", page)
    for field in ids:
        tag = re.search(rf'<(?:input|select|textarea)[^>]* id="{field}"[^>]*>', page)
        assert tag, field
        assert 'aria-invalid="true"' in tag[0]
        assert f'id="{field}_error"' in page
        assert re.search(rf'aria-describedby="[^"]*{field}_error', tag[0])


def test_a_fresh_form_has_none(oona: Client, cast: Cast) -> None:
    """Nothing is wrong before something was sent."""
    answer = oona.get("/students/new")
    assert TOP not in words(answer)
    assert "<title>Error" not in answer.content.decode()


def test_a_field_that_was_left_empty(oona: Client, cast: Cast) -> None:
    """It is named, with what its own text says."""
    answer = send(oona, "/students/new", full_name="", tutor=cast.ben.pk)
    holds(answer, "id_full_name")
    assert f"{TOP} Name: Write something here; it cannot stay empty." in words(answer)


def test_several_fields_in_their_order(oona: Client, cast: Cast) -> None:
    """Each has its link."""
    answer = send(oona, "/tutors/new", full_name="", email="nobody", capacity="many")
    holds(answer, "id_full_name", "id_email", "id_capacity")


def test_what_is_of_no_field(oona: Client, cast: Cast) -> None:
    """A key that is missing is said, and leads nowhere."""
    answer = send(oona, "/students/new", full_name="Eva", tutor=cast.ben.pk, form_key="")
    assert links(answer) == []
    assert f"{TOP} This form came without its key" in words(answer)


def test_a_preview(oona: Client, cast: Cast) -> None:
    """A form that is only looked at is told of in the same place."""
    path = f"/relationships/{cast.ben_ana.pk}/end"
    holds(send(oona, path, on="soon", only_looks="yes"), "id_on")


def test_lines_of_one_form(oona: Client, cast: Cast) -> None:
    """Of several alike it is told in which one it is."""
    path = f"/tutors/{cast.ben.pk}/week"
    answer = send(oona, path, monday_1_from="09:00", monday_1_until="")
    holds(answer, "id_monday_1_until")
    assert "Monday, time 1: until:" in words(answer)


def test_students_of_one_lesson(ben: Client, cast: Cast) -> None:
    """Of the same question about several people it is told about whom."""
    ana, cleo = a_group(cast)
    answer = send(ben, f"/sessions/{ana.pk}/group", **{f"progress_{cleo.pk}": "9"})
    holds(answer, f"id_progress_{cleo.pk}")
    assert "Progress: Cleo Hart: That is not to be chosen any more." in words(answer)


def test_who_covers_which_session(oona: Client, cast: Cast) -> None:
    """It is called as on its page: when it is, and whose."""
    session = booked(cast.ben_ana, at(9, 16))
    path = f"/sessions/{session.pk}/cover"
    answer = send(oona, path, **{f"cover_{session.pk}": "nobody"})
    assert links(answer) == [f"id_cover_{session.pk}_0"]
    assert f"{TOP} Mon 9 Nov 2026, 16:00, Ana Ruiz: That is not to be chosen" in words(answer)


def test_what_a_list_is_narrowed_to(oona: Client, cast: Cast) -> None:
    """A list that cannot be shown says why, in the same place."""
    holds(oona.get("/students", {"as_of": "soon"}), "id_as_of")


def test_boxes_of_which_one_is_chosen(oona: Client, cast: Cast) -> None:
    """The link leads to the first, and the text is said of all of them."""
    answer = send(oona, "/account/language", language="tlh")
    assert links(answer) == ["id_language_0"]
    page = answer.content.decode()
    assert 'id="id_language_0"' in page
    assert '<fieldset class="field wrong" aria-describedby="id_language_error">' in page


def test_signing_in(cast: Cast) -> None:
    """The pages of signing in say it as all others do."""
    answer = Client().post("/accounts/login/", {"login": "", "password": ""})
    holds(answer, "id_login", "id_password")
    assert "E-mail: Write an e-mail address here." in words(answer)


def test_another_password(cast: Cast) -> None:
    """Of who is signed in."""
    cast.owner.set_password(PASSWORD)
    cast.owner.save()
    client = Client()
    client.login(email=cast.owner.email, password=PASSWORD)
    typed = {"oldpassword": PASSWORD, "password1": "one two three four", "password2": "another"}
    answer = client.post("/accounts/password/change/", typed)
    holds(answer, "id_password2")
    assert "The same again: The two are not alike." in words(answer)


def sent_as_it_cannot_be(page: Page, path: str, typed: Mapping[str, str]) -> None:
    """Fill in the last form of a page, and send it past what the browser would say itself."""
    page.goto(path)
    form = page.locator("main form").last
    for name, value in typed.items():
        form.locator(f"[name={name}]").first.evaluate(
            "(field, value) => { field.value = value; field.checked = true }", value
        )
    form.evaluate("form => { form.noValidate = true }")
    form.locator("button").first.click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_sent_it_is_led(
    browser: Browser, live_server: LiveServer, cast: Cast, scheme: Any
) -> None:
    """What is wrong has the focus; a link leads into its field, whose name is in sight."""
    wrong = (
        ("/tutors/new", {"full_name": " ", "email": "nobody@"}, "email"),
        (f"/tutors/{cast.ben.pk}/week", {"sunday_2_from": "09:00"}, "sunday_2_until"),
        (f"/relationships/{cast.ben_ana.pk}/transfer", {"to_tutor_id": ""}, "to_tutor_id"),
        ("/account/language", {"language": "tlh"}, "language_0"),
    )
    with visit(browser, live_server, cast.owner, color_scheme=scheme) as page:
        for path, typed, field in wrong:
            sent_as_it_cannot_be(page, path, typed)
            expect(page.locator(".problems")).to_be_focused()
            expect(page).to_have_title(re.compile("^Error: "))
            assert troubles_of(page) == [], path
            page.locator(f".problems a[href='#id_{field}']").click()
            expect(page.locator(f"#id_{field}")).to_be_focused()
            expect(page.locator(f"label[for=id_{field}]")).to_be_in_viewport()


def test_who_signs_in_is_led(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    """On a phone, before anybody is known; the field that would have the focus waits."""
    small = {"width": 320, "height": 640}
    with visit(browser, live_server, viewport=small) as page:
        page.goto("/accounts/login/")
        form = page.locator("main form").first
        form.evaluate("form => { form.noValidate = true }")
        form.get_by_role("button").click()
        expect(page.locator(".problems")).to_be_focused()
        assert troubles_of(page) == []


def test_without_script(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    """The focus is there, and the link leads into the field, as the browser does it."""
    german = {"java_script_enabled": False, "locale": "de-DE"}
    with visit(browser, live_server, user(cast.ben), **german) as page:
        page.goto("/students/new")
        page.locator("#id_full_name").fill(" ")
        page.locator("form.sheet button").click()
        expect(page.locator(".problems")).to_be_focused()
        expect(page).to_have_title(re.compile("^Fehler: "))
        page.locator(".problems a").first.click()
        expect(page.locator("#id_full_name")).to_be_focused()
