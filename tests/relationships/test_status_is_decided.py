"""A relationship's status is what people decided; that it has ended its dates say alone."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tandem.lessons import end_relationship, reopening
from tandem.people.requester import Requester
from tandem.relationships import actions
from tandem.relationships.events import state_of
from tandem.relationships.history import replay
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.queries import events_of_student
from tests.cast import NOW, Cast, at, user

MIGRATION = import_module("tandem.relationships.migrations.0011_status_is_what_was_decided")
DAY = at(20, 0).date()
JUNE = "2026-06-01"


def as_stored(row: TutorStudent) -> TutorStudent:
    return TutorStudent.objects.get(pk=row.pk)


def put(row: TutorStudent, **values: Any) -> TutorStudent:
    TutorStudent.objects.filter(pk=row.pk).update(**values)
    return as_stored(row)


@pytest.mark.django_db
def test_an_end_changes_nothing_else(cast: Cast) -> None:
    """Neither in the row nor in the history, which tells of the date; who was paused is paused."""
    actions.pause(requester=Requester(user(cast.cara), NOW), tutor_student_id=cast.cara_ana.pk)
    end_relationship.end(
        requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk, on=DAY
    )
    row = as_stored(cast.cara_ana)
    assert (row.status, row.ended_on) == ("paused", DAY)
    line = RelationshipEvent.objects.filter(relationship=row).latest("id")
    assert (line.what, line.details["set"]) == (
        "ended",
        {"ended_on": f"{DAY}", "is_primary": False},
    )
    told = replay(events_of_student(cast.ana.pk))[row.pk]
    assert told == state_of(row)
    back = reopening.reopen(requester=Requester(cast.owner, NOW), tutor_student_id=row.pk).row
    assert (back.status, back.ended_on) == ("paused", None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [
        {"status": "ended"},
        {"status": "ended", "ended_on": DAY},
        {"status": "ended", "ended_on": DAY, "legacy_fault": "overlap"},
        {"status": "pending", "ended_on": DAY},
        {"status": "declined", "ended_on": DAY},
    ],
)
def test_the_database_holds_no_other(cast: Cast, values: dict[str, Any]) -> None:
    """Neither ``ended`` nor an end of what never began, but where an import could not know."""
    refused = pytest.raises(IntegrityError, match="tutor_student_status_is_decided")
    with refused, transaction.atomic():
        put(cast.cara_ana, **values)
    assert put(cast.cara_ana, status="ended", legacy_fault="no_end_date").status == "ended"
    assert put(cast.cara_ana, status="paused", ended_on=DAY, legacy_fault="").ended_on == DAY


@pytest.mark.django_db
def test_who_has_an_end_has_no_mark(cast: Cast) -> None:
    """The mark is for days without an end; an imported end in doubt takes it from nobody."""
    refused = pytest.raises(IntegrityError, match="tutor_student_primary_is_open")
    with refused, transaction.atomic():
        put(cast.ben_ana, ended_on=DAY)
    assert put(cast.ben_ana, ended_on=DAY, legacy_fault="end_date_on_open").is_primary


@pytest.mark.django_db
def test_an_end_in_doubt_is_none_once_it_is_ended(cast: Cast) -> None:
    """Whoever ends it says when: it has ended then, and nothing is in doubt any more."""
    row = put(cast.ben_ana, ended_on=at(10, 0, month=10).date(), legacy_fault="end_date_on_open")
    assert state_of(row).on(NOW.date()) == "active"
    done = end_relationship.end(
        requester=Requester(cast.owner, NOW), tutor_student_id=row.pk, on=NOW.date()
    )
    after = as_stored(row)
    assert (after.legacy_fault, after.ended_on, after.is_primary) == ("", NOW.date(), False)
    assert state_of(after).on(NOW.date()) == "ended"
    assert done.primary is not None
    assert done.primary.pk == cast.cara_ana.pk


def line(what: str, **changes: Any) -> Any:
    return SimpleNamespace(relationship_id="r", what=what, on_date=DAY, details={"set": changes})


BEGUN = {
    "tutor": "t",
    "student": "s",
    "subject": None,
    "started_on": "2026-01-01",
    "ended_on": None,
    "status": "active",
}
OLD_END = {"status": "ended", "ended_on": JUNE, "is_primary": False}
HISTORIES: dict[str, tuple[list[Any], str]] = {
    "active, ended": ([line("started", **BEGUN), line("ended", **OLD_END)], "active"),
    "paused, ended": (
        [line("started", **BEGUN), line("paused", status="paused"), line("ended", **OLD_END)],
        "paused",
    ),
    "resumed, ended, moved": (
        [
            line("started", **BEGUN),
            line("paused", status="paused"),
            line("resumed", status="active"),
            line("ended", **OLD_END),
            line("corrected", ended_on="2026-07-01"),
        ],
        "active",
    ),
    "imported as ended": ([line("imported", **{**BEGUN, **OLD_END})], "active"),
    "imported with no date, repaired": (
        [
            line("imported", **{**BEGUN, "status": "paused"}),
            line("ended", status="ended", ended_on=None),
            line("ended", started_on="2026-01-02", **OLD_END),
        ],
        "active",
    ),
    "asked for, ended": (
        [line("requested", **{**BEGUN, "status": "pending"}), line("ended", **OLD_END)],
        "active",
    ),
    "ended, reopened, paused, ended": (
        [
            line("started", **BEGUN),
            line("ended", **OLD_END),
            line("reopened", status="active", ended_on=None),
            line("paused", status="paused"),
            line("ended", **OLD_END),
        ],
        "paused",
    ),
    "ended as it is told now": (
        [line("started", **{**BEGUN, "status": "paused"}), line("ended", ended_on=JUNE)],
        "paused",
    ),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_old_lines_are_understood(name: str) -> None:
    """A line that says ``ended`` with its date leaves what was decided before."""
    history, decided = HISTORIES[name]
    told = replay(history)["r"]
    assert (told.status, told.final_status) == (decided, "ended")


@pytest.mark.django_db
def test_rows_say_again_what_was_decided(cast: Cast) -> None:
    """The migration reads it from the history, as the replay does; back, ``ended`` is said."""
    rows = {}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(MIGRATION.dropped(MIGRATION.DECIDED))
    for number, (name, (history, _)) in enumerate(HISTORIES.items()):
        rows[name] = TutorStudent.objects.create(
            pk=f"row{number}",
            tutor=cast.dev,
            student=cast.ana,
            started_on=DAY,
            ended_on=DAY,
            status="ended",
        )
        for one in history:
            RelationshipEvent.objects.create(
                relationship=rows[name], what=one.what, on_date=DAY, details=one.details
            )
    unknown = put(cast.cara_ana, status="ended", legacy_fault="no_end_date")
    doubtful = put(cast.ben_cleo, ended_on=DAY, legacy_fault="end_date_on_open")
    editor = SimpleNamespace(connection=connection)
    MIGRATION.decide(None, editor)
    for name, (_, decided) in HISTORIES.items():
        assert (name, as_stored(rows[name]).status) == (name, decided)
    assert (as_stored(unknown).status, as_stored(doubtful).status) == ("ended", "active")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(MIGRATION.added(MIGRATION.DECIDED, MIGRATION.NEW_DECIDED))
        cursor.execute(MIGRATION.dropped(MIGRATION.DECIDED))
    MIGRATION.say_ended(None, editor)
    assert {as_stored(row).status for row in rows.values()} == {"ended"}
    assert (as_stored(unknown).status, as_stored(doubtful).status) == ("ended", "active")
