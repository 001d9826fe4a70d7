"""What both sides hold, read straight from their tables and compared row by row.

It shares no code with ``verify`` or with the sync, and knows neither views nor functions of theirs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.upgrade.old_databases import ZONE

Rows = Mapping[str, Mapping[str, Any]]
CONNECTIONS, NO_SUBJECT = "StudentTutorConnection", "general"

OLD_STUDENTS = """SELECT id, "tutorId" AS tutor, coalesce("fullName", '') AS name,
  lower(coalesce(nullif(regexp_replace(btrim(subject, E' \\t\\n\\r'), '\\s+', ' ', 'g'), ''), 'general')) AS subject, coalesce(year, '') AS year, active,
  "parentEmail" AS parent_email, "parentLinkToken" AS token FROM "Student" """
NEW_STUDENTS = """SELECT s.id, r.tutor_id AS tutor, s.full_name AS name,
  lower(coalesce(u.name, 'general')) AS subject, s.year, s.active, s.parent_email,
  s.parent_link_token AS token, r.id AS pair, (SELECT count(*) FROM relationships_tutorstudent p
    WHERE p.student_id = s.id AND p.is_primary) AS primaries,
  (SELECT count(*) FROM relationships_tutorstudent p WHERE p.student_id = s.id) AS pairs
FROM people_student s LEFT JOIN relationships_tutorstudent r ON r.id = coalesce(
  (SELECT tutor_student_id FROM relationships_primaryperiod now JOIN (SELECT student_id AS of,
    greatest(tandem_today(), min(starts_on)) AS day FROM relationships_primaryperiod GROUP BY 1) days
    ON of = student_id WHERE student_id = s.id AND starts_on <= day AND coalesce(ends_on > day, true)),
  (SELECT id FROM relationships_tutorstudent WHERE student_id = s.id AND is_primary AND NOT EXISTS (
    SELECT FROM relationships_primaryperiod WHERE student_id = s.id)))
LEFT JOIN people_subject u ON u.id = r.subject_id"""
OLD_SESSIONS = """SELECT id, "studentId" AS student, "startTime" AS starts, "endTime" AS ends,
  convert_to(notes, 'UTF8') AS notes, convert_to(homework, 'UTF8') AS homework FROM "Session" """
OLD_SESSIONS_OF_PAIRS = OLD_SESSIONS.replace(
    "FROM", ', "connectionId" AS pair, lower(btrim(status)) AS status FROM'
)
NEW_SESSIONS = """SELECT x.id, x.student_id AS student, date_trunc('milliseconds', x.starts_at AT TIME ZONE 'UTC') AS starts,
  date_trunc('milliseconds', x.ends_at AT TIME ZONE 'UTC') AS ends, convert_to(x.notes, 'UTF8') AS notes,
  convert_to(x.homework, 'UTF8') AS homework, r.student_id AS student_of_pair, r.tutor_id AS tutor_of_pair,
  x.tutor_id AS tutor, x.tutor_student_id AS pair, x.status FROM lessons_session x JOIN relationships_tutorstudent r ON r.id = x.tutor_student_id"""
OLD_CONNECTIONS = """SELECT id, "studentId" AS student, "tutorId" AS tutor, lower(btrim(status)) AS status,
  {subject} AS subject, {started} AS started, {ended} AS ended FROM "StudentTutorConnection" """.format(
    subject="lower(coalesce(nullif(regexp_replace(btrim(subject, E' \\t\\n\\r'), '\\s+', ' ', 'g'), ''), 'general'))",
    started=f"""("startDate" AT TIME ZONE 'UTC' AT TIME ZONE '{ZONE}')::date""",
    ended=f"""("endDate" AT TIME ZONE 'UTC' AT TIME ZONE '{ZONE}')::date""",
)
NEW_CONNECTIONS = """SELECT r.id, student_id AS student, tutor_id AS tutor, legacy_fault AS fault,
  is_primary OR EXISTS (SELECT FROM relationships_primaryperiod p WHERE p.tutor_student_id = r.id
    AND p.starts_on <= tandem_today() AND coalesce(p.ends_on > tandem_today(), true)) AS is_primary,
  CASE WHEN status IN ('active', 'paused') AND ended_on IS NOT NULL AND legacy_fault !~ 'end_date_on_open'
    THEN 'ended' ELSE status END AS status, lower(coalesce(u.name, 'general')) AS subject,
  started_on AS started, ended_on AS ended
