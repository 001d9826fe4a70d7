"""What is written in a letter to a family: as things are when it is sent, in its reader's language.

A letter may wait for a mail server for days, and overtake another. So of a lesson it says only what
is still so; what became of it since, another letter says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from tandem.kit.time import day_starts, zone_or_business
from tandem.lessons.letter_words import ENGLISH, Words, words_for
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.outbox import DAYS, Notice
from tandem.lessons.queries import with_people
from tandem.people.guardians import children_of
from tandem.people.models import Guardian, Student
from tandem.relationships.models import TutorStudent

What = SessionEvent.What
PARTS: Mapping[str, tuple[str, ...]] = {
    "cancelled": (What.CANCELLED, What.REMOVED),
    "moved": (What.MOVED,),
    "place": (What.EDITED,),
    "covered": (What.COVERED, What.HANDED_OVER, What.GIVEN_BACK),
    "planned": (What.PLANNED, What.REINSTATED),
}
"""The parts of a letter of changes, in their order, and the lines of history in each."""
ALL_PARTS = ("cancelled", "moved", "place", "covered", "taken", "given", "planned")
"""The parts of letters in their order; tutors are told what they take over, and give away."""
CHOSEN_AS = {"place": "moved"}
"""Whoever wants to hear that a lesson moves hears that it moves to another place."""
PLACES = {"location", "meeting_link"}
MOST_LINES = 60
"""So many lessons of a child stand in one letter; of more it says how many there are."""


@dataclass(frozen=True)
class Lesson:
    """A lesson as a letter tells it; ``was`` is when a moved one would have begun.

    ``place`` is where it is now, if that was changed; '' is nowhere that is named. ``by`` is the id
    of the tutor who holds it; ``tutor`` is what to call them, None for the reader.
    """

    student_id: str
    starts_at: datetime
    ends_at: datetime
    tutor: str | None
    subject: str
    was: datetime | None = None
    by: str = ""
    place: str | None = None


@dataclass
class Child:
    """What a letter tells of one child: lines, part by part; all times are in ``zone``."""

    name: str
    zone: str
    parts: dict[str, list[str]] = field(default_factory=dict)
    more: int = 0


@dataclass(frozen=True)
class Letter:
    """A letter as it is sent."""

    subject: str
    text: str
    html: str


Told = tuple[str, Lesson]
"""A part of a letter, and a lesson in it."""


def letter_of(notice: Notice, now: datetime) -> Letter | None:
    """Return the letter as things are now; None where there is nothing to tell any more."""
    guardian = notice.guardian
    if guardian is None:
        raise ValueError("A letter to a family has a guardian.")
    words = words_for(guardian.language)
    students = {child.pk: child for child in children_of(guardian)}
    if notice.kind == Notice.Kind.CHANGES:
        found = _changed(notice.about, students, guardian)
    else:
        found = _ahead(notice, students, now)
    told = [one for one in found if one[1].ends_at > now]
    if not told:
        return None
    children = children_told(told, students, words)
    return written(notice.kind, guardian.full_name, children, link=link_of(guardian), words=words)


def written(
    kind: str, reader: str, children: Sequence[Child], *, link: str, words: Words
) -> Letter:
    """Return a letter about some children; ``link`` is the reader's own page, or ''."""
    name = " ".join(reader.split())
    is_diary = kind == Notice.Kind.DIARY
    names = words.listed([child.name for child in children])
    context = {
        "words": words,
        "kind": kind,
        "greeting": words.greeting.format(name=name) if name else words.greeting_of_nobody,
        "intro": words.intros[kind],
        "children": [_child_as_shown(kind, child, words) for child in children],
        "link": link,
        "fewer": words.fewer_for_tutors if is_diary else words.fewer,
    }
    subject = " ".join(words.subjects[kind].format(names=names).split())
    text = render_to_string("letters/notices/letter.txt", context).strip()
    return Letter(subject, f"{text}\n", render_to_string("letters/notices/letter.html", context))


def link_of(guardian: Guardian) -> str:
    """Return the address of a guardian's own page; '' without a link, or where no site is known."""
    token = guardian.link_token
    known = settings.BASE_URL and token
    return f"{settings.BASE_URL}{reverse('family', args=[token])}" if known else ""


