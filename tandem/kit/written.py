"""Queries whose SQL Django writes once.

Writing the SQL of a query takes Django longer than PostgreSQL takes to answer it. What every
request asks is therefore a function from its arguments to a query, marked ``written_once``. It is
called with a ``Slot`` in the place of each text, date and list, once for each shape of its
arguments; what is kept is the SQL, and a call puts its own values in.

No value of a request ever reaches the function, so nothing of one person's request can be kept for
another's. It may ask whether a value is there, never what it is: a slot refuses to be compared.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import update_wrapper
from itertools import count
from typing import Any, Generic, ParamSpec, TypeVar

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Expression, Func, Model, QuerySet
from django.db.transaction import TransactionManagementError

P = ParamSpec("P")
Row = TypeVar("Row", bound=Model)

SHAPES_KEPT = 256
NOT_THERE: tuple[Any, ...] = (None, "", ())


class Slot(Expression):
    """Stands in a query for a value that is still to come."""

    def __init__(self, number: int) -> None:
        super().__init__(output_field=None)
        self.number = number

    def as_sql(self, *_compiler: Any, **_context: Any) -> Any:
        return "%s", [self]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Slot):
            return self.number == other.number
        if other in NOT_THERE:
            return False
        raise TypeError("What a query looks like cannot depend on a value that is still to come.")

    def __hash__(self) -> int:
        return hash((Slot, self.number))


class Statement:
    """The SQL of a query, with slots among its values. Without SQL it has no rows."""

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        self.sql = ""
        self.values: Sequence[Any] = ()
        self.locks = rows.query.select_for_update
        compiler = rows.query.get_compiler(connection=connection)
        try:
            self.sql, self.values = compiler.as_sql()
        except EmptyResultSet:
            return
        if compiler.get_converters([column for column, _, _ in compiler.select]):
            raise TypeError("These columns are not read as they are stored.")

    def rows(self, values: list[Any]) -> list[tuple[Any, ...]]:
        """Run it with the values of this call."""
        if self.locks and not connection.in_atomic_block:
            raise TransactionManagementError("Rows are locked in a transaction only.")
        if not self.sql:
            return []
        given = [values[one.number] if isinstance(one, Slot) else one for one in self.values]
        return asked(self.sql, given)


def asked(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement that is often run, and return its rows.

    Its values go to the server apart, so that psycopg can let the server prepare it (see
    ``prepare_threshold`` in the settings): planning it takes longer than running it.
    """
    connection.ensure_connection()
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    bare: Any = psycopg.Cursor(connection.connection)
    with wrapped(bare) as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


class WrittenOnce(Generic[P]):
    """Calls give the rows of the query that the function makes, as plain tuples."""

    def __init__(self, query: Callable[P, QuerySet[Any, Any]]) -> None:
        self.query = query
        update_wrapper(self, query)
        self._statements: dict[Hashable, Statement] = {}

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[tuple[Any, ...]]:
        if kwargs:
            raise TypeError("Give the arguments in their order.")
        values: list[Any] = []
        shape = tuple([_shape(value, values) for value in args])
        statement = self._statements.get(shape)
        if statement is None:
            if len(self._statements) >= SHAPES_KEPT:
                self._statements.clear()
            statement = self._statements[shape] = self._written(args)
        return statement.rows(values)

    def kept(self) -> list[Statement]:
        """Return what has been written so far."""
        return list(self._statements.values())

    def _written(self, args: Any) -> Statement:
        query: Any = self.query
        numbers = count()
        return Statement(query(*[_with_slots(value, numbers) for value in args]))


def written_once(query: Callable[P, QuerySet[Any, Any]]) -> WrittenOnce[P]:
    """Mark a function of a ``values_list`` query. Its arguments may be dataclasses and tuples."""
    return WrittenOnce(query)


class OneOf(Func):
    """The condition that a column holds one of a list of texts, in the same SQL for any length."""

    arity = 2
    arg_joiner = " = ANY("
    template = "%(expressions)s)"
    output_field = BooleanField()


def made(model: type[Row], rows: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Return rows that have every column, in the order of the model, as its instances."""
    names = [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001 - documented
    return [model.from_db(connection.alias, names, row) for row in rows]


def _shape(value: Any, values: list[Any]) -> Hashable:
    """Return what the SQL may depend on, and put what it may not into ``values``."""
    if value in NOT_THERE or isinstance(value, (bool, int)):
        return (type(value), value)
    if isinstance(value, tuple):
        return tuple([_shape(one, values) for one in value])
    if is_dataclass(value):
        inside = [_shape(getattr(value, field.name), values) for field in fields(value)]
        return (type(value), *inside)
    values.append(value)
    return Slot


def _with_slots(value: Any, numbers: Iterator[int]) -> Any:
    if value in NOT_THERE or isinstance(value, (bool, int)):
        return value
    if isinstance(value, tuple):
        return tuple(_with_slots(one, numbers) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        inside = {
            field.name: _with_slots(getattr(value, field.name), numbers) for field in fields(value)
        }
        return type(value)(**inside)
    return Slot(next(numbers))
