"""What must hold in a database that is half moved: see the drill's own page for the whole of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg

from drills.interleavings.oracle import Difference, Sides
from drills.random_writes.writers import Tally
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.live.switch import switch
from tandem.upgrade.live.verify import verify
from tandem.upgrade.progress import Progress

Row = tuple[str, str]
"""A table of the old side, and the id of a row."""
OLD_NAMES = {
    "people_tutor": "Tutor",
    "people_student": "Student",
    "lessons_session": "Session",
    "relationships_tutorstudent": "StudentTutorConnection",
}
GIVEN_AWAY = ("Session", "StudentTutorConnection")


@dataclass(frozen=True)
class Later:
    """What is kept for later: notes with their reasons, what is to be heard, what is to be shown."""

    notes: dict[Row, str]
    unheard: frozenset[Row]
    unshown: frozenset[Row]

    @classmethod
    def read(cls, connection: psycopg.Connection) -> "Later":
        notes = connection.execute("SELECT source_table, source_id, why FROM tandem_sync.missed")
        unheard = connection.execute("SELECT source_table, source_id FROM tandem_sync.unheard")
        unshown = connection.execute("SELECT table_name, row_id FROM upgrade_unshownrow")
        return cls(
            {(table, key): why for table, key, why in notes},
            frozenset((table, key) for table, key in unheard),
            frozenset((OLD_NAMES[table], key) for table, key in unshown),
        )


def differences_half_moved(connection: psycopg.Connection, tally: Tally) -> list[str]:
    """Return what must not be so while a backfill has yet to go on; nobody else writes."""
    sides, later = Sides.read(connection), Later.read(connection)
    tally.done["students to come, at a halt"] += sum(
        _is_lacking(s, sides) for s in sides.old["Student"]
    )
    tally.done["rows given to them"] += len(later.notes)
    tally.done["rows to be heard"] += len(later.unheard)
    tally.done["rows to be shown"] += len(later.unshown)
    return [
        *(str(one) for one in sides.differences() if not _may_be(one, sides, later)),
        *_wrong_notes(sides, later),
        *_not_refused(connection),
    ]


def _may_be(one: Difference, sides: Sides, later: Later) -> bool:
    row = one.table, one.row_id
    if _is_lacking(one.student, sides):
        return one.student > sides.cursor and (
            one.row_id not in sides.new[one.table] or row in later.notes or row in later.unheard
        )
    if (said := sides.old[one.table].get(one.row_id)) is not None:
        return row in later.unheard or ("StudentTutorConnection", said.get("pair")) in later.unheard
    went_with = (
        one.student not in sides.old["Student"] and ("Student", one.student) in later.unheard
    )
    return row in later.unheard or row in later.unshown or went_with


def _is_lacking(student: str, sides: Sides) -> bool:
    return student in sides.old["Student"] and student not in sides.new["Student"]


def _wrong_notes(sides: Sides, later: Later) -> Iterator[str]:
    for (table, key), why in later.notes.items():
        said = sides.old.get(table, {}).get(key)
        if (
            table not in GIVEN_AWAY
            or said is None
            or not _is_lacking(said["student"], sides)
            or key not in sides.new[table]
        ):
            yield f"A note is left of {table} {key}: {why}"


def _not_refused(connection: psycopg.Connection) -> Iterator[str]:
    commands: dict[str, Callable[[], object]] = {
        "verify": lambda: verify(connection, progress=Progress(quiet=True)),
        "switch": lambda: switch(connection),
    }
    for name, command in commands.items():
        try:
            command()
        except UpgradeRefusedError as refused:
            if "backfill" not in str(refused):
                yield f"{name} refuses without naming the backfill: {refused}"
        else:
            yield f"{name} does not refuse before the backfill has ended"
