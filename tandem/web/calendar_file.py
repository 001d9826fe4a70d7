"""A calendar as a file that calendar programs read (iCalendar, RFC 5545). No database."""

from datetime import timedelta

from icalendar import Calendar as CalendarFile
from icalendar import Event as EventPart
from icalendar import vDuration

from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_noop as mark
from tandem.lessons.calendar_feeds import Calendar, Event
from tandem.people.business import business_name
from tandem.people.calendar_feeds import Kind

ASK_AGAIN = timedelta(hours=1)
NAMES = {Kind.TUTOR: mark("{business}: my sessions"), Kind.OWNER: mark("{business}: all sessions")}
JOINERS = "\u200c\u200d"


def calendar_file(calendar: Calendar) -> bytes:
    """Return the file, with every hour in UTC: right whatever clocks do at its reader's.

    The same calendar gives the same bytes.
    """
    made = CalendarFile()
    name = _name(calendar)
    for key, value in (
        ("prodid", "-//Tandem//Tandem//EN"),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
        ("x-wr-calname", name),
        ("name", name),
        ("x-published-ttl", vDuration(ASK_AGAIN)),
    ):
        made.add(key, value)
    made.add("refresh-interval", vDuration(ASK_AGAIN), parameters={"VALUE": "DURATION"})
    for event in calendar.events:
        made.add_component(_part(event, calendar))
    return bytes(made.to_ical())


def _name(calendar: Calendar) -> str:
    if name := NAMES.get(Kind(calendar.kind)):
        return _(name).format(business=business_name())
    about = _printable(calendar.about) or _("sessions")
    return _("{business}: {about}").format(business=business_name(), about=about)


def _part(event: Event, calendar: Calendar) -> EventPart:
    part = EventPart()
    part.add("uid", event.uid)
    part.add("sequence", event.sequence)
    part.add("dtstamp", event.changed_at)
    part.add("last-modified", event.changed_at)
    part.add("dtstart", event.starts_at)
    part.add("dtend", max(event.ends_at, event.starts_at))
    part.add("summary", _summary(event, calendar))
    part.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    part.add("transp", "TRANSPARENT" if event.cancelled else "OPAQUE")
    if place := _printable(event.location) or _printable(event.meeting_link):
        part.add("location", place)
    if link := _printable(event.meeting_link):
        part.add("description", link)
    return part


def _summary(event: Event, calendar: Calendar) -> str:
    """Return "Maths with Ben" for a tutor, "Ana: Maths with Ben" for a family, and for an owner
    "Ben: Maths with Ana"; the session's title before it, and "Cancelled" before all.
    """
    names = [_printable(name) or _("somebody") for name in event.people]
    before = _printable(calendar.about) if calendar.kind == Kind.FAMILY else ""
    if calendar.kind == Kind.OWNER:
        before, *names = names
    subject = _printable(event.subject) or _("Session")
    people = ", ".join(names) or _("somebody")
    told = _("{subject} with {people}").format(subject=subject, people=people)
    told = f"{before}: {told}" if before else told
    title = _printable(event.title)
    told = f"{title} ({told})" if title else told
    return _("Cancelled: {session}").format(session=told) if event.cancelled else told


def _printable(text: str) -> str:
    """Return text on one line, without what no calendar may hold; '' where nothing is seen of it.

    What joins pictures, or keeps letters apart, is not printed itself but belongs to them.
    """
    kept = (one if one.isprintable() or one in JOINERS else " " for one in text)
    told = " ".join("".join(kept).split())
    return told if told.strip(f"{JOINERS} ") else ""
