"""A form as somebody sends it: opened, filled in, sent with everything that it carries."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client


class Forms(HTMLParser):
    """The forms of a page's main part: what each would send as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.in_main = False
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        self.in_main |= tag == "main"
        if tag == "form" and self.in_main and at.get("method") == "post":
            self.found.append({})
        elif self.found and self.in_main:
            self._field(tag, at)

    def _field(self, tag: str, at: dict[str, str]) -> None:
        name = at.get("name", "")
        box = at.get("type") in {"checkbox", "radio"}
        if tag == "input" and name and ("checked" in at or not box):
            self.found[-1][name] = at.get("value", "on" if box else "")
        elif tag == "textarea":
            self.area = name
            self.found[-1][name] = ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and (self.select not in self.found[-1] or "selected" in at):
            self.found[-1][self.select] = at.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self.in_main &= tag != "main"
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.found:
            self.found[-1][self.area] += data.lstrip("\r\n")


def opened(client: Client, path: str) -> dict[str, str]:
    """Return what the last form on a page would send as it stands."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return fields(answer)


def fields(answer: Any) -> dict[str, str]:
    """Return what the last form on a page that has come would send as it stands."""
    forms = Forms()
    forms.feed(answer.content.decode())
    return forms.found[-1]


def send(client: Client, path: str, /, **typed: str | None) -> Any:
    """Open the page, fill in the form, send it and follow; None leaves a field out."""
    return sent(client, path, opened(client, path), **typed)


def sent(client: Client, path: str, form: dict[str, str], /, **typed: str | None) -> Any:
    """Send a form that was opened before and follow where it leads."""
    filled = {name: value for name, value in {**form, **typed}.items() if value is not None}
    return client.post(path, filled, follow=True)
