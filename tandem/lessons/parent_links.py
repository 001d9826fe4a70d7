"""Opening a parent's link: nobody may go on guessing until one fits.

A right link is looked up first and never refused because of wrong ones: at a school many families
share an address, and one stale bookmark must not close the page to all of them. Whoever guesses
gains nothing by that: nobody guesses 64 bits. A link that could be guessed is the exception:
too many wrong ones from an address close it there, as nothing else keeps it until it is made anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tandem.kit.errors import NotFoundError
from tandem.kit.time import business_day
from tandem.lessons.queries import ParentView, family_view, parent_view
from tandem.people import limits
from tandem.people.guardians import children_of, note_opening_by_guardian
from tandem.people.models import Guardian, Student
from tandem.people.parent_links import note_opening
from tandem.people.queries import Viewer, guardian_of_link
from tandem.people.weak_links import weakness_of


def opened_by_link(token: str, *, address: str, now: datetime) -> ParentView:
    """Return what the holder of a link may read; ``address`` is where the request comes from.

    Raises NotFoundError for a link that opens nothing, and TooManyRequestsError for an address that
    tried too many of those, or for a link that is itself read too often.
    """
    try:
        seen = parent_view(token, now=now)
    except NotFoundError:
        limits.spend_on_wrong_link(address, now)
        raise
    if weakness_of(seen.student):
        limits.check(limits.WRONG_LINKS, address, now)
    limits.spend(limits.PARENT_READS, seen.student.pk, now)
    note_opening(token, student_id=seen.student.pk, now=now)
    return seen


@dataclass(frozen=True)
class Family:
    """What a guardian reads: their children by name, and of one of them, if any, a parent's."""

    guardian: Guardian
    children: Sequence[Student]
    view: ParentView | None


def opened_by_guardian(
    token: str, *, address: str, now: datetime, student_id: str | None = None
) -> Family:
    """Return what the holder of a guardian's link may read, of the one child or ``student_id``.

    NotFoundError for a link that opens nothing, or a student who is not theirs; and
    TooManyRequestsError as in ``opened_by_link``.
    """
    try:
        guardian = guardian_of_link(token)
    except NotFoundError:
        limits.spend_on_wrong_link(address, now)
        raise
    limits.spend(limits.PARENT_READS, guardian.pk, now)
    children = list(children_of(guardian))
    note_opening_by_guardian(guardian, token, now=now)
    wanted = student_id or (children[0].pk if len(children) == 1 else None)
    if wanted is None:
        return Family(guardian, children, None)
    if wanted not in {child.pk for child in children}:
        raise NotFoundError("student", wanted)
    viewer = Viewer(student_id=wanted, day=business_day(now))
    return Family(guardian, children, family_view(viewer, now=now))
