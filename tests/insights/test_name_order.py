"""Lists by name: as people look for one, in parts that make the whole, found in an index."""

from typing import Any

import pytest
from django.db import connection

from tandem.insights import pages
from tandem.insights.list_statements import students_statement
from tandem.insights.pages import Part, StudentList
from tandem.kit.keyset import Place
from tandem.kit.plain_letters import by_name
from tandem.people.models import Guardian, Student
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.people.scope import Role, scope_values
from tests.cast import NOW, Cast

NAMES = ["Ángel", "anna", "Bea", "Łukasz", "łukasz", "Ömer", "Özil", "Zoe", "Zoë", "zoe"]
"""As they stand: those with equal letters by the name itself, capitals first."""
IN_ORDER = ["Ángel", "anna", "Bea", "Łukasz", "łukasz", "Ömer", "Özil", "Zoe", "Zoë", "zoe"]


@pytest.fixture
def viewer(cast: Cast) -> Viewer:
    """The owner, who sees these students alone."""
    Student.objects.all().update(active=False)
    Student.objects.bulk_create(Student(full_name=one) for one in reversed(NAMES))
    return Requester(cast.owner, NOW).viewer


def everything(viewer: Viewer, *, falling: bool) -> list[str]:
    """Read a list in parts of three."""
    found: list[str] = []
    place: Place | None = None
    while rows := pages.students(viewer, Part(place, 3, falling=falling), StudentList()):
        found += [row.full_name for _, row in rows]
        place = Place(rows[-1][0], rows[-1][1].id)
    return found


def test_parts_of_a_list_are_in_order_both_ways(viewer: Viewer) -> None:
    """Each name once, however it is written."""
    assert everything(viewer, falling=False) == IN_ORDER
    assert everything(viewer, falling=True) == IN_ORDER[::-1]


def plan(statement: str, values: Any) -> str:
    """Return how the server would go about a statement on a table that is large."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {statement}", values)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_part_is_found_in_an_index(viewer: Viewer) -> None:
    """Its beginning, too: no row before it is read."""
    statement = students_statement(Role.OWNER, frozenset(), frozenset(), newest=False, further=True)
    values = {**scope_values(viewer), "after_key": "b", "after_id": "", "most": 3}
    found = plan(statement, values)
    assert "student_by_plain_name" in found
    assert "Index Cond: (ROW(" in found
    assert "Sort" not in found


def test_a_page_of_guardians_is_found_in_an_index(viewer: Viewer) -> None:
    query = Guardian.objects.order_by(by_name(), "id")[:3].query
    found = plan(*query.sql_with_params())
    assert "guardian_by_plain_name" in found
    assert "Sort" not in found
