"""Whatever is sent, nothing is answered with an error of the server's own."""

from collections.abc import Iterator
from random import Random

import pytest

from tests.served.conftest import Start
from tests.served.fuzzing import Visitor
from tests.served.people import OWNER
from tests.served.site import Site


@pytest.fixture(scope="module")
def site(start: Start) -> Iterator[Site]:
    """A site of which nobody else wants anything afterwards."""
    with start() as running:
        yield running


@pytest.fixture(scope="module")
def family_site(start: Start) -> Iterator[Site]:
    """A site whose family links nobody ended: what an owner's forms are misused for may do so."""
    with start() as running:
        yield running


@pytest.mark.parametrize("who", ["owner", "ben", "guest", None])
def test_no_request_to_the_api_is_an_error_of_the_server(site: Site, who: str | None) -> None:
    """As an owner, a tutor, somebody without any rights, and nobody."""
    visitor = Visitor(site, Random(f"api {who}"))
    visitor.misuse_api(150, who)
    assert visitor.sent == 150
    assert visitor.found == []


def test_no_request_to_a_page_is_an_error_of_the_server(site: Site) -> None:
    """Every page and form that an owner comes to."""
    visitor = Visitor(site, Random("pages"))
    visitor.sign_in(OWNER)
    visitor.crawl("/")
    assert len(visitor.forms()) > 10
    visitor.misuse_pages(300)
    assert visitor.found == []


def test_no_request_of_a_stranger_or_parent_is_an_error_of_the_server(family_site: Site) -> None:
    """The sign-in's forms, and a parent's page."""
    visitor, page = Visitor(family_site, Random("stranger")), family_site.people.parent_link
    visitor.crawl("/accounts/login/", f"/parent/{page}")
    assert f"/parent/{page}/calendar" in visitor.seen
    visitor.misuse_pages(150)
    assert visitor.found == []


def test_no_request_of_a_family_about_its_calendar_is_an_error_of_the_server(
    family_site: Site,
) -> None:
    """With an address in use, so that there is one to end: each text in each field."""
    visitor = Visitor(family_site, Random("calendar"))
    page = f"/parent/{family_site.people.parent_link}/calendar"
    visitor.send("GET", page)
    made = visitor.post(page, [("make", "yes")])
    assert made is not None
    assert made.status in {200, 409}  # Made now, or there are ten of them already.
    visitor.crawl(page)
    assert {name for form in visitor.seen[page].forms for name, _ in form.fields} >= {"make", "end"}
    visitor.misuse_every_field(page)
    assert visitor.found == []
