"""Opening a parent's link: nobody may go on guessing until one fits.

A right link is looked up first and never refused because of wrong ones: at a school many families
share an address, and one stale bookmark must not close the page to all of them. Whoever guesses
gains nothing by that: nobody guesses 64 bits. A link that could be guessed is the exception:
too many wrong ones from an address close it there, as nothing else keeps it until it is made anew.
"""

from datetime import datetime

from tandem.kit.errors import NotFoundError
from tandem.lessons.queries import ParentView, parent_view
from tandem.people import limits
from tandem.people.parent_links import note_opening
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
