"""A secret key that lies in the data folder is every command's, and can be changed for another."""

import base64
import hashlib
import hmac
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.forked import forked
from tests.cli.running import Browser
from tests.served.conftest import Start
from tests.served.people import PASSWORD
from tests.served.site import People, Site, served
from tests.served.test_closing import BEN, OONA, account_of_ben, signed_in
from tests.upgrade.old_databases import database

AT_ONCE = 8
NEW = "of-today-and-made-by-hand-and-long-enough-to-be-one"
NO_KEY = {"TANDEM_SECRET_KEY": "", "TANDEM_SECRET_KEYS_BEFORE": ""}
ENDING = {
    "address": ("user", "address", "--email", BEN, "--to", "ben2@tandem.example"),
    "role": ("user", "role", "--email", BEN, "--owner"),
}


def home_of(site: Site) -> Path:
    return site.output.parent / "home"


def command(site: Site, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run a command beside the site, in its data folder unless told of another; what it says."""
    settings = {"DATABASE_URL": site.database, "TANDEM_HOME": str(home_of(site)), **NO_KEY}
    done = forked(*arguments, **{**settings, **environment})
    return done.returncode, done.stdout + done.stderr


def is_in(browser: Browser) -> bool:
    return "Sign out" in browser.get("/")[1]


@pytest.mark.parametrize(("what", "knows_the_key"), [("address", True), ("role", False)])
def test_a_command_ends_sessions(
    start: Start, tmp_path: Path, what: str, *, knows_the_key: bool
) -> None:
    """Also where the key lies in the data folder, or is one that the command is not told."""
    with start(**NO_KEY) as site:
        account_of_ben(site)
        ben, oona = signed_in(site, BEN), signed_in(site, OONA)
        elsewhere = {} if knows_the_key else {"TANDEM_HOME": str(tmp_path)}
        status, said = command(site, *ENDING[what], **elsewhere)
        assert (status, "corrupted" in said) == (0, False), said
        assert not is_in(ben)
        assert is_in(oona)


def test_a_command_ends_signing_in_half_way(start: Start, tmp_path: Path) -> None:
    """Who waits for a code begins anew, where a command cannot read whose it is."""
    with start(**NO_KEY) as site:
        account_of_ben(site)
        waiting = site.browser()
        waiting.send("/accounts/login/code/", email=BEN)
        assert "Enter the code" in waiting.get("/accounts/login/code/confirm/")[1]
        assert command(site, *ENDING["role"], TANDEM_HOME=str(tmp_path))[0] == 0
        assert "Enter the code" not in waiting.get("/accounts/login/code/confirm/")[1]


def test_second_factors_are_sealed_with_the_key_of_the_data_folder(
    peopled: tuple[str, People], tmp_path: Path
) -> None:
    """The one before is left out then, and nobody has lost an app or a recovery code."""
    name, people = peopled
    with database(name) as url:
        with served(url, people, tmp_path, "--no-worker", **NO_KEY) as site:
            codes = add_app(signed_in(site, OONA))
        file = tmp_path / "home" / "secret-key"
        before = file.read_text()
        file.write_text(f"{NEW}\n")
        said = command(site, "user", "reseal-second-factors", TANDEM_SECRET_KEYS_BEFORE=before)
        assert said == (0, "2 of 2 are sealed with today's key.\n")
        assert command(site, "user", "reseal-second-factors")[0] == 0
        with served(url, people, tmp_path, "--no-worker", **NO_KEY) as site:
            assert "Today - Tandem" in with_second_factor(site, codes[0])
        file.unlink()
        later = {**NO_KEY, "TANDEM_SECRET_KEY": "k" * 50, "TANDEM_SECRET_KEYS_BEFORE": NEW}
        with served(url, people, tmp_path, "--no-worker", **later) as site:
            assert "Today - Tandem" in with_second_factor(site, codes[1])


def test_nothing_is_sealed_with_a_key_that_nobody_keeps(
    peopled: tuple[str, People], tmp_path: Path
) -> None:
    """A command that is told no key would seal with one that ends with it."""
    name, people = peopled
    with database(name) as url:
        with served(url, people, tmp_path, "--no-worker", **NO_KEY) as site:
            add_app(signed_in(site, OONA))
        before = (tmp_path / "home" / "secret-key").read_text()
        elsewhere = {
            "TANDEM_HOME": str(tmp_path / "other"),
            "TANDEM_SECRET_KEYS_BEFORE": before,
        }
        status, said = command(site, "user", "reseal-second-factors", **elsewhere)
        assert status == 3, said
        assert "with the settings of the running Tandem" in said
        assert command(site, "user", "reseal-second-factors")[0] == 0


def test_a_new_key_signs_nobody_out(peopled: tuple[str, People], tmp_path: Path) -> None:
    """Also a browser that asks for several things at once; its place in the list stays one."""
    name, people = peopled
    old = "a phrase of words, as the key of before"
    with database(name) as url:
        with served(url, people, tmp_path, "--no-worker", TANDEM_SECRET_KEY=old) as site:
            cookie = signed_in(site, OONA).cookie("sessionid")
        keys = {"TANDEM_SECRET_KEY": NEW, "TANDEM_SECRET_KEYS_BEFORE": old}
        with served(url, people, tmp_path, "--no-worker", **keys) as site:
            assert at_once(site, cookie) == {200}
            assert at_once(site, cookie) == {200}
            assert site.query("SELECT count(*) FROM people_signedindevice")[0][0] == 1
        with served(url, people, tmp_path, "--no-worker", TANDEM_SECRET_KEY=NEW) as site:
            assert at_once(site, cookie) == {200}


def at_once(site: Site, cookie: str) -> set[int]:
    """Ask for several pages side by side; return their statuses."""
    headers = {"Cookie": f"sessionid={cookie}"}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [
            pool.submit(site.ask, "GET", "/account", headers=headers, who=None)
            for _ in range(AT_ONCE)
        ]
        return {one.result().status for one in asked}


def add_app(browser: Browser) -> list[str]:
    """Add an authenticator app; return the recovery codes."""
    path = "/account/second-factor/add"
    _, page = browser.get(path)
    found = re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert found
    _, page = browser.answer(page, path, code=digits(found[1].replace(" ", "")))
    codes = re.findall(r"\b\d{5} \d{5}\b", page)
    assert len(codes) == 10, page
    return codes


def digits(secret: str) -> str:
    """Return what an app shows now."""
    counter = int(time.time()) // 30
    digest = hmac.new(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def with_second_factor(site: Site, code: str) -> str:
    """Sign the owner in with a recovery code; return the page that it leads to."""
    browser = site.browser()
    browser.send("/accounts/login/", login=OONA, password=PASSWORD)
    return browser.send("/accounts/second-factor/", code=code)[1]
