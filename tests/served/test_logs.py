"""What the log tells: enough to mend a fault, nothing about anybody."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.error import HTTPError

import pytest

from tests.served.conftest import Start
from tests.served.people import PASSWORD
from tests.served.site import Site

ID = re.compile(r"[0-9a-z]{26}")
SECRET_STUDENT = "Zebedee Quill"


def lines_with(site: Site, **wanted: object) -> list[dict[str, object]]:
    """Return the lines that say ``wanted``, waiting a moment for the first."""
    until = time.monotonic() + 5
    while True:
        found = [line for line in site.log() if wanted.items() <= line.items()]
        if found or time.monotonic() > until:
            return found
        time.sleep(0.05)


@pytest.fixture(scope="module")
def broken(start: Start) -> Iterator[Site]:
    """A site whose table of sessions is missing."""
    with start() as site:
        site.query("ALTER TABLE lessons_session RENAME TO lessons_session_gone")
        yield site


def test_a_fault_leaves_one_traceback_with_the_requests_id(broken: Site) -> None:
    """In the log, and the id in the problem."""
    answer = broken.ask("GET", "/api/sessions")
    assert answer.status == 500
    request_id = answer.problem["requestId"]
    assert ID.fullmatch(request_id)
    assert request_id in answer.problem["detail"]
    faults = [one for one in lines_with(broken, request_id=request_id) if "exception" in one]
    assert len(faults) == 1
    assert "UndefinedTable" in str(faults[0]["exception"])
    assert "Traceback" in str(faults[0]["exception"])


def test_a_fault_on_a_page_shows_the_id(broken: Site) -> None:
    """So that who meets it can name it to who mends it."""
    browser = broken.browser()
    with suppress(HTTPError):  # The start page, to which signing in leads, is broken as well.
        browser.send("/accounts/login/", login="oona@tandem.example", password=PASSWORD)
    status, page = browser.get("/sessions")
    assert status == 500
    found = ID.search(page)
    assert found
    faults = [one for one in lines_with(broken, request_id=found[0]) if "exception" in one]
    assert len(faults) == 1


def test_each_request_leaves_one_line(site: Site) -> None:
    """Who by id, the pattern of the address, how long and how many queries."""
    answer = site.ask("GET", f"/api/students/{site.id('ana')}", who="owner")
    (line,) = lines_with(site, request_id=answer.headers["x-request-id"])
    assert line["method"] == "GET"
    assert line["route"] == "api/students/<student_id>"
    assert line["status"] == 200
    assert line["account"] == site.id("owner")
    assert isinstance(line["ms"], float)
    assert isinstance(line["queries"], int)
    assert line["queries"] >= 1


def test_an_id_that_a_caller_sends_is_not_taken_over(site: Site) -> None:
    """A stranger does not write into the log."""
    sent = {"X-Request-Id": 'x", "status": 200'}
    answer = site.ask("GET", "/api/students", headers=sent)
    assert ID.fullmatch(answer.headers["x-request-id"])


def test_each_signing_in_leaves_a_line(start: Start) -> None:
    """Done with whose account it is and by what; refused with by what, never what was typed."""
    with start() as site:
        browser = site.browser()
        owner = {"login": "oona@tandem.example"}
        browser.send("/accounts/login/", **owner, password="wrong " + PASSWORD)
        assert lines_with(site, event="sign_in_refused", by="password")
        assert not [one for one in site.log() if one.get("event") == "signed_in"]
        browser.send("/accounts/login/", **owner, password=PASSWORD)
        (done,) = lines_with(site, event="signed_in")
        (account,) = site.query("SELECT id FROM people_account WHERE email = %s", owner["login"])
        assert (done["account"], done["by"]) == (account[0], ["password"])
        assert ID.fullmatch(str(done["request_id"]))


def test_nothing_personal_is_in_the_log_of_a_whole_story(start: Start) -> None:
    """Signing in, rightly and wrongly, searching, making, moving, breaking: no name, no secret."""
    with start(worker=True, EMAIL_URL="smtp://127.0.0.1:9") as site:
        told(site)
        words = site.words().casefold()
        assert len(site.log()) > 20
        for value in personal(site):
            assert value.casefold() not in words, value


def told(site: Site) -> None:
    """A story over HTTP."""
    browser = site.browser()
    browser.send("/accounts/login/", login="oona@tandem.example", password="wrong " + PASSWORD)
    browser.send("/accounts/login/", login="oona@tandem.example", password=PASSWORD)
    for path in ("/", "/students", "/students?q=Ruiz", f"/students/{site.id('ana')}", "/sessions",
                 "/tutors", "/attention", "/nowhere/Ruiz", "/students?q=%00Ruiz"):  # fmt: skip
        browser.get(path)
    browser.get(f"/parent/{site.people.parent_link}")
    browser.get(f"/parent/{site.people.parent_link}x")
    site.ask("GET", f"/api/parent/{site.people.parent_link}", who=None)
    new = {"fullName": SECRET_STUDENT, "tutorId": site.id("ben"), "subject": "Maths",
           "parentEmail": "quill@home.example"}  # fmt: skip
    assert site.ask("POST", "/api/students", new).status == 201
    site.ask("POST", "/api/students", {**new, "parentEmail": "no address of Quill"})
    site.ask("GET", "/api/students?q=Quill&wrong=Quill")
    site.ask("GET", "/api/students", headers={"Authorization": "Bearer tdm_Quill"}, who=None)
    site.ask("POST", "/api/students", b'{"fullName": "Zebedee Quill"')
    hour = {"startTime": "2027-03-01T16:00:00Z", "endTime": "2027-03-01T17:00:00Z"}
    for _ in range(2):
        site.ask("POST", "/api/sessions", {"tutorStudentId": site.id("ben_ana"), **hour})
    site.query("ALTER TABLE lessons_session RENAME TO lessons_session_gone")
    site.ask("POST", "/api/sessions", {"tutorStudentId": site.id("ben_ana"), **hour})
    site.ask("GET", "/api/students?q=Quill")
    browser.get(f"/students/{site.id('ana')}")
    site.query("ALTER TABLE people_student ADD CONSTRAINT quilt CHECK (full_name <> 'Yorick Vane')")
    site.ask("PATCH", f"/api/students/{site.id('ana')}", {"fullName": "Yorick Vane"})


def personal(site: Site) -> list[str]:
    return [
        "Ruiz", "Cleo Hart", "Quill", "Yorick", "Zebedee", "oona@", "home.example", PASSWORD,
        site.people.parent_link, *site.people.tokens.values(),
    ]  # fmt: skip
