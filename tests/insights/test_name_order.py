"""Lists by name: as people look for one, in parts that make the whole, found in an index."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from tandem.insights import pages
from tandem.insights.filters import longest_first, patterns_of
from tandem.insights.list_statements import students_statement
from tandem.insights.pages import Part, StudentList
from tandem.kit.ids import new_id
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


def test_a_part_of_a_name_is_found_in_an_index(viewer: Viewer) -> None:
    """By its longest word, whatever else is looked at."""
    statement = students_statement(
        Role.OWNER, frozenset(), frozenset({"q"}), newest=False, further=False
    )
    words = patterns_of("Zoë Müller")
    longest, others = longest_first(words)
    assert (longest, others) == ("%muller%", ["%zoe%"])
    values = {**scope_values(viewer), "q": words, "longest": longest, "others": others, "most": 3}
    assert "Bitmap Index Scan on student_by_letters" in plan(statement, values)


@pytest.mark.django_db(transaction=True)
def test_without_the_right_to_add_trigrams_names_are_found_all_the_same() -> None:
    """The index is left out by who may not add the module, and made by who may."""
    migration = import_module("tandem.people.migrations.0025_lists_by_plain_letters")
    editor, role = SimpleNamespace(connection=connection), f"tandem_no_module_{new_id()}"
    there = "SELECT count(*) FROM pg_indexes WHERE indexname = 'student_by_letters'"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP EXTENSION pg_trgm CASCADE; CREATE ROLE {role}; SET ROLE {role}")
        try:
            migration.find_by_parts(None, editor)
            cursor.execute(there)
            assert cursor.fetchone() == (0,)
        finally:
            cursor.execute(f"RESET ROLE; DROP ROLE {role}")
            migration.find_by_parts(None, editor)
        cursor.execute(there)
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_what_a_broken_attempt_left_of_an_index_goes() -> None:
    """Those that are made of names are made anew; half of one is dropped, not finished beside."""
    migration = import_module("tandem.people.migrations.0026_names_without_apostrophes")
    left = "student_by_plain_name_ccnew"
    order = 'tandem_name_order(full_name) COLLATE "C"'
    broken_off = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX {left} ON people_student (({order}), id)")
        cursor.execute(broken_off, [left])
        migration.make_indexes_anew(None, SimpleNamespace(connection=connection))
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'people_student'")
        there = {row[0] for row in cursor.fetchall()}
    assert {"student_by_plain_name", "student_by_letters"} <= there
    assert left not in there


def test_a_page_of_guardians_is_found_in_an_index(viewer: Viewer) -> None:
    query = Guardian.objects.order_by(by_name(), "id")[:3].query
    found = plan(*query.sql_with_params())
    assert "guardian_by_plain_name" in found
    assert "Sort" not in found
