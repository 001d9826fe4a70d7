"""What is answered directly is what the ordinary way answers, for whoever asks."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import tandem
from tests.served.conftest import Start
from tests.served.site import Answer, Site
from tests.served.test_logs import lines_with

EVERYBODY = ("owner", "ben", "cara", "dev", "guest")
OWN = frozenset({"date", "x-request-id"})
PACKAGE = Path(tandem.__file__).parent
NOT_COUNTED = {
    "django_session",  # who is signed in, how and where: looked at by each request
    "mfa_authenticator",
    "people_signedindevice",
    "people_suspectlink",  # read by no answer of the API
    "people_calendarfeed",  # shown by the page of settings alone
    "people_parentlink",  # read by pages, and by a resource that is not kept
    "people_apitoken",  # looked at by each request
    "tandem_writes",  # the count itself
    "upgrade_unlinkedlegacyrow",  # shown by pages alone
    "upgrade_gradualupgrade",  # read by who writes a parents' link
    "lessons_closure",  # read by who books
    "lessons_noticesettings",  # read by who writes letters
    "relationships_primaryperiod",  # written by its relationship, which is counted
    "lessons_sessionevent",  # of a cancellation: written with its session, which is counted
}
JUST_USED = """
SELECT count(*) FROM people_apitoken WHERE last_used_at > now() - interval '10 minutes'
"""
LESSONS = "SELECT count(*) FROM lessons_session"
NEVER = {"startTime": "2027-05-03T05:00:00Z", "endTime": "2027-05-03T06:00:00Z"}
"""An hour that nobody has."""
HOUR = {"startTime": "2027-03-01T16:00:00Z", "endTime": "2027-03-01T17:00:00Z"}


@pytest.fixture(scope="module")
def one(start: Start) -> Iterator[Site]:
    """A site with one worker, which has noted the use of every token; there is a session."""
    with start(TANDEM_WORKERS="1") as site:
        for who in EVERYBODY:
            site.ask("GET", "/api/students", who=who)
        planned = {"startTime": "2027-02-01T16:00:00Z", "endTime": "2027-02-01T17:00:00Z"}
        wanted = {"tutorStudentId": site.id("ben_ana"), **planned}
        assert site.ask("POST", "/api/sessions", wanted).status == 201
        yield site


def ordinary(site: Site, path: str, who: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Ask on the ordinary way: nothing is answered directly to who writes the scheme so."""
    lower = {"Authorization": f"bearer {site.people.tokens[who]}", **(headers or {})}
    return site.ask("GET", path, headers=lower, who=None)


