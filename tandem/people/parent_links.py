"""What is known of a parent's link: until when it opens, and on which day it was last opened."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import connection

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.named_sql import NamedStatements
from tandem.kit.time import business_day
from tandem.people.link_keys import link_keys
from tandem.people.models import ParentLink
from tandem.people.queries import Viewer, teaches_now, visible_student
from tandem.people.rules import check_student_editor, has_ended

STATEMENTS = NamedStatements(Path(__file__).with_name("parent_links.sql"))
NOTE_OPENING = STATEMENTS.compose("note_opening")


@dataclass(frozen=True)
class LinkFacts:
    """A student's link, by its ``token``; without one there is none, and all else is None."""

    token: str | None
    last_day: date | None
    opened_on: date | None


def parent_link(viewer: Viewer, student_id: str) -> LinkFacts:
    """Return what is known of a student's link, for an owner and for who teaches them now.

    Who may only read is not told the token. NotFoundError or ForbiddenError for everybody else.
    """
    student = visible_student(viewer, student_id)
    check_student_editor(is_owner=viewer.is_owner, teaches_now=teaches_now(viewer, student_id))
    known = ParentLink.objects.filter(student=student_id).first() or ParentLink()
    token = None if viewer.read_only else student.parent_link_token
    return LinkFacts(token, known.last_day, known.opened_on)


def check_link_opens(link: LinkFacts, now: datetime) -> None:
    """ConflictError for a link whose last day is past: to send it helps nobody."""
    if has_ended(link.last_day, business_day(now)):
        raise ConflictError(
            "link_ended",
            _("This link opens nothing any more. Make a new link first, then send it."),
        )


def note_opening(token: str, *, student_id: str, now: datetime) -> None:
    """Note the day, in the business's zone, on which a link was opened: one write a day."""
    today = business_day(now)
    if ParentLink.objects.filter(student=student_id, opened_on=today).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(NOTE_OPENING, {"forms": link_keys().forms_of(token), "day": today})
