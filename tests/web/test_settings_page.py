"""Every setting, with how it is now, on one page."""

import re
from datetime import date
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.lessons.letter_texts import write_text
from tandem.lessons.models import Closure
from tandem.lessons.notices import change_notices
from tandem.lessons.policies import change_policy
from tandem.people.business import change_face, forget
from tandem.people.requester import Requester
from tandem.people.tokens import create_token
from tandem.web.settings_lines import CONSOLE
from tests.cast import NOW, Cast, user
from tests.web.reading import read, words

WITHOUT = (
    "A family cancels free whenever it likes.",
    "No closed days are ahead.",
    "Nobody is told anything by e-mail.",
    "1 owner and 3 others can sign in.",
    "You sign in as oona@tandem.example.",
    "No tokens let a program work for you.",
    "No calendar programs read sessions for you.",
    "The business keeps London time.",
    "Nobody has to have a second factor.",
    "Who does nothing for 7 days is signed out.",
)


def test_an_owner_reads_how_everything_is_at_first(oona: Client, cast: Cast) -> None:
    """Each in a sentence."""
    page = read(oona, "/settings")
    assert [one for one in WITHOUT if one not in page] == []


def test_what_is_changed_is_said(oona: Client, cast: Cast, settings: Any) -> None:
    """In eight questions to the database at most."""
    change_policy(requester=Requester(cast.owner, NOW), changes={"free_until_hours": 24})
    change_notices(requester=Requester(cast.owner, NOW), is_on=True, kinds=["cancelled", "moved"])
    for first, over in (
        (date(2026, 12, 21), date(2027, 1, 4)),
        (date(2027, 5, 3), date(2027, 5, 4)),
    ):
        Closure.objects.create(name="Closed", starts_on=first, ends_on=over)
    create_token(account=cast.owner, now=NOW, name="Report")
    settings.EMAIL_BACKEND = CONSOLE
    settings.BASE_URL = "https://tutoring.example"
    with CaptureQueriesContext(connection) as captured:
        page = words(oona.get("/settings"))
    assert len(captured) <= 8
    for sentence in (
        "A family cancels free until 24 hours before a lesson begins",
        "Next is Closed, Mon 21 Dec 2026 to Sun 3 Jan 2027. 1 more after that.",
        "Families are told by e-mail, as each chose:",
        "1 token lets a program work for you.",
        "No mail server is named",
        "Tandem is at https://tutoring.example.",
    ):
        assert sentence in page, sentence


def test_every_link_leads_to_where_it_is_changed(oona: Client, ben: Client, cast: Cast) -> None:
    """For an owner and for a tutor alike: no page is refused."""
    for client in (oona, ben):
        answer = client.get("/settings")
        links = [one.url for part in answer.context["sections"] for one in part.settings if one.url]
        assert len(links) > 7
        for link in links:
            assert client.get(link, follow=True).status_code == 200, link


def test_a_tutor_reads_of_their_own_alone(ben: Client, cast: Cast) -> None:
    """Nothing of others' accounts, of how Tandem is run, or of letters to families."""
    create_token(account=user(cast.cara), now=NOW, name="Report")
    page = read(ben, "/settings")
    assert "No tokens let a program work for you." in page
    assert "Letters to you" in page
    for hidden in ("can sign in", "TANDEM_", "Letters to families", "oona"):
        assert hidden not in page


def test_it_is_for_who_works_here(client: Client, stranger: Client) -> None:
    """Others are sent to sign in, or told that they have no role."""
    assert client.get("/settings").status_code == 302
    assert stranger.get("/settings").status_code == 403


def test_a_page_that_one_may_not_open_speaks_of_no_change(ben: Client, cast: Cast) -> None:
    """Nobody tried to change anything by looking."""
    told = words(ben.get("/notices"))
    assert "Nothing was changed" not in told
    assert "Go back" in told


def test_what_comes_second_is_said(oona: Client, cast: Cast) -> None:
    """Nothing at first; an app; passkeys, which sign in alone too."""
    page = read(oona, "/settings")
    assert "No passkeys sign you in without a password." in page
    assert "There is none." in page
    Authenticator.objects.create(user=cast.owner, type="webauthn", data={})
    page = read(oona, "/settings")
    assert "1 passkey signs you in without a password." in page
    assert "A passkey comes second." in page
    Authenticator.objects.create(user=cast.owner, type="totp", data={})
    assert "An authenticator app comes second." in read(oona, "/settings")


TRAIL = re.compile(r'<p class="trail">(.*?)</p>', re.DOTALL)
LINK = re.compile(r' <a href="([^"#]+)[^"]*">[^<]*<span class="unseen">: ')


def test_whatever_is_set_lies_below_settings(oona: Client, ben: Client, cast: Cast) -> None:
    """The way back stands on each page that Settings leads to, but on one's own record."""
    seen: set[str] = set()
    for client in (oona, ben):
        addresses = {*LINK.findall(client.get("/settings").content.decode())}
        seen |= addresses
        for address in sorted(addresses):
            page = client.get(address, follow=True)
            assert page.status_code == 200, address
            way = TRAIL.findall(page.content.decode())
            first = "/tutors" if address.startswith("/tutors/") else "/settings"
            assert len(way) == 1, address
            assert way[0].startswith(f'<a href="{first}"'), (address, way)
            if "<nav" in (text := page.content.decode()) and first == "/settings":
                assert 'aria-current="true">Settings' in text, address
    assert len(seen) > 12


def test_what_is_below_one_of_them_leads_there(oona: Client, cast: Cast) -> None:
    """Settings, then the page between."""
    for path, between in (
        ("/account/tokens/new", "/account"),
        ("/account/language", "/account"),
        (f"/accounts/{user(cast.ben).pk}/close", "/accounts"),
        (f"/accounts/{cast.owner.pk}/changes", "/accounts"),
        ("/notices/changes/en", "/notices"),
        ("/closures/new", "/closures"),
    ):
        (way,) = TRAIL.findall(oona.get(path).content.decode())
        assert f'<a href="{between}"' in way, path
        assert way.startswith('<a href="/settings"'), path


def test_who_set_something_last_is_said(
    oona: Client, ben: Client, cast: Cast, request: pytest.FixtureRequest
) -> None:
    """On each page of the business's settings, and to owners alone; nothing where nobody has."""
    said = "Changed last by Oona, on "
    pages = ("/settings/business", "/cancelling", "/notices", "/notices/changes/en")
    assert [one for one in pages if "Changed last" in read(oona, one)] == []
    request.addfinalizer(forget)
    by = Requester(cast.owner, NOW)
    change_policy(requester=by, changes={"free_until_hours": 24})
    change_notices(requester=by, is_on=True, kinds=["cancelled"])
    change_face(requester=by, name="Ruiz")
    write_text(requester=by, kind="changes", language="en", subject="", intro="Hello", closing="")
    assert [one for one in pages if said not in read(oona, one)] == []
    assert f"{said}Mon 2 Nov 2026." in read(oona, "/settings/business")
    assert "Changed last" not in read(ben, "/cancelling")
