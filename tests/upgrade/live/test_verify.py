"""A single row that is not as it should be is found, and named so that a person can look."""

from collections.abc import Iterator

import psycopg
import pytest

from tandem.upgrade.errors import UpgradeRefusedError
from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import (
    MADE,
    change,
    connection,
    database,
    ms,
    session,
    student,
    subscription,
    tutor,
)

# Each a corruption that no trigger sees, and the words by which it is reported.
CORRUPTIONS = {
    "a pair with the wrong tutor": (
        (
            "UPDATE relationships_tutorstudent SET tutor_id = 't2' WHERE student_id = 'ana';"
            " UPDATE lessons_session SET tutor_id = 't2' WHERE student_id = 'ana'"
        ),
        "Student ana: tutorId is t1 in the old application, t2 in Tandem",
    ),
    "a missing link": (
        (
            "DELETE FROM lessons_session WHERE student_id = 'ana';"
            " DELETE FROM relationships_tutorstudent WHERE student_id = 'ana'"
        ),
        "Student ana: tutorId is t1 in the old application, null in Tandem",
    ),
    "an extra link": (
        (
            "INSERT INTO relationships_tutorstudent (id, tutor_id, student_id, started_on, status,"
            " is_primary, kind, end_reason, legacy_fault, created_at, updated_at)"
            " VALUES ('extra', 't2', 'ana', '2026-01-01', 'active', false, 'regular', '', '',"
            " now(), now())"
        ),
        "extra: extra: no history says where it comes from",
    ),
    "a session of the wrong pair": (
        (
            "UPDATE lessons_session x SET student_id = r.student_id, tutor_id = r.tutor_id,"
            " tutor_student_id = r.id FROM relationships_tutorstudent r WHERE x.id = 'one'"
            " AND r.student_id = 'ben'"
        ),
        "Session one: studentId is ana in the old application, ben in Tandem",
    ),
    "changed text": (
        "UPDATE lessons_session SET notes = 'Fractions' WHERE id = 'one'",
        "Session one: notes is fractions in the old application, Fractions in Tandem",
    ),
    "a changed millisecond": (
        "UPDATE lessons_session SET ends_at = ends_at + interval '1 millisecond' WHERE id = 'one'",
        (
            "Session one: endTime is 2026-03-02 17:00:00+00 in the old application,"
            " 2026-03-02 17:00:00.001+00 in Tandem"
        ),
    ),
    "a session lost": (
        "DELETE FROM lessons_session WHERE id = 'one'",
        "Session one: missing in Tandem",
    ),
    "a session lost on the old side": (
        """DELETE FROM "Session" WHERE id = 'one'""",
        "Session one: missing on the old side",
    ),
    "a student changed on the old side": (
        """UPDATE "Student" SET "fullName" = 'Anna' WHERE id = 'ana'""",
        "Student ana: fullName is Anna in the old application, Ana in Tandem",
    ),
    "a tutor's address": (
        "UPDATE people_tutor SET email = 'x@x.org' WHERE id = 't1'",
        "Tutor t1: email is t1@x.org in the old application, x@x.org in Tandem",
    ),
    "a subscription": (
        "UPDATE people_subscription SET status = 'past_due'",
        "people_subscription pays: status is past_due, should be active",
    ),
    "a start date": (
        "UPDATE relationships_tutorstudent SET started_on = '2026-01-04' WHERE student_id = 'ben'",
        "started_on is 2026-01-04, should be 2026-01-05",
    ),
    "no primary": (
        "UPDATE relationships_tutorstudent SET is_primary = false WHERE student_id = 'ben'",
        "ben: has tutors, and none is the primary one",
    ),
    "a session before its relationship": (
        (
            "UPDATE relationships_tutorstudent SET started_on = '2026-05-01'"
            " WHERE student_id = 'ana'; UPDATE relationships_relationshipevent"
            " SET details = jsonb_set(details, '{set,started_on}', '\"2026-05-01\"')"
        ),
        "Session and its relationship one: is linked to",
    ),
    "a session that was not cancelled": (
        "UPDATE lessons_session SET status = 'cancelled' WHERE id = 'one'",
        "one: status is cancelled, which it was not made",
    ),
    "a past session that is still to come": (
        "UPDATE lessons_session SET status = 'scheduled' WHERE id = 'one'",
        "one: status is scheduled, which it was not made",
    ),
    "a session to come that is over": (
        "UPDATE lessons_session SET status = 'completed' WHERE id = 'to come'",
        "to come: status is completed, which it was not made",
    ),
    "what a tutor teaches": (
        "DELETE FROM people_tutorsubject WHERE tutor_id = 't1'",
        "Tutor and subject t1: missing: Maths",
    ),
    "what a tutor does not teach": (
        (
            "INSERT INTO people_subject (id, name) VALUES ('p', 'Physics');"
            " UPDATE people_tutorsubject SET subject_id = 'p' WHERE tutor_id = 't2'"
        ),
        "Tutor and subject t2: extra: Physics",
    ),
    "a level that nobody stated": (
        "UPDATE people_tutorsubject SET level = 'expert' WHERE tutor_id = 't2'",
        "Tutor and subject t2: level is expert, which nobody stated",
    ),
    "an event lost": (
        (
            "DELETE FROM relationships_relationshipevent e USING relationships_tutorstudent r"
            " WHERE r.id = e.relationship_id AND r.student_id = 'ana'"
        ),
        "extra: no history says where it comes from",
    ),
    "an event of another kind": (
        "UPDATE relationships_relationshipevent SET what = 'paused'",
        "paused on 2026-01-05, is not what it says",
    ),
    "an event on another day": (
        "UPDATE relationships_relationshipevent SET on_date = '2026-01-06'",
        "imported on 2026-01-06, is not what it says",
    ),
    "an event still to come": (
        "UPDATE relationships_relationshipevent SET at = '2999-01-01'",
        "imported on 2026-01-05, is not what it says",
    ),
    "a fault of no tutor": (
        "UPDATE people_tutor SET legacy_fault = 'unreadable_date' WHERE id = 't1'",
        "Fault of Tutor t1: bears the fault unreadable_date without reason",
    ),
    "another fault of a tutor": (
        "UPDATE people_tutor SET legacy_fault = 'unreadable_date' WHERE id = 't4'",
        "Fault of Tutor t4: should bear the fault duplicate_email",
    ),
    "a fault of no student": (
        "UPDATE people_student SET legacy_fault = 'blank_name' WHERE id = 'ana'",
        "Fault of Student ana: bears the fault blank_name without reason",
    ),
    "another fault of a student": (
        "UPDATE people_student SET legacy_fault = 'dangling_tutor' WHERE id = 'nameless'",
        "Fault of Student nameless: should bear the fault blank_name",
    ),
    "a fault of no session": (
        "UPDATE lessons_session SET legacy_fault = 'too_long' WHERE id = 'one'",
        "Fault of Session one: bears the fault too_long without reason",
    ),
    "another fault of a session": (
        "UPDATE lessons_session SET legacy_fault = 'overlap' WHERE id = 'backwards'",
        "Fault of Session backwards: should bear the fault ends_before_start",
    ),
    "a fault that there is not": (
        "UPDATE lessons_session SET legacy_fault = 'overlaps' WHERE id = 'one'",
        "Fault of Session one: bears a fault that there is not: overlaps",
    ),
    "a fault of no relationship": (
        (
            "UPDATE relationships_tutorstudent SET legacy_fault = 'no_end_date'"
            " WHERE student_id = 'ana'"
        ),
        "bears the fault no_end_date without reason",
    ),
}
ROWS = (
    tutor("t1"),
    tutor("t2"),
    student("ana", "t1"),
    student("ben", "t2"),
    session("one", "ana", "2026-03-02 16:00", notes="fractions"),
    session("two", "ben", "2026-03-03 16:00"),
    session("to come", "ben", "2126-03-03 16:00"),
    tutor("t3", email="same@x.org"),
    tutor("t4", email="Same@x.org"),
    student("nameless", "t3", fullName=" "),
    session("backwards", "nameless", endTime=ms("2026-03-01 16:00")),
    subscription("pays", "t1"),
)


