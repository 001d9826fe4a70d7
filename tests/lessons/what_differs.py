"""What the tables differ in after a change, whatever ids and moments new rows were given."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import connection
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
    names, statement = _read(model)
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    rows: dict[str, Row] = {str(row["id"]): row for row in found}
    if model is PrimaryPeriod:  # which are made anew whenever one of a student's is another
        return {f"{row['student_id']} {row['starts_on']}": row for row in rows.values()}
    return rows


@cache
def _read(model: type[Model]) -> tuple[list[str], str]:
    """Return the names of a table's columns and the statement that reads them, made once."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django documents it
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return [field.attname for field in fields], f'SELECT {columns} FROM "{model._meta.db_table}"'  # noqa: SLF001 - as above


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