def names_of(students: Iterable[Student], words: Words) -> list[str]:
    """Return what to call children in a letter: by first names, where these tell them apart."""
    full = [" ".join(one.full_name.split()) or words.your_child for one in students]
    first = [name if name == words.your_child else name.split()[0] for name in full]
    return [
        short if first.count(short) == 1 else long for short, long in zip(first, full, strict=True)
    ]


def example(kind: str, words: Words = ENGLISH) -> Letter:
    """Return a letter of a kind as it would be sent, about people who are made up."""
    monday = datetime(2026, 12, 7, 16, tzinfo=UTC)
    hour = timedelta(hours=1)
    lesson = Lesson("", monday, monday + hour, "Ben Okafor", "Physics")
    moved = Lesson("", monday + 23 * hour, monday + 24 * hour, "Cara Lind", "Maths", monday - hour)
    told = [("planned", lesson)]
    if kind == Notice.Kind.CHANGES:
        there = replace(lesson, place="https://meet.example/ana")
        lessons = {"moved": moved, "place": there}
        told = [(part, lessons.get(part, lesson)) for part in PARTS]
    if kind == Notice.Kind.DIARY:
        own = replace(lesson, tutor=None)
        told = [("moved", replace(moved, tutor=None)), ("taken", own), ("given", lesson)]
    student = Student(full_name="Ana Ruiz", time_zone="Europe/London")
    link = f"{settings.BASE_URL}/family/…"
    children = children_told(told, {"": student}, words)
    if kind == Notice.Kind.DIARY:
        return written(kind, "Dev Shah", children, link="", words=words)
    return written(kind, "Maria Ruiz", children, link=link, words=words)


def _changed(
    about: Iterable[int], students: Mapping[str, Student], guardian: Guardian
) -> list[Told]:
    """What became of each lesson that lay ahead: the last that was done with it."""
    found = []
    for event, row, lesson in last_events(about):
        part = _part_of(event)
        if CHOSEN_AS.get(part, part) not in guardian.notices or event.student_id not in students:
            continue
        if (part == "cancelled") != is_on(row) and lesson.starts_at >= event.at:
            found.append((part, lesson if part == "moved" else replace(lesson, was=None)))
    return found


def last_events(about: Iterable[int]) -> Iterator[tuple[SessionEvent, Session | None, Lesson]]:
    """Yield, of each session in these lines of history, the last line, its row, and the lesson.

    That it is held elsewhere is the last line only where nothing else became of it.
    A session that is gone has no row, but what its last line keeps. The lesson says when it would
    have been, where one of the lines moved it.
    """
    lines = list(SessionEvent.objects.filter(pk__in=about).order_by("id"))
    rows = with_people(Session.objects.filter(pk__in={one.session_id for one in lines})).in_bulk()
    gone = _removed({one.session_id for one in lines} - rows.keys())
    by_weight = sorted(lines, key=lambda one: one.what != What.EDITED)
    elsewhere = {one.session_id for one in lines if changes_place(one)}
    for session_id, event in {one.session_id: one for one in by_weight}.items():
        row = rows.get(session_id)
        lesson = _lesson(row, _was(lines, session_id)) if row else gone.get(session_id)
        if lesson and row and session_id in elsewhere:
            lesson = replace(lesson, place=_place(row))
        if lesson:
            yield event, row, lesson


def changes_place(event: SessionEvent) -> bool:
    """Tell whether a line says that a lesson is held elsewhere, or at another address online."""
    return event.what == What.EDITED and not PLACES.isdisjoint(event.details.get("fields") or [])


def _place(row: Session) -> str:
    there = (" ".join(one.split()) for one in (row.location, row.meeting_link) if one)
    return ", ".join(filter(None, there))


def _ahead(notice: Notice, students: Mapping[str, Student], now: datetime) -> list[Told]:
    """What is still planned of the days that the letter is about, and has not begun."""
    day = date.fromisoformat(notice.deed.split()[-1])
    until = day_starts(day + timedelta(days=DAYS[Notice.Kind(notice.kind)]), zone_or_business(""))
    since = max(now, day_starts(day, zone_or_business("")))
    rows = Session.objects.filter(
        pk__in=notice.about,
        student__in=students,
        status=Session.Status.SCHEDULED,
        starts_at__gte=since,
        starts_at__lt=until,
    )
    return [("planned", _lesson(row)) for row in with_people(rows.order_by("starts_at", "id"))]


