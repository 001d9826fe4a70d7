"""What is asked to find out who sees what, and how the answer is written down."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.test import Client

from tandem.api.urls import document
from tests.api.looking import BOSS, NAMELESS, ROLES, World, fields_of
from tests.cast import Cast, user

FREE_TIME = "free?tutorId={tutor_ben}&from=2027-08-02T00:00:00Z&to=2027-08-09T00:00:00Z"
Found = Mapping[str, Mapping[str, str]]
PROBES: Mapping[str, Mapping[str, str]] = {
    "/api/students": {"": "students?lastSession=true"},
    "/api/students/{studentId}": {"": "students/{student}"},
    "/api/students/parent/{parentId}": {"": "students/parent/{parent}"},
    "/api/students/user/{userId}": {"the primary tutor's": "students/user/user-of-ben"},
    "/api/students/{studentId}/sessions": {"": "students/{student}/sessions"},
    "/api/students/{studentId}/history": {"": "students/{student}/history"},
    "/api/students/{studentId}/changes": {"": "students/{student}/changes"},
    "/api/students/{studentId}/reads": {"": "students/{student}/reads"},
    "/api/students/{studentId}/parent-link": {"": "students/{student}/parent-link"},
    "/api/guardians": {"": "guardians"},
    "/api/guardians/{guardianId}": {
        "Ana's": "guardians/{guardian}",
        "the other child's": "guardians/{guardian_of_other}",
    },
    "/api/wishes": {"": "wishes"},
    "/api/wishes/{wishId}": {"": "wishes/{wish}"},
    "/api/waiting": {"": "waiting"},
    "/api/tutors": {"": "tutors"},
    "/api/tutors/{tutorId}": {
        "the primary tutor": "tutors/{tutor_ben}",
        "the former tutor": "tutors/{tutor_finn}",
        "somebody who never taught Ana": "tutors/{tutor_dev}",
    },
    "/api/tutors/{tutorId}/history": {"the primary tutor": "tutors/{tutor_ben}/history"},
    "/api/tutors/{tutorId}/changes": {"the primary tutor": "tutors/{tutor_ben}/changes"},
    "/api/tutor-students": {"": "tutor-students"},
    "/api/tutor-students/{tutorStudentId}": {
        "the primary tutor's": "tutor-students/{link_ben}",
        "the former tutor's": "tutor-students/{link_finn}",
        "the asked tutor's": "tutor-students/{link_fay}",
    },
    "/api/sessions": {"": "sessions"},
    "/api/sessions/{sessionId}": {
        "the primary tutor's": "sessions/{session_ben}",
        "the covered one": "sessions/{session_covered}",
        "the cancelled one": "sessions/{session_off}",
    },
    "/api/sessions/{sessionId}/history": {
        "the primary tutor's": "sessions/{session_ben}/history",
        "the covered one": "sessions/{session_covered}/history",
        "the cancelled one": "sessions/{session_off}/history",
    },
    "/api/tutors/{tutorId}/availability": {"the primary tutor": "tutors/{tutor_ben}/availability"},
    "/api/tutors/{tutorId}/time-off": {"the primary tutor": "tutors/{tutor_ben}/time-off"},
    "/api/tutors/{tutorId}/notices": {"the primary tutor": "tutors/{tutor_ben}/notices"},
    "/api/closures": {"": "closures"},
    "/api/closures/{closureId}": {"": "closures/{closure}"},
    "/api/policies/{policyId}": {"": "policies/cancellation"},
    "/api/deeds": {"": "deeds"},
    "/api/deeds/{deedId}": {"an owner's": "deeds/{deed}"},
    "/api/imports": {"": "imports"},
    "/api/series": {"": "series"},
    "/api/series/{seriesId}": {"the primary tutor's": "series/{series}"},
    "/api/accounts": {"": "accounts"},
    "/api/accounts/{accountId}": {"the primary tutor's": "accounts/{account}"},
    "/api/accounts/{accountId}/changes": {"the primary tutor's": "accounts/{account}/changes"},
    "/api/tokens": {"": "tokens"},
    "/api/tokens/{tokenId}": {"the primary tutor's": "tokens/{token_of_ben}"},
    "/api/feeds": {"": "feeds"},
    "/api/feeds/{feedId}": {"the primary tutor's": "feeds/{feed_of_ben}"},
    "/api/dashboard": {"": "dashboard"},
    "/api/reports/hours": {"": "reports/hours?firstDay=2026-10-01&lastDay=2026-11-30"},
    "/api/reports/outcomes": {"": "reports/outcomes?firstDay=2026-10-01&lastDay=2026-11-30"},
    "/api/free": {"the primary tutor's time": FREE_TIME},
    "/api/matches": {"": "matches?studentId={student}&subject="},
    "/api/exports/students/{studentId}": {"": "exports/students/{student}"},
    "/api/exports/tutors/{tutorId}": {"the primary tutor": "exports/tutors/{tutor_ben}"},
    "/api/parent/{token}": {"": "parent/{token}"},
}
"""Each GET route of the API -> what of it is asked for, by a word for it."""
FREE = ("held.",)
"""What an export holds is said column by column on the page about personal data."""
PAGES = (
    "/",
    "/students",
    "/students?q=ana",
    "/students/{student}",
    "/students/{student}/sessions",
    "/students/{student}/edit",
    "/students/{student}/ask",
    "/students/{student}/pair",
    "/students/{student}/wishes/new",
    "/wishes/{wish}/edit",
    "/guardians/{guardian}",
    "/guardians/{guardian_of_other}",
    "/relationships/{link_ben}",
    "/relationships/{link_cara}",
    "/relationships/{link_finn}",
    "/relationships/{link_fay}",
    "/relationships/{link_unnamed}",
    "/sessions",
    "/calendar",
    "/calendar?view=day",
    "/calendar?view=month",
    "/calendar/plan",
    "/sessions/{session_ben}",
    "/sessions/{session_cara}",
    "/sessions/{session_finn}",
    "/sessions/{session_covered}",
    "/sessions/{session_off}",
    "/tutors",
    "/tutors/{tutor_ben}",
    "/tutors/{tutor_cara}",
    "/tutors/{tutor_finn}",
    "/reports?first_day=2026-10-01&last_day=2026-11-30",
    "/reports/outcomes?first_day=2026-10-01&last_day=2026-11-30",
    "/attention",
    "/settings",
    "/suggest/students",
    "/suggest/lessons",
    "/suggest/tutors?which=all",
    "/suggest/tutors?asked_for={student}",
)
WORDS: Mapping[str, str] = {
    "the student's telephone": "phone-of-ana",
    "the student's e-mail": "ana@child.example",
    "the parents' e-mail": "parents@home.example",
    "the e-mail of a parent's older account": "account@parent.example",
    "the name of a parent's older account": "Parent-of-Ana",
    "the guardian's name": "Guardian-of-Ana",
    "the guardian's e-mail": "guardian@home.example",
    "the guardian's telephone": "phone-of-guardian",
    "the guardian's link": "/family/{guardian_token}",
    "the guardian's other child": "Brother-of-Ana",
    "when a wish of Ana's would suit": "05:43",
    "the parents' link": "/parent/{token}",
    "the note on the primary tutor's relationship": "note-on-ben",
    "the note on the co-tutor's relationship": "note-on-cara",
    "the note on the former tutor's relationship": "note-on-finn",
    "the words of the request": "asking-words",
    "why the former tutor's relationship ended": "reason-of-finns-end",
    "why the primary tutor is away": "reason-of-bens-absence",
    "the notes of the primary tutor's session": "notes-of-ben",
    "the notes of the co-tutor's session": "notes-of-cara",
    "the notes of the former tutor's session": "notes-of-finn",
    "the notes of the covered session": "notes-of-covered",
    "why the primary tutor's session was cancelled": "reason-of-off",
    "the homework of the primary tutor's session": "homework-of-ben",
    "the place of the primary tutor's session": "place-of-ben",
    "the primary tutor's telephone": "phone-of-ben",
    "the primary tutor's sign-in address": "ben@tandem.example",
    "the former tutor's sign-in address": "finn@tandem.example",
    "the sign-in address of a tutor without a name": NAMELESS,
    "the sign-in address of an owner without a name": BOSS,
}


@cache
def described() -> Mapping[str, Any]:
    """Return the API's document, which takes a moment to be made, as it is while the tests run."""
    return document()


