"""What is written in a letter to a family: as things are when it is sent, in its reader's language.

A letter may wait for a mail server for days, and overtake another. So of a lesson it says how that
is now, and how it was when its reader was told last; see ``untold``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from tandem.kit.time import day_starts, place_of_zone, zone_or_business
from tandem.lessons.letter_texts import filled, own_text
from tandem.lessons.letter_words import ENGLISH, Words, words_for
from tandem.lessons.models import Session
from tandem.lessons.outbox import DAYS, LetterText, Notice
from tandem.lessons.queries import with_people
from tandem.lessons.untold import Change, Lesson, Told, changes_in, difference, lesson_of
from tandem.people.guardians import children_of
from tandem.people.models import Guardian, Student

PARTS = ("cancelled", "moved", "length", "place", "covered", "planned")
"""The parts of a letter of changes, in their order."""
ALL_PARTS = ("cancelled", "moved", "length", "place", "covered", "taken", "given", "planned")
"""The parts of letters in their order; tutors are told what they take over, and give away."""
CHOSEN_AS = {"place": "moved", "length": "moved"}
"""Whoever wants to hear that a lesson moves hears of another place and another length."""
MOST_LINES = 60
"""So many lessons of a child stand in one letter; of more it says how many there are."""


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


def letter_of(notice: Notice, now: datetime) -> Letter | None:
    """Return the letter as things are now; None where there is nothing to tell any more."""
    guardian = notice.guardian
    if guardian is None:
        raise ValueError("A letter to a family has a guardian.")
    words = words_for(guardian.language)
    students = {child.pk: child for child in children_of(guardian)}
    if notice.kind == Notice.Kind.CHANGES:
        found = [*_changed(notice.about, students, guardian)]
    else:
        found = _ahead(notice, students, now)
    told = [one for one in found if one[1].ends_at > now]
    if not told:
        return None
    children = children_told(told, students, words, now)
    own = own_text(notice.kind, words.language)
    link = link_of(guardian)
    return written(notice.kind, guardian.full_name, children, link=link, words=words, own=own)


def written(
    kind: str,
    reader: str,
    children: Sequence[Child],
    *,
    link: str,
    words: Words,
    own: LetterText | None = None,
) -> Letter:
    """Return a letter about some children; ``link`` is the reader's own page, or ''.

    ``own`` is what the business says itself in letters of this kind, in this language.
    """
    name = " ".join(reader.split())
    is_diary = kind == Notice.Kind.DIARY
    names = words.listed([child.name for child in children])
    own = own or LetterText()
    subject = " ".join(filled(own.subject or words.subjects[kind], names).split())
    context = {
        "words": words,
        "kind": kind,
        "title": subject,
        "greeting": words.greeting.format(name=name) if name else words.greeting_of_nobody,
        "intro": filled(own.intro, names) or words.intros[kind],
        "closing": filled(own.closing, names),
        "children": [_child_as_shown(kind, child, words) for child in children],
        "link": link,
        "fewer": words.fewer_for_tutors if is_diary else words.fewer,
    }
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


def example(kind: str, words: Words = ENGLISH, own: LetterText | None = None) -> Letter:
    """Return a letter of a kind as it would be sent, about people who are made up.

    ``own`` is as for ``written``.
    """
    monday = datetime(2026, 12, 7, 16, tzinfo=UTC)
    hour = timedelta(hours=1)
    lesson = Lesson("", monday, monday + hour, "Ben Okafor", "Physics")
    moved = Lesson("", monday + 23 * hour, monday + 24 * hour, "Cara Lind", "Maths", monday - hour)
    told = [("planned", lesson)]
    if kind == Notice.Kind.CHANGES:
        there = replace(lesson, place="https://meet.example/ana")
        longer = replace(lesson, was=monday, was_until=monday + hour / 2)
        lessons = {"moved": moved, "length": longer, "place": there}
        told = [(part, lessons.get(part, lesson)) for part in PARTS]
    if kind == Notice.Kind.DIARY:
        taken = replace(lesson, tutor=None)
        told = [("moved", replace(moved, tutor=None)), ("taken", taken), ("given", lesson)]
    student = Student(full_name="Ana Ruiz", time_zone="Europe/London")
    link = f"{settings.BASE_URL}/family/…" if settings.BASE_URL else ""
    children = children_told(told, {"": student}, words, monday)
    if kind == Notice.Kind.DIARY:
        return written(kind, "Dev Shah", children, link="", words=words, own=own)
    return written(kind, "Maria Ruiz", children, link=link, words=words, own=own)


def _changed(
    about: Iterable[int], students: Mapping[str, Student], guardian: Guardian
) -> Iterator[Told]:
    """What became of each lesson that lay ahead, of what the guardian wants to hear."""
    for one in changes_in(about):
        part, lesson = _part_of(one) or ("", None)
        if lesson is None or lesson.student_id not in students:
            continue
        if CHOSEN_AS.get(part, part) in guardian.notices and lesson.starts_at >= one.last.at:
            yield part, lesson


def _part_of(change: Change) -> Told | None:
    before, now = change.before, change.now
    if before is None:
        return ("planned", now) if now else None
    return difference(before, now) if now else ("cancelled", before)


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
    return [("planned", lesson_of(row)) for row in with_people(rows.order_by("starts_at", "id"))]


def children_told(
    told: list[Told], students: Mapping[str, Student], words: Words, now: datetime
) -> list[Child]:
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
            child.parts[part].append(_line(lesson, child.zone, words, now))
        else:
            child.more += 1
    return list(found.values())


def _line(lesson: Lesson, zone: str, words: Words, now: datetime) -> str:
    this_year = now.astimezone(ZoneInfo(zone)).year
    starts = lesson.starts_at.astimezone(ZoneInfo(zone))
    hours = _hours(lesson.starts_at, lesson.ends_at, zone, words)
    is_readers = lesson.tutor is None
    taught = "" if is_readers else words.taught_by.format(tutor=lesson.tutor or words.a_tutor)
    what = " ".join(filter(None, (lesson.subject, taught)))
    where = (
        "" if lesson.place is None else words.now_at.format(place=lesson.place or words.no_place)
    )
    line = ", ".join(filter(None, (words.date_of(starts, this_year), hours, what, where)))
    was = _was(lesson, zone, words, this_year)
    return f"{line} {was}" if was else line


def _was(lesson: Lesson, zone: str, words: Words, this_year: int) -> str:
    """Return when a lesson was; also up to when, where its length is another."""
    was, until = lesson.was, lesson.was_until
    if was is None:
        return ""
    local = was.astimezone(ZoneInfo(zone))
    day = words.date_of(local, this_year)
    if until is None or until - was == lesson.ends_at - lesson.starts_at:
        return words.was.format(day=day, time=f"{local:%H:%M}")
    hours = _hours(was, until, zone, words)
    if was == lesson.starts_at:
        return words.was_of_length.format(hours=hours)
    return words.was_from_to.format(day=day, hours=hours)


def _hours(starts_at: datetime, ends_at: datetime, zone: str, words: Words) -> str:
    starts, ends = (one.astimezone(ZoneInfo(zone)) for one in (starts_at, ends_at))
    return words.hours.format(starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}")


def _child_as_shown(kind: str, child: Child, words: Words) -> dict[str, Any]:
    """What a template needs to know; parts have headings in a letter of changes alone."""
    changes = kind in {Notice.Kind.CHANGES, Notice.Kind.DIARY}
    parts = [(words.parts[part] if changes else "", lines) for part, lines in child.parts.items()]
    return {
        "name": child.name,
        "zone": words.zone.format(place=place_of_zone(child.zone)),
        "parts": [(heading, lines) for heading, lines in parts if lines],
        "more": words.more.format(count=child.more) if child.more else "",
    }
