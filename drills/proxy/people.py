"""What those meet who are meant to come: browsers, programs, calendars."""

import re
from urllib.parse import urlencode

from drills.proxy.stand import NAME, Stand, expect
from tests.served.people import OWNER, PASSWORD
from tests.served.site import Answer

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{NAME}"}
PACKED = {"Accept-Encoding": "gzip"}


def signed_in(place: Stand) -> tuple[list[str], Answer]:
    """Sign in as the owner; return what was set as cookies, and the last answer."""
    page = place.ask("GET", "/accounts/login/")
    found = re.search(rb'csrfmiddlewaretoken" value="([^"]+)"', page.body)
    expect(page.status == 200 and found is not None, f"the sign-in page: {page.status}")
    secret = found[1].decode() if found else ""
    form = {"csrfmiddlewaretoken": secret, "login": OWNER, "password": PASSWORD}
    proof = {**FORM, "Cookie": page.cookies[0].partition(";")[0]}
    answer = place.ask("POST", "/accounts/login/", urlencode(form).encode(), proof)
    expect(answer.status == 302, f"signing in: {answer.status} {answer.body[:200]!r}")
    return [*page.cookies, *answer.cookies], answer


def cookie_header(cookies: list[str]) -> dict[str, str]:
    """Return what a browser sends back of cookies that were set."""
    return {"Cookie": "; ".join(one.partition(";")[0] for one in cookies)}


def somebody_signs_in(place: Stand) -> str:
    """By https, with cookies that stay on it, and sees pages."""
    cookies, answer = signed_in(place)
    for one in cookies:
        expect(
            one.startswith("__Host-") and "; Secure" in one, f"a cookie: {one.partition('=')[0]}"
        )
    kept = answer.headers.get("strict-transport-security", "")
    expect(kept.startswith("max-age=31536000"), f"HSTS: {kept!r}")
    expect(answer.headers["location"] == "/", f"led to {answer.headers['location']}")
    for path in ("/", "/students", "/calendar", "/reports"):
        page = place.ask("GET", path, headers={**cookie_header(cookies), **PACKED})
        expect(page.status == 200, f"{path}: {page.status}")
        expect("content-encoding" not in page.headers, f"{path} is compressed")
    return f"{len(cookies)} cookies, all of this host and Secure; HSTS {kept}; no page compressed"


def a_program_with_a_token(place: Stand) -> str:
    """Reads, packed; is told that nothing changed; writes."""
    token = place.site.bearer()
    students = place.ask("GET", "/api/students", headers={**token, **PACKED})
    expect(students.status == 200, f"the list: {students.status}")
    expect(students.headers.get("content-encoding") == "gzip", "the list is not compressed")
    path = f"/api/students/{place.site.id('ana')}"
    mark = place.ask("GET", path, headers=token).headers["etag"]
    again = place.ask("GET", path, headers={**token, "If-None-Match": mark})
    expect((again.status, again.body) == (304, b""), f"unchanged: {again.status}")
    change = {**token, "Content-Type": "application/json", "If-Match": mark}
    written = place.ask("PATCH", path, b'{"year": "11"}', change)
    expect(written.status == 200, f"a change: {written.status}")
    expect(
        place.ask("PATCH", path, b'{"year": "9"}', change).status == 412, "If-Match is not heard"
    )
    return "compressed, 304 for what is unchanged, 412 for what changed meanwhile"


def files_and_what_is_kept(place: Stand) -> str:
    """Styles and scripts come packed, once a year."""
    page = place.ask("GET", "/accounts/login/").body.decode()
    paths = sorted(set(re.findall(r"/static/[^\"' ]+\.(?:css|js|svg)", page)))
    expect(bool(paths), "the page has no files")
    for path in paths:
        file = place.ask("GET", path, headers=PACKED)
        expect(file.status == 200, f"{path}: {file.status}")
        expect("immutable" in file.headers["cache-control"], f"{path} is asked for again")
        expect(file.headers.get("content-encoding") == "gzip", f"{path} is not compressed")
    return f"{len(paths)} files, compressed and kept for a year"


def a_calendar_and_lists(place: Stand) -> str:
    """A calendar program and a spreadsheet get what they read."""
    asked = {**place.site.bearer(), "Content-Type": "application/json"}
    made = place.ask("POST", "/api/feeds", b'{"of": "owner"}', asked)
    expect(made.status == 201, f"an address of a calendar: {made.status} {made.body[:200]!r}")
    url = str(made.json["url"])
    expect(url.startswith(f"https://{NAME}/calendar/"), "its address is elsewhere")
    calendar = place.ask("GET", url.removeprefix(f"https://{NAME}"))
    expect(calendar.body.startswith(b"BEGIN:VCALENDAR"), f"the calendar: {calendar.status}")
    cookies, _ = signed_in(place)
    hours = place.ask("GET", "/reports/hours.csv", headers=cookie_header(cookies))
    expect(hours.headers["content-type"].startswith("text/csv"), f"the list: {hours.status}")
    expect("attachment" in hours.headers["content-disposition"], "the list is no download")
    return f"calendar of {len(calendar.body)} bytes, list of {len(hours.body)}"
