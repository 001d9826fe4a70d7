"""Forms speak for themselves: whatever is left empty or cannot be read, they say what to do."""

import re
from html.parser import HTMLParser

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import password_validation
from django.core import validators
from django.db import transaction
from django.forms import fields, models
from django.test import Client
from django.utils.translation import override

from tandem.people.models import Account
from tests.cast import Cast
from tests.web.every_page import pages_of
from tests.web.furnished import furnish
from tests.web.reading import words

ADDRESSES = ("/accounts/login/", "/accounts/login/code/", "/accounts/password/reset/")
"""Where somebody who is not signed in writes something."""
OURS_TOO = frozenset({"Incorrect code."})
"""How a sentence of Tandem's own begins."""


class Sent(HTMLParser):
    """The forms of a page that are sent by POST: their address, and the name of each field."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = at.get("method", "").lower() == "post"
            if self.inside:
                self.found.append((at.get("action", ""), {}, []))
        elif self.inside and at.get("name") and tag in {"input", "select", "textarea"}:
            _, carried, typed = self.found[-1]
            if at.get("type") == "hidden":
                carried[at["name"]] = at.get("value", "")
            else:
                typed.append(at["name"])

    def handle_endtag(self, tag: str) -> None:
        self.inside &= tag != "form"


def stock() -> list[str]:
    """Return how each sentence of Django's and allauth's begins, up to what is put in."""
    said = [str(one) for one in DefaultAccountAdapter.error_messages.values()]
    for kind in (*vars(fields).values(), *vars(models).values()):
        said += map(str, getattr(kind, "default_error_messages", {}).values())
    for one in vars(validators).values():
        said.append(str(getattr(one, "message", "")))
    for one in (
        password_validation.CommonPasswordValidator(),
        password_validation.MinimumLengthValidator(12),
    ):
        said.append(str(one.get_error_message()))
    begins = {re.split(r"%\(|\{|“|\"", one)[0].strip() for one in said}
    return sorted(one for one in begins - OURS_TOO if len(one) > 12)


def answers(client: Client, path: str, typed: str) -> list[str]:
    """Send each form of a page with ``typed`` in every field, undone after; return what is read."""
    page = client.get(path)
    if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
        return []
    forms = Sent()
    forms.feed(page.content.decode())
    read = []
    for action, carried, names in forms.found:
        if action.endswith("/logout/") or not names:
            continue
        with transaction.atomic():
            answer = client.post(action or path, {**carried, **dict.fromkeys(names, typed)})
            read.append(words(answer) if answer["Content-Type"].startswith("text/html") else "")
            transaction.set_rollback(True)
    return read


@pytest.mark.parametrize(("language", "typed"), [("en", ""), ("de", ""), ("en", "~")])
def test_no_form_has_a_sentence_of_others(cast: Cast, language: str, typed: str) -> None:
    """Each form there is, sent empty and with what nothing can be made of."""
    furnish(cast)
    pages: dict[Account | None, list[str]] = pages_of(cast)
    with override(language):
        theirs = stock()
    found, sent = {}, 0
    for reader, paths in pages.items():
        client = Client(headers={"Accept-Language": language})
        if reader:
            client.force_login(reader)
        for path in [*paths, *([] if reader else ADDRESSES)]:
            for text in answers(client, path, typed):
                sent += 1
                if said := [one for one in theirs if one in text]:
                    found[path] = said
    assert found == {}
    assert sent > 60
