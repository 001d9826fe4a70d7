"""Named SQL: files of statements, put together once, run on Django's connection."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import IntegrityError, connection
from django.db.transaction import TransactionManagementError, atomic
from django.test.utils import CaptureQueriesContext
from psycopg import sql

from tandem.kit.named_sql import (
    NamedStatements,
    Query,
    all_of,
    columns_of,
    fetch_all,
    fetch_instances,
    fetch_locked,
    fetch_rows,
    fetch_rows_of_each,
    fetch_rows_of_last,
)
from tandem.people.models import Student
from tandem.relationships.models import TutorStudent
from tandem.serving.requests import QueryCount
from tests.cast import Cast

FILE = """
-- name: named(name)
-- Students of a name.
SELECT student.id, student.full_name FROM people_student student
WHERE student.full_name = :name AND {condition};

-- name: grown_up()
student.year <> '';
"""


class Named(NamedTuple):
    """What ``named`` returns."""

    id: str
    full_name: str


@pytest.fixture
def statements(tmp_path: Path) -> NamedStatements:
    """A file with a statement and a fragment."""
    path = tmp_path / "some.sql"
    path.write_text(FILE, encoding="utf-8")
    return NamedStatements(path)


def test_a_statement_is_put_together_with_a_fragment(
    cast: Cast, statements: NamedStatements
) -> None:
    """Its rows are typed; values go apart, whatever stands in them."""
    any_year = statements.compose("named", condition=all_of([]))
    with_year = statements.compose("named", condition=statements["grown_up"])
    ana, cleo = Named(cast.ana.pk, "Ana Ruiz"), Named(cast.cleo.pk, "Cleo Hart")
    assert fetch_all(any_year, {"name": "Cleo Hart"}, Named) == [cleo]
    assert fetch_all(with_year, {"name": "Ana Ruiz"}, Named) == [ana]
    assert fetch_all(with_year, {"name": "Cleo Hart"}, Named) == []
    assert fetch_rows(any_year, {"name": "' OR true --%s"}) == []


def test_what_a_file_does_not_have_is_refused(statements: NamedStatements, tmp_path: Path) -> None:
    """A name that is none, a fragment left out, a value that the file does not declare."""
    with pytest.raises(KeyError):
        statements.compose("nothing")
    with pytest.raises(KeyError):
        statements.compose("named")
    path = tmp_path / "wrong.sql"
    path.write_text("-- name: wrong()\nSELECT :value;\n", encoding="utf-8")
    with pytest.raises(Exception, match="undeclared parameter"):
        NamedStatements(path)


def test_every_condition_has_to_hold() -> None:
    """One after the other; of none, what always holds."""
    assert all_of([sql.SQL("a"), sql.SQL("b")]).as_string(None) == "a AND b"
    assert all_of([]).as_string(None) == "true"


def test_whole_rows_become_what_django_makes_of_them(cast: Cast) -> None:
    """Each column is where it belongs, and saving such a row writes it back."""
    columns = columns_of(TutorStudent, "link").as_string(None)
    statement = f"SELECT {columns} FROM relationships_tutorstudent link WHERE link.id = %(id)s"
    (link,) = fetch_instances(statement, {"id": cast.ben_ana.pk}, TutorStudent)
    kept = TutorStudent.objects.values().get(pk=cast.ben_ana.pk)
    assert {name: getattr(link, name) for name in kept} == kept
    link.notes = "Fridays"
    link.save()
    assert TutorStudent.objects.get(pk=link.pk).notes == "Fridays"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "fetch",
    [
        lambda statement: fetch_locked(statement, {}, Student),
        lambda statement: fetch_rows_of_last([Query(statement, {})]),
    ],
)
def test_rows_are_locked_in_a_transaction_only(fetch: Callable[[str], Any]) -> None:
    """Outside of one the lock would be gone at once."""
    statement = "SELECT * FROM people_student FOR NO KEY UPDATE"
    with pytest.raises(TransactionManagementError):
        fetch(statement)
    with atomic():
        assert fetch(statement) == []


@pytest.mark.django_db(transaction=True)
def test_statements_that_are_sent_together_are_a_transaction() -> None:
    """Each sees what those before it wrote; where one fails nothing stays, and work goes on."""
    write = """INSERT INTO people_subject (id, name) VALUES (%(id)s, %(name)s) RETURNING id"""
    read = "SELECT name FROM people_subject WHERE id = %(id)s OR name = %(name)s"
    with atomic():
        art = {"id": "a", "name": "Art"}
        assert fetch_rows_of_last([Query(write, art), Query(read, art)]) == [("Art",)]
    same = {"id": "b", "name": "art"}
    with pytest.raises(IntegrityError), atomic():
        fetch_rows_of_last([Query(write, same), Query(read, same)])
    other = {"id": "b", "name": "Art"}
    assert fetch_rows_of_each([Query(read, art), Query(read, other)]) == [[("Art",)], [("Art",)]]


def test_what_is_asked_is_seen_by_who_counts_queries(cast: Cast) -> None:
    """As Django's own queries are."""
    with CaptureQueriesContext(connection) as seen:
        fetch_rows("SELECT 'counted'", {})
        fetch_rows_of_each([Query("SELECT 'first'", {}), Query("SELECT 'second'", {})])
    assert [one["sql"] for one in seen] == ["SELECT 'counted'", "SELECT 'first'", "SELECT 'second'"]


@pytest.mark.django_db
def test_the_server_prepares_what_is_asked_again() -> None:
    """From the sixth time on, unless the address is one of pgbouncer."""
    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"
    for number, threshold in enumerate((None, 5)):
        connection.ensure_connection()
        connection.connection.prepare_threshold = threshold
        for _ in range(6):
            fetch_rows("SELECT 'asked again', full_name FROM people_student", {})
        with connection.cursor() as cursor:
            cursor.execute(prepared, ["SELECT 'asked again'%"])
            assert cursor.fetchone() == (number,)


def test_what_is_counted_for_the_log_is_what_was_sent(
    cast: Cast, statements: NamedStatements
) -> None:
    """Statements from files beside Django's own, those sent together one by one."""
    statement = statements.compose("named", condition=all_of([]))
    count = QueryCount()
    with connection.execute_wrapper(count):
        fetch_rows(statement, {"name": "Ana Ruiz"})
        fetch_rows_of_each([Query(statement, {"name": "Ana Ruiz"})] * 2)
        assert Student.objects.filter(full_name="Ana Ruiz").count() == 1
    assert count.count == 4
