"""What a relationship is on a day follows from its dates, in Python and in SQL alike."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tandem.kit.errors import ConflictError
from tandem.kit.named_sql import fetch_rows
from tandem.people.days import holding_from, holding_on, holds_on, state_on, teaches_on, teaching_on
from tandem.relationships.capacity import check_capacity
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.rules import OPEN, RelationshipState
from tests.cast import Cast

BEGIN = date(2026, 11, 20)
DAYS = st.integers(-4, 12).map(lambda days: BEGIN + timedelta(days=days))
HELD = """
SELECT {}, {}, {} FROM relationships_tutorstudent relationship WHERE relationship.id = %(id)s
"""
STATEMENT = sql.SQL(HELD).format(
    *(says("relationship", "day") for says in (state_on, teaches_on, holds_on))
)


def planned(**given: Any) -> RelationshipState:
    always: dict[str, Any] = {"id": "r", "tutor": "t", "student": "s", "subject": None}
    return RelationshipState(**{**always, "started_on": BEGIN, **given})


@pytest.mark.parametrize(
    ("day", "state"),
    [(BEGIN - timedelta(days=1), "planned"), (BEGIN, "active"), (date(2026, 12, 19), "active")],
)
def test_an_end_that_lies_ahead_is_no_end_yet(day: date, state: str) -> None:
    """Until the day of the end it goes on as decided; before its start it is planned."""
    leaving = planned(ended_on=date(2026, 12, 20))
    assert leaving.on(day) == state
    paused = planned(status="paused", ended_on=date(2026, 12, 20))
    assert paused.on(day) == ("paused" if state == "active" else state)


def test_it_has_ended_from_its_last_day_on() -> None:
    """The end is not included; one that began and ended on one day holds on no day."""
    assert planned(ended_on=date(2026, 12, 20)).on(date(2026, 12, 20)) == "ended"
    assert planned(ended_on=BEGIN).on(BEGIN) == "ended"


def test_what_holds_on_no_day_is_never_planned() -> None:
    """It is over before it begins: nothing comes of it."""
    before = BEGIN - timedelta(days=9)
    assert planned(ended_on=BEGIN).on(before) == "ended"
    assert planned(ended_on=BEGIN + timedelta(days=1)).on(before) == "planned"


def test_what_has_no_days_stays_what_it_is() -> None:
    """A request waits, a refusal stays, and an end that nobody knows holds on no day."""
    assert [planned(status=one).on(BEGIN) for one in ("pending", "declined", "ended")] == [
        "pending",
        "declined",
        "ended",
    ]
    doubtful = planned(ended_on=BEGIN, is_end_doubtful=True)
    assert doubtful.on(BEGIN + timedelta(days=9)) == "active"


def test_places_are_counted_on_every_day() -> None:
    """Who leaves before another comes makes room for them; a cover of a day takes no place."""
    leaving = planned(ended_on=date(2026, 12, 20))
    coming = RelationshipState("c", "t", "u", None, started_on=date(2026, 12, 20))
    cover = planned(ended_on=BEGIN + timedelta(days=1), kind="cover")
    check_capacity([leaving, coming, cover], capacity=2, since=BEGIN)
    check_capacity([leaving], capacity=1, since=date(2026, 12, 20))
    with pytest.raises(ConflictError, match="on Fri 20 Nov 2026 already teaches 2"):
        check_capacity([leaving, planned()], capacity=2, since=BEGIN)


def test_the_first_day_without_a_place_is_named() -> None:
    """Not today's, where the tutor is full only later; the days asked about alone count."""
    later, latest = date(2026, 12, 20), date(2027, 1, 10)
    coming = [planned(started_on=later), planned(started_on=latest)]
    with pytest.raises(ConflictError, match="on Sun 20 Dec 2026 already teaches 1") as refusal:
        check_capacity(coming, capacity=1, since=BEGIN)
    assert refusal.value.details == {"capacity": 1, "teaching": 1, "date": "2026-12-20"}
    with pytest.raises(ConflictError, match="on Sun 10 Jan 2027 already teaches 2"):
        check_capacity(coming, capacity=2, since=BEGIN)
    check_capacity(coming, capacity=1, since=BEGIN, until=later)
    with pytest.raises(ConflictError, match="on Sun 10 Jan 2027 already teaches 2"):
        check_capacity(coming, capacity=2, since=BEGIN, more=0, back=[planned(started_on=later)])
    check_capacity([*coming, *coming], capacity=1, since=BEGIN, more=0)


@pytest.mark.usefixtures("db")
class TestBothSay:
    """SQL, querysets and Python agree."""

    @settings(
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        status=st.sampled_from(["pending", "active", "paused", "ended", "declined"]),
        kind=st.sampled_from(["regular", "cover"]),
        fault=st.sampled_from(["", "end_date_on_open", "no_end_date", "ends_before_start overlap"]),
        started_on=DAYS,
        ended_on=st.none() | DAYS,
        day=DAYS,
    )
    def test_the_same(
        self,
        cast: Cast,
        status: str,
        kind: str,
        fault: str,
        started_on: date,
        ended_on: date | None,
        day: date,
    ) -> None:
        """Whatever a row holds, faults included, every spelling gives one answer."""
        ended_on = None if status == "ended" else ended_on
        fault = fault or _named(status, started_on, ended_on)
        TutorStudent.objects.filter(pk=cast.cara_ana.pk).update(
            status=status, kind=kind, legacy_fault=fault, started_on=started_on, ended_on=ended_on
        )
        row = TutorStudent.objects.get(pk=cast.cara_ana.pk)
        ((state, teaches, holds),) = fetch_rows(
            STATEMENT.as_string(None), {"id": row.pk, "day": day}
        )
        assert state == state_of(row).on(day)
        taught = TutorStudent.objects.filter(teaching_on(day), pk=row.pk).exists()
        assert taught is bool(teaches)
        held = TutorStudent.objects.filter(holding_on(day), pk=row.pk).exists()
        assert held is bool(holds) is (state in OPEN)
        waits_or_holds = TutorStudent.objects.filter(holding_from(day), pk=row.pk).exists()
        if status != "ended":
            assert waits_or_holds is state_of(row).holds_from(day)
        if not (kind == "cover" and ended_on) and not fault:
            assert bool(teaches) is (state in OPEN)


def _named(status: str, started_on: date, ended_on: date | None) -> str:
    """Return the fault that a row has to bear to be kept at all, or ''."""
    if status == "ended":
        return "no_end_date"
    if status in {"pending", "declined"} and ended_on:
        return "end_date_on_open"
    return "ends_before_start" if ended_on and ended_on < started_on else ""
