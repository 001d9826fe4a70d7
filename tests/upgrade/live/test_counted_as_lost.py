"""Which rows count as had by both sides, when a table is asked about, after anything both did.

The oracle shares no code with what asks: it remembers the old ids before the rollback.
"""

from random import Random

import psycopg
import pytest

from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR
from tandem.upgrade.live.lost_there import had_by_both
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_any_return import Deeds, either
from tests.upgrade.live.test_any_writes import Writer
from tests.upgrade.old_databases import session, student, tutor

HERE = {
    TUTOR: "people_tutor",
    STUDENT: "people_student",
    SESSION: "lessons_session",
    CONNECTION: "relationships_tutorstudent",
}


def ids(live: Live, query: str) -> set[str]:
    return {row["id"] for row in live.rows(query)}


def old_ids(live: Live, table: str) -> set[str]:
    return ids(live, f'SELECT id FROM "{table}"')


def ids_here(live: Live, table: str, name: str) -> set[str]:
    """Return what Tandem holds of a table, or lists."""
    listed = f"SELECT source_id FROM upgrade_unlinkedlegacyrow WHERE source_table = '{name}'"
    return ids(live, f"SELECT id FROM {table} UNION {listed}")


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_neither_more_nor_less(live: Live, tandem: None, seed: int, *, half: bool) -> None:
    """Of connections perhaps less: one that was made of the student's own tutor is not counted."""
    random = Random(f"lost {seed}")
    hours = [f"2027-01-{day:02} 10:00" for day in range(1, 5)]
    live.fill(
        *(tutor(key) for key in ("t1", "t2", "t3")),
        *(student(key, "t1") for key in ("ana", "ben", "cleo")),
        *(session(f"{key}{n}", key, hours[n]) for key in ("ana", "ben") for n in range(4)),
        half=half,
    )
    tables = {t: here for t, here in HERE.items() if half or t is not CONNECTION}
    with psycopg.connect(live.url, autocommit=True) as connection:
        writer, deeds = Writer(connection, random, half=half), Deeds(random)
        for _ in range(5):
            writer.write()
        live.join()
        for _ in range(12):
            either(random, deeds.do, writer.write)
        live.in_step()
        before = {table: old_ids(live, table.name) for table in tables}
        live.rollback()
        for _ in range(10):
            either(random, deeds.do, writer.write)
        old = OldSide.read(connection, Names())
        for table, here in tables.items():
            gone = before[table] - old_ids(live, table.name)
            lost = gone & ids_here(live, here, table.name)
            counted = ids(live, had_by_both(old, table)) - old_ids(live, table.name)
            assert counted <= lost, (table.name, counted - lost)
            if table is not CONNECTION:
                assert counted == lost, (table.name, lost - counted)
