"""The page docs/reference/tables.md, made of the models. Run it to write the page."""

import os
from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models.options import Options

PAGE = Path(__file__).parents[1] / "docs/reference/tables.md"
ROOMS = ("people", "relationships", "lessons", "upgrade", "api", "web", "serving")
BEGINNING = """# Tables

Made of the models (`python -m tests.tables_page`); a test fails when it is not up to date. What a
table is for stands in [terms](../concepts/terms.md), what is held of people in
[personal data](personal-data.md), and what became of an old row in [mapping](mapping.md). `PK` is
the primary key, `FK` points to another table, *optional* columns may be null.

```mermaid
erDiagram
{lines}
```
"""
Model = type[models.Model]


def meta(model: Model) -> "Options[models.Model]":
    """Return what Django documents of a model under ``_meta``."""
    return model._meta  # noqa: SLF001 - it is documented in spite of its name


def tables() -> list[Model]:
    """Return Tandem's models, by their rooms."""
    own = [one for one in apps.get_models() if one.__module__.startswith("tandem.")]
    return sorted(own, key=lambda one: ROOMS.index(meta(one).app_label))


def page() -> str:
    """Return the page as it should be."""
    links = [line for model in tables() for line in _links(model)]
    parts = [BEGINNING.format(lines="\n".join(links))]
    for model in tables():
        parts += [f"## {meta(model).db_table}", "", _about(model), ""]
        parts += ["| column | type | |", "|---|---|---|", *_columns(model), ""]
        parts += [*_rules(model), ""] if list(_rules(model)) else []
    return "\n".join(parts).rstrip() + "\n"


def _about(model: Model) -> str:
    return " ".join((model.__doc__ or "").split("\n\n", maxsplit=1)[0].split()).replace("``", "`")


def _foreign(model: Model) -> "Iterator[models.ForeignKey[models.Model, models.Model]]":
    for field in meta(model).concrete_fields:
        if isinstance(field, models.ForeignKey):
            yield field


def _links(model: Model) -> Iterator[str]:
    """Yield a line of the drawing for each column that points to another of Tandem's tables."""
    for field in _foreign(model):
        target = field.related_model
        if isinstance(target, type) and target.__module__.startswith("tandem."):
            many = "|o" if isinstance(field, models.OneToOneField) else "}o"
            one = "o|" if field.null else "||"
            name = field.column.removesuffix("_id")
            yield f'  {meta(model).db_table} {many}--{one} {meta(target).db_table} : "{name}"'


def _columns(model: Model) -> Iterator[str]:
    from django.db import connection  # noqa: PLC0415 - once Django is set up

    targets = {field.column: meta(field.related_model).db_table for field in _foreign(model)}
    for field in meta(model).concrete_fields:
        marks = ["PK"] if field.primary_key else []
        marks += [f"FK to `{targets[field.column]}`"] if field.column in targets else []
        marks += ["optional"] if field.null else []
        yield f"| `{field.column}` | {field.db_type(connection)} | {', '.join(marks)} |"


def _rules(model: Model) -> Iterator[str]:
    """Yield what the database refuses, by the name under which it does."""
    kinds = {
        models.CheckConstraint: "check",
        models.UniqueConstraint: "unique",
        ExclusionConstraint: "exclusion",
    }
    found = [(kinds[type(one)], one.name) for one in meta(model).constraints]
    for kind in dict.fromkeys(kind for kind, _ in found):
        yield f"- {kind}: " + ", ".join(f"`{name}`" for one, name in found if one == kind)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.settings")
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@localhost/none")
    os.environ.setdefault("TANDEM_SECRET_KEY", "for a page that signs nothing, it has to be long")
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
