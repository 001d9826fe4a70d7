"""Which relationships, and which lines of their history, somebody may see."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.fields.json import KT
from psycopg import sql

from tandem.kit.errors import FieldError, InvalidError, NotFoundError
from tandem.kit.named_sql import NamedStatements, fetch_rows
from tandem.people.days import (
    OPEN,
    end_in_doubt,
    holding_on,
    known_end,
)
from tandem.people.local_dates import today
from tandem.people.models import Student, Tutor
from tandem.people.queries import (
    BEGUN,
    LINKED,
    Viewer,
    check_reads_history,
    students_taught,
    visible_student,
    visible_tutor,
)
from tandem.people.scope import Role, role_of, scope, scope_values
from tandem.relationships.events import state_of
from tandem.relationships.models import PrimaryPeriod, RelationshipEvent, TutorStudent

LOCKS = NamedStatements(Path(__file__).with_name("locks.sql"))
PLACES = NamedStatements(Path(__file__).with_name("places.sql"))
AS_LISTED = ("-is_primary", known_end().desc(nulls_first=True), "started_on", "id")
"""Within one student: the primary, then those that go on, then by end, the latest first."""


def visible_relationships(viewer: Viewer) -> QuerySet[TutorStudent]:
    """Return the relationships that ``viewer`` may see, by id.

    Who teaches a student now sees all of that student's; a former tutor, or one who was asked,
    sees their own. A parent sees the child's that have begun. Each comes with ``primary_on_day``:
    whether it is the primary one on the viewer's day.
    """
    rows = TutorStudent.objects.order_by("id").annotate(primary_on_day=_is_primary_on(viewer.day))
    if viewer.is_owner:
        return rows
    if viewer.student_id is not None:
        return rows.filter(student=viewer.student_id, status__in=BEGUN)
    # A union, because an OR of these would read the whole table.
    own = rows.filter(tutor=viewer.tutor_id, status__in=LINKED).order_by()
    beside = rows.filter(student__in=students_taught(viewer)).order_by()
    return rows.filter(pk__in=own.values("pk").union(beside.values("pk")))


def _is_primary_on(day: date) -> Exists:
    periods = PrimaryPeriod.objects.filter(tutor_student=OuterRef("pk"), starts_on__lte=day)
    return Exists(periods.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day)))


def primary_on(viewer: Viewer, student: Student, day: date) -> TutorStudent | None:
    """Return which of a student's relationships is the primary one on ``day``, if any is."""
    rows = visible_relationships(viewer).select_related("subject")
    return rows.filter(_is_primary_on(day), student=student).first()


def primary_among(ids: Iterable[str], day: date) -> set[str]:
    """Return which of these relationships are the primary ones of their students on ``day``."""
    rows = TutorStudent.objects.filter(_is_primary_on(day), pk__in=list(ids))
    return set(rows.values_list("pk", flat=True))


def primary_days(relationship_id: str) -> list[tuple[date, date | None]]:
    """Return from when up to, not on, when a relationship is the primary one, by start."""
    periods = PrimaryPeriod.objects.filter(tutor_student=relationship_id).order_by("starts_on")
    return list(periods.values_list("starts_on", "ends_on"))


def other_primary_from(row: TutorStudent, since: date) -> str | None:
    """Return which other one of its student's is primary on a day of ``row`` from ``since`` on."""
    others = PrimaryPeriod.objects.filter(student=row.student_id).exclude(tutor_student=row)
    later = Q(ends_on__isnull=True) | Q(ends_on__gt=max(since, row.started_on))
    found = others.filter(later).order_by("starts_on").values_list("tutor_student", flat=True)
    return found.first()


def most_places(since: date, tutor_ids: Sequence[str] | None = None) -> dict[str, int]:
    """Return how many students each tutor has on the fullest day from ``since`` on; none is left
    out. Of these tutors, or of all.
    """
    given = {} if tutor_ids is None else {"tutor_ids": list(tutor_ids)}
    return dict(fetch_rows(_most_places(is_of_some=bool(given)), {"since": since, **given}))


@cache
def _most_places(*, is_of_some: bool) -> str:
    of_tutors = sql.SQL("relationship.tutor_id = ANY(%(tutor_ids)s)" if is_of_some else "true")
    in_doubt = end_in_doubt("relationship")
    return PLACES.compose("most_places", in_doubt=in_doubt, of_tutors=of_tutors)


