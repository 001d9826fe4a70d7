"""A page says by which methods it can be asked for; others are not taken for a faulty form."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tandem.web.methods import NAME
from tests.served.site import Site

READ, FORM = "GET, HEAD", "GET, HEAD, POST"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PROPFIND", "WHATEVER"])
@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/", READ), ("/students", READ), ("/students/new", FORM), ("/accounts/login/", FORM),
     ("/parent/nobody", READ), ("/students/nobody/edit", FORM)],
)  # fmt: skip
def test_a_method_that_a_page_does_not_have(
    site: Site, path: str, allowed: str, method: str
) -> None:
    """Before, who was not signed in, or sent no form's proof, was told that this was missing."""
    answer = site.ask(method, path, who=None)
    assert (answer.status, answer.headers.get("allow")) == (405, allowed)
    assert answer.headers["content-type"].startswith("text/html")
    assert b"Nothing was changed" in answer.body


def test_a_form_that_goes_where_none_is(site: Site) -> None:
    """To a page that is only read, POST is such a method; to a form's it needs the form's proof."""
    answer = site.ask("POST", "/students", b"", who=None)
    assert (answer.status, answer.headers["allow"]) == (405, READ)
    refused = site.ask("POST", "/students/new", b"", who=None)
    assert refused.status == 403
    assert b"Please send that again" in refused.body


def test_a_page_can_be_asked_for_its_headers(site: Site) -> None:
    """Beside the refusals: what is allowed is answered."""
    for method in ("GET", "HEAD"):
        assert site.ask(method, "/accounts/login/", who=None).status == 200


def test_every_page_says_by_which() -> None:
    """All of Tandem's own functions; what is built on a package has views of classes."""
    silent = [
        pattern.name
        for pattern in pages(get_resolver())
        if pattern.callback.__module__.startswith("tandem.web")
        and not str(pattern.name).startswith("mfa_")
        and not hasattr(pattern.callback, NAME)
    ]
    assert not silent


def pages(resolver: URLResolver) -> list[URLPattern]:
    found: list[URLPattern] = []
    for one in resolver.url_patterns:
        found += pages(one) if isinstance(one, URLResolver) else [one]
    return found
