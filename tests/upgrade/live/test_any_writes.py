"""Whatever the old application writes, in whatever order: no write is missed, both sides agree.

What is written makes little sense now and then, as in a database that was moved half by hand. A
seed is a course of events, the same each time; what once failed stays among them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import psycopg
import pytest
from psycopg import sql

from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import student, tutor

NOW = "(now() AT TIME ZONE 'UTC')"
SUBJECTS = ("Maths", " maths ", "General", "", "\t", "Física")
NOTES = ("'it''s'", "E'two\\nlines '", "''", "NULL")
SESSION_WORDS = ("scheduled", "completed", "canceled", "no-show", "odd")
CONNECTION_WORDS = ("active", "pending", "inactive", "completed", "rejected", "odd")
DAYS = (-400, -40, -2, 0, 2, 60)
HOURS = (timedelta(hours=1), timedelta(0), timedelta(hours=25), timedelta(milliseconds=1))


class Writer:
    """Makes up statements about the rows that are there."""

    def __init__(self, database: psycopg.Connection, random: Random, *, half: bool) -> None:
        self.database, self.random, self.half, self.made = database, random, half, 0

    def ids(self, table: str) -> list[str]:
        rows = self.database.execute(sql.SQL(f'SELECT id FROM "{table}" ORDER BY id'))
        return [key for (key,) in rows]

    def new(self) -> str:
        self.made += 1
        return f"n{self.made:03}"

    def one(self, among: Sequence[str]) -> str:
        return f"'{self.random.choice(among)}'"

    def moment(self) -> str:
        day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        return f"'{day + timedelta(days=self.random.choice(DAYS)):%Y-%m-%d %H:%M}'"

    def hours(self) -> tuple[str, str]:
        starts = self.moment()
        return starts, f"{starts}::timestamp + interval '{self.random.choice(HOURS)}'"

    def statement(self) -> str:
        """Return one statement; there is always a tutor, and one brings a student where none is."""
        if not self.ids("Student"):
            return self.student()
        kinds = [self.tutor, self.student, self.session, self.session, self.changed_student]
        kinds += [self.changed_student, self.changed_session, self.gone]
        if self.half:
            kinds += [self.connection, self.changed_connection, self.relinked]
        return self.random.choice(kinds)()

    def tutor(self) -> str:
        key = self.new()
        return f"""INSERT INTO "Tutor" (id, "userId", email, "createdAt", "updatedAt")
            VALUES ('{key}', 'u-{key}', '{key}@x.org', {NOW}, {NOW})"""

    def student(self) -> str:
        key, taught_by = self.new(), self.one(self.ids("Tutor"))
        return f"""INSERT INTO "Student" (id, "tutorId", "fullName", subject, year, active,
            "parentLinkToken", "createdAt", "updatedAt") VALUES ('{key}', {taught_by}, '{key}',
            {self.one(SUBJECTS)}, '9', {self.random.random() < 0.7}, 'token-{key}',
            {self.moment()}, {NOW})"""

    def session(self) -> str:
        key, (starts, ends) = self.new(), self.hours()
        names, values = "", ""
        if self.half:
            names = ', status, subject, "tutorId"'
            values = f", {self.one(SESSION_WORDS)}, {self.one(SUBJECTS)}"
            values += f", {self.random.choice(['NULL', self.one(self.ids('Tutor'))])}"
        return f"""INSERT INTO "Session" (id, "studentId", "startTime", "endTime", notes,
            "createdAt", "updatedAt"{names}) VALUES ('{key}', {self.one(self.ids("Student"))},
            {starts}, {ends}, {self.random.choice(NOTES)}, {NOW}, {NOW}{values})"""

    def connection(self) -> str:
        key = self.new()
        return f"""INSERT INTO "StudentTutorConnection" (id, "studentId", "tutorId", subject,
            status, "startDate", "endDate", "createdAt", "updatedAt") VALUES ('{key}',
            {self.one(self.ids("Student"))}, {self.one(self.ids("Tutor"))}, {self.one(SUBJECTS)},
            {self.one(CONNECTION_WORDS)}, {self.random.choice(["NULL", self.moment()])},
            {self.random.choice(["NULL", "NULL", self.moment()])}, {NOW}, {NOW})"""

    def changed_student(self) -> str:
        taught_by = ["NULL"] if self.half else []
        change = self.random.choice([
            f'"tutorId" = {self.random.choice([*map(self.quoted, self.ids("Tutor")), *taught_by])}',
            f"active = {self.random.random() < 0.5}, subject = {self.one(SUBJECTS)}",
            "\"fullName\" = 'Another'",
        ])  # fmt: skip
        return f"""UPDATE "Student" SET "updatedAt" = {NOW}, {change}
            WHERE id = {self.one(self.ids("Student"))}"""

    def changed_session(self) -> str:
        starts, ends = self.hours()
        change = self.random.choice([
            f'"startTime" = {starts}, "endTime" = {ends}',
            f'notes = {self.random.choice(NOTES)}, "studentId" = {self.one(self.ids("Student"))}',
        ])  # fmt: skip
        return self.of_session(change)

    def changed_connection(self) -> str:
        change = f"status = {self.one(CONNECTION_WORDS)}, subject = {self.one(SUBJECTS)}"
        return f"""UPDATE "StudentTutorConnection" SET "updatedAt" = {NOW}, {change}
            WHERE id = {self.one(self.ids("StudentTutorConnection") or ["none"])}"""

    def relinked(self) -> str:
        connections = ["NULL", *map(self.quoted, self.ids("StudentTutorConnection"))]
        return self.of_session(
            f'"connectionId" = {self.random.choice(connections)},'
            f' "tutorId" = {self.one(self.ids("Tutor"))}'
        )

    def of_session(self, change: str) -> str:
        return f"""UPDATE "Session" SET "updatedAt" = {NOW}, {change}
            WHERE id = {self.one(self.ids("Session") or ["none"])}"""

    def gone(self) -> str:
        tables = ["Session", "Student", "Tutor"]
        table = self.random.choice([*tables, "StudentTutorConnection"] if self.half else tables)
        rows = self.ids(table)
        spared = rows[:2] if table == "Tutor" else []
        return f'DELETE FROM "{table}" WHERE id = {self.one(rows[len(spared) :] or ["none"])}'

    @staticmethod
    def quoted(key: str) -> str:
        return f"'{key}'"

    def write(self) -> None:
        """Write one to three statements in one transaction; pytest shows them where it fails.

        Two connections of the same three are refused by the old database itself.
        """
        with self.database.transaction():
            for _ in range(self.random.choice((1, 1, 2, 3))):
                statement = self.statement()
                print(" ".join(statement.split()))  # noqa: T201 - shown when the test fails
                try:
                    with self.database.transaction():
                        self.database.execute(sql.SQL(statement))
                except psycopg.errors.UniqueViolation as refused:
                    assert refused.diag.table_name == "StudentTutorConnection"  # noqa: PT017


@pytest.mark.parametrize(("seed", "half"), [(0, False), (0, True), (1, True), (2, True), (3, True)])
def test_both_sides_agree_after_every_write(live: Live, seed: int, *, half: bool) -> None:
    """From the first expansion on, and all the way back."""
    live.fill(tutor("t1"), tutor("t2"), student("ana", "t1"), student("ben", "t2"), half=half)
    with psycopg.connect(live.url, autocommit=True) as connection:
        writer = Writer(connection, Random(seed), half=half)
        for _ in range(6):
            writer.write()
        live.expand()
        for _ in range(4):
            writer.write()
        live.backfill()
        for _ in range(12):
            live.in_step()
            writer.write()
        live.in_step()
        live.rollback()
