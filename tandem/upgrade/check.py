"""What is wrong in an old database, found with the very mapping that would move it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from tandem.people.link_strength import weakness
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.shapes import PARENT, STUDENT, SUBSCRIPTION, TUTOR, Shape
from tandem.upgrade.mapping.plan import new_rows
from tandem.upgrade.mapping.terms import Facts, Rows

SAMPLES = 3
# Prisma makes these unique, and a fault cannot excuse them: which of two rows would own the
# parent's link? Only a database whose indexes somebody dropped can break them.
UNIQUE = (TUTOR, STUDENT, PARENT, SUBSCRIPTION)


@dataclass(frozen=True)
class Fault:
    """How many rows of the old ``table`` break ``rule``, and the ids of the first few."""

    table: str
    rule: str
    rows: int
    samples: Sequence[str]


@dataclass(frozen=True)
class Notice:
    """How many rows of the old ``table`` are right as rows, and yet for a person to see to."""

    table: str
    rule: str
    rows: int
    samples: Sequence[str]


@dataclass(frozen=True)
class Checked:
    """What a check found. Faults never stop an upgrade; the rows arrive marked. Notices are none."""

    source: str
    shape: Shape
    counts: dict[str, int]
    faults: Sequence[Fault]
    read_with_care: Sequence[str]
    notices: Sequence[Notice] = ()

    def as_data(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "source": self.source,
            "counts": self.counts,
            "faults": [vars(fault) for fault in self.faults],
            "notices": [vars(notice) for notice in self.notices],
            "unknownTables": self.shape.unknown_tables,
            "unknownColumns": self.shape.unknown_columns,
            "readWithCare": self.read_with_care,
            "goOn": True,
        }


def find_faults(connection: psycopg.Connection, facts: Facts) -> list[Fault]:
    """Count the faults of every table from the staged rows, the most frequent first."""
    found = [
        Fault(_old_name(rows.table), *line)
        for rows in new_rows(facts)
        if "legacy_fault" in rows.columns
        for line in connection.execute(sql.SQL(_marked(rows))).fetchall()
    ]
    unlinked = next(rows for rows in new_rows(facts) if rows.table == "upgrade_unlinkedlegacyrow")
    found += [Fault(*line) for line in connection.execute(sql.SQL(_unlinked(unlinked))).fetchall()]
    return sorted(found, key=lambda fault: -fault.rows)


def find_notices(connection: psycopg.Connection, facts: Facts) -> list[Notice]:
    """Name the parents' links that could be guessed, by their students' ids; never by the links.

    It is no fault: the row keeps every rule, and would lose other guards as a faulty one.
    """
    query = f"""SELECT id, parent_link_token, coalesce(full_name, ''), coalesce(parent_email, ''),
  coalesce(email, '') FROM {facts.old(STUDENT)} old
WHERE parent_link_token IS NOT NULL ORDER BY id"""
    rows = connection.execute(sql.SQL(query)).fetchall()
    weak = [pk for pk, token, *known in rows if weakness(token, [pk, *known])]
    return [Notice(STUDENT.name, "weak_link", len(weak), weak[:SAMPLES])] if weak else []


def refuse_duplicates(connection: psycopg.Connection, facts: Facts) -> None:
    """Raise UpgradeRefusedError where two old rows share what only one can have."""
    for table in UNIQUE:
        for column in (c for c in table.columns if c.name == "id" or c.only_one):
            query = sql.SQL(
                "SELECT {0} FROM {1} WHERE {0} IS NOT NULL GROUP BY 1 HAVING count(*) > 1 LIMIT 1"
            ).format(sql.Identifier(column.row_name), sql.Identifier(facts.scratch, table.row_name))
            if connection.execute(query).fetchone():
                raise UpgradeRefusedError(
                    f"Two rows of {table.name} have the same {column.name}, which belongs to one only. "
                    "Change one of them in the old application, then try again."
                )


def _old_name(table: str) -> str:
    return {
        "people_tutor": "Tutor",
        "people_student": "Student",
        "relationships_tutorstudent": "Relationship",
        "lessons_session": "Session",
    }[table]


def _marked(rows: Rows) -> str:
    return f"""SELECT rule, count(*), (array_agg(id ORDER BY id))[1:{SAMPLES}]
FROM ({rows.select}) AS made ({", ".join(rows.columns)}),
  unnest(string_to_array(legacy_fault, ' ')) AS rule
GROUP BY rule"""


def _unlinked(rows: Rows) -> str:
    return f"""SELECT source_table, reason, count(*), (array_agg(source_id ORDER BY source_id))[1:{SAMPLES}]
FROM ({rows.select}) AS made ({", ".join(rows.columns)}) GROUP BY 1, 2"""
