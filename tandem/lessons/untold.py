"""What a reader was not told so far: how each lesson was, as far as they know, and how it is.

A letter tells the difference. So of what was moved and moved back before any letter went out, or
planned and removed, it tells nothing, and of the rest how things are now.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from tandem.lessons.former_links import links_by_id
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.outbox import Notice
from tandem.lessons.queries import with_people
from tandem.lessons.steps import HELD
from tandem.relationships.models import TutorStudent

What = SessionEvent.What
OF_CHANGES = frozenset({Notice.Kind.CHANGES, Notice.Kind.DIARY})
CHANGES_HANDS = frozenset({What.COVERED, What.HANDED_OVER, What.GIVEN_BACK})
PLACES = {"location", "meeting_link"}


@dataclass(frozen=True)
class Lesson:
    """A lesson as a letter tells it; ``was`` and ``was_until`` are its hours before other ones.

    ``place`` is where it is now, if that was changed; '' is nowhere that is named. ``by`` is the id
    of the tutor who holds it; ``tutor`` is what to call them, None for the reader.
    """

    student_id: str
    starts_at: datetime
    ends_at: datetime
    tutor: str | None
    subject: str
    was: datetime | None = None
    was_until: datetime | None = None
    by: str = ""
    place: str | None = None


Told = tuple[str, Lesson]
"""A part of a letter, and a lesson in it."""


@dataclass(frozen=True)
class Change:
    """A lesson ``before`` some lines of history, of which ``last`` is the last, and ``now``.

    None: it was not to be held, or is not any more.
    """

    last: SessionEvent
    before: Lesson | None
    now: Lesson | None


def untold(notice: Notice) -> list[Any]:
    """Return the lines of history that wait for a letter's reader, of the lessons it is about.

    Of a reminder or a summary, what it is about.
    """
    about: list[Any] = notice.about
    waiting = {pk for ids in _waiting_too(notice).values_list("about", flat=True) for pk in ids}
    if not waiting:
        return about
    lessons = SessionEvent.objects.filter(pk__in=about).values("session")
    more = SessionEvent.objects.filter(pk__in=waiting, session__in=lessons)
    return sorted({*about, *more.values_list("pk", flat=True)})


def as_known(notice: Notice, about: Sequence[Any]) -> list[Any]:
    """Return of these lines, which wait, those that its reader is to be told.

    What may have arrived counts as told for lessons that have changed since: whoever has read it
    would else never hear of that. Where nothing has changed since it is told again.
    """
    if notice.kind not in OF_CHANGES:
        return [*about]
    rows = Notice.objects.filter(pk=notice.pk) | _waiting_too(notice)
    handed = rows.filter(handed_over_at__isnull=False).values_list("about", flat=True)
    arrived = {pk for ids in handed for pk in ids}
    if arrived.isdisjoint(about):
        return [*about]
    lessons = dict(SessionEvent.objects.filter(pk__in=about).values_list("pk", "session_id"))
    changed = {lessons.get(one) for one in about if one not in arrived}
    return [one for one in about if one not in arrived or lessons.get(one) not in changed]


def note_told(notice: Notice, about: Iterable[Any], now: datetime) -> None:
    """Take lines that a letter told, or that came to nothing, from the reader's other letters."""
    told = {*about}
    for row in _waiting_too(notice):
        left = [one for one in row.about if one not in told]
        if len(left) < len(row.about):
            sent = {} if left else {"sent_at": now}
            Notice.objects.filter(pk=row.pk).update(about=left, **sent)


def _waiting_too(notice: Notice) -> QuerySet[Notice]:
    if notice.kind not in OF_CHANGES:
        return Notice.objects.none()
    reader = {"guardian": notice.guardian_id, "tutor": notice.tutor_id}
    rows = Notice.objects.filter(kind=notice.kind, sent_at=None, failure="", **reader)
    return rows.exclude(pk=notice.pk)


