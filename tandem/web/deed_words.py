"""Wide changes in a sentence each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tandem.kit.language import and_list, gettext_lazy, ngettext
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words
from tandem.lessons.deeds import Kind
from tandem.lessons.imports.undo_subjects import SubjectsMade
from tandem.web.words import grouped


@dataclass(frozen=True)
class Named:
    """Whom a deed was about, as far as the reader may see them; ``sessions`` is how many parts."""

    students: Sequence[str]
    tutors: Sequence[str]
    sessions: int
    closure: str = ""
    away: str = ""
    on: date | None = None
    """The day on which it is so, where that lies ahead."""
    holds: bool = True
    """Whether that is still to be: not where another end was given since."""
    lacks_some: bool = False
    """Whether relationships that it was about are gone since, so that not all tutors are known."""
    came: int = 0
    """How many students came from a spreadsheet, also where they are not named."""
    days: str = ""
    """When somebody is away or the business is closed, as far as that is known still."""
    done: Sequence[str] = ()
    """What became of the lessons in somebody's absence, keys of ``DONE``; empty is not known."""


SENTENCES = {
    Kind.TRANSFER: gettext_lazy("{students} went to {tutors}."),
    Kind.HAND_OVER: gettext_lazy("{students} went to {tutors}."),
    Kind.END: gettext_lazy("{tutors} stopped teaching {students}."),
    Kind.COVER: gettext_lazy("{tutors} took over {sessions} of {students}."),
    Kind.SERIES_PLAN: gettext_lazy("Weekly lessons of {students} with {tutors} were planned."),
    Kind.SERIES_EDIT: gettext_lazy("Weekly lessons of {students} with {tutors} were changed."),
    Kind.CLOSURE: gettext_lazy("Days were closed."),
    Kind.TIME_OFF: gettext_lazy("{away} is away."),
    Kind.ASSIGNMENT: gettext_lazy("{students} got {tutors}."),
    Kind.ABSENCE_ENDED: gettext_lazy("{away} is back early."),
    Kind.SERIES_STOP: gettext_lazy("Weekly lessons of {students} with {tutors} were stopped."),
    Kind.IMPORT: gettext_lazy("A spreadsheet was brought in, with {students}."),
}
AHEAD = {
    Kind.TRANSFER: gettext_lazy("{students} will go to {tutors} on {day}."),
    Kind.HAND_OVER: gettext_lazy("{students} will go to {tutors} on {day}."),
    Kind.END: gettext_lazy("{tutors} will stop teaching {students} on {day}."),
    Kind.COVER: gettext_lazy("{tutors} will take over {sessions} of {students}."),
    Kind.ASSIGNMENT: gettext_lazy("{students} will get {tutors} on {day}."),
    Kind.TIME_OFF: gettext_lazy("{away} will be away."),
}
"""Until the day has come."""
NEVER = {
    Kind.TRANSFER: gettext_lazy("It was planned that {students} would go to {tutors} on {day}."),
    Kind.HAND_OVER: gettext_lazy("It was planned that {students} would go to {tutors} on {day}."),
    Kind.END: gettext_lazy("It was planned that {tutors} would stop teaching {students} on {day}."),
}
"""Where it was undone, or given another day, before the day came."""
DONE = {
    "cancelled": gettext_lazy("cancelled"),
    "covered": gettext_lazy("covered"),
    "moved": gettext_lazy("moved"),
}
"""What became of lessons, in the order in which it is said."""
TO_ANOTHER = {Kind.TRANSFER, Kind.HAND_OVER, Kind.COVER}
"""Somebody went from one tutor to another; undone, the other may be known no more."""
MOST_NAMED = 3


def deed_sentence(kind: Kind, about: Named) -> str:
    """Return what was done: 'Ana Ruiz went to Dev.'"""
    students, tutors = about.students, [] if about.lacks_some else about.tutors
    text = _of_import(about) if kind == Kind.IMPORT else _text(kind, about)
    sentence = text.format(
        students=_listed(students, _("a student"), _("{number} students")),
        tutors=_listed(tutors, _tutors(kind, about), _("{number} tutors")),
        sessions=_sessions(about.sessions),
        closure=about.closure,
        away=about.away or _("a tutor"),
        days=about.days,
        done=and_list([str(words) for key, words in DONE.items() if key in about.done]),
        day=day_in_words(about.on) if about.on else "",
    )
    named = tuple(one for one in (*students, *tutors, about.away) if one)
    return sentence if sentence.startswith(named) else sentence[:1].upper() + sentence[1:]


def subjects_stay(made: SubjectsMade) -> str:
    """Return which subjects of a spreadsheet stay when it is undone, and why; '' of none."""
    names = [one.name for one in made.kept]
    if not names:
        return ""
    if made.is_shared:
        text = _("The subjects that came by it stay while the older application runs beside.")
    else:
        text = ngettext(
            "The subject {names} stays: somebody teaches or learns it by now, or did.",
            "These subjects stay, because somebody teaches or learns them by now, or did: {names}.",
            len(names),
        )
    more = " …" if len(names) > MOST_NAMED else ""
    return text.format(names=and_list(names[:MOST_NAMED]) + more)


def _text(kind: Kind, about: Named) -> str:
    if kind == Kind.CLOSURE and about.closure:
        return _("Days were closed: {closure}, {days}.")
    if kind == Kind.TIME_OFF:
        return " ".join([_absence(about), *([_became(about)] if about.sessions else [])])
    if kind == Kind.ABSENCE_ENDED and about.sessions:
        return _("{away} is back early, and {sessions} went back.")
    if about.on and not about.holds:
        return str(NEVER[kind])
    return str(AHEAD[kind] if about.on and kind in AHEAD else SENTENCES[kind])


def _absence(about: Named) -> str:
    """Return that somebody is away, and when, which tells one absence from another."""
    if not about.days:
        return str((AHEAD if about.on else SENTENCES)[Kind.TIME_OFF])
    return _("{away} will be away: {days}.") if about.on else _("{away} is away: {days}.")


def _became(about: Named) -> str:
    if not about.done:
        return _("Lessons were cancelled, covered or moved.")
    return _("Lessons were {done}.")


def _of_import(about: Named) -> str:
    """Return who came; after a while nobody knows any more how many tutors it were."""
    if about.students:
        return str(SENTENCES[Kind.IMPORT])
    if about.came:
        return ngettext(
            "A spreadsheet was brought in, with a student.",
            "A spreadsheet was brought in, with {number} students.",
            about.came,
        ).format(number=grouped(about.came))
    if about.tutors:
        return _("A spreadsheet was brought in, with {tutors}.")
    return _("A spreadsheet was brought in, with tutors.")


def _sessions(number: int) -> str:
    if number == 0:
        return _("sessions")
    return ngettext("a session", "{number} sessions", number).format(number=number)


def _tutors(kind: Kind, about: Named) -> str:
    if kind in TO_ANOTHER:
        return _("another tutor")
    return _("tutors") if about.lacks_some and len(about.students) > 1 else _("a tutor")


def _listed(names: Sequence[str], one: str, many: str) -> str:
    """Return few names, a number of many, or what stands for somebody who is not shown."""
    if len(names) > MOST_NAMED:
        return many.format(number=len(names))
    return and_list(names) if names else one