HALF_CORRUPTIONS = {
    "a parent": (
        "UPDATE people_parent SET full_name = 'Pia R.'",
        "people_parent p: full_name is Pia R., should be Pia",
    ),
    "a parent lost": ("DELETE FROM people_parent", "people_parent p: missing"),
    "a connection's status": (
        """UPDATE "StudentTutorConnection" SET status = 'inactive' WHERE id = 'c2'""",
        "StudentTutorConnection c2: status is inactive in the old application, active in Tandem",
    ),
    "a connection's end": (
        """UPDATE "StudentTutorConnection" SET "endDate" = '2026-03-04' WHERE id = 'c3'""",
        "StudentTutorConnection c3: endDate is 2026-03-04",
    ),
    "a connection's tutor": (
        """UPDATE "StudentTutorConnection" SET "tutorId" = 't1' WHERE id = 'c2'""",
        "StudentTutorConnection c2: tutorId is t1 in the old application, t2 in Tandem",
    ),
    "a connection lost": (
        """DELETE FROM "StudentTutorConnection" WHERE id = 'c2'""",
        "StudentTutorConnection c2: missing on the old side",
    ),
    "a connection that Tandem lost": (
        "DELETE FROM relationships_tutorstudent WHERE id = 'c2'",
        "StudentTutorConnection c2: missing in Tandem",
    ),
    "a session's status": (
        "UPDATE lessons_session SET status = 'no_show' WHERE id = 'one'",
        "Session one: status is completed in the old application, no_show in Tandem",
    ),
    "a status that nobody knows": (
        "UPDATE lessons_session SET legacy_fault = '' WHERE id = 'odd'",
        "Session odd: status is asleep in the old application, scheduled in Tandem",
    ),
    "a fault of no connection": (
        "UPDATE relationships_tutorstudent SET legacy_fault = 'unknown_status' WHERE id = 'c2'",
        "Fault of Relationship c2: bears the fault unknown_status without reason",
    ),
    "another fault of a connection": (
        "UPDATE relationships_tutorstudent SET legacy_fault = 'overlap' WHERE id = 'c4'",
        "Fault of Relationship c4: should bear the fault no_end_date",
    ),
    "a listed row that is not there": (
        """DELETE FROM "Session" WHERE id = 'nowhere'""",
        "Row that fits nowhere Session nowhere: is listed, and not there in the old application",
    ),
    "a listed row that was changed": (
        'UPDATE upgrade_unlinkedlegacyrow SET row = row || \'{"notes": "other"}\'',
        "Session nowhere: notes is null in the old application, listed as other",
    ),
    "a listed row that is not listed": (
        "DELETE FROM upgrade_unlinkedlegacyrow",
        "Session nowhere: missing in Tandem",
    ),
    "a listed parent that is not listed": (
        """UPDATE "Parent" SET "studentId" = 'nobody'; DELETE FROM people_parent""",
        "Row that fits nowhere Parent p: missing in Tandem, and not listed",
    ),
}
HALF = (
    tutor("t1"),
    tutor("t2"),
    student("ana", "t1"),
    student("ben", None),
    connection("c2", "ana", "t2", subject="Physics"),
    connection("c3", "ana", "t2", status="completed", endDate=ms("2026-03-03 00:00")),
    connection("c4", "ana", "t2", subject="Latin", status="completed"),
    session("one", "ana", status="completed", tutorId="t1"),
    session("odd", "ana", "2126-03-02 16:00", status="asleep"),
    session("nowhere", "ben", "2026-03-04 16:00"),
    (
        "Parent",
        {
            "id": "p",
            "userId": "u",
            "email": "p@x.org",
            "fullName": "Pia",
            "studentId": "ana",
            **MADE,
        },
    ),
)