def visible_relationship(viewer: Viewer, tutor_student_id: str) -> TutorStudent:
    """Return one relationship with its tutor, student and subject, or raise NotFoundError."""
    rows = visible_relationships(viewer).select_related("tutor", "student", "subject")
    row = rows.filter(pk=tutor_student_id).first()
    if row is None:
        raise NotFoundError("tutor-student", tutor_student_id)
    return row


def visible_pair(viewer: Viewer, tutor_student_id: str) -> tuple[str, str]:
    """Return the ids of tutor and student in one relationship, or raise NotFoundError."""
    values = {**scope_values(viewer), "relationship_id": tutor_student_id}
    for tutor, student in fetch_rows(_pair(role_of(viewer)), values):
        return tutor, student
    raise NotFoundError("tutor-student", tutor_student_id)


@cache
def _pair(role: Role) -> str:
    return LOCKS.compose("pair_of_relationship", scope=scope(role, "relationships"))


@dataclass(eq=False)
class SeveralError(InvalidError):
    """More than one relationship fits, and Tandem does not guess: ``ids`` are those that do."""

    ids: Sequence[str]


def the_open_relationship(
    viewer: Viewer,
    *,
    student_id: str,
    at: datetime,
    tutor_id: str | None = None,
    subject: str | None = None,
) -> TutorStudent:
    """Return the one relationship in which a tutor, the viewer unless said, teaches a student then.

    The day of ``at`` is each tutor's own. Where nobody teaches on it, it is the one of today: what
    stands against it is for the rules to say. For an owner who names no tutor it is the student's
    only one. Of several, the one in which ``subject`` (a name) is taught. NotFoundError when there
    is none, SeveralError when several fit.
    """
    tutor = tutor_id or (None if viewer.is_owner else viewer.tutor_id)
    rows = visible_relationships(viewer).filter(student=student_id, status__in=OPEN)
    if tutor is not None:
        rows = rows.filter(tutor=tutor)
    found = list(rows.select_related("subject", "tutor"))
    then = [row for row in found if state_of(row).takes_place_on(today(row.tutor, at))]
    now = [row for row in found if state_of(row).takes_place_on(viewer.sees_on)]
    match _taught_in(then or now, subject):
        case [row]:
            return row
        case []:
            raise NotFoundError("relationship of student", student_id)
        case several:
            ids = [row.pk for row in several]
            sentence = f"Say which relationship: {', '.join(ids)}."
            raise SeveralError([FieldError("tutor_student", sentence)], ids)


def _taught_in(rows: list[TutorStudent], subject: str | None) -> list[TutorStudent]:
    """Return those of several in which a subject is taught; all of them where that is none."""
    if subject is None or len(rows) < 2:  # noqa: PLR2004 - where there is one, nothing is chosen
        return rows
    name = subject.strip().casefold()
    return [row for row in rows if row.subject and row.subject.name.casefold() == name] or rows


def with_relationships(students: QuerySet[Student], viewer: Viewer) -> QuerySet[Student]:
    """Bring along what ``viewer`` may see of each student's relationships, in one further query.

    ``student.relationships.all()`` then has the primary first, each with tutor and subject.
    """
    rows = visible_relationships(viewer).select_related("tutor", "subject").order_by(*AS_LISTED)
    return students.prefetch_related(Prefetch("relationships", queryset=rows))


def as_of(rows: QuerySet[TutorStudent], day: date) -> QuerySet[TutorStudent]:
    """Keep the relationships that held on ``day``: their dates decide, but for an end in doubt."""
    return rows.filter(holding_on(day))


def relationships_as_of(viewer: Viewer, day: date) -> QuerySet[TutorStudent]:
    """Return who taught whom on ``day``, as far as ``viewer`` may see."""
    return as_of(visible_relationships(viewer), day)


def history_of_student(viewer: Viewer, student_id: str) -> list[RelationshipEvent]:
    """Return the history of a student, oldest first, or raise NotFoundError.

    Of a pairing that was removed it tells who sees all of the student's; such lines come with a
    relationship that is in memory alone, which has the tutor and the student.
    """
    student = visible_student(viewer, student_id)
    there = _history(visible_relationships(viewer).filter(student=student))
    return sorted([*there, *_history_of_removed(viewer, student)], key=lambda line: line.pk)


