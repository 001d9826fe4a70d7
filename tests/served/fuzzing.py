"""Input that nobody should send, to every address and every form of a started site.

What is sent is drawn from a seed, so that a course can be run again. Nothing may be answered with
a status of 500 or more, nor with a connection that is closed.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPException
from http.cookies import SimpleCookie
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from tests.served.people import PASSWORD
from tests.served.site import Answer, Site

DAYS = (
    "0001-01-01",
    "1899-12-31",
    "1900-01-01",
    "2027-02-30",
    "2027-03-28",
    "2200-12-31",
    "2201-01-01",
    "9999-12-31",
    "10000-01-01",
    "-0001-01-01",
)
HOURS = ("00:00", "02:30", "23:59:59.999999", "24:00", "25:99", "16:00")
SECRET = "csrfmiddlewaretoken"
ZONES = ("Z", "+00:00", "+14:00", "-23:59", "+99:99", "")
TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\u200b",
    "\u202e",
    "x" * 300,
    "x" * 6_000,
    "\U0001d54f" * 300,
    "a\r\nSet-Cookie: a=b",
    "a@b.example\r\nBcc: c@d.example",
    "a@b",
    "@",
    "a@" + "b" * 300 + ".example",
    "javascript:alert(1)",
    "http://[",
    "<script>alert(1)</script>",
    "{{ 1 }}",
    "%",
    "%s%n",
    "\\",
    "'",
    '"',
    "../../etc/passwd",
    "a/b",
    "~",
    "~AAAA",
    "~Yy9i",
    "~____",
    "-1",
    "0",
    "1_0",
    "1e999",
    "NaN",
    "9" * 19,
    "9" * 5_000,
    "-9223372036854775809",
    "2147483648",
    "true",
    "null",
    "on",
    "[]",
    "{}",
    *DAYS,
    *HOURS,
)
VALUES: tuple[Any, ...] = (
    *TEXTS,
    "\ud800",
    None,
    True,
    False,
    -1,
    0,
    2**31,
    2**63,
    -(2**63) - 1,
    1e308,
    0.1,
    [],
    {},
    [[]],
    [None],
    {"a": {}},
    [{}] * 100,
)
ADDRESSES = (
    "203.0.113.9",
    "unknown",
    "203.0.113.9, " * 500,
    "x" * 2_000,
    "::1%eth0",
    "[::1]:80",
    ",,,",
    "\u00e9".encode().decode("latin-1"),
)


@dataclass(frozen=True)
class Form:
    """A form as a page has it: where it goes, how, and what is in it."""

    page: str
    action: str
    method: str
    fields: Sequence[tuple[str, str]]


class Page(HTMLParser):
    """Links and forms of a page."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self._path = path
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._fields: list[tuple[str, str]] | None = None
        self._chosen = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what leads on."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "form":
            self._fields = []
            method = given.get("method", "get").lower()
            self.forms.append(
                Form(self._path, given.get("action") or self._path, method, self._fields)
            )
        elif self._fields is not None and "name" in given:
            self._fields.append((given["name"], given.get("value", "")))
        elif self._fields and tag == "option" and "selected" in given:
            self._fields[-1] = (self._fields[-1][0], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """A form's fields end with it."""
        if tag == "form":
            self._fields = None


@dataclass
class Visitor:
    """Somebody with a browser, or nobody in particular; ``found`` says what went wrong."""

    site: Site
    random: Random
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    sent: int = 0
    found: list[str] = field(default_factory=list)
    seen: dict[str, Page] = field(default_factory=dict)

    def sign_in(self, email: str) -> None:
        """Sign in as who has this address."""
        self.send("GET", "/accounts/login/")
        answer = self.post("/accounts/login/", [("login", email), ("password", PASSWORD)])
        assert answer is not None
        assert answer.status == 302, answer.status

    def post(self, path: str, fields: Sequence[tuple[str, str]]) -> Answer | None:
        """Send a form with the secret that it needs."""
        secret = [(SECRET, self.cookies["csrftoken"].value)]
        body = urlencode([*secret, *fields], errors="surrogatepass").encode()
        return self.send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | None:
        """Send one request and note it where it fails; None: no answer came."""
        self.sent += 1
        given = {"Cookie": self.cookies.output([], "", ";").strip(), "Referer": self.site.address}
        try:
            answer = self.site.ask(method, path, body, {**given, **(headers or {})}, who=None)
        except (HTTPException, OSError) as error:
            self.found.append(f"{method} {path[:200]} {(body or b'')[:300]!r}: {error!r}")
            return None
        if answer.status >= 500:
            self.found.append(f"{method} {path[:200]} {(body or b'')[:300]!r}: {answer.status}")
        self.cookies.load(answer.headers.get("set-cookie", ""))
        return answer

    def crawl(self, *starts: str, most: int = 400) -> None:
        """Look at every page that links lead to."""
        left = list(starts)
        while left and len(self.seen) < most:
            path = left.pop(0)
            kind = path if "?" not in path else path.partition("?")[0] + "?"
            if kind in self.seen or "logout" in path or not path.startswith("/"):
                continue
            answer = self.send("GET", path)
            text = answer.body.decode(errors="replace") if answer and answer.status == 200 else ""
            page = self.seen[kind] = Page(path, text)
            left += [urlsplit(link)._replace(fragment="").geturl() for link in page.links]

    def forms(self) -> list[Form]:
        """Return each form once, by where it goes and what it asks."""
        forms = [form for page in self.seen.values() for form in page.forms]
        known = {(form.action, tuple(name for name, _ in form.fields)): form for form in forms}
        return [form for form in known.values() if "logout" not in form.action]

    def misuse_every_field(self, page: str) -> None:
        """Send each text in each field of the forms of one page, the others as they stand."""
        for form in self.seen[page].forms:
            for name, _ in form.fields:
                others = [(one, value) for one, value in form.fields if one not in {name, SECRET}]
                for text in TEXTS:
                    self.post(form.action, [*others, (name, text)])

    def misuse_pages(self, times: int) -> None:
        """Send what nobody should to pages and forms that were seen."""
        forms, pages = self.forms(), sorted(page for page in self.seen if page)
        ways: list[Callable[[], object]] = [
            lambda: self._form(self.random.choice(forms)),
            lambda: self._form(self.random.choice(forms)),
            lambda: self._address(self.random.choice(pages)),
            lambda: self._query(self.random.choice(pages)),
        ]
        for _ in range(times):
            self.random.choice(ways)()

    def _form(self, form: Form) -> None:
        fields = [
            (name, self.random.choice(TEXTS) if self.random.random() < 0.3 else value)
            for name, value in form.fields
            if name != SECRET and self.random.random() < 0.95
        ]
        if self.random.random() < 0.05:
            fields += [(f"more{number}", "x") for number in range(1_100)]
        if self.random.random() < 0.2 and fields:
            fields.append(self.random.choice(fields))
        if form.method == "post":
            self.post(form.action, fields)
        else:
            self.send("GET", f"{form.action.partition('?')[0]}?{urlencode(fields)}")

    def _address(self, page: str) -> None:
        parts = page.partition("?")[0].split("/")
        place = self.random.randrange(1, len(parts))
        parts[place] = quote(self.random.choice(TEXTS)[:1_000], safe="~")
        method = self.random.choice(["GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
        self.send(method, "/".join(parts), headers=self._forwarded())

    def _query(self, page: str) -> None:
        path, _, query = page.partition("?")
        names = [name for name, _ in parse_qsl(query)] + list(self._names_of(path))
        if self.random.random() < 0.1:
            names = [f"more{number}" for number in range(1_100)]
        fields = [(name, self.random.choice(TEXTS)) for name in names or ["q"]]
        self.send("GET", f"{path}?{urlencode(fields)}"[:60_000], headers=self._forwarded())

    def _names_of(self, path: str) -> Iterator[str]:
        yield from ("q", "page", "from", "to", "on", "after", "before", "status", "tutor", "day")
        for page in self.seen.values():
            for link in page.links:
                if urlsplit(link).path in {path, ""}:
                    yield from (name for name, _ in parse_qsl(urlsplit(link).query))

    def _forwarded(self) -> Mapping[str, str]:
        if self.random.random() < 0.8:
            return {}
        name = self.random.choice(["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"])
        return {name: self.random.choice(ADDRESSES)}

    def misuse_api(self, times: int, who: str | None) -> None:
        """Send what nobody should to the routes that the document names."""
        document = self.site.ask("GET", "/api/openapi.json").json
        operations = [
            (path, method, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]
        for _ in range(times):
            self._call(document, *self.random.choice(operations), who=who)

    def _call(
        self, document: Any, path: str, method: str, operation: Any, *, who: str | None
    ) -> None:
        ids = list(self.site.people.ids.values())
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                value = self.random.choice([*ids, *ids, *TEXTS])[:1_000]
                path = path.replace("{" + parameter["name"] + "}", quote(value, safe="~"))
        query = [
            (parameter["name"], self.random.choice([*ids, *TEXTS]))
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query" and self.random.random() < 0.3
        ]
        headers = {**self._forwarded(), **(self.site.bearer(who) if who else {})}
        for name in ("Idempotency-Key", "If-Match", "If-None-Match"):
            if self.random.random() < 0.1:
                headers[name] = self.random.choice(["*", '"', 'W/"x"', "x" * 300, "\u00e9", ""])
        body = None
        if "requestBody" in operation:
            headers["Content-Type"] = "application/json"
            body = json.dumps(self._body(document, operation)).encode()
        self.send(method.upper(), f"{path}?{urlencode(query)}" if query else path, body, headers)

    def _body(self, document: Any, operation: Any) -> Any:
        (content,) = operation["requestBody"]["content"].values()
        schema = content["schema"]
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        ids = list(self.site.people.ids.values())
        moments = [f"{day}T{hour}{zone}" for day in DAYS for hour in HOURS[:2] for zone in ZONES]
        given = {
            name: self.random.choice([*ids, *VALUES, self.random.choice(moments), "2027-05-03"])
            for name in schema.get("properties", {})
            if self.random.random() < 0.7
        }
        return given if self.random.random() < 0.95 else self.random.choice(VALUES)