class Spoilt:
    """A database that is joined once, spoilt behind the triggers' back, and put right again."""

    def __init__(self, live: Live) -> None:
        live.join()
        assert live.verify() == []
        found = live.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        self.live, self.tables = live, [f'"{row["tablename"]}"' for row in found]
        change(live.url, "CREATE SCHEMA kept")
        change(
            live.url, ";".join(f"CREATE TABLE kept.{t} AS TABLE public.{t}" for t in self.tables)
        )

    def by(self, statements: str) -> list[str]:
        """Return what is found once ``statements`` were run."""
        self._change(statements)
        try:
            found = self.live.verify()
            with pytest.raises(UpgradeRefusedError, match="needs a verification, which found"):
                self.live.switch()
        finally:
            self._change(
                ";".join(
                    f"DELETE FROM public.{t}; INSERT INTO public.{t} TABLE kept.{t}"
                    for t in self.tables
                )
            )
        return found

    def _change(self, statements: str) -> None:
        change(self.live.url, f"SET LOCAL session_replication_role = replica; {statements}")


@pytest.fixture(scope="module")
def one_tutor(template: str) -> Iterator[Spoilt]:
    with database(template) as url:
        yield Spoilt(Live(url).fill(*ROWS))


@pytest.fixture(scope="module")
def half_moved(template: str) -> Iterator[Spoilt]:
    with database(template) as url:
        yield Spoilt(Live(url).fill(*HALF, half=True))


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_every_corruption_is_named(one_tutor: Spoilt, kind: str) -> None:
    """Whatever was corrupted behind the triggers' back is found."""
    statements, words = CORRUPTIONS[kind]
    found = one_tutor.by(statements)
    assert any(words in line for line in found), found


