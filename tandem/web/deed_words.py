"""Wide changes in a sentence each."""

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.lessons.deeds import Kind


@dataclass(frozen=True)
class Named:
    """Whom a deed was about, as far as the reader may see them; ``sessions`` is how many parts."""

    students: Sequence[str]
    tutors: Sequence[str]
    sessions: int
    closure: str = ""
    away: str = ""
    lacks_some: bool = False
    """Whether relationships that it was about are gone since, so that not all tutors are known."""


SENTENCES = {
    Kind.TRANSFER: "{students} went to {tutors}.",
    Kind.HAND_OVER: "{students} went to {tutors}.",
    Kind.END: "{tutors} and {students} ended.",
    Kind.COVER: "{tutors} took over {sessions} of {students}.",
    Kind.SERIES_PLAN: "Weekly lessons of {students} with {tutors} were planned.",
    Kind.SERIES_EDIT: "Weekly lessons of {students} with {tutors} were changed.",
    Kind.CLOSURE: "Days were closed{closure}.",
    Kind.TIME_OFF: "{away} is away{decided}.",
    Kind.ASSIGNMENT: "{students} got {tutors}.",
    Kind.ABSENCE_ENDED: "{away} is back early{given_back}.",
    Kind.SERIES_STOP: "Weekly lessons of {students} with {tutors} were stopped.",
}
TO_ANOTHER = {Kind.TRANSFER, Kind.HAND_OVER, Kind.COVER}
"""Somebody went from one tutor to another; undone, the other may be known no more."""
MOST_NAMED = 3


def deed_sentence(kind: Kind, about: Named) -> str:
    """Return what was done: 'Ana Ruiz went to Dev.'"""
    sessions = {0: "sessions", 1: "a session"}.get(about.sessions, f"{about.sessions} sessions")
    sentence = SENTENCES[kind].format(
        students=_listed(about.students, "a student", "students"),
        tutors=_listed([] if about.lacks_some else about.tutors, _tutors(kind, about), "tutors"),
        sessions=sessions,
        closure=f": {about.closure}" if about.closure else "",
        away=about.away or "a tutor",
        given_back=f", and {sessions} went back" if about.sessions else "",
        decided=", and lessons were cancelled, covered or moved" if about.sessions else "",
    )
    return sentence[:1].upper() + sentence[1:]


def _tutors(kind: Kind, about: Named) -> str:
    if kind in TO_ANOTHER:
        return "another tutor"
    return "tutors" if about.lacks_some and len(about.students) > 1 else "a tutor"


def _listed(names: Sequence[str], one: str, many: str) -> str:
    """Return few names, a number of many, or what stands for somebody who is not shown."""
    if len(names) > MOST_NAMED:
        return f"{len(names)} {many}"
    return " and ".join(names) if names else one
