"""Pages by name, for the box that finds anybody: who knows what they want need not look for it."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse

from tandem.kit.language import gettext_lazy
from tandem.kit.plain_letters import plain_letters
from tandem.people.queries import Viewer

FEWEST = 2
"""So many letters have to be there: one begins too much."""


class Place(NamedTuple):
    """A page: its name, by which other words people look for it, and who has one.

    ``sees`` is owner, tutor or anybody. The page of a tutor's own is about them.
    """

    name: str
    words: str
    url: str
    sees: str = "anybody"
    is_own: bool = False


PLACES = (
    Place(gettext_lazy("Today"), gettext_lazy("home dashboard start"), "home"),
    Place(gettext_lazy("Calendar"), gettext_lazy("week month day timetable"), "calendar"),
    Place(
        gettext_lazy("Plan a lesson"), gettext_lazy("book new session schedule"), "calendar_plan"
    ),
    Place(gettext_lazy("Students"), gettext_lazy("pupils"), "students"),
    Place(gettext_lazy("Add a student"), gettext_lazy("new enrol"), "new_student", "owner"),
    Place(
        gettext_lazy("Bring in students from a spreadsheet"),
        gettext_lazy("import csv excel"),
        "bring_students",
        "owner",
    ),
    Place(
        gettext_lazy("Find tutors for several students"),
        gettext_lazy("match suggest"),
        "match",
        "owner",
    ),
    Place(gettext_lazy("Tutors"), gettext_lazy("teachers"), "tutors"),
    Place(gettext_lazy("Add a tutor"), gettext_lazy("new teacher"), "new_tutor", "owner"),
    Place(
        gettext_lazy("Bring in tutors from a spreadsheet"),
        gettext_lazy("import csv excel"),
        "bring_tutors",
        "owner",
    ),
    Place(
        gettext_lazy("Your week"),
        gettext_lazy("availability hours"),
        "tutor_week",
        "tutor",
        is_own=True,
    ),
    Place(
        gettext_lazy("Time off"),
        gettext_lazy("absence away holiday sick"),
        "time_off",
        "tutor",
        is_own=True,
    ),
    Place(gettext_lazy("Sessions"), gettext_lazy("lessons"), "sessions"),
    Place(gettext_lazy("Hours taught"), gettext_lazy("report pay csv"), "reports"),
    Place(
        gettext_lazy("Outcomes of sessions"),
        gettext_lazy("report no-show cancelled csv"),
        "outcomes",
    ),
    Place(gettext_lazy("What was done"), gettext_lazy("undo history"), "deeds"),
    Place(gettext_lazy("What needs attention?"), gettext_lazy("repair faults"), "attention"),
    Place(gettext_lazy("Settings"), "", "settings"),
    Place(gettext_lazy("Closed days"), gettext_lazy("holiday closures"), "closures"),
    Place(gettext_lazy("Cancelling"), gettext_lazy("policy rules"), "cancellation_policy"),
    Place(
        gettext_lazy("Letters to families and tutors"),
        gettext_lazy("mail e-mail notices reminders"),
        "notices",
        "owner",
    ),
    Place(
        gettext_lazy("Name and logo of the business"),
        gettext_lazy("brand"),
        "business_face",
        "owner",
    ),
    Place(gettext_lazy("Accounts"), gettext_lazy("who may sign in invite"), "accounts", "owner"),
    Place(
        gettext_lazy("Your account"),
        gettext_lazy("password passkey second factor language tokens devices"),
        "account",
    ),
)


class Found(NamedTuple):
    """A page that is called so: its name and its address."""

    name: str
    address: str


def places(viewer: Viewer, text: str) -> list[Found]:
    """Return the pages that have every word of ``text`` at the beginning of one of theirs."""
    typed = plain_letters(text).split()
    if len("".join(typed)) < FEWEST:
        return []
    return [
        Found(str(one.name), _address(one, viewer)) for one in _seen_by(viewer) if _has(one, typed)
    ]


def _seen_by(viewer: Viewer) -> Iterator[Place]:
    whose = {"anybody"} | ({"owner"} if viewer.is_owner else set())
    whose |= {"tutor"} if viewer.tutor_id else set()
    return (one for one in PLACES if one.sees in whose)


def _has(place: Place, typed: list[str]) -> bool:
    words = plain_letters(f"{place.name} {place.words}").split()
    return all(any(word.startswith(some) for word in words) for some in typed)


def _address(place: Place, viewer: Viewer) -> str:
    return reverse(place.url, args=[viewer.tutor_id] if place.is_own else [])
