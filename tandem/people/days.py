"""Who teaches whom on a day, for statements and querysets: ``relationships.rules`` says the same.

Spelt so that a relationship with a fault is never made a range of days. An end that lies ahead is
no end yet. One of kind ``cover`` is dated from the start, and opens no more than its session.
"""

from datetime import date
from pathlib import Path

from django.db.models import Case, F, Q, When
from psycopg import sql

from tandem.kit.named_sql import NamedStatements

OPEN = ("active", "paused")
DAYS = NamedStatements(Path(__file__).with_name("days.sql"))


def teaches_on(row: str, day: str = "viewer_day") -> sql.Composable:
    """Return the condition that the relationship called ``row`` is taught on the value ``day``.

    Unless said, that is the day of ``scope``, on which the viewer is where they are.
    """
    return _of(row, "teaches_on", day=day)


def state_on(row: str, day: str) -> sql.Composable:
    """Return what the relationship called ``row`` is on the value ``day``, as SQL.

    A pause is told as it is decided by now: of a day that is over ``state_then`` knows better.
    """
    return _state(row, day, sql.SQL("{}.status").format(sql.Identifier(row)))


def state_then(row: str, day: str) -> sql.Composable:
    """Return the same, with a pause as it was decided by that day; reads the row's history."""
    return _state(row, day, _of(row, "decided_on", day=day))


def _state(row: str, day: str, decided: sql.Composable) -> sql.Composable:
    return DAYS["state_on"].format(
        row=sql.Identifier(row),
        in_doubt=end_in_doubt(row),
        day=sql.Placeholder(day),
        decided=decided,
    )


def holds_on(row: str, day: str) -> sql.Composable:
    """Return the condition that the relationship called ``row`` holds on the value ``day``."""
    return _of(row, "holds_on", day=day)


def turned_between(row: str, after: str, until: str) -> sql.Composable:
    """Return whether the days after one value, up to another, changed what ``row`` is."""
    return _of(row, "turned_between", after=after, until=until)


def end_in_doubt(row: str) -> sql.Composable:
    """Return the condition that the end of the relationship called ``row`` is none, as SQL."""
    return DAYS["in_doubt"].format(row=sql.Identifier(row))


def is_primary_on(row: str, day: str) -> sql.Composable:
    """Return whether the relationship called ``row`` is the primary on the value ``day``."""
    return _of(row, "is_primary_on", day=day)


def _of(row: str, name: str, **values: str) -> sql.Composable:
    """Return a fragment about the relationship called ``row``, with the names of its values."""
    days = {word: sql.Placeholder(value) for word, value in values.items()}
    return DAYS[name].format(row=sql.Identifier(row), in_doubt=end_in_doubt(row), **days)


def open_ended(prefix: str = "") -> Q:
    """Return the condition that a relationship goes on with no end known: for a queryset."""
    no_end = Q(**{f"{prefix}ended_on__isnull": True})
    return Q(**{f"{prefix}status__in": OPEN}) & (no_end | _in_doubt(prefix))


def known_end() -> Case:
    """Return the end of a relationship for a queryset; one in doubt is none."""
    return Case(When(_in_doubt(""), then=None), default=F("ended_on"))


def taking_a_place(day: date) -> Q:
    """Return the condition that a relationship takes a place of its tutor's on or after ``day``."""
    return Q(status__in=OPEN) & _goes_on_after(day)


def holding_on(day: date) -> Q:
    """Return the condition that a relationship holds on ``day``, a dated cover too."""
    goes_on = Q(ended_on__isnull=True) | Q(ended_on__gt=day) | _in_doubt("")
    return Q(started_on__lte=day, status__in=OPEN) & goes_on


def holding_from(day: date) -> Q:
    """Return the condition that a relationship holds on or after ``day``, or waits for an answer.

    A dated cover counts: no other of the same tutor, student and subject is made beside it.
    """
    ends_later = Q(ended_on__gt=day) & Q(ended_on__gt=F("started_on"))
    goes_on = Q(ended_on__isnull=True) | ends_later | _in_doubt("")
    return Q(status__in=(*OPEN, "pending")) & goes_on


def teaching_on(day: date, prefix: str = "") -> Q:
    """Return the same condition for a queryset; ``prefix`` leads to the relationship."""
    begun = Q(**{f"{prefix}started_on__lte": day, f"{prefix}status__in": OPEN})
    return begun & _goes_on_after(day, prefix)


def _goes_on_after(day: date, prefix: str = "") -> Q:
    """Return the condition that there is no end up to ``day``, and none of a dated cover."""
    ends_later = Q(**{f"{prefix}ended_on__gt": day}) | _in_doubt(prefix)
    return Q(**{f"{prefix}ended_on__isnull": True}) | (
        Q(**{f"{prefix}kind": "regular"}) & ends_later
    )


def _in_doubt(prefix: str) -> Q:
    return Q(**{f"{prefix}legacy_fault__contains": "end_date_on_open"})
