"""Pages and API ask the rooms below: they compose no reads, open no transactions, lock nothing.

Their own tables (a form that was sent, an answer that is kept) have one file each that reads them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tandem

HOUSE = Path(tandem.__file__).parent
OWN_TABLES = {"api/idempotency.py", "web/submission.py"}
# What a type may say; and what composes a read of rows.
TYPES = {"QuerySet"}
COMPOSING = {
    "bulk_create", "bulk_update", "defer", "distinct", "exclude", "filter", "in_bulk",
    "only", "order_by", "prefetch_related", "select_for_update", "select_related", "union",
    "values_list",
}  # fmt: skip
NOT_ROWS = {"register"}


def files() -> Iterator[Path]:
    for skin in ("web", "api"):
        for path in sorted((HOUSE / skin).rglob("*.py")):
            if path.name != "models.py" and "migrations" not in path.parts:
                yield path


def reaching(tree: ast.AST) -> Iterator[str]:
    """Return each way in which a file reaches for rows, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in NOT_ROWS:
                pass
            case ast.Attribute(attr=attr) if attr in COMPOSING or attr == "objects":
                yield f"{node.lineno}: .{attr}"
            case ast.ImportFrom(module=str(module), names=names) if module.startswith("django.db"):
                taken = {one.name for one in names} - TYPES
                yield from (f"{node.lineno}: {module}.{name}" for name in sorted(taken))
            case ast.ImportFrom(module=str(module), names=names):
                locks = [one.name for one in names if one.name.startswith("lock_")]
                yield from (
                    f"{node.lineno}: {module}.{name}" for name in locks if module.endswith("steps")
                )


def test_a_skin_reaches_for_no_rows() -> None:
    found = {
        name: ways
        for path in files()
        if (name := str(path.relative_to(HOUSE))) not in OWN_TABLES
        and (ways := [*reaching(ast.parse(path.read_text()))])
    }
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "Student.objects.get(pk=1)", "rows.filter(a=1)", "rows.select_for_update()",
        "from django.db import transaction", "from tandem.lessons.steps import lock_session",
    ],
)  # fmt: skip
def test_it_would_be_noticed(line: str) -> None:
    """What is forbidden is found; what only looks like it is not."""
    assert [*reaching(ast.parse(line))]
    allowed = "register.filter('x', y)", "from django.db.models import QuerySet"
    assert not [way for one in allowed for way in reaching(ast.parse(one))]
