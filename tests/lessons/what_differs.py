"""What the tables differ in after a change, whatever ids and moments new rows were given."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from tandem.lessons.models import Closure, Session, SessionSeries, TimeOff
from tandem.people.models import Guardian, Student, Subject, Tutor
from tandem.relationships.models import PrimaryPeriod, TutorStudent

TABLES: tuple[type[Model], ...] = (
    Tutor,
    Student,
    Guardian,
    TutorStudent,
    SessionSeries,
    Session,
    PrimaryPeriod,
    TimeOff,
    Closure,
)
"""In an order in which each names rows of those before it alone."""
OTHER_EACH_TIME = {"id", "created_at", "updated_at"}

Row = Mapping[str, Any]
State = dict[str, dict[str, Row]]
"""Table -> id -> columns."""


def state() -> State:
    """Return all that stands in the tables in which wide changes write."""
    return {model.__name__: _rows(model) for model in TABLES}


def _rows(model: type[Model]) -> dict[str, Row]:
    rows: dict[str, Row] = {str(row["id"]): row for row in model._default_manager.values()}  # noqa: SLF001 - documented
    if model is PrimaryPeriod:  # which are made anew whenever one of a student's is another
        return {f"{row['student_id']} {row['starts_on']}": row for row in rows.values()}
    return rows


def difference(before: State, after: State) -> dict[tuple[str, str], Any]:
    """Return, by table and row, the columns that are other, or that a row is gone or new.

    A new row is known by what stands in it.
    """
    # Who else makes a subject meanwhile makes the same one: it is known by its name.
    names = {row.pk: f"subject {row.name}" for row in Subject.objects.all()}
    found: dict[tuple[str, str], Any] = {}
    for table, rows in after.items():
        for pk, row in sorted(rows.items(), key=lambda one: repr(_facts(one[1], names))):
            facts = _facts(row, names)
            if pk not in before[table]:
                names[pk] = f"new {table} {facts}"
                found[table, str(facts)] = "new"
            elif other := _other(_facts(before[table][pk], names), facts):
                found[table, pk] = other
        found |= {(table, pk): "gone" for pk in before[table].keys() - rows.keys()}
    return found


def _facts(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    facts = {key: names.get(value, value) if isinstance(value, str) else value
             for key, value in row.items() if key not in OTHER_EACH_TIME}  # fmt: skip
    return facts | ({"group": bool(facts["group"])} if "group" in facts else {})


def _other(before: Row, after: Row) -> dict[str, Any]:
    return {key: value for key, value in after.items() if before[key] != value}
