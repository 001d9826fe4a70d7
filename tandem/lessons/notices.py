"""Telling families by mail: what is written in a letter, and when letters are made beforehand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse

from tandem.kit.named_sql import NamedStatements
from tandem.kit.time import business_day, day_starts, zone_or_business
from tandem.kit.transactions import one_transaction
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.outbox import Notice, NoticeSettings, every_notice
from tandem.lessons.queries import with_people
from tandem.people.guardians import children_of
from tandem.people.models import Account, Guardian, Student
from tandem.people.queries import viewer_of
from tandem.people.rules import check_owner

STATEMENTS = NamedStatements(Path(__file__).with_name("notices.sql"))
MAKE_BEFOREHAND = STATEMENTS.compose("make_beforehand")
What = SessionEvent.What
PARTS: Mapping[str, tuple[str, ...]] = {
    "cancelled": (What.CANCELLED, What.REMOVED),
    "moved": (What.MOVED,),
    "covered": (What.COVERED, What.HANDED_OVER, What.GIVEN_BACK),
    "planned": (What.PLANNED, What.REINSTATED),
}
"""The parts of a letter of changes, in their order, and the lines of history in each."""
TOLD_FROM = timedelta(hours=16)
"""In the business's zone: reminders go out at four on the day before, summaries on Sundays."""
SUNDAY = 6
MOST_LINES = 60
"""So many lessons stand in one letter; of more it says how many there are."""


@dataclass(frozen=True)
class Line:
    """A lesson as a letter tells it; ``was`` is when it would have been, of one that was moved."""

    day: str
    hours: str
    tutor: str
    subject: str
    was: str = ""


@dataclass
class Child:
    """What a letter tells of one child, part by part; all times are in ``zone``."""

    name: str
    zone: str
    parts: dict[str, list[Line]] = field(default_factory=dict)
    more: int = 0


@dataclass(frozen=True)
class Letter:
    """A letter as it is sent."""

    subject: str
    text: str
    html: str


def notice_settings() -> NoticeSettings:
    """Return whether families are told; one that is not saved where nobody has decided yet."""
    return NoticeSettings.objects.first() or NoticeSettings()


@one_transaction({})
def change_notices(
    *, actor: Account | None, now: datetime, is_on: bool, kinds: Iterable[str]
) -> NoticeSettings:
    """Switch notices on or off, and say which kinds there are. Owners only.

    What was made before and waits goes out all the same; switched off, nothing new is made.
    """
    check_owner(is_owner=viewer_of(actor).is_owner, doing="switch notices")
    chosen = [one for one in every_notice() if one in {*kinds}]
    row, _ = NoticeSettings.objects.update_or_create(
        id=1, defaults={"is_on": is_on, "kinds": chosen, "updated_at": now, "updated_by": actor}
    )
    return row


def make_beforehand(now: datetime) -> int:
    """Make the reminders and summaries that are due; return how many. None is made twice."""
    today = business_day(now)
    zone = zone_or_business("")
    if now < day_starts(today, zone) + TOLD_FROM:
        return 0
    tomorrow = today + timedelta(days=1)
    made = _made("reminder", tomorrow.isoformat(), day_starts(tomorrow, zone), 1)
    if today.weekday() == SUNDAY:
        made += _made("summary", tomorrow.isoformat(), day_starts(tomorrow, zone), 7)
    return made


def _made(kind: str, day: str, starts: datetime, days: int) -> int:
    values: dict[str, Any] = {
        "kind": kind,
        "deed": f"{kind} {day}",
        "starts": starts,
        "ends": starts + timedelta(days=days),
    }
    with connection.cursor() as cursor:
        cursor.execute(MAKE_BEFOREHAND, values)
        return int(cursor.rowcount)


def letter_of(notice: Notice) -> Letter | None:
    """Return the letter as things are now; None where there is nothing to tell any more."""
    guardian = notice.guardian
    ids = {child.pk: child for child in children_of(guardian)}
    if notice.kind == Notice.Kind.CHANGES:
        children = _changes(notice, ids)
    else:
        children = _planned(notice, ids)
    return written(notice.kind, guardian, children, link_of(guardian)) if children else None


