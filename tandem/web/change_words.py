"""What was changed of people, in people's words. No database."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from tandem.kit.dates import day_words
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy, gettext_noop
from tandem.kit.time import zone_words
from tandem.people.models import Change
from tandem.people.wish_rules import hours_of
from tandem.web.wish_words import hours_words

ROWS = {
    "people_student": gettext_lazy("the student"),
    "people_parent": gettext_lazy("a parent"),
    "people_guardian": gettext_lazy("a guardian"),
    "people_guardianstudent": gettext_lazy("a guardian of the student"),
    "people_parentlink": gettext_lazy("the last day of the parents’ link"),
    "people_learningwish": gettext_lazy("a wish"),
    "people_tutor": gettext_lazy("the tutor"),
    "people_tutorsubject": gettext_lazy("a subject"),
    "people_account": gettext_lazy("the account"),
    "people_apitoken": gettext_lazy("an API token"),
    "people_calendarfeed": gettext_lazy("a calendar address"),
}
COLUMNS = {
    "full_name": gettext_lazy("name"),
    "year": gettext_lazy("year"),
    "active": gettext_lazy("state"),
    "email": gettext_lazy("e-mail address"),
    "phone": gettext_lazy("phone"),
    "auth_subject": gettext_lazy("account in the older application"),
    "parent_email": gettext_lazy("parents’ e-mail address"),
    "time_zone": gettext_lazy("time zone"),
    "parent_link_token": gettext_lazy("parents’ link"),
    "link_token": gettext_lazy("guardian’s link"),
    "language": gettext_lazy("language"),
    "notices": gettext_lazy("choice of what to be told"),
    "guardian_id": gettext_lazy("guardian"),
    "last_day": gettext_lazy("last day of the parents’ link"),
    "student_id": gettext_lazy("student"),
    "user_id": gettext_lazy("account"),
    "stripe_customer_id": gettext_lazy("customer number at Stripe"),
    "capacity": gettext_lazy("limit of students"),
    "subject_id": gettext_lazy("subject"),
    "level": gettext_lazy("level"),
    "hours": gettext_lazy("wanted hours"),
    "is_owner": gettext_lazy("role"),
    "is_active": gettext_lazy("state of the account"),
    "password": gettext_lazy("password"),
    "name": gettext_lazy("name of an API token"),
    "read_only": gettext_lazy("rights of an API token"),
    "expires_at": gettext_lazy("end of an API token"),
    "revoked_at": gettext_lazy("moment at which an API token was ended"),
    "token_hash": gettext_lazy("key of an API token"),
    "kind": gettext_lazy("kind of a calendar address"),
    "ended_at": gettext_lazy("moment at which a calendar address was ended"),
    "secret_hash": gettext_lazy("secret of a calendar address"),
    "link_hash": gettext_lazy("parents’ link of a calendar address"),
}
FLAGS = {
    "active": (gettext_lazy("active"), gettext_lazy("inactive")),
    "is_owner": (gettext_lazy("owner"), gettext_lazy("tutor")),
    "is_active": (gettext_lazy("open"), gettext_lazy("closed")),
    "read_only": (
        gettext_lazy("reading only"),
        gettext_lazy("reading and writing"),
    ),
}

KINDS = {
    "level": (
        gettext_noop("beginner"),
        gettext_noop("intermediate"),
        gettext_noop("advanced"),
        gettext_noop("expert"),
    ),
    "notices": (
        gettext_noop("planned"),
        gettext_noop("moved"),
        gettext_noop("cancelled"),
        gettext_noop("covered"),
        gettext_noop("reminder"),
        gettext_noop("summary"),
    ),
    "kind": (gettext_noop("owner"), gettext_noop("tutor"), gettext_noop("family")),
}
"""Words of which a column is one, or a list of some; they are kept in English."""
SPOKEN: Mapping[str, Callable[[Any], str]] = {
    "hours": lambda kept: hours_words(hours_of(kept)),
    "time_zone": zone_words,
}
"""Columns whose value is not what is said of it."""
MOMENTS = {"expires_at", "revoked_at", "ended_at"}


def change_sentences(change: Change, subjects: Mapping[str, str]) -> list[str]:
    """Return a line of history as sentences; ``subjects`` are the names of subjects by id."""
    who = str(change.actor) if change.actor else _("Somebody unknown")
    if change.what == Change.What.CHANGED:
        return list(_changed(who, change, subjects))
    values = change.values or {}
    side = 1 if change.what == Change.What.ADDED else 0
    told = [_words(name, values[name][side], subjects) for name in change.columns if name in values]
    which = ": " + ", ".join(filter(None, told)) if any(told) else ""
    text = _("{who} added {what}") if side else _("{who} removed {what}")
    return [text.format(who=who, what=ROWS[change.table_name]) + which]


def _changed(who: str, change: Change, subjects: Mapping[str, str]) -> Iterator[str]:
    values = change.values or {}
    for name in change.columns:
        if name not in values:
            yield _("{who} changed the {what}").format(who=who, what=COLUMNS[name])
            continue
        before, after = (_words(name, value, subjects) or _("nothing") for value in values[name])
        yield _("{who} changed the {what} from {before} to {after}").format(
            who=who, what=COLUMNS[name], before=before, after=after
        )


def _words(name: str, value: Any, subjects: Mapping[str, str]) -> str:
    if value is None or name == "guardian_id":  # who that is, the page of the student says
        return ""
    if name in FLAGS:
        return str(FLAGS[name][0 if value else 1])
    if name == "subject_id":
        return subjects.get(value, _("another subject"))
    if name in SPOKEN and value:
        return SPOKEN[name](value)
    if name in MOMENTS:
        moment = timezone.localtime(datetime.fromisoformat(value))
        return f"{day_words(moment)}, {moment:%H:%M}"
    values = [str(one) for one in (value if isinstance(value, list) else [value])]
    return ", ".join(_(one) if one in KINDS.get(name, ()) else one for one in values)
