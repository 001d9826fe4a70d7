"""The words that templates are written in."""

from datetime import datetime

from django import template
from django.utils import timezone

from tandem.insights.rows import RelationshipRow, relationship_row
from tandem.lessons.models import Session
from tandem.people.models import Student
from tandem.people.queries import Viewer
from tandem.relationships.models import TutorStudent
from tandem.web import lines, words
from tandem.web.lines import (
    CLOCK,
    DAY,
    RelationshipLine,
    SessionLine,
    SessionShown,
    relationship_line,
    row_of,
)

register = template.Library()
register.filter("year_words", lines.year_words)
register.filter("plain_number", words.plain_number)
register.filter("fault_sentences", words.fault_sentences)
register.filter("weakness_sentence", words.weakness_sentence)
register.filter("reason_sentence", words.reason_sentence)
register.filter("clash_sentence", words.clash_sentence)
register.filter("duration_words", words.duration_words)


@register.inclusion_tag("relationship_lines.html")
def relationship(
    row: TutorStudent | RelationshipRow, viewer: Viewer | None = None
) -> dict[str, list[RelationshipLine]]:
    """Show who teaches what, since when and how it stands: the same on every page.

    The tutor is a link where ``viewer`` (None: a parent) may see the tutor's record.
    """
    plain = row if isinstance(row, RelationshipRow) else relationship_row(row)
    return {"lines": [relationship_line(plain, viewer)]}


@register.inclusion_tag("session_lines.html")
def session(
    row: Session, now: datetime, names: str = "tutor", **how: bool
) -> dict[str, list[SessionLine]]:
    """Show one session; ``names`` and ``how`` are as in ``SessionShown``."""
    looked_up = "student, tutor" if how.get("repair") else names
    return {"lines": [SessionShown(now, names, **how).line(row_of(row, names=looked_up))]}


@register.filter
def named(student: Student) -> str:
    """Return a student's name; an imported one may have none."""
    return lines.named(student.full_name)


@register.filter
def first_name(student: Student, otherwise: str = "this student") -> str:
    """Return the first word of a student's name, for a sentence; ``otherwise`` without one."""
    return lines.first_name(student.full_name, otherwise)


@register.filter
def day(moment: datetime) -> str:
    """Return the date of a moment, with its weekday, in the zone of the page."""
    return timezone.localtime(moment).strftime(DAY)


@register.filter
def old_moment(text: str) -> str:
    """Return a moment that an old row holds as text; one that cannot be read stays as it was."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return f"“{text}”"
    return f"{day(moment)}, {timezone.localtime(moment):{CLOCK}}" if moment.tzinfo else text


@register.filter
def until(ends_at: datetime, starts_at: datetime) -> str:
    """Return when a session ends: the time, and the date where it is another one."""
    end, start = timezone.localtime(ends_at), timezone.localtime(starts_at)
    return end.strftime(CLOCK if end.date() == start.date() else f"{DAY}, {CLOCK}")


@register.filter
def zone_name(zone: str) -> str:
    """Return the words for a zone: 'America/New_York' is 'New York time'."""
    return f"{zone.rsplit('/', maxsplit=1)[-1].replace('_', ' ')} time"


@register.filter
def table_name(table: str) -> str:
    """Return the words for a table of the older application."""
    return words.TABLES.get(table, table)


@register.filter
def new_table_name(table: str) -> str:
    """Return the words for a table of Tandem's."""
    return words.NEW_TABLES.get(table, table)


@register.filter
def session_status(status: str) -> str:
    """Return the word for a status of sessions."""
    return str(Session.Status(status).label)


@register.filter
def signed(number: float) -> str:
    """Return a change with its sign, and none where there is no change."""
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return sign + words.plain_number(abs(number))
