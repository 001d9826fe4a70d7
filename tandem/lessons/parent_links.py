"""Opening a parent's link: nobody may go on guessing until one fits."""

from datetime import datetime

from tandem.kit.errors import NotFoundError
from tandem.lessons.queries import ParentView, parent_view
from tandem.people import limits
from tandem.people.parent_links import note_opening


def opened_by_link(token: str, *, address: str, now: datetime) -> ParentView:
    """Return what the holder of a link may read; ``address`` is where the request comes from.

    Raises NotFoundError for a link that is not, and TooManyRequestsError for an address that read
    or guessed too often: with a right link, too, so that a guess tells nothing.
    """
    limits.check(limits.WRONG_LINKS, address, now)
    limits.spend(limits.PARENT_READS, address, now)
    try:
        seen = parent_view(token, now=now)
    except NotFoundError:
        limits.spend(limits.WRONG_LINKS, address, now)
        raise
    note_opening(token, student_id=seen.student.pk, now=now)
    return seen