FROM relationships_tutorstudent r LEFT JOIN people_subject u ON u.id = r.subject_id"""
OLD_PARENTS = """SELECT id, "studentId" AS student, email FROM "Parent" """
NEW_PARENTS = "SELECT id, student_id AS student, email FROM people_parent"

SESSION_WORDS = {"canceled": "cancelled", "no-show": "no_show", "noshow": "no_show"}
CONNECTION_WORDS = {
    "accepted": "active", "requested": "pending", "inactive": "paused", "completed": "ended",
    "rejected": "declined",
}  # fmt: skip
SESSION_STATUSES = {"scheduled", "completed", "cancelled", "no_show"}
STATUSES = {"active", "pending", "paused", "ended", "declined"}

HISTORY = """SELECT concat_ws(' ', relationship_id, what, on_date, details, number) AS it FROM (
  SELECT *, row_number() OVER (PARTITION BY relationship_id ORDER BY id) AS number
  FROM relationships_relationshipevent) events"""


@dataclass(frozen=True)
class Difference:
    """One row on which the sides differ: its id, the student it belongs to, and how they differ."""

    table: str
    row_id: str
    student: str
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.row_id} of {self.student}: {self.what}"


@dataclass(frozen=True)
class Sides:
    """All that is compared, by id; and what excuses a difference."""

    old: Mapping[str, Rows]
    new: Mapping[str, Rows]
    notes: frozenset[str]
    listed: frozenset[str]
    gone: frozenset[str]
    cursor: str
    history: frozenset[str]

    @property
    def end(self) -> int:
        """A number that two equal ends share."""
        rows = [
            (name, key, sorted(row.items(), key=str))
            for side in (self.old, self.new)
            for name, table in sorted(side.items())
            for key, row in sorted(table.items())
        ]
        return hash((repr(rows), self.listed, self.gone, self.history))

    @classmethod
    def read(cls, connection: psycopg.Connection[Any]) -> "Sides":
        """Read both sides in one snapshot."""
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            half = _one(cursor, """SELECT to_regclass('"Parent"') IS NOT NULL AS it""")["it"]
            synced = _one(cursor, "SELECT to_regclass('tandem_sync.missed') IS NOT NULL AS it")[
                "it"
            ]
            tables = {
                "Student": (OLD_STUDENTS, NEW_STUDENTS),
                "Session": (OLD_SESSIONS, NEW_SESSIONS),
            }
            if half:
                tables[CONNECTIONS] = OLD_CONNECTIONS, NEW_CONNECTIONS
                tables["Parent"] = OLD_PARENTS, NEW_PARENTS
                tables["Session"] = OLD_SESSIONS_OF_PAIRS, NEW_SESSIONS
            notes = (
                "SELECT DISTINCT value FROM tandem_sync.missed m, jsonb_each_text(to_jsonb(m)) UNION"
                " SELECT student_id FROM tandem_sync.shown_until WHERE until <= tandem_sync.today()"
            )
            return cls(
                {name: _by_id(cursor, old) for name, (old, _) in tables.items()},
                {name: _by_id(cursor, new) for name, (_, new) in tables.items()},
                _values(cursor, notes) if synced else frozenset(),
                _values(cursor, "SELECT source_id FROM upgrade_unlinkedlegacyrow"),
                _values(cursor, "SELECT source_id FROM upgrade_gonefromoldside"),
                _one(cursor, "SELECT coalesce(cursor, '') AS it FROM upgrade_gradualupgrade")["it"],
                _values(cursor, HISTORY),
            )

    def differences(self) -> list[Difference]:
        """Return every row that one side has otherwise than the other, or not at all."""
        return [
            *self._students(),
            *self._sessions(),
            *self._connections(),
            *self._parents(),
        ]

    def excuse(self, one: Difference) -> str:
        """Return why a difference may stand for now: it is noted, or a batch is still to come."""
        if one.row_id in self.notes or one.student in self.notes:
            return "noted"
        is_to_come = one.student > self.cursor and one.student not in self.new["Student"]
        return "a batch is to come" if is_to_come and one.student in self.old["Student"] else ""

    def _students(self) -> Iterator[Difference]:
        for key, old in self.old["Student"].items():
            if (new := self.new["Student"].get(key)) is None:
                yield Difference("Student", key, key, "missing in Tandem")
            elif what := _how_student_differs(old, new, self.old.get(CONNECTIONS, {})):
                yield Difference("Student", key, key, what)
        for key, new in self.new["Student"].items():
            kept = key in self.gone or not new["pairs"]
            if key not in self.old["Student"] and not kept:
                yield Difference("Student", key, key, "only in Tandem")

    def _sessions(self) -> Iterator[Difference]:
        for key, old in self.old["Session"].items():
            if (new := self.new["Session"].get(key)) is None:
                if key not in self.listed:
                    yield Difference("Session", key, old["student"], "missing in Tandem")
            elif what := _how_session_differs(old, new, self.old.get(CONNECTIONS, {})):
                yield Difference("Session", key, old["student"], what)
        for key, new in self.new["Session"].items():
            if key not in self.old["Session"] and new["student"] not in self.gone:
                yield Difference("Session", key, new["student"], "only in Tandem")

    def _connections(self) -> Iterator[Difference]:
        """Relationships, of which Tandem has at most more."""
        for key, old in self.old.get(CONNECTIONS, {}).items():
            if (new := self.new[CONNECTIONS].get(key)) is None:
                if key not in self.listed:
                    yield Difference(CONNECTIONS, key, old["student"], "missing in Tandem")
            elif what := _how_connection_differs(old, new):
                yield Difference(CONNECTIONS, key, old["student"], what)

    def _parents(self) -> Iterator[Difference]:
        for key, old in self.old.get("Parent", {}).items():
            new = self.new["Parent"].get(key)
            if new is None and key not in self.listed:
                yield Difference("Parent", key, old["student"], "missing in Tandem")
            elif new is not None and dict(new) != dict(old):
                yield Difference("Parent", key, old["student"], f"{dict(old)} became {dict(new)}")


def _how_student_differs(old: Mapping[str, Any], new: Mapping[str, Any], connections: Rows) -> str:
    """A connection that is the primary relationship says by itself who teaches, and what.

    The student's row need not: it may name no tutor, and no subject.
    """
    wrong = [name for name in ("name", "year", "parent_email", "token") if old[name] != new[name]]
    if new["primaries"] > 1:
        wrong.append("several primary relationships")
    if new["pair"] is not None:
        by_connection = new["pair"] in connections
        unsaid = {"tutor", "subject"} if old["tutor"] is None else {"subject"}
        if not by_connection or (old["tutor"] is not None and old["subject"] != NO_SUBJECT):
            unsaid = set()
        names = {"tutor", "subject", "active"} - unsaid
        wrong += [name for name in sorted(names) if old[name] != new[name]]
    elif old["tutor"] is not None and (old["active"] or not new["pairs"]):
        wrong.append("no primary relationship")
    return ", ".join(f"{name} {old.get(name)!r} became {new.get(name)!r}" for name in wrong)


def _how_session_differs(old: Mapping[str, Any], new: Mapping[str, Any], connections: Rows) -> str:
    """Nothing follows the name of another student's connection."""
    wrong = [
        name
        for name in ("student", "starts", "ends", "notes", "homework")
        if old[name] != new[name]
    ]
    said = [f"{name} {old[name]!r} became {new[name]!r}" for name in wrong]
    named = connections.get(old.get("pair") or "")
    if named and named["student"] == old["student"] and old["pair"] != new["pair"]:
        said.append(f"relationship {old['pair']!r} became {new['pair']!r}")
    status = SESSION_WORDS.get(old.get("status", ""), old.get("status"))
    if status in SESSION_STATUSES and status != new["status"]:
        said.append(f"status {status} became {new['status']}")
    if new["student_of_pair"] != new["student"] or new["tutor_of_pair"] != new["tutor"]:
        said.append("its relationship is of somebody else")
    return ", ".join(said)


def _how_connection_differs(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    wrong = [name for name in ("student", "tutor", "subject", "ended") if old[name] != new[name]]
    if old["started"] not in {None, new["started"]}:
        wrong.append("started")
    said = "ended" if old["status"] == "inactive" and old["ended"] else old["status"]
    status = CONNECTION_WORDS.get(said, said)
    if status not in STATUSES:
        if "unknown_status" not in new["fault"]:
            wrong.append("status")
    elif status != new["status"] and not (status == "pending" and new["is_primary"]):
        wrong.append("status")
    return ", ".join(f"{name} {old[name]!r} became {new[name]!r}" for name in wrong)


def _by_id(cursor: psycopg.Cursor[dict[str, Any]], query: str) -> Rows:
    return {row["id"]: row for row in cursor.execute(query.encode())}


def _values(cursor: psycopg.Cursor[dict[str, Any]], query: str) -> frozenset[str]:
    return frozenset(value for row in cursor.execute(query.encode()) for value in row.values())


def _one(cursor: psycopg.Cursor[dict[str, Any]], query: str) -> dict[str, Any]:
    row = cursor.execute(query.encode()).fetchone()
    assert row is not None
    return row
