"""The words that templates are written in."""

from datetime import date, datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from tandem.insights.rows import RelationshipRow, relationship_row
from tandem.kit.dates import day_words, plain_day_words
from tandem.kit.language import gettext as _
from tandem.kit.time import zone_words
from tandem.lessons.models import Session
from tandem.lessons.series_conflicts import Conflict
from tandem.people.devices import device_words as words_for_device
from tandem.people.models import Account, Student, Tutor
from tandem.people.queries import Viewer
from tandem.relationships.models import TutorStudent
from tandem.web import lines, words
from tandem.web.durations import duration_words
from tandem.web.lines import (
    CLOCK,
    SessionLine,
    SessionShown,
    relationship_line,
    row_of,
)
from tandem.web.shares import outcomes_of, share_words

register = template.Library()
register.filter("year_words", lines.year_words)
register.filter("plain_number", words.plain_number)
register.filter("grouped", words.grouped)
register.filter("share_of", share_words)
register.filter("outcomes_of", outcomes_of)
register.filter("fault_sentences", words.fault_sentences)
register.filter("weakness_sentence", words.weakness_sentence)
register.filter("reason_sentence", words.reason_sentence)
register.filter("clash_sentence", words.clash_sentence)
register.filter("clash_line", words.clash_line)
register.filter("duration_words", duration_words)
register.filter("language_name", words.language_name)


@register.simple_tag
def here(request: HttpRequest, area: str, *others: str) -> SafeString:
    """Mark a link of the navigation: as this page, or as the area in which this page is.

    ``area`` is the page's name and the first part of the addresses below it; ``others`` are further
    first parts.
    """
    match = request.resolver_match
    if match is not None and match.url_name == area:
        return mark_safe(' aria-current="page"')
    below = request.path.split("/")[1] in {area, *others}
    return mark_safe(' aria-current="true"' if below else "")  # noqa: S308 - a constant


@register.inclusion_tag("relationship_lines.html")
def relationship(
    row: TutorStudent | RelationshipRow,
    viewer: Viewer | None = None,
    *,
    foretold: bool = False,
    of_tutor: bool = False,
) -> dict[str, Any]:
    """Show who teaches what, since when and how it stands: the same on every page.

    The tutor is a link where ``viewer`` (None: a parent) may see the tutor's record. ``foretold``:
    it is as a preview would have it. ``of_tutor``: on the page of the tutor, whose name stands
    above.
    """
    if isinstance(row, RelationshipRow):
        plain = row
    else:
        day = viewer.day if viewer else None  # the one on which it was read
        read: bool | None = getattr(row, "primary_on_day", None)
        plain = relationship_row(row, day, is_foretold=foretold, is_primary=read)
        if viewer is None:
            plain = plain._replace(tutor_name=row.tutor.public_name)
    return {"lines": [relationship_line(plain, viewer)], "of_tutor": of_tutor}


@register.inclusion_tag("session_lines.html")
def session(
    row: Session, now: datetime, names: str = "tutor", **how: Any
) -> dict[str, list[SessionLine]]:
    """Show one session; ``names`` and ``how`` are as in ``SessionShown``."""
    looked_up = "student, tutor" if how.get("repair") else names
    shown = row_of(row, names=looked_up, for_parent=how.get("for_parent", False))
    return {"lines": [SessionShown(now, names, **how).line(shown)]}


@register.filter
def told_to(account: Account, viewer: Viewer) -> str:
    """Return who somebody is, as ``viewer`` may know it."""
    return account.told_to(is_owner=viewer.is_owner)


@register.filter
def device_words(kept: str) -> str:
    """Return what is kept of a browser in the reader's language: Firefox on Windows."""
    return words_for_device(kept)


@register.filter
def named(person: Student | Tutor) -> str:
    """Return a student's name, as an imported one may have none; or what a tutor is called."""
    return str(person) if isinstance(person, Tutor) else lines.named(person.full_name)


@register.filter
def first_name(student: Student, otherwise: str = "") -> str:
    """Return the first word of a student's name, for a sentence; ``otherwise`` without one."""
    return lines.first_name(student.full_name, otherwise)


@register.filter
def day(moment: date) -> str:
    """Return a date, or that of a moment in the zone of the page, with its weekday."""
    return day_words(_here(moment))


@register.filter
def conflict_words(conflict: Conflict) -> str:
    """Return a date on which a lesson cannot be, why, and the hours of what is there."""
    said, busy = f"{day_words(conflict.date)}: {conflict.sentence}", conflict.busy_with
    if busy is None:
        return said
    starts, ends = timezone.localtime(busy.starts_at), timezone.localtime(busy.ends_at)
    hours = _("{starts} to {ends}").format(starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}")
    when = hours if starts.date() == conflict.date else f"{day_words(starts)}, {hours}"
    return f"{said.rstrip('.')}: {when}."


@register.filter
def plain_day(moment: date) -> str:
    """Return the same without its weekday."""
    return plain_day_words(_here(moment))


def _here(moment: date) -> date:
    return timezone.localtime(moment) if isinstance(moment, datetime) else moment


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
    return lines.ends_words(timezone.localtime(starts_at), timezone.localtime(ends_at))


@register.filter
def zone_name(zone: str) -> str:
    """Return the words for a zone: 'America/New_York' is 'New York time'."""
    return zone_words(zone)


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
    return str(lines.SESSION_WORDS[status])


@register.filter
def signed(number: float) -> str:
    """Return a change with its sign, and none where there is no change."""
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return sign + words.plain_number(abs(number))
