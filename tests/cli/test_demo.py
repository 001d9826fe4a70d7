"""The demonstration, as a newcomer meets it."""

import json
import re
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psutil

from tests.cli.running import Browser, free_port, started, wait_for


def test_the_demonstration_serves_and_leaves_nothing(tmp_path: Path) -> None:
    """The printed sign-ins work, the parent link opens, and Ctrl-C ends server and folder."""
    output, port = tmp_path / "output", free_port()
    with started("demo", "--port", str(port), output=output, DATABASE_URL="nowhere") as process:
        email = wait_for(r"the owner +(\S+)", output, process)[1]
        password = wait_for(r"password +(\S+)", output, process)[1]
        link = wait_for(r"a parent +\S+(/parent/\S+)", output, process)[1]
        browser = Browser(f"http://127.0.0.1:{port}")
        status, page = browser.send("/accounts/login/", login=email, password=password)
        assert status == 200
        assert "Sign out" in page
        status, page = browser.get("/students")
        assert status == 200
        assert "Primary" in page
        status, page = browser.get("/students/match")
        assert "Nia Abara" in page, "there is somebody to find a tutor for"
        assert 'value="16:00"' in page, "at hours that were noted"
        status, page = browser.get("/")
        assert "Who is away?" in page, "a tutor is, soon"
        look_at_the_term(browser)
        look_for_the_first_time(browser)
        status, page = browser.get(link)
        assert status == 200
        assert "A past paper against the clock" in page
        assert "<polyline" in page, "how it goes is drawn"
        assert "Cancelled by the tutor" in page, "one lesson is not to be"
        email = wait_for(r"a tutor +(\S+)", output, process)[1]
        tutor = Browser(f"http://127.0.0.1:{port}")
        status, page = tutor.send("/accounts/login/", login=email, password=password)
        assert status == 200
        assert "No sessions today" not in page
        assert email not in page, "the tutor has a name"
        folder = next(open_folder(process.pid))
        process.send_signal(signal.SIGINT)
        process.wait(30)
    assert not folder.exists()
    assert not [p for p in psutil.process_iter(["cmdline"]) if uses(p, folder)]


def look_at_the_term(browser: Browser) -> None:
    """Weekly lessons of one student and of a group, around the days that are closed."""
    (closed,) = read(browser, "closures")["closures"]
    days = [date.fromisoformat(closed[name]) for name in ("from", "to")]
    assert days[0] > datetime.now(UTC).date()
    series = read(browser, "series")["series"]
    alone = [one for one in series if one["groupId"] is None]
    group = [one for one in series if one["groupId"]]
    assert (len(alone), len(group), len({one["groupId"] for one in group})) == (1, 3, 1)
    for one in series:
        sessions = read(browser, f"series/{one['id']}")["sessions"]
        dates = [date.fromisoformat(session["date"]) for session in sessions]
        assert len(dates) > 5, one
        assert min(dates) < days[0], "some before the holidays"
        assert max(dates) >= days[1], "and some after"
        assert not [day for day in dates if days[0] <= day < days[1]], "none in them"
        assert {session["status"] for session in sessions} == {"scheduled"}
    _, page = browser.get(f"/series/{group[0]['id']}")
    assert "Taught together:" in page
    _, page = browser.get("/closures")
    assert "Holidays" in page


def look_for_the_first_time(browser: Browser) -> None:
    """Whole people come first; what came over broken stands where it is looked for."""
    first = first_row(browser, "/students")
    assert "Needs attention" not in first
    assert "Name missing" not in browser.get("/students")[1]
    assert "Any subject" not in browser.get("/students")[1], "who was added teaches a subject"
    assert "Name missing" not in first_row(browser, "/attention"), "one can tell who is meant"
    assert "@example.org" not in first_row(browser, "/tutors")
    assert "@example.org" not in first_row(browser, "/", after="Hours taught this month")
    students = read(browser, "students?limit=100")["students"]
    shared = [one["id"] for one in students if len(one["tutorStudents"]) > 1]
    drawn = [one for one in shared if "<polyline" in browser.get(f"/students/{one}")[1]]
    assert len(drawn) >= 5, "progress over several lessons"
    _, page = browser.get("/reports/outcomes?first_day=2000-01-01&last_day=2200-01-01")
    number = r"\d+ \([\w ]*[1-9]\d?%\)"
    for outcome in ("Held", "No-shows", "Cancelled by the family", "Cancelled by the tutor"):
        assert re.search(f"{outcome}: {number}", page), outcome


def first_row(browser: Browser, path: str, after: str = "") -> str:
    """Return the first row of the table on a page, or of that after some words."""
    status, page = browser.get(path)
    assert status == 200
    _, found, rest = page[page.index(after) :].partition("<tbody>")
    assert found, path
    return rest.partition("</tr>")[0]


def read(browser: Browser, path: str) -> Any:
    """Return what the API says."""
    status, answer = browser.get(f"/api/{path}")
    assert status == 200, answer
    return json.loads(answer)


def open_folder(pid: int) -> Iterator[Path]:
    """Yield the folder of the demonstration that the process holds a lock in."""
    for file in psutil.Process(pid).open_files():
        parts = Path(file.path).parts
        for depth, name in enumerate(parts):
            if name.startswith("tandem-demo-"):
                yield Path(*parts[: depth + 1])


def uses(process: psutil.Process, folder: Path) -> bool:
    return any(str(folder) in word for word in process.info["cmdline"] or [])
