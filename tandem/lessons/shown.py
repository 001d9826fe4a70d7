"""What the preview of each wide change shows, for its fingerprint (``kit.fingerprints``).

Of a row that is there everything counts: who looks sees notes and places, not only hours. A row
that would be made has no id yet, so it counts by what it would be.
"""

from collections.abc import Iterable
from typing import Any, Literal

from django.db.models import Model

from tandem.kit.fingerprints import Shown, hash_of
from tandem.lessons.models import Session
from tandem.lessons.reassign import Clash
from tandem.relationships.models import TutorStudent
from tandem.relationships.primary_periods import PeriodsOfStudents, periods_of_students

Fate = Literal[
    "moves",
    "is given back",
    "is cancelled",
    "is covered",
    "is planned again",
    "is removed",
    "stays",
]


def shown_relationship(row: TutorStudent) -> Shown:
    """Return a relationship with the names that stand on it; one that would be made by its day."""
    if not row._state.adding:  # noqa: SLF001 - Django documents it
        return {f"relationship:{row.pk}": hash_of(facts_of(row), _names(row))}
    key = hash_of(row.student_id, row.tutor_id, _subject(row), row.started_on)
    facts = (row.ended_on, row.status, row.kind, row.is_primary, row.transferred_from_id)
    return {f"new_relationship:{key}": hash_of(facts, _names(row))}


def shown_primaries_of(student_ids: Iterable[str]) -> Shown:
    """Return who is the primary one of each of these students when; one query for all of them."""
    return shown_primaries(periods_of_students({*student_ids}))


def shown_primaries(known: PeriodsOfStudents) -> Shown:
    """Return who is the primary one of each student when: these days are carried along."""
    return {
        f"primary:{student_id}": hash_of(
            [(one.tutor_student_id, one.starts_on, one.ends_on) for one in periods]
        )
        for student_id, periods in known.items()
    }


def shown_sessions(rows: Iterable[Session], fate: Fate, taker: str = "") -> Shown:
    """Return sessions that are there, with what becomes of them."""
    return {f"session:{row.pk}": hash_of(facts_of(row), fate, taker) for row in rows}


def shown_clashes(clashes: Iterable[Clash]) -> Shown:
    """Return what stands in the way, as it is there."""
    against: dict[str, list[Any]] = {}
    for one in clashes:
        there = against.setdefault(f"clash:{one.session.pk}", [])
        there.append((one.reason, one.busy_with and facts_of(one.busy_with)))
    return {key: hash_of(*facts) for key, facts in against.items()}


def facts_of(row: Model) -> list[Any]:
    """Return all that stands in a row."""
    return [getattr(row, field.attname) for field in row._meta.concrete_fields]  # noqa: SLF001 - documented


def _names(row: TutorStudent) -> tuple[str, str, str]:
    return str(row.tutor), row.student.full_name, _subject(row)


def _subject(row: TutorStudent) -> str:
    """Return the subject's name: in a preview a new subject has an id that it does not keep."""
    return row.subject.name if row.subject else ""