def history_of_tutor(viewer: Viewer, tutor_id: str) -> list[RelationshipEvent]:
    """Return the history of a tutor, oldest first, or raise NotFoundError.

    For owners and the tutor. Of a pairing that was removed it tells a tutor who teaches the student
    now; such lines come with a relationship that is in memory alone.
    """
    check_reads_history(viewer, tutor_id)
    tutor = visible_tutor(viewer, tutor_id)
    there = _history(visible_relationships(viewer).filter(tutor=tutor))
    return sorted([*there, *_removed_of_tutor(viewer, tutor)], key=lambda line: line.pk)


def named_relationships(viewer: Viewer, events: Iterable[RelationshipEvent]) -> set[str]:
    """Return which relationships that lines of history name ``viewer`` may see, by id."""
    named = {event.details.get(name) for event in events for name in ("from", "to")}
    return set(
        visible_relationships(viewer).filter(pk__in=named - {None}).values_list("pk", flat=True)
    )


def events_of_student(student_id: str) -> QuerySet[RelationshipEvent]:
    """Return every line about a student's relationships, removed ones too, oldest first."""
    return events_of([student_id])


def events_of_students(student_ids: Collection[str]) -> dict[str, list[RelationshipEvent]]:
    """Return the same of each of several students, in three queries."""
    links = TutorStudent.objects.filter(student__in=student_ids)
    whose = dict(links.values_list("pk", "student"))
    removed = _removed_of(student_ids)
    whose |= dict(removed.values_list("relationship_id", KT("details__student")))
    found: dict[str, list[RelationshipEvent]] = {student_id: [] for student_id in student_ids}
    for line in events_of(student_ids):
        found[whose[line.relationship_id]].append(line)
    return found


def events_of(student_ids: Collection[str]) -> QuerySet[RelationshipEvent]:
    """Return every line about relationships of students, removed ones too, oldest first."""
    links = TutorStudent.objects.filter(student__in=student_ids).order_by()
    removed = _removed_of(student_ids).order_by()
    ids = links.values("pk").union(removed.values("relationship_id"))
    return RelationshipEvent.objects.filter(relationship_id__in=ids).order_by("id")


def removed_of_student(student_id: str) -> QuerySet[RelationshipEvent]:
    """Return the last line of each pairing of a student that was removed."""
    return _removed_of([student_id])


def _removed_of(student_ids: Collection[str]) -> QuerySet[RelationshipEvent]:
    lines = RelationshipEvent.objects.filter(what=RelationshipEvent.What.REMOVED)
    return lines.alias(of=KT("details__student")).filter(of__in=student_ids)


def _history_of_removed(viewer: Viewer, student: Student) -> list[RelationshipEvent]:
    sees_all = viewer.is_owner or student.pk in set(students_taught(viewer))
    last = list(removed_of_student(student.pk)) if sees_all else []
    tutors = {line.relationship_id: line.details["tutor"] for line in last}
    known = Tutor.objects.in_bulk(set(tutors.values()))
    lines = RelationshipEvent.objects.filter(relationship_id__in=tutors).select_related("actor")
    for line in lines:
        tutor_id = tutors[line.relationship_id]
        tutor = known.get(tutor_id) or Tutor(pk=tutor_id, full_name="A deleted tutor")
        line.relationship = TutorStudent(pk=line.relationship_id, tutor=tutor, student=student)
    return list(lines)


def _removed_of_tutor(viewer: Viewer, tutor: Tutor) -> list[RelationshipEvent]:
    last = RelationshipEvent.objects.filter(what=RelationshipEvent.What.REMOVED)
    students = dict(
        last.filter(details__tutor=tutor.pk).values_list("relationship_id", KT("details__student"))
    )
    if not viewer.is_owner:
        taught = set(students_taught(viewer)) if students else set()
        students = {pk: student for pk, student in students.items() if student in taught}
    known = Student.objects.in_bulk(set(students.values()))
    lines = RelationshipEvent.objects.filter(relationship_id__in=students).select_related("actor")
    for line in lines:
        student_id = students[line.relationship_id]
        student = known.get(student_id) or Student(pk=student_id, full_name="A deleted student")
        line.relationship = TutorStudent(pk=line.relationship_id, tutor=tutor, student=student)
    return list(lines)


def _history(rows: QuerySet[TutorStudent]) -> QuerySet[RelationshipEvent]:
    return (
        RelationshipEvent.objects.filter(relationship__in=rows.order_by().values("pk"))
        .select_related("actor", "relationship__tutor", "relationship__student")
        .order_by("id")
    )
