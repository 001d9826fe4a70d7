"""An export holds all that is held about a person, no key, and nothing about anybody else's child.

Every column of every table is classed: whose export tells it, or why none does.
"""

import json
from datetime import date

import pytest
from django.db import connection

from tandem.insights.personal_data import TABLES
from tandem.insights.subject_export import export_student, export_tutor
from tandem.kit.errors import ForbiddenError, NotFoundError
from tandem.lessons.actions import complete
from tandem.lessons.corrections import remove
from tandem.lessons.end_relationship import end
from tandem.lessons.time_off import add_time_off
from tandem.people.actions import update_tutor
from tandem.people.models import Parent, Subscription
from tandem.people.requester import Requester
from tandem.people.tokens import create_token
from tandem.upgrade.models import UnlinkedLegacyRow
from tests.cast import DECEMBER, NOW, Cast, at, booked, user


def test_every_column_of_every_table_is_classed(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        )
        there = {(table, column) for table, column in cursor.fetchall()}
    classed = {(name, column) for name, table in TABLES.items() for column in table.columns}
    assert there - classed == set()
    assert classed - there == set()


def test_whose_rows_are_told_has_columns_to_tell() -> None:
    """Where a table's rows are found for a person, something of them is told, and only there."""
    for name, table in TABLES.items():
        for about in ("student", "tutor"):
            tells = any(told.is_for(about) for told in table.columns.values())
            assert bool(table.condition(about)) == tells, (name, about)


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Ana has every kind of row that a student can have; so has Ben of a tutor's."""
    owner, ben = cast.owner, user(cast.ben)
    held = booked(cast.ben_ana, at(17, 16))
    complete(
        requester=Requester(ben, DECEMBER), session_id=held.pk,
        notes="Ana solves quadratics", homework="Page 12", progress=4,
    )  # fmt: skip
    booked(cast.cara_ana, at(18, 16))
    end(requester=Requester(owner, NOW), tutor_student_id=cast.cara_ana.pk, on=date(2026, 11, 20),
        reason="Moved to Bath")  # fmt: skip
    Parent.objects.create(student=cast.ana, full_name="Rosa Ruiz", phone="+34 600")
    Subscription.objects.create(
        tutor=cast.ben, status="active", stripe_customer_id="cus_ben", current_period_end=DECEMBER
    )
    add_time_off(
        requester=Requester(owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(20, 9),
        ends_at=at(21, 9),
    )
    update_tutor(requester=Requester(owner, NOW), tutor_id=cast.ben.pk, changes={"phone": "+44 20"})
    create_token(account=ben, name="Report", now=NOW)
    UnlinkedLegacyRow.objects.create(
        source_table="Session", source_id="old-1", reason="bad_time",
        row={"studentId": cast.ana.pk, "notes": "An hour that never was"},
    )  # fmt: skip
    return cast


def test_a_students_export_holds_what_is_about_the_student(busy: Cast) -> None:
    """Equal, column for column, to what the tables hold."""
    export = export_student(requester=Requester(busy.owner, NOW), student_id=busy.ana.pk)
    (record,) = export.held["student"]
    assert (record["full_name"], record["parent_email"]) == ("Ana Ruiz", "ruiz@home.example")
    assert export.held["parents"][0]["full_name"] == "Rosa Ruiz"
    assert {row["full_name"] for row in export.held["tutors"]} == {"Ben", "Cara"}
    assert [row["notes"] for row in export.held["sessions"]].count("Ana solves quadratics") == 1
    assert "Moved to Bath" in {row["end_reason"] for row in export.held["relationships"]}
    assert len(export.held["history"]) == 3
    assert "An hour that never was" in json.dumps(export.as_data())


def test_the_history_of_a_pairing_that_was_removed_is_told(cast: Cast) -> None:
    remove(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    held = export_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk).held
    assert "removed" in {event["what"] for event in held["history"]}
    assert len(held["relationships"]) == 1
    told = export_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk).held["history"]
    assert [event["what"] for event in told] == ["started", "removed"]


def test_an_export_holds_no_key(busy: Cast) -> None:
    """Neither the parents' link, nor a token's hash, nor a password."""
    told = json.dumps(
        [
            export_student(requester=Requester(busy.owner, NOW), student_id=busy.ana.pk).as_data(),
            export_tutor(requester=Requester(busy.owner, NOW), tutor_id=busy.ben.pk).as_data(),
        ]
    )
    ben = user(busy.ben)
    assert "Report" in told
    for key in (busy.ana.parent_link_token, ben.password, ben.tokens.get().token_hash):
        assert str(key) not in told


def test_a_tutors_export_says_nothing_of_the_children(busy: Cast) -> None:
    """When they taught is theirs; what was said of a student is the student's."""
    told = export_tutor(requester=Requester(busy.owner, NOW), tutor_id=busy.ben.pk)
    text = json.dumps(told.as_data())
    assert told.held["tutor"][0]["phone"] == "+44 20"
    assert told.held["subscriptions"][0]["stripe_customer_id"] == "cus_ben"
    assert len(told.held["sessions"]) == 1
    assert len(told.held["relationships"]) == 2
    for word in ("Ana", "Ruiz", "quadratics", "Page 12", "ruiz@home.example", "Cleo"):
        assert word not in text


def test_rows_of_others_are_not_told(busy: Cast) -> None:
    export = export_student(requester=Requester(busy.owner, NOW), student_id=busy.cleo.pk)
    assert "sessions" not in export.held
    assert "Ana" not in json.dumps(export.as_data())


def test_a_tutor_may_not_export(busy: Cast) -> None:
    """Owners alone: an export holds what other tutors wrote."""
    with pytest.raises(ForbiddenError, match="Only an owner"):
        export_student(requester=Requester(user(busy.ben), NOW), student_id=busy.ana.pk)
    with pytest.raises(ForbiddenError, match="Only an owner"):
        export_tutor(requester=Requester(user(busy.ben), NOW), tutor_id=busy.ben.pk)
    with pytest.raises(NotFoundError):
        export_student(requester=Requester(user(busy.dev), NOW), student_id=busy.ana.pk)
