"""Which names Tandem answers to, and whose name a mail's link bears."""

import re
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from tests.served.conftest import Start
from tests.served.people import OWNER, PASSWORD
from tests.served.site import Site
from tests.served.windows import in_one_window

BASE = "https://tutoring.example"
FORM = "application/x-www-form-urlencoded"
LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"


@pytest.fixture(scope="module")
def site(start: Start) -> Iterator[Site]:
    """A site that everybody can reach, behind a proxy of its own."""
    with start(
        "--host", "0.0.0.0", TANDEM_BASE_URL=BASE, TANDEM_ALLOWED_HOSTS="inside.example"
    ) as it:
        yield it


def reset(site: Site, host: str) -> int:
    """Ask for a new password as a page of that host would; return the status."""
    page = site.ask("GET", RESET, headers={"Host": host}, who=None)
    if page.status != 200:
        return page.status
    proof = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
    cookie = re.search(r"((?:__Host-)?csrftoken=[^;]+)", page.headers["set-cookie"])
    assert proof
    assert cookie
    form = b"email=oona%40tandem.example&csrfmiddlewaretoken=" + proof[1]
    headers = {"Host": host, "Content-Type": "application/x-www-form-urlencoded",
               "Cookie": cookie[1], "Origin": f"http://{host}"}  # fmt: skip
    return site.ask("POST", RESET, form, headers, who=None).status


def mails(site: Site, text: str) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if text in site.words():
            return True
        time.sleep(0.05)
    return False


def test_a_strangers_host_is_refused_and_gets_into_no_mail(site: Site) -> None:
    """Listening everywhere does not mean answering to every name."""
    for host in ("evil.example", f"127.0.0.1:{site.port}", "tutoring.example.evil.example"):
        assert reset(site, host) == 400
    assert "evil.example" not in site.words()


def test_a_mail_names_the_base_url_whatever_host_was_asked(site: Site) -> None:
    """Also where another allowed name was asked."""
    assert reset(site, "inside.example") == 302
    assert mails(site, f"{BASE}/accounts/password/reset/key/")
    assert "inside.example" not in site.words()


def test_https_is_asked_for_from_then_on(site: Site) -> None:
    """With an https address: HSTS, as browsers have it, and cookies for https alone."""
    answer = site.ask("GET", "/accounts/login/", headers={"Host": "tutoring.example"}, who=None)
    asked = answer.headers["strict-transport-security"]
    assert asked == "max-age=31536000; includeSubDomains"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-csrftoken=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_names_below_may_be_left_out_of_it(start: Start) -> None:
    """Where one of them is not served by https: of pages and of the API's quick answers alike."""
    with start(TANDEM_BASE_URL=BASE, TANDEM_HSTS_SUBDOMAINS="off") as site:
        for path in ("/api/students", "/accounts/login/"):
            answer = site.ask("GET", path, headers={"Host": "tutoring.example"})
            assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_somebody_signs_in_by_https(site: Site) -> None:
    """The session's cookie has the prefix, too, and is read again; without https it has none."""
    signed = signed_in(site, {"Host": "tutoring.example", "Origin": BASE})
    assert "__Host-sessionid=" in signed
    headers = {"Host": "tutoring.example", "Cookie": signed}
    assert site.ask("GET", "/account", headers=headers, who=None).status == 200
    bare = {"Host": "tutoring.example", "Cookie": signed.replace("__Host-", "")}
    assert site.ask("GET", "/account", headers=bare, who=None).status == 302


def signed_in(site: Site, headers: dict[str, str]) -> str:
    """Return the cookie of a browser in which the owner signed in."""
    page = site.ask("GET", LOGIN, headers=headers, who=None)
    proof = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
    cookie = re.search(r"(__Host-)?csrftoken=[^;]+", page.headers["set-cookie"])
    assert proof
    assert cookie
    form = urlencode({"login": OWNER, "password": PASSWORD, "csrfmiddlewaretoken": proof[1]})
    sent = {**headers, "Content-Type": FORM, "Cookie": cookie[0]}
    connection = site.connect()
    connection.request("POST", LOGIN, form.encode(), sent)
    answer = connection.getresponse()
    assert answer.status == 302, answer.read()
    cookies = " ".join(value for name, value in answer.getheaders() if name == "set-cookie")
    connection.close()
    session = re.search(r"(__Host-)?sessionid=[^;]+", cookies)
    assert session
    return session[0]


def test_without_an_address_only_this_machine_is_answered(start: Start) -> None:
    """And there is no HSTS."""
    with start("--host", "0.0.0.0") as alone:
        assert alone.ask("GET", "/api/students").status == 200
        answer = alone.ask("GET", "/api/students", headers={"Host": "evil.example"})
        assert answer.problem["type"] == "urn:tandem:problem:wrong-host"
        assert "strict-transport-security" not in alone.ask("GET", "/api/students").headers
        assert reset(alone, "evil.example") == 400


def test_a_named_proxy_is_believed_about_who_asks(start: Start) -> None:
    """Each visitor has a limit of their own, whatever they claim in front of what it saw."""
    environment = {"TANDEM_TRUSTED_PROXIES": "127.0.0.0/8", "TANDEM_WRONG_TOKENS_PER_MINUTE": "2"}
    with start(**environment) as site:
        one, other, again = guesses(site, "203.0.113.7", "203.0.113.8", "198.51.100.1, 203.0.113.7")
        assert one == other == [401, 401, 429]
        assert again == [429, 429, 429]


def test_a_stranger_is_not_believed(start: Start) -> None:
    """Without a named proxy the header is somebody's word: the connection's address counts."""
    with start(TANDEM_WRONG_TOKENS_PER_MINUTE="2") as site:
        one, other = guesses(site, "203.0.113.7", "203.0.113.8")
        assert one == [401, 401, 429]
        assert other == [429, 429, 429]


def guesses(site: Site, *forwarded: str) -> list[list[int]]:
    """Return the statuses of three guesses for each sender, all within one minute."""
    return in_one_window(60, lambda: [three_guesses(site, sender) for sender in forwarded])


def three_guesses(site: Site, forwarded: str) -> list[int]:
    headers = {"Authorization": "Bearer tdm_guess", "X-Forwarded-For": forwarded}
    return [site.ask("GET", "/api/students", headers=headers, who=None).status for _ in range(3)]


def test_a_named_proxy_says_whether_it_was_https(start: Start) -> None:
    """Only then is a form from an https page taken; a stranger's word for it is not."""
    with start(TANDEM_BASE_URL=BASE, TANDEM_TRUSTED_PROXIES="127.0.0.1") as site:
        headers = {"Host": "tutoring.example", "X-Forwarded-Proto": "https"}
        assert site.ask("GET", "/accounts/login/", headers=headers, who=None).status == 200
