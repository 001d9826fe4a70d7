"""An account that is closed on the started server: whoever holds a key to it stands outside."""

import re

from tests.cli.running import Browser
from tests.served.conftest import Start
from tests.served.people import PASSWORD
from tests.served.site import Site

BEN, OONA = "ben@tandem.example", "oona@tandem.example"
TIMES = 6
"""More often than there are workers, each of which may remember something."""


def account_of_ben(site: Site) -> str:
    """Return the id of Ben's account, who has the owner's password from now on."""
    site.query(
        "UPDATE people_account ben SET password = owner.password FROM people_account owner "
        "WHERE owner.id = %s AND ben.email = %s",
        site.id("owner"),
        BEN,
    )
    return str(site.query("SELECT id FROM people_account WHERE email = %s", BEN)[0][0])


def signed_in(site: Site, email: str) -> Browser:
    browser = site.browser()
    _, page = browser.send("/accounts/login/", login=email, password=PASSWORD)
    assert "Sign out" in page
    return browser


def press(browser: Browser, path: str) -> str:
    """Press the button of a page that asks whether one is sure; return the page it leads to."""
    key = re.search(r'name="form_key" value="([^"]+)"', browser.get(path)[1])
    assert key
    return browser.send(path, form_key=key[1])[1]


def reading(site: Site) -> set[int]:
    """Return what Ben's token is answered, answered directly and on the ordinary way."""
    ordinary = {"Authorization": f"bearer {site.people.tokens['ben']}"}
    direct = [site.ask("GET", "/api/students", who="ben").status for _ in range(TIMES)]
    long = [
        site.ask("GET", "/api/students", headers=ordinary, who=None).status for _ in range(TIMES)
    ]
    return {*direct, *long}


def test_a_closed_account_is_refused_at_once(start: Start) -> None:
    """His browser, his token and his password, by every worker; others go on as before."""
    with start(worker=True, TANDEM_WORKERS="2") as site:
        account = account_of_ben(site)
        ben, oona = signed_in(site, BEN), signed_in(site, OONA)
        assert reading(site) == {200}
        assert all("Sign out" in ben.get("/")[1] for _ in range(TIMES))
        asked = oona.get(f"/accounts/{account}/close")[1]
        assert "Ben is signed out in 1 place." in asked
        assert reading(site) == {200}
        assert "account is closed" in press(oona, f"/accounts/{account}/close")
        assert reading(site) == {401}
        assert all("Sign out" not in ben.get("/")[1] for _ in range(TIMES))
        _, page = site.browser().send("/accounts/login/", login=BEN, password=PASSWORD)
        assert "Sign out" not in page
        assert site.ask("GET", "/api/students").status == 200
        assert "Sign out" in oona.get("/")[1]
        assert "is open again" in press(oona, f"/accounts/{account}/reopen")
        assert reading(site) == {401}
        assert "Sign out" not in ben.get("/")[1]
        assert site.words().count("Subject: Your account on Tandem was closed") == 1
