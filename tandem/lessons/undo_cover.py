"""Giving covered sessions back to the tutor who was to hold them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tandem.kit.fingerprints import Shown
from tandem.lessons import rules
from tandem.lessons.hindrances import Lesson
from tandem.lessons.models import DeedPart, Session, SessionEvent
from tandem.lessons.reassign import Clash, as_clashes, move_each
from tandem.lessons.shown import shown_clashes, shown_relationship, shown_sessions
from tandem.lessons.steps import (
    HELD,
    LockedSessions,
    Status,
    in_order,
    planned_lesson,
)
from tandem.lessons.surroundings import hindrances_of
from tandem.people.requester import Requester
from tandem.relationships.events import EventStamp, remove_pairings
from tandem.relationships.models import TutorStudent

BACK_FROM_COVER = frozenset({"closed", "wrong_status"})
"""What is no reason against giving a lesson back: it was planned when that was so already."""
AS_IT_WAS = BACK_FROM_COVER | {"tutor_away"}


@dataclass(frozen=True)
class GivingBack:
    """Sessions by start, with the relationship that each goes back to.

    ``emptied`` are relationships that were made for the cover and hold nothing more.
    """

    sessions: tuple[Session, ...]
    links: Mapping[str, TutorStudent]
    emptied: tuple[TutorStudent, ...]
    clashes: tuple[Clash, ...]
    shown: Shown = field(default_factory=dict)

    @property
    def held_then(self) -> list[tuple[Session, str]]:
        """Each session with the id of the tutor to whom it goes back."""
        return [(one, self.links[one.pk].tutor_id) for one in self.sessions]


def covered_still(parts: Sequence[DeedPart]) -> tuple[dict[str, Session], list[str]]:
    """Return the sessions that are still with who covers them, and the tutors from before."""
    made = {part.details["session"]: part for part in parts}
    seen = {
        pk: one
        for pk, one in Session.objects.in_bulk([*made]).items()
        if one.tutor_student_id == made[pk].tutor_student_id
    }
    before = TutorStudent.objects.in_bulk([made[pk].details["before"] for pk in seen])
    return seen, [one.tutor_id for one in before.values()]


def plan_back(
    locked: LockedSessions,
    parts: Sequence[DeedPart],
    *,
    leaving: Iterable[str] = (),
    despite: frozenset[str] = AS_IT_WAS,
    about: str = "",
) -> GivingBack:
    """Return what giving back does, once everybody is locked; ``leaving`` are ids that make room.

    ``despite`` are codes that are no reason against it, ``about`` is the id of time off that is
    about to go. ConflictError ``already_taught`` once one of them was held.
    """
    made = {part.details["session"]: part for part in parts}
    there = [locked.sessions[pk] for pk in made if pk in locked.sessions]
    rules.check_not_taught([one.pk for one in there if one.status in HELD])
    back = [one for one in there if one.status == Status.SCHEDULED]
    links = {one.pk: locked.links[made[one.pk].details["before"]] for one in back}
    for link in links.values():
        link.tutor, link.student = locked.tutors[link.tutor_id], locked.students[link.student_id]
    lessons = _as_judged(back, links, despite)
    making_room = [one.pk for one in back] + [*leaving]
    clashes = as_clashes(hindrances_of(lessons, leaving=making_room, about=about), back)
    shown = {**shown_sessions(back, "is given back"), **shown_clashes(clashes)}
    emptied = _emptied(back, _made(parts))
    for link in (*links.values(), *emptied):
        shown |= shown_relationship(link)
    return GivingBack(tuple(sorted(back, key=in_order)), links, emptied, clashes, shown)


def give_back(plan: GivingBack, requester: Requester) -> None:
    """Carry out what ``plan_back`` planned."""
    given_back = SessionEvent.What.GIVEN_BACK
    move_each(plan.sessions, plan.links, given_back, requester=requester)
    if plan.emptied:
        remove_pairings([(link, EventStamp(requester, link.started_on)) for link in plan.emptied])


def _as_judged(
    back: Sequence[Session], links: Mapping[str, TutorStudent], despite: frozenset[str]
) -> list[Lesson]:
    return [
        planned_lesson(one, link, link.tutor, link.student, despite=despite)
        for one in back
        for link in [links[one.pk]]
    ]


def _emptied(back: Sequence[Session], made: set[str]) -> tuple[TutorStudent, ...]:
    """Return those of the relationships ``made`` that hold no session but those that go back."""
    ids = [one.pk for one in back]
    kept = Session.objects.filter(tutor_student__in=made).exclude(pk__in=ids)
    still = {*kept.values_list("tutor_student_id", flat=True)}
    return _read(made - still)


def still_needed(
    parts: Sequence[DeedPart], emptied: Sequence[TutorStudent]
) -> tuple[TutorStudent, ...]:
    """Return those of the relationships made for covers that hold something else by now."""
    return _read(_made(parts) - {one.pk for one in emptied})


def _made(parts: Sequence[DeedPart]) -> set[str]:
    return {part.tutor_student_id for part in parts if part.details.get("is_new")}


def _read(ids: set[str]) -> tuple[TutorStudent, ...]:
    if not ids:
        return ()
    rows = TutorStudent.objects.select_related("tutor", "student", "subject")
    return tuple(rows.filter(pk__in=ids).order_by("pk"))