@pytest.mark.parametrize("kind", HALF_CORRUPTIONS)
def test_every_corruption_of_a_half_moved_database_is_named(half_moved: Spoilt, kind: str) -> None:
    """Connections, parents, statuses and rows that fit nowhere are compared as well."""
    statements, words = HALF_CORRUPTIONS[kind]
    found = half_moved.by(statements)
    assert any(words in line for line in found), found


def test_what_was_put_right_is_no_difference(one_tutor: Spoilt, half_moved: Spoilt) -> None:
    """After every corruption both sides say the same again, so each was found for itself."""
    assert one_tutor.live.verify() == []
    assert half_moved.live.verify() == []


def test_the_command_says_so_with_its_status(live: Live) -> None:
    """`verify` exits with 0, or with 1 and the differences."""
    live.fill(*ROWS).join()
    assert command(live.url, "verify")[0] == 0
    change(
        live.url, "SET session_replication_role = replica; UPDATE lessons_session SET notes = 'x'"
    )
    status, said, _ = command(live.url, "verify")
    assert (status, said["differing"]) == (1, 4)
    assert {d["key"] for t in said["tables"] for d in t["differences"]} == {
        *("one", "two", "to come", "backwards"),
    }


def test_rows_that_fit_nowhere_are_no_difference_until_they_change(live: Live) -> None:
    """A listed row is found again whole; a listed row that was altered is missing."""
    live.fill(tutor("t1"), extra="""ALTER TABLE "Student" ALTER "tutorId" DROP NOT NULL""")
    write = (student("ana", None), session("one", "ana", notes="kept"))
    live.expand()
    for table, row in write:
        with psycopg.connect(live.url) as opened:
            columns = ", ".join(f'"{name}"' for name in row)
            values = ", ".join(
                f"to_timestamp({v} / 1000.0) AT TIME ZONE 'UTC'" if isinstance(v, int) else "%s"
                for v in row.values()
            )
            opened.execute(
                f'INSERT INTO "{table}" ({columns}) VALUES ({values})'.encode(),
                [v for v in row.values() if not isinstance(v, int)],
            )
    live.backfill()
    assert live.one("SELECT source_id, reason FROM upgrade_unlinkedlegacyrow") == {
        "source_id": "one",
        "reason": "no_relationship",
    }
    live.in_step()
    change(live.url, 'UPDATE upgrade_unlinkedlegacyrow SET row = row || \'{"notes": "other"}\'')
    assert live.verify() == [
        "Session one: missing in Tandem",
        "Row that fits nowhere Session one: notes is kept in the old application, listed as other",
    ]
    change(live.url, """UPDATE "Student" SET "tutorId" = 't1'""")
    assert live.rows("SELECT id FROM lessons_session") == [{"id": "one"}]
    assert live.rows("SELECT FROM upgrade_unlinkedlegacyrow") == []
    live.in_step()
