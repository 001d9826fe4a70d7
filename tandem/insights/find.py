"""Anybody and anything by name, from anywhere: students, tutors, guardians, subjects."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from tandem.insights.suggestions import about_student, about_tutor, likeness, taught_by
from tandem.kit.language import gettext as _
from tandem.kit.plain_letters import by_name, has_letters, plain_letters
from tandem.people.guardians import visible_guardians
from tandem.people.models import Student
from tandem.people.queries import (
    Viewer,
    subjects,
    visible_students,
    visible_tutors,
    with_subjects,
)

MOST_OF_A_KIND = 25
"""So many of each kind are looked at; whoever means another writes more of the name."""


class Hit(NamedTuple):
    """Somebody, or a subject, that has what was typed.

    ``kind`` is student, tutor, guardian or subject, which has no id; ``about`` tells it from others
    of that name.
    """

    kind: str
    id: str
    name: str
    about: str


def find(viewer: Viewer, text: str, most: int) -> list[Hit]:
    """Return whom and what has every word of ``text`` in the name, the likeliest first.

    Never more than ``viewer`` sees: an owner finds families by their e-mail address too, a tutor
    those whom they teach, with whom they teach, and whose families they may write to.
    """
    words = " ".join(word for word in text.split() if plain_letters(word))
    if not words:
        return []
    hits = [*_students(viewer, words), *_tutors(viewer, words), *_others(viewer, words)]
    return sorted(hits, key=lambda one: unlikeness(one.name, words))[:most]


def unlikeness(name: str, words: str) -> int:
    """Return how far a name is from what was typed, from 0, the whole of it, to 4.

    1 begins so, 2 has a word that does, 3 has a word for each that was typed, in any order.
    """
    name, words = plain_letters(name), " ".join(plain_letters(words).split())
    if name.startswith(words):
        return int(name != words)
    if f" {words}" in name:
        return 2
    return 3 if all(f" {word}" in f" {name}" for word in words.split()) else 4


def _students(viewer: Viewer, words: str) -> list[Hit]:
    addresses = ["email", "parent_email"] if viewer.is_owner else []
    rows = visible_students(viewer).filter(_has(addresses, words, named=_students_named))
    found = list(dict.fromkeys(_likeliest_first(rows, words)[:MOST_OF_A_KIND]))
    tutors = taught_by(viewer, [row.pk for row in found])
    return [
        Hit("student", row.pk, row.full_name, about_student(row.year, tutors.get(row.pk, [])))
        for row in found
    ]


def _tutors(viewer: Viewer, words: str) -> Iterator[Hit]:
    named = _has(["full_name", "email"], words)
    rows = visible_tutors(viewer).filter(named | has_letters("subjects__subject__name", words))
    first = _likeliest_first(with_subjects(rows), words)[:MOST_OF_A_KIND]
    for row in dict.fromkeys(first):  # one who teaches two such subjects comes twice
        yield Hit("tutor", row.pk, str(row), about_tutor(row, None, tells_address=False))


def _others(viewer: Viewer, words: str) -> Iterator[Hit]:
    rows = visible_guardians(viewer).filter(_has(["full_name", "email"], words))
    for row in rows[:MOST_OF_A_KIND]:
        children = ", ".join(link.student.full_name for link in row.children.all())
        about = _("guardian of {children}").format(children=children) if children else ""
        yield Hit("guardian", row.pk, row.full_name or row.email or "", about)
    for one in subjects().filter(_has(["name"], words))[:MOST_OF_A_KIND]:
        yield Hit("subject", "", one.name, _("its lessons in the calendar"))


def _students_named(word: str) -> Q:
    """Return the condition that a word is in a student's name, which an index finds by itself."""
    return Q(pk__in=Student.objects.filter(has_letters("full_name", word)).values("pk"))


def _has(fields: Sequence[str], words: str, *, named: Callable[[str], Q] | None = None) -> Q:
    """Return the condition that each word is in one of the fields, or in what is ``named`` so."""
    every = Q()
    for word in words.split():
        some = named(word) if named else Q()
        for name in fields:
            some |= has_letters(name, word)
        every &= some
    return every


def _likeliest_first(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    return rows.order_by(likeness("full_name", words), by_name(), "pk")
