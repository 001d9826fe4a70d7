"""A session and a relationship in one line, ready for the template: words, marks and addresses.

A page may have three hundred of them. What a template would look up, convert and reverse for each
is made here once, in plain Python.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import quote

from django.utils import timezone

from tandem.insights.lists import relationships_of_students
from tandem.insights.page_rows import SessionOnPage, StudentOnPage
from tandem.insights.rows import RelationshipRow
from tandem.kit.dates import day_words
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.named_sql import run_read
from tandem.lessons.models import Session
from tandem.lessons.rules import is_recordable
from tandem.people.days import OPEN
from tandem.people.queries import BEGUN, Viewer
from tandem.relationships.models import TutorStudent
from tandem.web.addresses import SAFE, address
from tandem.web.durations import MINUTE, duration_words
from tandem.web.session_texts import Text, beginning_of, texts_of
from tandem.web.shares import OUTCOMES
from tandem.web.words import fault_sentences

CLOCK = "%H:%M"
SESSION_WORDS = {str(status): label for status, label in Session.Status.choices}
RELATIONSHIP_WORDS = {
    **{str(status): label for status, label in TutorStudent.Status.choices},
    "planned": gettext_lazy("Planned"),
}
SCHEDULED = str(Session.Status.SCHEDULED)
UNEXPECTED = frozenset({str(Session.Status.CANCELLED), str(Session.Status.NO_SHOW)})


@dataclass(frozen=True, slots=True)
class RelationshipLine:
    """Who teaches what, since when and how it stands; no ``tutor_url``: the tutor is no link."""

    tutor: str
    tutor_url: str
    subject: str
    is_primary: bool
    is_cover: bool
    is_to_be_paused: bool
    """Whether it is paused when it begins, which lies ahead."""
    status: str
    status_words: str
    dates: str


@dataclass(frozen=True, slots=True)
class SessionLine:
    """When a session is, of whom, and what came of it.

    Empty words are not shown. ``is_remarked``: it has a title, faults or a repair, which few have.
    A ``bare`` one has no place for texts.
    """

    status: str
    url: str
    starts: str
    day: str
    hours: str
    mark: str
    is_now: bool
    is_next: bool
    student: str
    student_url: str
    tutor: str
    subject: str
    title: str
    faults: Sequence[str]
    repair_url: str
    repair_day: str
    is_remarked: bool
    bare: bool
    texts: Sequence[Text]
    cancel_url: str = ""
    """Where a family says that it cannot come."""
    record_url: str = ""
    """Where it is recorded how it went."""
    held_url: str = ""
    """Where one press records that it was held."""


@dataclass(frozen=True, slots=True)
class SessionShown:
    """How sessions are shown on a page: as of ``now``, and what is said of each.

    ``names`` says who is named: 'tutor', 'student', both or ''. A ``bare`` one says only when and
    what. What is wrong with an imported one is the business's to repair, so a parent is not told.
    One that ``records`` offers to record what has begun.
    """

    now: datetime
    names: str = "tutor"
    dated: bool = True
    for_parent: bool = False
    bare: bool = False
    linked: bool = True
    repair: bool = False
    records: bool = False
    cancel: str = ""
    """The address of a family's page, behind which it says that it cannot come; '' where not."""
    next_at: datetime | None = None
    """When the lesson begins that is the next, where that is said of it."""
    cancelled_by: Mapping[str, str] = field(default_factory=dict)
    """For whom sessions were called off, by their ids, where that is said."""

    def line(self, row: SessionOnPage) -> SessionLine:
        """Return one session as it is shown; it is marked only where it is not as one expects."""
        start = timezone.localtime(row.starts_at)
        is_now = row.status == SCHEDULED and row.starts_at <= self.now < row.ends_at
        names_student = "student" in self.names
        faults = fault_sentences(row.legacy_fault) if row.legacy_fault and self._tells else ()
        return SessionLine(
            status=row.status,
            url=address("session", row.id) if self._is_linked else "",
            starts=start.isoformat(),
            day=day_words(start) if self.dated else "",
            hours=hours_words(start, timezone.localtime(row.ends_at)),
            mark=self._mark(row),
            is_now=is_now,
            is_next=self._is_next(row),
            student=named(row.student_name) if names_student or self.repair else "",
            student_url=address("student", row.student_id) if names_student else "",
            tutor=row.tutor_name if "tutor" in self.names else "",
            subject=row.subject or "",
            title=row.title or "",
            faults=faults,
            repair_url=address("repair_session", row.id) if self.repair else "",
            repair_day=day_words(start) if self.repair else "",
            is_remarked=bool(row.title or faults or self.repair),
            bare=self.bare,
            texts=() if self.bare else self._texts(row),
            cancel_url=self._cancel_url(row),
            **self._recorded_at(row),
        )

    def _recorded_at(self, row: SessionOnPage) -> dict[str, str]:
        if not self.records or row.status != SCHEDULED or row.legacy_fault:
            return {}
        if not is_recordable(row.starts_at, self.now):
            return {}
        its = address("session", row.id)
        return {"record_url": f"{its}/complete?from=today", "held_url": f"{its}/held?from=today"}

    def _cancel_url(self, row: SessionOnPage) -> str:
        if not self.cancel or row.status != SCHEDULED or row.starts_at <= self.now:
            return ""
        return f"{self.cancel}/sessions/{quote(row.id, safe=SAFE)}/cancel"

    def _texts(self, row: SessionOnPage) -> list[Text]:
        """Return the texts; where its page is one step away, long ones only begin here."""
        texts = texts_of(row)
        return [*map(beginning_of, texts)] if self._is_linked else texts

    @property
    def _tells(self) -> bool:
        return not (self.for_parent or self.bare)

    @property
    def _is_linked(self) -> bool:
        return self.linked and self._tells

    def _mark(self, row: SessionOnPage) -> str:
        if by := self.cancelled_by.get(row.id):
            return str(OUTCOMES[f"by_{by}"])
        if row.status != SCHEDULED:
            return str(SESSION_WORDS[row.status]) if row.status in UNEXPECTED else ""
        if row.ends_at <= self.now:
            return _("Not recorded yet")
        if self._is_next(row):
            return _("Next, in {time}").format(time=duration_words(self._time_until(row)))
        return _("Now") if row.starts_at <= self.now else ""

    def _is_next(self, row: SessionOnPage) -> bool:
        return row.status == SCHEDULED and row.starts_at == self.next_at

    def _time_until(self, row: SessionOnPage) -> timedelta:
        """Return how long it is until a lesson begins, in whole minutes that are not yet over."""
        return -((self.now - row.starts_at) // MINUTE) * MINUTE


@dataclass(frozen=True, slots=True)
class StudentLine:
    """A student in a list, with who teaches them."""

    url: str
    name: str
    first_name: str
    year: str
    active: bool
    faulty: bool
    added: datetime
    relationships: Sequence[RelationshipLine]


def student_lines(
    rows: Sequence[StudentOnPage], viewer: Viewer, *, as_of: date | None = None
) -> list[StudentLine]:
    """Return students as a list shows them, with what ``viewer`` sees of who teaches them.

    With ``as_of``, of who taught them on that day.
    """
    ids = [row.id for row in rows]
    taught = run_read(relationships_of_students(viewer, ids, as_of=as_of)) if rows else {}
    return [
        StudentLine(
            url=address("student", row.id),
            name=named(row.full_name),
            first_name=first_name(row.full_name),
            year=year_words(row.year) or _("Not stated"),
            active=row.active,
            faulty=row.faulty,
            added=row.created_at,
            relationships=[relationship_line(link, viewer) for link in taught[row.id]],
        )
        for row in rows
    ]


def row_of(session: Session, *, names: str, for_parent: bool = False) -> SessionOnPage:
    """Return what is shown of an instance; only who is named in ``names`` is looked up."""
    subject = session.tutor_student.subject
    tutor = session.tutor if "tutor" in names else None
    tutor_name = tutor and (tutor.public_name if for_parent else str(tutor))
    return SessionOnPage(
        id=session.pk,
        tutor_id=session.tutor_id,
        tutor_name=tutor_name or "",
        student_id=session.student_id,
        student_name=session.student.full_name if "student" in names else "",
        subject=subject.name if subject else None,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        status=session.status,
        legacy_fault=session.legacy_fault,
        title=session.title,
        notes=session.notes,
        homework=session.homework,
        location=session.location,
        meeting_link=session.meeting_link,
        progress=session.progress,
    )


def relationship_line(row: RelationshipRow, viewer: Viewer | None) -> RelationshipLine:
    """Return one relationship as it is shown.

    The tutor is a link where ``viewer`` (None: a parent) may see the tutor's record.
    """
    linked = viewer is not None and (
        viewer.is_owner or row.tutor_id == viewer.tutor_id or row.status in {*BEGUN, "planned"}
    )
    return RelationshipLine(
        tutor=row.tutor_name,
        tutor_url=address("tutor", row.tutor_id) if linked else "",
        subject=row.subject or _("Any subject"),
        is_primary=row.is_primary,
        is_cover=row.kind == TutorStudent.Kind.COVER,
        is_to_be_paused=row.paused and row.status == "planned",
        status=row.status,
        status_words=str(RELATIONSHIP_WORDS[row.status]),
        dates=dates_words(row.start_date, row.end_date, row.status),
    )


def named(full_name: str) -> str:
    """Return a student's name; an imported one may have none."""
    return full_name.strip() or _("Name missing")


def first_name(full_name: str, otherwise: str = "") -> str:
    """Return the first word of a student's name, for a sentence; ``otherwise`` without one."""
    return next(iter(full_name.split()), otherwise or _("this student"))


def year_words(year: str) -> str:
    """Return '10' as 'Year 10'; other words for a year stay as they are."""
    return _("Year {year}").format(year=year) if year.isdecimal() else year


def hours_words(start: datetime, end: datetime) -> str:
    """Return from when to when, both on one wall; the date of the end where it is another."""
    return _("{starts} to {ends}").format(starts=start.strftime(CLOCK), ends=ends_words(start, end))


def ends_words(start: datetime, end: datetime) -> str:
    """Return when something ends, both on one wall; with the date where it is another."""
    time = end.strftime(CLOCK)
    return time if end.date() == start.date() else f"{day_words(end)}, {time}"


def dates_words(start: date, end: date | None, status: str = "ended") -> str:
    """Return since when, from when, until when, or from when to when, by what it is now."""
    if status == "planned":
        text = _("from {begins} to {ends}") if end else _("from {begins}")
    elif end and status in OPEN:
        text = _("since {begins}, until {ends}")
    else:
        text = _("{begins} to {ends}") if end else _("since {begins}")
    return text.format(begins=day_words(start), ends=day_words(end) if end else "")


def lesson_line(when: str, names: str, tutor: str) -> str:
    """Return a lesson in a line: when, who and with whom."""
    return _("{when}: {names} with {tutor}").format(when=when, names=names, tutor=tutor)
