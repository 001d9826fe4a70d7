"""What was changed of people, in people's words. No database."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from tandem.people.models import Change

ROWS = {
    "people_student": "the student",
    "people_parent": "a parent",
    "people_guardian": "a guardian",
    "people_guardianstudent": "a guardian of the student",
    "people_parentlink": "the last day of the parents’ link",
    "people_tutor": "the tutor",
    "people_tutorsubject": "a subject",
    "people_account": "the account",
    "people_apitoken": "an API token",
    "people_calendarfeed": "a calendar address",
}
COLUMNS = {
    "full_name": "name",
    "year": "year",
    "active": "state",
    "email": "e-mail address",
    "phone": "phone",
    "auth_subject": "account in the older application",
    "parent_email": "parents’ e-mail address",
    "time_zone": "time zone",
    "parent_link_token": "parents’ link",
    "link_token": "guardian’s link",
    "language": "language",
    "notices": "choice of what to be told",
    "guardian_id": "guardian",
    "last_day": "last day of the parents’ link",
    "student_id": "student",
    "user_id": "account",
    "stripe_customer_id": "customer number at Stripe",
    "capacity": "limit of students",
    "subject_id": "subject",
    "level": "level",
    "is_owner": "role",
    "is_active": "state of the account",
    "password": "password",
    "name": "name of an API token",
    "read_only": "rights of an API token",
    "expires_at": "end of an API token",
    "revoked_at": "moment at which an API token was ended",
    "token_hash": "key of an API token",
    "kind": "kind of a calendar address",
    "ended_at": "moment at which a calendar address was ended",
    "secret_hash": "secret of a calendar address",
    "link_hash": "parents’ link of a calendar address",
}
FLAGS = {
    "active": ("active", "inactive"),
    "is_owner": ("owner", "tutor"),
    "is_active": ("open", "closed"),
    "read_only": ("reading only", "reading and writing"),
}
DONE = {Change.What.ADDED: "added", Change.What.REMOVED: "removed"}
MOMENTS = {"expires_at", "revoked_at", "ended_at"}


def change_sentences(change: Change, subjects: Mapping[str, str]) -> list[str]:
    """Return a line of history as sentences; ``subjects`` are the names of subjects by id."""
    who = str(change.actor) if change.actor else "Somebody unknown"
    if change.what == Change.What.CHANGED:
        return [f"{who} {one}" for one in _changed(change, subjects)]
    values = change.values or {}
    side = 1 if change.what == Change.What.ADDED else 0
    told = [_words(name, values[name][side], subjects) for name in change.columns if name in values]
    which = ": " + ", ".join(filter(None, told)) if any(told) else ""
    return [f"{who} {DONE[Change.What(change.what)]} {ROWS[change.table_name]}{which}"]


def _changed(change: Change, subjects: Mapping[str, str]) -> Iterator[str]:
    values = change.values or {}
    for name in change.columns:
        if name not in values:
            yield f"changed the {COLUMNS[name]}"
            continue
        before, after = (_words(name, value, subjects) for value in values[name])
        yield f"changed the {COLUMNS[name]} from {before or 'nothing'} to {after or 'nothing'}"


def _words(name: str, value: Any, subjects: Mapping[str, str]) -> str:
    if value is None or name == "guardian_id":  # who that is, the page of the student says
        return ""
    if name in FLAGS:
        return FLAGS[name][0 if value else 1]
    if name == "subject_id":
        return subjects.get(value, "another subject")
    if name in MOMENTS:
        return f"{timezone.localtime(datetime.fromisoformat(value)):%a %-d %b %Y, %H:%M}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
