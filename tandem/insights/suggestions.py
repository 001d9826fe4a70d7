"""Whom and what a form may name, found by what is typed: never more than its viewer sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol

from django.db.models import Case, CharField, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf

from tandem.insights.calendar import PairingChoice, pairings_to_plan
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.plain_letters import by_name, has_letters, name_order
from tandem.people.days import teaching_on
from tandem.people.models import Student, Tutor
from tandem.people.queries import (
    Viewer,
    colleagues,
    subjects,
    teaches_now,
    visible_student,
    visible_students,
    visible_tutors,
    with_subjects,
)
from tandem.relationships.queries import most_places, visible_relationships

MOST = 8
"""As many as can be looked through at a glance."""
NAMELESS = gettext_lazy("Name missing")


class Suggestion(NamedTuple):
    """Somebody who may be meant, and what tells them from others with such a name."""

    id: str
    name: str
    about: str = ""


class Source(Protocol):
    """Those among whom one is named."""

    def called(self, text: str, most: int) -> Sequence[Suggestion]:
        """Return who has the id ``text``, or all of its words in the name; the likeliest first."""
        ...

    def described(self, found: Sequence[Suggestion]) -> list[Suggestion]:
        """Return the same, each with what tells it from the others."""
        ...


@dataclass(frozen=True)
class Tutors:
    """The tutors whom ``viewer`` sees, without one; ``active``: only those who work here."""

    viewer: Viewer
    active: bool = True
    without: str = ""

    def called(self, text: str, most: int) -> list[Suggestion]:
        """Find them by name, or by address where there is none."""
        rows = visible_tutors(self.viewer).exclude(pk=self.without)
        rows = rows.filter(active=True) if self.active else rows
        return _called(rows, _name_or(F("email")), text, most, also="email")

    def described(self, found: Sequence[Suggestion]) -> list[Suggestion]:
        """Tell what each teaches; to an owner also their room, and namesakes' addresses."""
        ids = [one.id for one in found]
        rows = {one.pk: one for one in with_subjects(Tutor.objects.filter(pk__in=ids))}
        taken = most_places(self.viewer.day, ids) if self.viewer.is_owner else None
        names = [one.name for one in found] if self.viewer.is_owner else []

        def about(one: Suggestion) -> str:
            return about_tutor(rows[one.id], taken, tells_address=names.count(one.name) > 1)

        return [one._replace(about=about(one)) for one in found]


@dataclass(frozen=True)
class Colleagues:
    """The tutors whom ``viewer`` may ask to teach a student: by name alone, but to an owner."""

    viewer: Viewer
    student_id: str

    def called(self, text: str, most: int) -> list[Suggestion]:
        """Find them by name; NotFoundError for a student whom the viewer does not see."""
        visible_student(self.viewer, self.student_id)
        if self.viewer.is_owner:
            return Tutors(self.viewer).called(text, most)
        rows = colleagues(self.viewer)
        if not teaches_now(self.viewer, self.student_id):
            rows = rows.filter(pk=self.viewer.tutor_id)
        return _called(rows, _name_or(Value(_("A tutor"))), text, most)

    def described(self, found: Sequence[Suggestion]) -> list[Suggestion]:
        """Tell an owner what is told of tutors, and a tutor no more than the name."""
        return Tutors(self.viewer).described(found) if self.viewer.is_owner else list(found)


@dataclass(frozen=True)
class Students:
    """The students whom ``viewer`` sees."""

    viewer: Viewer

    def called(self, text: str, most: int) -> list[Suggestion]:
        """Find them by name."""
        rows = visible_students(self.viewer)
        return _called(rows, _name_or(Value(str(NAMELESS))), text, most, by="full_name")

    def described(self, found: Sequence[Suggestion]) -> list[Suggestion]:
        """Tell the year, and who teaches them now as far as the viewer sees it."""
        ids = [one.id for one in found]
        years = dict(Student.objects.filter(pk__in=ids).values_list("pk", "year"))
        tutors = taught_by(self.viewer, ids)
        return [
            one._replace(about=about_student(years[one.id], tutors.get(one.id, [])))
            for one in found
        ]