def comparable(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """Return an answer without what is each request's own."""
    rest = {name: value for name, value in answer.headers.items() if name not in OWN}
    return answer.status, rest, answer.body


def line_of(site: Site, answer: Answer) -> dict[str, Any]:
    """Return the line of the log that an answer's request left."""
    (line,) = lines_with(site, event="request", request_id=answer.headers["x-request-id"])
    return line


def is_direct(site: Site, answer: Answer) -> bool:
    """Tell whether a request was answered without Django."""
    return line_of(site, answer).get("direct") is True


def paths(site: Site) -> list[str]:
    """Return what is read, and how."""
    next_of_students = ordinary(site, "/api/students?limit=1", "owner").json["next"]
    return [
        "/api/students",
        "/api/students?limit=1",
        f"/api/students?limit=1&cursor={next_of_students}",
        "/api/students?q=ruiz&status=active",
        "/api/students?asOf=2026-10-01",
        f"/api/students/{site.id('ana')}",
        f"/api/students/{site.id('cleo')}",
        "/api/tutors",
        "/api/tutors?q=ben",
        f"/api/tutors/{site.id('ben')}",
        "/api/tutor-students",
        f"/api/tutor-students?tutorId={site.id('ben')}&limit=1",
        "/api/sessions",
        "/api/sessions?from=2027-01-01T00:00:00Z&status=scheduled&status=completed",
        "/api/sessions?from=2027-01-01T00:00:00Z&status=scheduled",
        "/api/dashboard",
    ]


def wrong_paths(site: Site) -> list[str]:
    """Return what is refused, in the ordinary way's words."""
    return [
        "/api/students/nobody",
        "/api/students?limit=0",
        "/api/students?limit=1&limit=2",
        "/api/students?nothing=1",
        "/api/students?cursor=x",
        "/api/dashboard?nothing=1",
        "/api/sessions?from=yesterday",
        f"/api/tutors?studentId={site.id('ana')}",
    ]


@pytest.mark.parametrize("who", EVERYBODY)
def test_both_ways_answer_the_same(one: Site, who: str) -> None:
    """Status, headers and body, of what is seen, of what is not, and of what is wrong."""
    one.query("UPDATE people_student SET email = 'ana@example.org' WHERE id = %s", one.id("ana"))
    for path in [*paths(one), *wrong_paths(one)]:
        direct, long = one.ask("GET", path, who=who), ordinary(one, path, who)
        assert comparable(direct) == comparable(long), path
        told = {"method", "route", "status", "account"}
        lines = [line_of(one, answer) for answer in (direct, long)]
        assert [lines[0][name] for name in told] == [lines[1][name] for name in told], path


def test_what_is_usual_is_answered_directly(one: Site) -> None:
    """Or else all of this compares the ordinary way with itself."""
    for path in paths(one):
        if path.count("status=") == 2:
            continue
        assert is_direct(one, one.ask("GET", path)), path
        assert not is_direct(one, ordinary(one, path, "owner")), path


def test_who_has_it_already_is_told_so_until_anything_in_it_changes(one: Site) -> None:
    """The student, a relationship, a tutor's name, a subject's: no 304 is ever stale."""
    path = f"/api/students/{one.id('ana')}"
    for statement in (
        "UPDATE people_student SET year = '11' WHERE id = %s",
        "UPDATE relationships_tutorstudent SET notes = 'Fridays' WHERE student_id = %s",
        "UPDATE people_tutor SET full_name = 'Benjamin' WHERE full_name = 'Ben' AND %s <> ''",
        "UPDATE people_subject SET name = 'Physical science' WHERE name = 'Physics' AND %s <> ''",
    ):
        tag = {"If-None-Match": one.ask("GET", path).headers["etag"]}
        direct, long = one.ask("GET", path, headers=tag), ordinary(one, path, "owner", tag)
        assert comparable(direct) == comparable(long)
        assert direct.status == 304
        one.query(statement, one.id("ana"))
        assert one.ask("GET", path, headers=tag).status == 200, statement
        assert one.ask("GET", path, who="cara", headers=tag).status == 200


def test_a_booking_is_answered_as_on_the_ordinary_way(one: Site) -> None:
    """And what it made is read back the same; the second is told why it cannot be."""
    wanted = {"tutorStudentId": one.id("ben_ana"), "title": "Forces", **HOUR}
    made = one.ask("POST", "/api/sessions", wanted)
    assert made.status == 201, made.body
    read = ordinary(one, made.headers["location"], "owner")
    assert (read.body, read.headers["etag"]) == (made.body, made.headers["etag"])
    told = one.ask("GET", f"{made.headers['location']}/history").json["history"]
    assert [(line["what"], line["by"]) for line in told] == [("planned", "Oona")]
    lower = {"Authorization": f"bearer {one.people.tokens['owner']}"}
    later = {"startTime": "2027-03-02T16:00:00Z", "endTime": "2027-03-02T17:00:00Z"}
    long = one.ask("POST", "/api/sessions", {**wanted, **later}, lower, who=None)
    assert made.headers.keys() == long.headers.keys()
    assert is_direct(one, made)
    assert not is_direct(one, long)
    own = ("etag", "location", *OWN)
    same = [{k: v for k, v in a.headers.items() if k not in own} for a in (made, long)]
    assert same[0] == same[1]
    refused = one.ask("POST", "/api/sessions", wanted)
    assert refused.status == 409
    assert refused.problem["sessions"][0]["id"] == made.json["session"]["id"]
    twice = b'{"tutorStudentId": "a", "tutorStudentId": "b"}'
    assert one.ask("POST", "/api/sessions", twice).status == 422
    assert one.ask("POST", "/api/sessions", {**wanted, "hour": 1}).status == 422


def test_hours_that_have_passed_are_told_both_ways(one: Site) -> None:
    """It is planned, and the answer says that it is past."""
    told = []
    for day, lower in (("2026-09-07", False), ("2026-09-14", True)):
        hours = {"startTime": f"{day}T05:00:00Z", "endTime": f"{day}T05:30:00Z"}
        wanted = {"tutorStudentId": one.id("cara_ana"), **hours}
        key = {"Authorization": f"bearer {one.people.tokens['owner']}"} if lower else None
        made = one.ask("POST", "/api/sessions", wanted, key, who=None if lower else "owner")
        assert is_direct(one, made) is not lower
        (warning,) = [one for one in made.json["warnings"] if one["code"] == "in_the_past"]
        assert warning["date"] == day
        told.append(warning["detail"].split(", ", 1)[1])
    assert told[0] == told[1] == "06:00: this hour has passed. Record how it went, or move it."


def test_hours_outside_the_stated_week_are_told_both_ways(one: Site) -> None:
    """The warning is the same, and no part of the ETag."""
    week = {"spans": [{"weekday": 0, "starts": "09:00", "ends": "12:00"}]}
    assert one.ask("PUT", f"/api/tutors/{one.id('cara')}/availability", week).status == 200
    told = []
    for day, lower in (("2027-04-05", False), ("2027-04-12", True)):
        hours = {"startTime": f"{day}T16:00:00Z", "endTime": f"{day}T17:00:00Z"}
        wanted = {"tutorStudentId": one.id("cara_ana"), **hours}
        key = {"Authorization": f"bearer {one.people.tokens['owner']}"} if lower else None
        made = one.ask("POST", "/api/sessions", wanted, key, who=None if lower else "owner")
        assert is_direct(one, made) is not lower
        (warning,) = made.json["warnings"]
        assert warning.pop("sessionId") == made.json["session"]["id"]
        assert warning.pop("date") == day
        told.append({**warning, "detail": warning["detail"].split(", ", 1)[1]})
        assert (
            ordinary(one, made.headers["location"], "owner").headers["etag"]
            == (made.headers["etag"])
        )
    assert told[0] == told[1]
    inside = {"startTime": "2027-04-19T08:00:00Z", "endTime": "2027-04-19T11:00:00Z"}
    made = one.ask("POST", "/api/sessions", {"tutorStudentId": one.id("cara_ana"), **inside})
    assert is_direct(one, made)
    assert "warnings" not in made.json


def test_a_tutor_books_their_own_and_nobody_elses(one: Site) -> None:
    """The ordinary way says why."""
    day = {"startTime": "2027-03-03T16:00:00Z", "endTime": "2027-03-03T17:00:00Z"}
    wanted = {"tutorStudentId": one.id("ben_cleo"), **day}
    assert one.ask("POST", "/api/sessions", wanted, who="dev").status == 404
    assert one.ask("POST", "/api/sessions", wanted, who="guest").status in {403, 404}
    assert one.ask("POST", "/api/sessions", wanted, who="ben").status == 201


def test_a_dashboard_is_counted_anew_once_anything_was_written(one: Site) -> None:
    """By the API or past it; as long as nothing was, nothing is counted."""
    before = one.ask("GET", "/api/dashboard")
    again = one.ask("GET", "/api/dashboard")
    assert again.body == before.body
    one.query("UPDATE people_student SET active = false WHERE id = %s", one.id("cleo"))
    after = one.ask("GET", "/api/dashboard")
    active = [answer.json["dashboard"]["students"]["active"] for answer in (before, after)]
    assert active[1] == active[0] - 1
    one.query("UPDATE people_student SET active = true WHERE id = %s", one.id("cleo"))


def test_many_at_once_get_the_same_dashboard(one: Site) -> None:
    """However many ask at the same time, it is counted once in a worker."""
    with ThreadPoolExecutor(20) as people:
        found = list(people.map(lambda _: one.ask("GET", "/api/dashboard").body, range(60)))
    assert set(found) == {ordinary(one, "/api/dashboard", "owner").body}


@contextmanager
def meanwhile(site: Site, table: str, other: str, back: str, where: str = "") -> Iterator[None]:
    """Have rows say something else for a while."""
    site.query(f"UPDATE {table} SET {other} {where}")
    try:
        yield
    finally:
        site.query(f"UPDATE {table} SET {back} {where}")


@pytest.mark.parametrize(
    ("table", "less", "back", "status"),
    [
        ("people_apitoken", "revoked_at = now()", "revoked_at = NULL", 401),
        ("people_apitoken", "expires_at = now()", "expires_at = NULL", 401),
        ("people_account", "is_active = false", "is_active = true", 401),
        ("people_account", "is_owner = false", "is_owner = true", 404),
    ],
)
def test_who_may_no_longer_may_not_at_once(
    one: Site, table: str, less: str, back: str, status: int
) -> None:
    """A token, an account and its rights are looked at by each request, a write's too."""
    path = f"/api/students/{one.id('ana')}"
    assert [one.ask("GET", path).status for _ in range(3)] == [200, 200, 200]
    before = one.query(LESSONS)
    key = "account_id" if table == "people_apitoken" else "id"
    with meanwhile(one, table, less, back, f"WHERE {key} = '{one.id('owner')}'"):
        wanted = {"tutorStudentId": one.id("ben_ana"), **NEVER}
        assert one.ask("POST", "/api/sessions", wanted).status == status
        assert one.ask("GET", path).status == status
    assert one.query(LESSONS) == before
    assert one.ask("GET", path).status == 200


def test_a_read_only_token_reads_and_writes_nothing(one: Site) -> None:
    """Directly as otherwise; also when it became so a moment ago."""
    assert [one.ask("GET", "/api/students").status for _ in range(3)] == [200, 200, 200]
    before = one.query(LESSONS)
    with meanwhile(one, "people_apitoken", "read_only = true", "read_only = false"):
        wanted = {"tutorStudentId": one.id("ben_ana"), **NEVER}
        assert one.ask("POST", "/api/sessions", wanted).status == 403
        assert one.ask("GET", "/api/students").status == 200
        assert one.ask("POST", "/api/sessions", wanted).status == 403
    assert one.query(LESSONS) == before


def test_a_read_only_token_sees_no_parents_link(start: Start) -> None:
    """Directly as otherwise; and what another token was answered is not answered to it."""
    with start(TANDEM_WORKERS="1") as site:
        site.query(
            "UPDATE people_apitoken SET account_id = %s, read_only = true WHERE account_id = "
            "(SELECT account_id FROM people_apitoken JOIN people_account account "
            "ON account.id = account_id WHERE email = 'guest@tandem.example')",
            site.id("owner"),
        )
        path = f"/api/students/{site.id('ana')}"
        for who in ("owner", "guest", "owner", "guest"):
            shown = site.ask("GET", path, who=who)
            listed = site.ask("GET", "/api/students", who=who)
            for answer in (shown, listed):
                assert (site.people.parent_link in answer.body.decode()) == (who == "owner")
            assert comparable(shown) == comparable(ordinary(site, path, who))
        assert is_direct(site, shown)
        tag = {"If-None-Match": site.ask("GET", path).headers["etag"]}
        assert site.ask("GET", path, headers=tag).status == 304
        again = site.ask("GET", path, headers=tag, who="guest")
        assert again.status == 200
        assert site.people.parent_link not in again.body.decode()


def test_the_use_of_a_token_is_noted_by_whatever_uses_it(start: Start) -> None:
    """A first booking, and a list half an hour later: neither leaves the short way for that."""
    with start(TANDEM_WORKERS="1") as site:
        hours = {"startTime": "2027-02-01T16:00:00Z", "endTime": "2027-02-01T17:00:00Z"}
        booked = site.ask("POST", "/api/sessions", {"tutorStudentId": site.id("ben_ana"), **hours})
        assert site.query(JUST_USED) == [(1,)]
        site.query("UPDATE people_apitoken SET last_used_at = now() - interval '30 minutes'")
        listed = site.ask("GET", "/api/students", who="ben")
        assert (booked.status, listed.status) == (201, 200)
        assert [is_direct(site, one) for one in (booked, listed)] == [True, True]
        assert site.query(JUST_USED) == [(1,)]


def test_both_ways_are_counted_together(start: Start) -> None:
    """Who asks too often is refused, whichever way is taken, and told when to come again."""
    with start(TANDEM_WORKERS="1", TANDEM_REQUESTS_PER_MINUTE="60") as site:
        answers = []
        for _ in range(50):
            answers += [site.ask("GET", "/api/students"), ordinary(site, "/api/students", "owner")]
        refused = [answer for answer in answers if answer.status == 429]
        # The minute may have turned once meanwhile.
        assert len(refused) <= 40
        assert {answer.status for answer in answers} <= {200, 429}
        assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in refused)