def routes() -> set[str]:
    """Return every GET route of the API."""
    return {place for place, methods in described()["paths"].items() if "get" in methods}


def undecided(decided: Found) -> dict[str, set[str]]:
    """Return the fields that the API's document knows of a route's answers, and the matrix not."""
    found = {}
    for place in PROBES:
        answers = described()["paths"][place]["get"]["responses"]["200"]
        schema = answers["content"]["application/json"]["schema"]
        named = {
            re.sub(r"\[[^]]*\]", "[]", one)
            for title, groups in decided.items()
            if title.partition(": ")[0] == place
            for fields in groups.values()
            for one in fields.split()
        }
        if left := {one for one in _in_schema(schema) if not one.startswith(FREE)} - named:
            found[place] = left
    return found


def _in_schema(schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield the path of each value that a schema allows."""
    if name := schema.get("$ref", "").rpartition("/")[2]:
        yield from _in_schema(described()["components"]["schemas"][name], path)
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _in_schema(one, path)
    elif schema.get("type") == "array":
        yield from _in_schema(schema["items"], f"{path}[]")
    elif "properties" in schema:
        for name, one in schema["properties"].items():
            yield from _in_schema(one, f"{path}.{name}" if path else name)
    elif schema.get("type") != "null":
        yield path


def observed(world: World) -> dict[str, dict[str, str]]:
    """Ask as everybody; return for each probe which roles are told which fields, or refused how."""
    found = {}
    for place, probes in PROBES.items():
        for about, path in probes.items():
            title = f"{place}: {about}" if about else place
            found[title] = _grouped(_fields_by_role(world, path.format_map(world.ids)))
    return found


def words_on_pages(world: World, cast: Cast) -> dict[str, str]:
    """Look at the pages as everybody; return for each thing told who finds it on any of them."""
    seen: dict[str, list[str]] = {what: [] for what in WORDS}
    for role, tutor in ROLES.items():
        if "/read" in role:  # a token opens no page
            continue
        text = "\n".join(_pages(world, role, user(world.tutors[tutor]) if tutor else cast.owner))
        for what, word in WORDS.items():
            if word.format_map(world.ids) in text:
                seen[what].append(role)
    return {what: " ".join(roles) for what, roles in seen.items()}


def _pages(world: World, role: str, account: Any) -> Iterator[str]:
    client = Client()
    if role == "parent":
        yield client.get(f"/parent/{world.ids['token']}").content.decode()
        return
    client.force_login(account)
    for page in PAGES:
        answer = client.get(page.format_map(world.ids))
        assert answer.status_code in {200, 302, 403, 404}, page
        if answer.status_code == 200:
            yield answer.content.decode()


def _fields_by_role(world: World, path: str) -> dict[str, set[str]]:
    found = {}
    for role, caller in world.callers.items():
        answer = caller.client.get(f"/api/{path}", headers=caller.headers)
        own = world.tutors[ROLES[role]].pk if ROLES[role] else ""
        fields = set(fields_of(answer.json(), own)) if answer.status_code == 200 else set()
        fields = {one for one in fields if not one.startswith(FREE)}
        found[role] = fields or {f"({answer.status_code})"}
    return found


def _grouped(found: Mapping[str, set[str]]) -> dict[str, str]:
    """Return who is told what: roles that are told the same fields together, in a fixed order."""
    roles_of: dict[str, list[str]] = defaultdict(list)
    for role, fields in found.items():
        for one in fields:
            roles_of[one].append(role)
    together: dict[str, list[str]] = defaultdict(list)
    for one, roles in sorted(roles_of.items()):
        everybody = len(roles) == len(found)
        together["everybody" if everybody else " ".join(roles)].append(one)
    return {roles: " ".join(fields) for roles, fields in together.items()}
