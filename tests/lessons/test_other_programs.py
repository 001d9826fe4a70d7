"""What a program writes that is not Tandem: judged by the database, and told in the history."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tandem.lessons.models import Session, SessionEvent
from tandem.people.models import Account
from tandem.relationships.events import state_of
from tandem.relationships.history import replay
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.web.words import session_event_sentence
from tests.cast import NOW, Cast, at, booked
from tests.primaries import check_periods

PLAN = """
INSERT INTO lessons_session (tutor_student_id, starts_at, ends_at)
VALUES (%s, %s, %s::timestamptz + interval '1 hour') RETURNING id
"""
Write = Callable[..., str | None]


@pytest.fixture
def write(cast: Cast) -> Write:
    """Write as another program, with its own word; return the first value that comes back."""

    def written(statement: str, *values: Any) -> str | None:
        with other_program(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            row = cursor.fetchone() if cursor.description else None
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        return str(row[0]) if row else None

    return written


@contextmanager
def other_program() -> Iterator[None]:
    """What is written meanwhile is not Tandem's; a refusal takes the word back with the rest."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL tandem.application = 'off'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL tandem.application = 'on'")


def refused(write: Write, statement: str, *values: object) -> str | None:
    """Return the name of the rule that refused a statement."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        write(statement, *values)
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name


def lines(session_id: str | None) -> list[str]:
    return [session_event_sentence(one) for one in SessionEvent.objects.filter(session=session_id)]


def test_a_session_is_planned_by_its_relationship_and_its_hours(cast: Cast, write: Write) -> None:
    """The tutor and the student follow, with all that is usual; the page tells what was done."""
    pk = write(PLAN, cast.ben_ana.pk, at(17, 16), at(17, 16))
    made = Session.objects.get(pk=pk)
    assert (made.tutor, made.student, made.status) == (cast.ben, cast.ana, "scheduled")
    write("UPDATE lessons_session SET starts_at = starts_at - interval '1 hour' WHERE id = %s", pk)
    write("UPDATE lessons_session SET homework = 'p. 3' WHERE id = %s", pk)
    write("UPDATE lessons_session SET status = 'cancelled' WHERE id = %s", pk)
    assert lines(pk) == [
        "Planned",
        "Moved from Tue 17 Nov 2026, 16:00 to Tue 17 Nov 2026, 15:00",
        "Something written about it was changed",
        "Cancelled",
    ]
    assert Session.objects.get(pk=pk).updated_at > made.updated_at


def test_an_end_in_doubt_ends_nothing(cast: Cast, write: Write) -> None:
    """What an older database calls open and gives a past end goes on until that is repaired."""
    link = TutorStudent.objects.filter(pk=cast.ben_ana.pk)
    link.update(ended_on=at(1, 0).date(), is_primary=False)
    assert refused(write, PLAN, cast.ben_ana.pk, at(17, 16), at(17, 16)) == (
        "session_within_relationship"
    )
    link.update(legacy_fault="end_date_on_open")
    assert write(PLAN, cast.ben_ana.pk, at(17, 16), at(17, 16))


def test_who_acts_is_told_where_it_is_said(cast: Cast, write: Write) -> None:
    """By the id of an account, for a transaction."""
    write("SELECT set_config('tandem.actor', %s, true)", cast.owner.pk)
    pk = write(PLAN, cast.ben_ana.pk, at(17, 16), at(17, 16))
    write("SELECT set_config('tandem.actor', '', true)")
    write("DELETE FROM lessons_session WHERE id = %s", pk)
    who: list[Account | None] = [one.actor for one in SessionEvent.objects.filter(session=pk)]
    assert who == [cast.owner, None]


def test_what_an_action_does_has_the_line_of_the_action_alone(cast: Cast) -> None:
    """The database writes none for Tandem's own connections."""
    session = booked(cast.ben_ana, at(17, 16))
    assert lines(session.pk) == ["Planned"]
    assert RelationshipEvent.objects.filter(relationship=cast.ben_ana).count() == 1