def test_what_the_direct_way_leaves_is_counted_once(start: Start) -> None:
    """A booking that is refused is looked at on both ways; who asks has asked once."""
    with start(TANDEM_WORKERS="1", TANDEM_REQUESTS_PER_MINUTE="60") as site:
        wanted = {"tutorStudentId": site.id("ben_ana"), **HOUR}
        assert site.ask("POST", "/api/sessions", wanted).status == 201
        again = [site.ask("POST", "/api/sessions", wanted) for _ in range(45)]
    assert {answer.status for answer in again} == {409}


def test_connections_that_the_server_ends_are_replaced(one: Site) -> None:
    """The next request is answered, directly again in the end."""
    for _ in range(2):
        assert one.ask("GET", "/api/students").status == 200
    one.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"  # and waits until it has
        " WHERE datname = current_database()"
        " AND application_name IN ('tandem web', 'tandem direct')"
    )
    answers = [one.ask("GET", "/api/students") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert is_direct(one, answers[-1])


def kept(site: Site, path: str) -> Answer:
    """Ask until an answer takes one query, as one that is kept does.

    A transaction that others end meanwhile, be it in another database of the server, may have
    written what is shown: then it is counted anew, and once more after that one.
    """
    for _ in range(100):
        answer = site.ask("GET", path)
        if line_of(site, answer)["queries"] == 1:
            return answer
    raise AssertionError(f"{path} is counted anew each time")


def test_what_is_counted_is_not_counted_anew_for_what_it_does_not_show(one: Site) -> None:
    """Requests are counted, people sign in, and the dashboard is as it was."""
    path, number = "/api/dashboard", "SELECT last_value, is_called FROM tandem_writes"
    before = kept(one, path), one.query(number)
    one.query("DELETE FROM people_requestcount")
    assert one.query(number) == before[1]
    assert kept(one, path).body == before[0].body
    one.query("UPDATE people_student SET active = active")
    assert one.query(number) != before[1]
    assert line_of(one, one.ask("GET", path))["queries"] > 1


@pytest.mark.parametrize("path", ["/api/students?limit=2", "/api/sessions", "/api/tutors/{ben}"])
def test_what_was_answered_is_answered_again_until_somebody_writes(one: Site, path: str) -> None:
    """Then it is read, and says what was written; to owner and tutor what is theirs to see."""
    path = path.format(ben=one.id("ben"))
    before = kept(one, path)
    assert kept(one, path).body == before.body
    one.query("UPDATE people_tutor SET full_name = full_name || '+'")
    one.query("UPDATE people_student SET full_name = full_name || '+'")
    one.query("UPDATE lessons_session SET title = title || '+'")
    after = one.ask("GET", path)
    assert line_of(one, after)["queries"] > 1
    assert after.body != before.body
    assert comparable(after) == comparable(ordinary(one, path, "owner"))
    one.query("UPDATE people_tutor SET full_name = rtrim(full_name, '+')")
    one.query("UPDATE people_student SET full_name = rtrim(full_name, '+')")
    one.query("UPDATE lessons_session SET title = rtrim(title, '+')")


def test_where_somebody_writes_all_the_while_nothing_is_asked_in_vain(one: Site) -> None:
    """What held the last time is asked first; what did not, is read at once."""
    path, queries = "/api/students?limit=3", []
    for _ in range(4):
        one.query("UPDATE people_student SET active = active")
        queries.append(line_of(one, one.ask("GET", path))["queries"])
    assert len({*queries}) == 1
    assert kept(one, path).status == 200
    one.query("UPDATE people_student SET active = active")
    assert line_of(one, one.ask("GET", path))["queries"] == queries[0] + 1
    assert line_of(one, one.ask("GET", path))["queries"] == queries[0]


def test_a_write_that_ends_later_is_never_missed(one: Site) -> None:
    """It was counted when it was written; what is answered meanwhile is not kept beyond its end."""
    path = "/api/dashboard"
    with psycopg.connect(one.database) as writer:
        writer.execute("UPDATE people_student SET active = false WHERE id = %s", [one.id("cleo")])
        meanwhile = [one.ask("GET", path), kept(one, path)]
        assert meanwhile[0].body == meanwhile[1].body
    after = one.ask("GET", path)
    active = [answer.json["dashboard"]["students"]["active"] for answer in (meanwhile[0], after)]
    assert active[1] == active[0] - 1
    one.query("UPDATE people_student SET active = true WHERE id = %s", one.id("cleo"))


@pytest.mark.parametrize(
    "path", ["/api/students?limit=2", "/api/tutors", "/api/sessions", "/api/dashboard"]
)
def test_who_has_a_list_already_is_told_so(one: Site, path: str) -> None:
    """As long as it is the same list, however it is compressed; both ways give the same tag."""
    first = one.ask("GET", path, headers={"Accept-Encoding": "gzip"})
    tag = {"If-None-Match": first.headers["etag"]}
    assert tag["If-None-Match"].startswith('W/"')
    direct, long = one.ask("GET", path, headers=tag), ordinary(one, path, "owner", tag)
    assert comparable(direct) == comparable(long)
    assert (direct.status, direct.body) == (304, b"")
    assert is_direct(one, direct)
    one.query("UPDATE people_tutor SET phone = coalesce(phone, '') || '1'")
    one.query(
        "UPDATE people_student SET full_name = full_name || '+', year = '', legacy_fault = 'x'"
    )
    changed = one.ask("GET", path, headers=tag)
    one.query("UPDATE people_student SET full_name = rtrim(full_name, '+'), legacy_fault = ''")
    assert changed.status == 200


def test_who_is_found_by_a_guardian_is_so_until_the_guardian_changes(one: Site) -> None:
    body = {"fullName": "Maria Direct", "studentIds": [one.id("ana")]}
    made = one.ask("POST", "/api/guardians", body).json["guardian"]["id"]
    path = "/api/students?q=maria%20direct"
    first = one.ask("GET", path)
    assert [student["id"] for student in first.json["students"]] == [one.id("ana")]
    tag = {"If-None-Match": first.headers["etag"]}
    assert one.ask("GET", path, headers=tag).status == 304
    one.query("UPDATE people_guardian SET full_name = 'Somebody' WHERE id = %s", made)
    assert one.ask("GET", path, headers=tag).json["students"] == []


def test_every_table_that_answers_are_made_of_counts_its_writes(one: Site) -> None:
    """Or an answer that is kept would be given when it is no longer right."""
    files = (path for path in PACKAGE.rglob("*.sql") if path.parent.name != "triggers")
    statements = "".join(path.read_text(encoding="utf-8") for path in files)
    read = set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+_\w+)\s+(?!AS\b)\w+", statements))
    counted = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'tandem_count_write'"
    assert read - {table for (table,) in one.query(counted)} == NOT_COUNTED
