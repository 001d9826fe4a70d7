"""Rows that came from an older application and break a rule, as far as somebody may see them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet, Value

from tandem.lessons.queries import visible_sessions, with_people
from tandem.people.queries import Viewer, visible_students, visible_tutors
from tandem.relationships.queries import visible_relationships

AnyRows = QuerySet[Any, Any]


def faulty_rows(viewer: Viewer) -> dict[str, AnyRows]:
    """Return the rows that need a person, by kind, each kind by id.

    A tutor is not shown what is wrong with a colleague's record.
    """
    tutors = visible_tutors(viewer)
    if not viewer.is_owner:
        tutors = tutors.filter(pk=viewer.tutor_id)
    relationships = visible_relationships(viewer).select_related("tutor", "student", "subject")
    kinds: dict[str, AnyRows] = {
        "students": visible_students(viewer),
        "tutors": tutors,
        "relationships": relationships,
        "sessions": with_people(visible_sessions(viewer)),
    }
    return {kind: rows.exclude(legacy_fault="").order_by("pk") for kind, rows in kinds.items()}


def how_many(named: Mapping[str, AnyRows]) -> dict[str, int]:
    """Return how many rows each of the query sets has, all in one query."""
    counts = [
        rows.order_by()
        .select_related(None)
        .annotate(name=Value(name))
        .values("name")
        .annotate(number=Count("pk"))
        .values_list("name", "number")
        for name, rows in named.items()
    ]
    return dict.fromkeys(named, 0) | dict(counts[0].union(*counts[1:], all=True))