@pytest.mark.parametrize("name", ["tandem web", "tandem command"])
def test_through_pgbouncer_the_name_says_that_it_is_tandem(
    cast: Cast, write: Write, name: str
) -> None:
    """There a connection has no word of its own."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL application_name = '{name}'")
    assert refused(write, PLAN, cast.ben_ana.pk, at(17, 16), at(17, 16)) is None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL application_name = 'tandem'")
    assert write(PLAN, cast.ben_ana.pk, at(17, 16), at(17, 16))


def test_hours_that_are_taken_are_refused(cast: Cast, write: Write) -> None:
    """By what is planned and by what was held alike; next to it there is room."""
    held = booked(cast.ben_ana, at(17, 16))
    Session.objects.filter(pk=held.pk).update(status="completed")
    taken = cast.ben_cleo.pk, at(17, 16), at(17, 16)
    assert refused(write, PLAN, *taken) == "session_tutor_in_one_place"
    taken = cast.cara_ana.pk, at(17, 16), at(17, 16)
    assert refused(write, PLAN, *taken) == "session_student_in_one_place"
    assert write(PLAN, cast.ben_cleo.pk, at(17, 17), at(17, 17))


def test_the_last_day_is_for_what_was_held(cast: Cast, write: Write) -> None:
    """As in the actions: nothing is planned on it."""
    TutorStudent.objects.filter(pk=cast.cara_ana.pk).update(ended_on=at(17, 0).date())
    day = cast.cara_ana.pk, at(17, 16), at(17, 16)
    assert refused(write, PLAN, *day) == "session_within_relationship"
    assert write(PLAN, cast.cara_ana.pk, at(16, 16), at(16, 16))


def test_a_relationship_begins_changes_and_ends_with_its_lines(cast: Cast, write: Write) -> None:
    """From which it can be built again; the mark goes to the oldest where nobody has it."""
    pk = write(
        "INSERT INTO relationships_tutorstudent (tutor_id, student_id, started_on)"
        " VALUES (%s, %s, '2026-09-02') RETURNING id",
        cast.dev.pk,
        cast.ana.pk,
    )
    change = "UPDATE relationships_tutorstudent SET {} WHERE id = %s"
    write(change.format("status = 'paused'"), pk)
    write(change.format("status = 'active'"), pk)
    write(change.format("started_on = '2026-09-03'"), pk)
    ended = "status = 'ended', ended_on = '2026-11-01', is_primary = false"
    write(change.format(ended), cast.ben_ana.pk)
    write(change.format("ended_on = '2026-11-02'"), cast.ben_ana.pk)
    write(change.format("ended_on = NULL, status = 'active'"), cast.ben_ana.pk)
    whats = {
        key: [one.what for one in RelationshipEvent.objects.filter(relationship=key)]
        for key in (pk, cast.ben_ana.pk, cast.cara_ana.pk)
    }
    assert whats == {
        pk: ["started", "paused", "resumed", "corrected"],
        cast.ben_ana.pk: ["started", "ended", "corrected", "reopened"],
        cast.cara_ana.pk: ["started", "made_primary"],
    }
    rows = {row.pk: state_of(row) for row in TutorStudent.objects.all()}
    assert replay(RelationshipEvent.objects.order_by("id")) == rows
    check_periods()
    write("DELETE FROM relationships_tutorstudent WHERE id = %s", pk)
    assert pk not in replay(RelationshipEvent.objects.order_by("id"))


def test_a_place_is_refused_where_none_is_free(cast: Cast, write: Write) -> None:
    """On any day of it; what ends before makes room, and a tutor without a limit has always."""
    add = (
        "INSERT INTO relationships_tutorstudent (tutor_id, student_id, started_on)"
        " VALUES (%s, %s, %s) RETURNING id"
    )
    cast.cara.capacity = 1
    cast.cara.save()
    wanted = add, cast.cara.pk, cast.cleo.pk
    assert refused(write, *wanted, "2999-01-01") == "tutor_student_capacity"
    TutorStudent.objects.filter(pk=cast.cara_ana.pk).update(ended_on="2998-06-01")
    assert refused(write, *wanted, NOW.date()) == "tutor_student_capacity"
    assert write(*wanted, "2999-01-01")
    assert write(add, cast.dev.pk, cast.cleo.pk, "2026-09-01")