@dataclass(frozen=True)
class Pairings:
    """The relationships of which ``viewer`` may plan a lesson on a day, by the student's name.

    ``narrowed`` and ``is_past`` are as for ``pairings_to_plan``.
    """

    viewer: Viewer
    on: date
    is_past: bool = False
    narrowed: Mapping[str, Any] = field(default_factory=dict)

    def called(self, text: str, most: int) -> list[Suggestion]:
        """Find them by the name of the student or the tutor, or by the subject."""
        its_own = self._found({"relationship_id": text}, 1) if text else []
        return its_own or self._found({"words": text}, most)

    def described(self, found: Sequence[Suggestion]) -> list[Suggestion]:
        """Return the same: each says of what and with whom already."""
        return list(found)

    def _found(self, wanted: Mapping[str, Any], most: int) -> list[Suggestion]:
        rows = pairings_to_plan(
            self.viewer,
            {**self.narrowed, **wanted},
            on=self.on,
            is_past=self.is_past,
            most=most,
        )
        return [
            Suggestion(row.id, row.student_name.strip() or str(NAMELESS), self._about(row))
            for row in rows
        ]

    def _about(self, row: PairingChoice) -> str:
        """Return what is taught; and by whom, where that is not the same of all."""
        subject = row.subject or _("Any subject")
        of_one_tutor = len(self.narrowed.get("tutor_ids") or ()) == 1
        if of_one_tutor or not self.viewer.is_owner:
            return subject
        return _("{subject} with {tutor}").format(subject=subject, tutor=row.tutor_name)


def taught_by(viewer: Viewer, student_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the names of who teaches students now, as far as the viewer sees it, by id."""
    rows = visible_relationships(viewer).filter(teaching_on(viewer.day), student__in=student_ids)
    tutors: dict[str, list[str]] = {}
    for row in rows.order_by("started_on", "id").select_related("tutor"):
        names = tutors.setdefault(row.student_id, [])
        if str(row.tutor) not in names:
            names.append(str(row.tutor))
    return tutors


def subjects_called(text: str, most: int) -> list[str]:
    """Return the subjects with every word of ``text`` in the name, those that begin so first."""
    rows = subjects().filter(_words("name", text))
    rows = rows.order_by(likeness("name", text), by_name("name"))
    return list(rows.values_list("name", flat=True)[:most])


def is_subject(text: str) -> bool:
    """Tell whether there is a subject of this name, whatever its case."""
    return subjects().filter(name__iexact=text.strip()).exists()


def _name_or(otherwise: F | Value) -> Coalesce:
    return Coalesce(NullIf("full_name", Value("")), otherwise, output_field=CharField())


def _called(
    rows: QuerySet[Any],
    name: Coalesce,
    text: str,
    most: int,
    *,
    by: str = "called",
    also: str = "",
) -> list[Suggestion]:
    """Return those with the id ``text`` or its words in the name (or in the field ``also``).

    ``by``: the field with an index by which a name is found; nobody is found by having none.
    """
    words = _words(by, text, also)
    named = rows.annotate(called=name).filter(words | Q(pk=text) if words else words)
    first = named.order_by(likeness("called", text), by_name("called"), "pk")
    return [Suggestion(*one) for one in first.values_list("pk", "called")[:most]]


def _words(name: str, text: str, also: str = "") -> Q:
    """Return the condition that every word of ``text`` is in a field, or in the other one."""
    every = Q()
    for word in text.split():
        has_word = has_letters(name, word)
        every &= has_word | has_letters(also, word) if also else has_word
    return every


def likeness(name: str, text: str) -> Case:
    """Return 0 for the id or the whole name, 1 for a name that begins so, 2 for others."""
    words = " ".join(text.split())
    whole = Q(pk=text) | has_letters(name, words, how="exact")
    return Case(
        When(whole, then=0),
        When(has_letters(name, words, how="startswith"), then=1),
        default=2,
        output_field=IntegerField(),
    )


def about_tutor(tutor: Tutor, taken: dict[str, int] | None, *, tells_address: bool) -> str:
    """Return what a tutor teaches, and the room that is left where it is known what is taken."""
    taught = ", ".join(sorted((one.subject.name for one in tutor.subjects.all()), key=name_order))
    parts = [taught or _("No subject stated")]
    if taken is not None and tutor.capacity is not None:
        room = max(0, tutor.capacity - taken.get(tutor.pk, 0))
        parts.append(
            _("room for {room} more").format(room=room)
            if room
            else _("full, with {number}").format(number=tutor.capacity)
        )
    if not tutor.active:
        parts.append(_("inactive"))
    if tells_address:
        parts.append(tutor.email)
    return " · ".join(parts)


def about_student(year: str, tutors: Sequence[str]) -> str:
    """Return the year of a student, and who teaches them."""
    names = (
        _("with {tutor}").format(tutor=", ".join(tutors))
        if tutors
        else _("nobody teaches them now")
    )
    written = _("Year {year}").format(year=year) if year.isdecimal() else year
    return " · ".join(part for part in (written, names) if part)
