"""A live database with the old application's tables, and the upgrade's commands run on it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg

from tandem.relationships.history import replay
from tandem.relationships.primaries import Period, replay_periods
from tandem.relationships.rules import RelationshipState
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.live.backfill import Backfilled
from tandem.upgrade.live.backfill import backfill as backfilling
from tandem.upgrade.live.contract import Contracted
from tandem.upgrade.live.contract import contract as contracting
from tandem.upgrade.live.expand import expand as expanding
from tandem.upgrade.live.rollback import RolledBack
from tandem.upgrade.live.rollback import rollback as rolling_back
from tandem.upgrade.live.switch import switch as switching
from tandem.upgrade.live.verify import verify as verifying
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace.compare import Compared
from tests.cli.forked import Begun, begun, forked
from tests.upgrade.live.onlooker import UPGRADE
from tests.upgrade.old_databases import NOW, ZONE, Row, query, write_postgres

QUIET = Progress(quiet=True)


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """Yield a connection in autocommit, as the commands have."""
    with psycopg.connect(url, autocommit=True, application_name=UPGRADE) as connection:
        yield connection


class Live:
    """One database in which both applications live. Each method is a command."""

    def __init__(self, url: str, names: Names | None = None) -> None:
        self.url, self.names = url, names or Names()

    def expand(self, *, deleted_there: bool = False) -> None:
        with connected(self.url) as connection:
            expanding(connection, names=self.names, zone=ZONE, deleted_there=deleted_there)

    def backfill(self) -> Backfilled:
        with connected(self.url) as connection:
            return backfilling(connection, progress=QUIET)

    def verify(self) -> list[str]:
        """Return the differences, as a person reads them."""
        return [str(line) for table in self.compared() for line in table.differences]

    def compared(self) -> list[Compared]:
        with connected(self.url) as connection:
            return list(verifying(connection, progress=QUIET).compared)

    def switch(self) -> None:
        with connected(self.url) as connection:
            switching(connection)

    def rollback(self) -> RolledBack:
        with connected(self.url) as connection:
            return rolling_back(connection)

    def contract(self, folder: Path, *, drop: bool = False) -> Contracted:
        with connected(self.url) as connection:
            return contracting(
                connection, self.url, folder=folder, now=NOW, drop=drop, progress=QUIET
            )

    def join(self, *, deleted_there: bool = False) -> None:
        """Expand and backfill."""
        self.expand(deleted_there=deleted_there)
        self.backfill()

    def rows(self, statement: str) -> list[dict[str, Any]]:
        return query(self.url, statement)

    def one(self, statement: str) -> dict[str, Any]:
        """Return the only row."""
        (row,) = self.rows(statement)
        return row

    def links(self, student: str) -> list[dict[str, Any]]:
        """Return the relationships of a student, in the order in which they were made.

        ``status`` is what each comes to, ``decided`` what is stored of it.
        """
        return self.rows(
            "SELECT r.*, r.status AS decided, lower(subject.name) AS subject,"
            " CASE WHEN r.status IN ('active', 'paused') AND r.ended_on IS NOT NULL"
            "   AND r.legacy_fault NOT LIKE '%end_date_on_open%' THEN 'ended'"
            "   ELSE r.status END AS status FROM relationships_tutorstudent r LEFT JOIN"
            f" people_subject subject ON subject.id = r.subject_id WHERE student_id = '{student}'"
            " ORDER BY (SELECT min(id) FROM relationships_relationshipevent e"
            " WHERE e.relationship_id = r.id)"
        )

    def missed(self) -> list[str]:
        return [row["why"] for row in self.rows("SELECT why FROM tandem_sync.missed")]

    def in_step(self) -> None:
        """Fail unless both sides say the same and no write was missed."""
        assert self.missed() == [], self.missed()
        compared = self.compared()
        found = [str(line) for table in compared for line in table.differences]
        assert found == [], found
        assert [one for one in compared if one.expected != one.found] == []
        assert self.replayed() == self.standings()
        told, kept = self.periods()
        assert told == kept

    def periods(self) -> tuple[dict[str, list[Period]], dict[str, list[Period]]]:
        """Return the primary periods of each student as the history has them, and as they are.

        Of those alone whose relationships bear no fault: of faults the history says nothing.
        """
        sound = self.rows(
            "SELECT student_id FROM relationships_tutorstudent GROUP BY 1"
            " HAVING bool_and(legacy_fault = '')"
        )
        told, kept = {}, {}
        for student in [row["student_id"] for row in sound]:
            events = self.rows(
                "SELECT relationship_id, what, on_date, details"
                " FROM relationships_relationshipevent"
                " WHERE relationship_id IN (SELECT id FROM relationships_tutorstudent"
                f" WHERE student_id = '{student}') ORDER BY id"
            )
            told[student] = replay_periods([SimpleNamespace(**event) for event in events])
            rows = self.rows(
                "SELECT starts_on, ends_on, tutor_student_id AS relationship FROM"
                f" relationships_primaryperiod WHERE student_id = '{student}' ORDER BY starts_on"
            )
            kept[student] = [Period(**row) for row in rows]
        return told, kept

    def replayed(self) -> dict[str, RelationshipState]:
        """Return every relationship as the history has it."""
        events = self.rows(
            "SELECT relationship_id, details FROM relationships_relationshipevent ORDER BY id"
        )
        return replay([SimpleNamespace(**event) for event in events])

    def standings(self) -> dict[str, RelationshipState]:
        """Return every relationship as it is."""
        rows = self.rows(
            "SELECT id, tutor_id AS tutor, student_id AS student, subject_id AS subject,"
            " started_on, ended_on, status, is_primary, kind, transferred_from_id AS"
            " transferred_from FROM relationships_tutorstudent"
        )
        return {row["id"]: RelationshipState(**row) for row in rows}

    def fill(self, *rows: Row, half: bool = False, extra: str = "") -> "Live":
        write_postgres(self.url, rows, half=half, extra=extra)
        return self


def begin_command(url: str, *arguments: str, home: Path | None = None) -> Begun:
    """Begin ``tandem upgrade …`` on a live database."""
    return begun("upgrade", *arguments, **_environment(url, home))


def start_command(url: str, *arguments: str, home: Path | None = None) -> subprocess.Popen[str]:
    """Start ``tandem upgrade …`` in earnest (see ``tests.cli.forked``), as each command is once."""
    return subprocess.Popen(
        [sys.executable, "-m", "tandem", "upgrade", *arguments],
        env={**os.environ, **_environment(url, home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(url: str, *arguments: str, home: Path | None = None) -> tuple[int, Any, str]:
    """Run ``tandem upgrade … --json``; return status, the object printed or None, the rest."""
    done = forked("upgrade", *arguments, "--json", **_environment(url, home))
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def _environment(url: str, home: Path | None) -> dict[str, str]:
    there = {"TANDEM_HOME": str(home)} if home else {}
    return {"DATABASE_URL": url, "TANDEM_TIME_ZONE": ZONE, **there}
