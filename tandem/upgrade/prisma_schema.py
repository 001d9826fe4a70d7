"""The schema that a Prisma client of Tandem's tables is made from, written from the models.

Names are the older application's wherever it had one, else the API's: ``startTime`` for
``starts_at``. A column whose value the database makes is ``dbgenerated``, so that the client leaves
it out. What only Tandem itself reads (sign-in, tokens, kept answers, parents' links) is not in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.constraints import BaseConstraint

from tandem.lessons.models import (
    Availability,
    Closure,
    Session,
    SessionEvent,
    SessionSeries,
    TimeOff,
)
from tandem.people.models import Parent, Student, Subject, Subscription, Tutor, TutorSubject
from tandem.relationships.models import PrimaryPeriod, RelationshipEvent, TutorStudent

PRINTED: tuple[type[models.Model], ...] = (
    Tutor,
    Student,
    Subject,
    TutorSubject,
    TutorStudent,
    PrimaryPeriod,
    Session,
    SessionSeries,
    Availability,
    TimeOff,
    Closure,
    Parent,
    Subscription,
    RelationshipEvent,
    SessionEvent,
)
KEYS = frozenset({"kept_link"})
"""Columns that open something by themselves: they are Tandem's alone."""
LAST = ("legacy_fault", "created_at", "updated_at")
NAMES = {
    "auth_subject": "userId",
    "user": "account",
    "starts_at": "startTime",
    "ends_at": "endTime",
    "started_on": "startDate",
    "ended_on": "endDate",
    "relationship": "tutorStudent",
    "relationships": "tutorStudents",
    "group": "groupId",
}
"""What the older application or the API calls a field, where the model calls it otherwise."""
TYPES: dict[str, str] = {
    "TextField": "String",
    "EmailField": "String @db.VarChar(254)",
    "BooleanField": "Boolean",
    "DateTimeField": "DateTime @db.Timestamptz(6)",
    "DateField": "DateTime @db.Date",
    "TimeField": "DateTime @db.Time(6)",
    "PositiveIntegerField": "Int",
    "PositiveSmallIntegerField": "Int @db.SmallInt",
    "BigAutoField": "BigInt",
    "JSONField": "Json",
}
MADE_BY_THE_DATABASE = {"NewId": "tandem_new_id()", "Today": "tandem_today()", "Now": "now()"}
FOLLOWS_ITS_RELATIONSHIP = {(Session, "tutor"), (Session, "student")}
"""What the database fills in from another column of the row."""
HEAD = """\
// Tandem's tables for a Prisma client, printed by `tandem schema --prisma`. Print it anew after an
// update of Tandem rather than changing it.
//
// Not here, because Tandem alone reads or writes it: accounts and sign-in, tokens, parents' links,
// kept answers, changes and reads of records, the state of an upgrade. Tandem changes its tables by
// itself: never run `prisma migrate` or `prisma db push` against them.

generator client {{
  provider        = "prisma-client-js"
{output}  engineType      = "client"
  previewFeatures = ["views"]
}}

datasource db {{
  provider = "postgresql"
  url      = env("DATABASE_URL")
}}
"""
TODAY = """
/// What each relationship is today, where the business is. Its dates decide, not `status` alone:
/// one that ends in June goes on until then. To be read only.
view TutorStudentToday {
  id        String
  tutorId   String   @map("tutor_id")
  studentId String   @map("student_id")
  day       DateTime @db.Date
  /// One of pending, declined, planned, active, paused, ended.
  state     String
  /// Whether teaching goes on today: the state is active.
  active    Boolean
  isPrimary Boolean  @map("is_primary")

  @@map("relationships_today")
}
"""


def prisma_schema(output: str = "") -> str:
    """Return the schema, the same for the same Tandem; ``output`` is where its client goes."""
    place = f'  output          = "{output}"\n' if output else ""
    return HEAD.format(output=place) + "".join(map(_model, PRINTED)) + TODAY


