"""The cast as their actions left the tables: made once in a process, and from then on put back."""

from copy import deepcopy
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from tandem.people.models import (
    Account,
    BusinessZone,
    Change,
    Student,
    Subject,
    SuspectLink,
    Tutor,
    TutorSubject,
)
from tandem.relationships.models import PrimaryPeriod, RelationshipEvent, TutorStudent
from tests.cast import Cast, gather

FILLED: tuple[type[Model], ...] = (
    *(Account, Subject, Tutor, TutorSubject, Student, TutorStudent, RelationshipEvent),
)
"""All that the cast fills, each after those it refers to; the database notes the rest itself."""
FLOORS = ("people", "relationships", "lessons")


def gathered() -> Cast:
    """Return the cast; the database holds nothing yet. Inserting takes a quarter of acting."""
    if not _made.cache_info().currsize:
        return deepcopy(_made()[0])
    cast, rows = deepcopy(_made())
    for table, those in rows.items():
        QuerySet(table).bulk_create(those)
    return cast


@cache
def _made() -> tuple[Cast, dict[type[Model], list[Any]]]:
    """Have them do what they begin with; return them and every row that there is now."""
    cast = gather()
    tables = [table for floor in FLOORS for table in apps.get_app_config(floor).get_models()]
    rows: dict[type[Model], list[Any]] = {
        table: list(QuerySet(table).order_by("pk")) for table in tables
    }
    assert {table for table, those in rows.items() if those} <= {
        *FILLED,
        BusinessZone,
        Change,
        PrimaryPeriod,
        SuspectLink,
    }
    for event in rows[RelationshipEvent]:
        event.pk = None  # the log counts on
    return cast, {table: rows[table] for table in FILLED}
