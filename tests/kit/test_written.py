"""Queries whose SQL is written once: what is kept is the SQL, never a value."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet, Value
from django.db.transaction import TransactionManagementError, atomic

from tandem.kit.written import OneOf, made, written_once
from tandem.people.models import Account, Student
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import TERM, Cast


@dataclass(frozen=True)
class Wanted:
    """Some facts a list may be narrowed to."""

    name: str = ""
    since: date | None = None
    ids: tuple[str, ...] = ()


def test_one_shape_is_written_once(cast: Cast) -> None:
    """Other values come in without another look at the query; another shape is written anew."""
    written = []

    @written_once
    def named(wanted: Wanted) -> QuerySet[Student, Any]:
        written.append(wanted)
        rows = Student.objects.filter(full_name=wanted.name) if wanted.name else Student.objects
        return rows.order_by("full_name").values_list("pk")

    assert named(Wanted("Ana Ruiz")) == [(cast.ana.pk,)]
    assert named(Wanted("Cleo Hart")) == [(cast.cleo.pk,)]
    assert named(Wanted("Nobody")) == []
    assert len(written) == 1
    assert named(Wanted()) == [(cast.ana.pk,), (cast.cleo.pk,)]
    assert len(written) == 2


def test_nothing_of_a_call_is_kept(cast: Cast) -> None:
    """Neither the SQL nor what is kept beside it holds a value of the call that wrote it."""

    @written_once
    def taught(names: tuple[str, ...], since: date) -> QuerySet[TutorStudent, Any]:
        rows = TutorStudent.objects.filter(student__full_name__in=names, started_on__gte=since)
        return rows.values_list("pk")

    assert len(taught(("Ana Ruiz", "Cleo Hart"), TERM)) == 3
    assert taught(("Ana Ruiz", "Cleo Hart"), date.max) == []
    (statement,) = taught.kept()
    assert not any(word in f"{vars(statement)}" for word in ("Ana", "Cleo", "2026"))
    assert cast.ana.full_name == "Ana Ruiz"


def test_a_query_may_not_look_at_a_value(cast: Cast) -> None:
    """It may ask whether there is one; to compare it or to change it is refused."""

    @written_once
    def compared(name: str) -> QuerySet[Student, Any]:
        rows = Student.objects.all() if name == "Ana Ruiz" else Student.objects.none()
        return rows.values_list("pk")

    @written_once
    def changed(name: str) -> QuerySet[Student, Any]:
        return Student.objects.filter(full_name=name.strip()).values_list("pk")

    with pytest.raises(TypeError, match="cannot depend"):
        compared(cast.ana.full_name)
    with pytest.raises(AttributeError):
        changed(cast.ana.full_name)


def test_a_list_of_any_length_is_one_statement(cast: Cast) -> None:
    """None, one and two ids, and a condition that is turned round."""

    @written_once
    def those(ids: list[str]) -> QuerySet[Student, Any]:
        return Student.objects.filter(OneOf("pk", ids)).order_by("pk").values_list("pk")

    @written_once
    def others(ids: list[str]) -> QuerySet[Student, Any]:
        return Student.objects.exclude(OneOf("pk", ids)).order_by("pk").values_list("pk")

    both = sorted([cast.ana.pk, cast.cleo.pk])
    assert [row for (row,) in those(both)] == both
    assert those([cast.ana.pk]) == others([cast.cleo.pk]) == [(cast.ana.pk,)]
    assert those([]) == others(both) == []
    assert len(those.kept()) == len(others.kept()) == 1


def test_whole_rows_become_what_django_makes_of_them(cast: Cast) -> None:
    """Each column is where it belongs, and saving such a row writes it back."""

    @written_once
    def row(pk: str) -> QuerySet[TutorStudent, Any]:
        return TutorStudent.objects.filter(pk=pk).values_list()

    (link,) = made(TutorStudent, row(cast.ben_ana.pk))
    kept = TutorStudent.objects.values().get(pk=cast.ben_ana.pk)
    assert {name: getattr(link, name) for name in kept} == kept
    link.notes = "Fridays"
    link.save()
    assert TutorStudent.objects.get(pk=link.pk).notes == "Fridays"


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_only() -> None:
    """As Django has it, also when the SQL is there already."""

    @written_once
    def locked(pk: str) -> QuerySet[Account, Any]:
        return Account.objects.select_for_update().filter(pk=pk).values_list("pk")

    for _ in range(2):
        with pytest.raises(TransactionManagementError):
            locked("a")
        with atomic():
            assert locked("a") == []


@pytest.mark.django_db
def test_what_cannot_be_is_not_asked() -> None:
    """A query that Django knows to be empty has no rows, each time."""

    @written_once
    def nothing(pk: str) -> QuerySet[Student, Any]:
        return Student.objects.none().filter(pk=pk).values_list("pk")

    assert nothing("a") == nothing("b") == []


@pytest.mark.django_db
def test_columns_that_are_read_otherwise_are_refused() -> None:
    """JSON comes as text, and only Django would make a dictionary of it."""

    @written_once
    def details(pk: int) -> QuerySet[RelationshipEvent, Any]:
        return RelationshipEvent.objects.filter(pk=pk).values_list("details")

    with pytest.raises(TypeError, match="not read as they are stored"):
        details(1)


@pytest.mark.django_db
def test_the_server_prepares_what_is_asked_again() -> None:
    """From the sixth time on, unless the address is one of pgbouncer."""

    @written_once
    def marked(pk: str) -> QuerySet[Student, Any]:
        rows = Student.objects.filter(pk=pk).annotate(mark=Value("asked again"))
        return rows.values_list("pk", "mark")

    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"
    for number, threshold in enumerate((None, 5)):
        connection.ensure_connection()
        connection.connection.prepare_threshold = threshold
        for _ in range(6):
            marked(f"{number}")
        with connection.cursor() as cursor:
            cursor.execute(prepared, ['%people_student%AS "mark"%'])
            assert cursor.fetchone() == (number,)