def _model(model: type[models.Model]) -> str:
    lines = [*_aligned([*_fields(model)]), "", *_attributes(model)]
    body = "".join(f"  {line}".rstrip() + "\n" for line in lines)
    return f"\n{_comment(model)}model {model.__name__} {{\n{body}}}\n"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Return rows of name, type and the rest in columns, as Prisma formats them; others as is."""
    name, kind = (max(len(row[n]) for row in rows if len(row) > 1) for n in (0, 1))
    for row in rows:
        first, *more = row
        yield f"{first:{name}} {more[0]:{kind}} {more[1]}" if more else first


def _comment(model: type[models.Model]) -> str:
    """Return what the model is, and what the database refuses, by the names in its errors."""
    first = (model.__doc__ or "").strip().partition("\n")[0]
    names = ", ".join(sorted(one.name for one in _options(model).constraints))
    refused = f"/// Constraints: {names}.\n" if names else ""
    return f"/// {first}\n{refused}"


def _fields(model: type[models.Model]) -> Iterator[tuple[str, ...]]:
    """Return a model's fields: columns with what they lead to, then what leads to it.

    Each is name, type and the rest; a comment stands alone.
    """
    for field in sorted(_options(model).concrete_fields, key=lambda one: one.name in LAST):
        if field.name not in KEYS:
            yield from _column(field)
    for relation in _options(model).related_objects:
        name = relation.get_accessor_name()
        if relation.related_model in PRINTED and name and not relation.hidden:
            yield _leading_back(relation, name)


def _column(field: Any) -> Iterator[tuple[str, ...]]:
    if field.choices:
        values = ", ".join(value or '""' for value, _ in field.choices)
        yield (f"/// One of {values}.",)
    target = field.target_field if field.is_relation else field
    kind, _, native = TYPES[target.get_internal_type()].partition(" ")
    optional = "?" if field.null else ""
    name = column_name(field)
    attributes = (
        "@id" if field.primary_key else "@unique" if field.unique else "",
        _default(field),
        f'@map("{field.column}")' if name != field.column else "",
        native,
    )
    yield name, f"{kind}{optional}", " ".join(filter(None, attributes))
    if field.is_relation and field.related_model in PRINTED:
        yield _leading_on(field, optional)


def column_name(field: Any) -> str:
    """Return what the client calls a column."""
    name = camel(field.name)
    return f"{name}Id" if field.is_relation else name


def camel(name: str) -> str:
    """Return the older application's name, else the name in camelCase."""
    if name in NAMES:
        return NAMES[name]
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _default(field: Any) -> str:
    if isinstance(field, models.BigAutoField):
        return "@default(autoincrement())"
    if (field.model, field.name) in FOLLOWS_ITS_RELATIONSHIP:
        return "@default(dbgenerated())"
    if not field.has_db_default():
        return ""
    made = MADE_BY_THE_DATABASE.get(type(field.db_default).__name__)
    return f'@default(dbgenerated("{made}"))' if made else f"@default({_literal(field)})"


def _literal(field: Any) -> str:
    value = field.db_default
    if isinstance(value, bool):
        return "true" if value else "false"
    return '"{}"' if value == {} else f'"{value}"'


def _leading_on(field: Any, optional: str) -> tuple[str, str, str]:
    """Return the relation of a foreign key, named where a model is led to by itself."""
    named = f'"{field.name}", ' if field.related_model is field.model else ""
    return (
        camel(field.name),
        f"{field.related_model.__name__}{optional}",
        (
            f"@relation({named}fields: [{column_name(field)}], references: [id], "
            "onDelete: NoAction, onUpdate: NoAction)"
        ),
    )


def _leading_back(relation: Any, name: str) -> tuple[str, str, str]:
    model = relation.related_model
    many = "?" if relation.one_to_one else "[]"
    named = f'@relation("{relation.field.name}")' if model is relation.model else ""
    plural = "tutorStudents" if name == "tutorstudent_set" else camel(name)
    return plural, f"{model.__name__}{many}", named


def _attributes(model: type[models.Model]) -> Iterator[str]:
    for constraint in _options(model).constraints:
        if names := _unique_fields(model, constraint):
            yield f'@@unique([{", ".join(names)}], map: "{constraint.name}")'
    for index in _options(model).indexes:
        names = _plain_fields(model, index.fields or _named(index.expressions))
        if names and index.condition is None:
            yield f'@@index([{", ".join(names)}], map: "{index.name}")'
    yield f'@@map("{_options(model).db_table}")'


def _options(model: type[models.Model]) -> Any:
    return model._meta  # noqa: SLF001 - Django documents it


def _unique_fields(model: type[models.Model], constraint: BaseConstraint) -> list[str]:
    if not isinstance(constraint, models.UniqueConstraint) or constraint.condition is not None:
        return []
    return _plain_fields(model, constraint.fields or _named(constraint.expressions))


def _named(expressions: Iterable[Any]) -> list[str]:
    """Return the fields of an index over nothing but columns, else none."""
    found = [*expressions]
    return [one.name for one in found] if all(isinstance(one, F) for one in found) else []


def _plain_fields(model: type[models.Model], names: Iterable[str]) -> list[str]:
    return [column_name(_options(model).get_field(name)) for name in names]
