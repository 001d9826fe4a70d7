"""The history of an imported relationship begins with an event from which it can be told again."""

from types import SimpleNamespace
from typing import Any

import pytest

from tandem.relationships.history import replay
from tandem.relationships.rules import RelationshipState
from tests.upgrade.old_databases import bring, query, write_sqlite
from tests.upgrade.test_half_migrated import ROWS

FACTS = """SELECT id, tutor_id AS tutor, student_id AS student, subject_id AS subject, started_on,
    ended_on, status, is_primary, kind, transferred_from_id AS transferred_from
    FROM relationships_tutorstudent"""


@pytest.fixture(scope="module")
def new(shared_target: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("history")
    bring(write_sqlite(folder / "old.sqlite", ROWS, half=True), shared_target, folder)
    return shared_target


def events(new: str) -> list[dict[str, Any]]:
    return query(new, "SELECT * FROM relationships_relationshipevent ORDER BY id")


def test_every_relationship_replays(new: str) -> None:
    """Replayed from its events alone, each imported relationship is what its row says."""
    lines = [SimpleNamespace(**event) for event in events(new)]
    assert replay(lines) == {row["id"]: RelationshipState(**row) for row in query(new, FACTS)}
    assert len(lines) == 9


def test_one_event_each(new: str) -> None:
    """Each has one event, on the date it began, by nobody, that says where it came from."""
    started = {row["id"]: row["started_on"] for row in query(new, FACTS)}
    found = events(new)
    assert {event["relationship_id"]: event["on_date"] for event in found} == started
    assert {(event["what"], event["actor_id"]) for event in found} == {("imported", None)}
    assert {event["details"]["source"] for event in found} == {"student", "connection"}