def changes_in(about: Iterable[int]) -> Iterator[Change]:
    """Yield what became of each lesson in these lines of history, unless it was held.

    A session that is gone has no row, but what its last line keeps.
    """
    found: dict[str, list[SessionEvent]] = {}
    for one in SessionEvent.objects.filter(pk__in=about).order_by("id"):
        found.setdefault(one.session_id, []).append(one)
    rows = with_people(Session.objects.filter(pk__in=found)).in_bulk()
    gone = _removed(found.keys() - rows.keys())
    links = links_by_id(one.details.get("from") for lines in found.values() for one in lines)
    for session_id, lines in found.items():
        row = rows.get(session_id)
        there = lesson_of(row) if row else gone.get(session_id)
        if there is None or (row and row.status in HELD):
            continue
        is_on = row is not None and row.status == Session.Status.SCHEDULED
        before = _before(lines, there, links) if _was_on(lines, is_on=is_on) else None
        if row and any(map(_changes_place, lines)):
            there = replace(there, place=_place(row))
        yield Change(lines[-1], before, there if is_on else None)


def difference(before: Lesson, now: Lesson) -> Told | None:
    """Return what is told of a lesson that is held as before: other hours, tutor or place."""
    if (before.starts_at, before.ends_at) != (now.starts_at, now.ends_at):
        part = "length" if before.starts_at == now.starts_at else "moved"
        return part, replace(now, was=before.starts_at, was_until=before.ends_at)
    if before.by != now.by:
        return "covered", now
    return None if now.place is None else ("place", now)


def lesson_of(row: Session) -> Lesson:
    """Return a lesson as it is."""
    subject = row.tutor_student.subject
    name = subject.name if subject else ""
    who, tutor = row.student_id, row.tutor.full_name
    return Lesson(who, row.starts_at, row.ends_at, tutor, name, by=row.tutor_id)


def _was_on(lines: Sequence[SessionEvent], *, is_on: bool) -> bool:
    """Tell whether a lesson was to be held before these lines: by the first that says so."""
    for one in lines:
        if one.what in {What.PLANNED, What.REINSTATED}:
            return False
        if one.what == What.CANCELLED:
            return True
        if one.what == What.REMOVED:
            return bool(one.details.get("status") == Session.Status.SCHEDULED)
    return is_on


def _before(
    lines: Sequence[SessionEvent], there: Lesson, links: Mapping[str, TutorStudent]
) -> Lesson:
    """Return a lesson as it was before these lines: its hours, and who held it."""
    moves = (one.details for one in lines if one.details.get("from_start"))
    if move := next(moves, None):
        hours = (datetime.fromisoformat(move[one]) for one in ("from_start", "from_end"))
        starts_at, ends_at = hours
        there = replace(there, starts_at=starts_at, ends_at=ends_at)
    hands = (one.details.get("from") for one in lines if one.what in CHANGES_HANDS)
    link = links.get(str(next(hands, "")))
    return replace(there, by=link.tutor_id, tutor=link.tutor.full_name) if link else there


def _changes_place(event: SessionEvent) -> bool:
    """Tell whether a line says that a lesson is held elsewhere, or at another address online."""
    return event.what == What.EDITED and not PLACES.isdisjoint(event.details.get("fields") or [])


def _place(row: Session) -> str:
    there = (" ".join(one.split()) for one in (row.location, row.meeting_link) if one)
    return ", ".join(filter(None, there))


def _removed(session_ids: Iterable[str]) -> dict[str, Lesson]:
    """Return what their last lines of history keep of sessions that are gone."""
    if not session_ids:
        return {}
    rows = SessionEvent.objects.filter(session__in=session_ids, what=What.REMOVED)
    lines = [one for one in rows.order_by("id") if one.details.get("start")]
    links = links_by_id(one.details["tutor_student"] for one in lines)
    return {
        one.session_id: _from_details(one, links.get(one.details["tutor_student"])) for one in lines
    }


def _from_details(event: SessionEvent, link: TutorStudent | None) -> Lesson:
    starts_at, ends_at = (datetime.fromisoformat(event.details[one]) for one in ("start", "end"))
    subject = link.subject.name if link and link.subject else ""
    tutor = link.tutor.full_name if link else ""
    by = link.tutor_id if link else ""
    return Lesson(event.student_id, starts_at, ends_at, tutor, subject, by=by)