def written(kind: str, guardian: Guardian, children: list[Child], link: str) -> Letter:
    """Return a letter about some children; ``link`` is the guardian's own page, or ''."""
    names = " and ".join(child.name for child in children)
    context = {"guardian": guardian, "children": children, "names": names, "link": link}
    path = f"letters/notices/{kind}"
    subject, text = (
        render_to_string(f"{path}_{part}.txt", context).strip() for part in ("subject", "text")
    )
    html = render_to_string(f"{path}.html", context)
    return Letter(" ".join(subject.split()), f"{text}\n", html)


def link_of(guardian: Guardian) -> str:
    """Return the address of a guardian's own page; '' without a link, or where no site is known."""
    token = guardian.link_token
    known = settings.BASE_URL and token
    return f"{settings.BASE_URL}{reverse('family', args=[token])}" if known else ""


def _changes(notice: Notice, children: Mapping[str, Student]) -> list[Child]:
    """What became of each lesson: the last that was done with it, of what lies ahead."""
    events = SessionEvent.objects.filter(pk__in=notice.about, student_id__in=children)
    lines = list(events.order_by("id"))
    rows = with_people(Session.objects.filter(pk__in={one.session_id for one in lines})).in_bulk()
    last = {one.session_id: one for one in lines}
    found: dict[str, Child] = {}
    for session_id, event in last.items():
        row, part = rows.get(session_id), _part_of(event, notice.guardian)
        if part is None or row is None or row.starts_at < event.at:
            continue
        child = found.setdefault(event.student_id, _child(children[event.student_id]))
        first = next(one for one in lines if one.session_id == session_id)
        before = first.details.get("from_start", "") if part == "moved" else ""
        _add(child, part, row, before)
    return _in_order(found)


def _planned(notice: Notice, children: Mapping[str, Student]) -> list[Child]:
    rows = Session.objects.filter(pk__in=notice.about, status=Session.Status.SCHEDULED)
    found: dict[str, Child] = {}
    for row in with_people(rows.filter(student__in=children).order_by("starts_at", "id")):
        child = found.setdefault(row.student_id, _child(children[row.student_id]))
        _add(child, "planned", row, "")
    return _in_order(found)


def _part_of(event: SessionEvent, guardian: Guardian) -> str | None:
    part = next((one for one, whats in PARTS.items() if event.what in whats), None)
    return part if part in guardian.notices else None


def _child(student: Student) -> Child:
    name = student.full_name.split()[0] if student.full_name.split() else "your child"
    return Child(name, zone_or_business(student.time_zone))


def _add(child: Child, part: str, row: Session, before: str) -> None:
    if sum(map(len, child.parts.values())) >= MOST_LINES:
        child.more += 1
        return
    subject = row.tutor_student.subject
    starts, ends = (
        moment.astimezone(ZoneInfo(child.zone)) for moment in (row.starts_at, row.ends_at)
    )
    line = Line(
        _day(starts),
        f"{starts:%H:%M} to {ends:%H:%M}",
        row.tutor.public_name,
        subject.name if subject else "",
        _when(before, child.zone),
    )
    child.parts.setdefault(part, []).append(line)


def _when(moment: str, zone: str) -> str:
    if not moment:
        return ""
    local = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
    return f"{_day(local)}, {local:%H:%M}"


def _day(local: datetime) -> str:
    return f"{local:%A} {local.day} {local:%B}"


def _in_order(found: Mapping[str, Child]) -> list[Child]:
    for child in found.values():
        child.parts = {one: child.parts[one] for one in PARTS if one in child.parts}
    return sorted(found.values(), key=lambda child: child.name)


def example(kind: str) -> Letter:
    """Return a letter of a kind as it would be sent, about people who are made up."""
    line = Line("Monday 7 December", "16:00 to 17:00", "Ben Okafor", "Physics")
    moved = Line(
        "Tuesday 8 December", "15:00 to 16:00", "Cara Lind", "Maths", "Monday 7 December, 15:00"
    )
    of_kind: dict[str, Any] = {"planned": [line]}
    if kind == Notice.Kind.CHANGES:
        of_kind = {"cancelled": [line], "moved": [moved], "covered": [line], "planned": [line]}
    child = Child("Ana", "Europe/London", of_kind)
    guardian = Guardian(full_name="Maria Ruiz")
    return written(kind, guardian, [child], f"{settings.BASE_URL}/family/…")