def is_on(row: Session | None) -> bool:
    """Tell whether a session is still to be held."""
    return row is not None and row.status == Session.Status.SCHEDULED


def _part_of(event: SessionEvent) -> str:
    return next((one for one, whats in PARTS.items() if event.what in whats), "")


def _was(lines: Sequence[SessionEvent], session_id: str) -> datetime | None:
    moves = (one.details for one in lines if one.session_id == session_id)
    before = next((one["from_start"] for one in moves if one.get("from_start")), None)
    return datetime.fromisoformat(before) if before else None


def _lesson(row: Session, was: datetime | None = None) -> Lesson:
    subject = row.tutor_student.subject
    name = subject.name if subject else ""
    tutor, who = row.tutor.full_name, row.student_id
    return Lesson(who, row.starts_at, row.ends_at, tutor, name, was, by=row.tutor_id)


def _removed(session_ids: Iterable[str]) -> dict[str, Lesson]:
    """Return what their last lines of history keep of sessions that are gone."""
    if not session_ids:
        return {}
    rows = SessionEvent.objects.filter(session__in=session_ids, what=What.REMOVED)
    lines = [one for one in rows.order_by("id") if one.details.get("start")]
    links = TutorStudent.objects.select_related("tutor", "subject").in_bulk(
        {one.details["tutor_student"] for one in lines}
    )
    return {
        one.session_id: _from_details(one, links.get(one.details["tutor_student"])) for one in lines
    }


def _from_details(event: SessionEvent, link: TutorStudent | None) -> Lesson:
    starts_at, ends_at = (datetime.fromisoformat(event.details[one]) for one in ("start", "end"))
    subject = link.subject.name if link and link.subject else ""
    tutor = link.tutor.full_name if link else ""
    by = link.tutor_id if link else ""
    return Lesson(event.student_id, starts_at, ends_at, tutor, subject, by=by)


def children_told(told: list[Told], students: Mapping[str, Student], words: Words) -> list[Child]:
    """Return what is told child by child, in their order, and part by part."""
    wanted = {lesson.student_id for _, lesson in told}
    there = {pk: one for pk, one in students.items() if pk in wanted}
    names = names_of(there.values(), words)
    found = {
        pk: Child(name, zone_or_business(one.time_zone), {part: [] for part in ALL_PARTS})
        for (pk, one), name in zip(there.items(), names, strict=True)
    }
    for part, lesson in told:
        child = found[lesson.student_id]
        if sum(map(len, child.parts.values())) < MOST_LINES:
            child.parts[part].append(_line(lesson, child.zone, words))
        else:
            child.more += 1
    return list(found.values())


def _line(lesson: Lesson, zone: str, words: Words) -> str:
    starts, ends = (
        moment.astimezone(ZoneInfo(zone)) for moment in (lesson.starts_at, lesson.ends_at)
    )
    hours = words.hours.format(starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}")
    is_readers = lesson.tutor is None
    taught = "" if is_readers else words.taught_by.format(tutor=lesson.tutor or words.a_tutor)
    what = " ".join(filter(None, (lesson.subject, taught)))
    where = (
        "" if lesson.place is None else words.now_at.format(place=lesson.place or words.no_place)
    )
    line = ", ".join(filter(None, (words.date_of(starts), hours, what, where)))
    if lesson.was is None:
        return line
    was = lesson.was.astimezone(ZoneInfo(zone))
    return f"{line} {words.was.format(day=words.date_of(was), time=f'{was:%H:%M}')}"


def _child_as_shown(kind: str, child: Child, words: Words) -> dict[str, Any]:
    """What a template needs to know; parts have headings in a letter of changes alone."""
    changes = kind in {Notice.Kind.CHANGES, Notice.Kind.DIARY}
    parts = [(words.parts[part] if changes else "", lines) for part, lines in child.parts.items()]
    return {
        "name": child.name,
        "zone": words.zone.format(zone=child.zone),
        "parts": [(heading, lines) for heading, lines in parts if lines],
        "more": words.more.format(count=child.more) if child.more else "",
    }
