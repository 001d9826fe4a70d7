"""A database half moved by hand: connections become relationships, and sessions follow them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.upgrade.old_databases import (
    MADE,
    bring,
    by_id,
    connection,
    database,
    ms,
    query,
    session,
    student,
    tutor,
    write_postgres,
    write_sqlite,
)

DAY = "2026-03-0{} 16:00"
ROWS = [
    *(tutor(key) for key in ("ben", "cara", "dev")),
    student("ana", "ben", subject="Physics"),
    student("eva", "ben", userId="auth-eva", email="eva@x.org"),
    student("solo", None, subject=None, year=None, parentLinkToken=None),
    student("lone", None),
    student("two", None),
    connection("c-ana-ben", "ana", "ben", subject="physics ", startDate=ms("2026-02-02 00:00")),
    connection("c-ana-cara", "ana", "cara", status="inactive", startDate=ms("2026-02-09 00:00")),
    connection("c-ana-dev", "ana", "dev", status="completed", startDate=ms("2026-01-12 00:00"),
               endDate=ms("2026-04-30 00:00")),
    connection("c-eva-cara", "eva", "cara", status="pending", requestMessage="May I?"),
    connection("c-solo", "solo", "dev", status="on holiday"),
    connection("c-two-ben", "two", "ben"),
    connection("c-two-cara", "two", "cara", createdAt=ms("2026-01-06 09:00")),
    connection("c-odd", "two", "dev", status="completed"),
    session("named", "ana", DAY.format(1), connectionId="c-ana-cara", subject="Maths"),
    session("taught", "ana", DAY.format(2), tutorId="dev", status="completed"),
    session("plain", "ana", DAY.format(3)),
    session("gone", "ana", DAY.format(4), tutorId="nobody", status="cancelled", title="Gone"),
    session("other", "eva", DAY.format(5), tutorId="dev"),
    session("foreign", "eva", DAY.format(6), connectionId="c-ana-dev", status="asleep"),
    session("only", "solo", DAY.format(7), location="Room 1", meetingLink="https://meet"),
    session("homeless", "lone", DAY.format(8), notes="nobody\n", title="Whose?"),
    session("unsaid", "two", DAY.format(9)),
]  # fmt: skip
LINKED = {"named": "c-ana-cara", "taught": "c-ana-dev", "plain": "c-ana-ben", "gone": "c-ana-ben",
          "only": "c-solo"}  # fmt: skip


@pytest.fixture(scope="module", params=["postgres", "sqlite"])
def new(request: Any, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Tandem's database after the replacement, from either kind of database."""
    folder = tmp_path_factory.mktemp("half")
    with database() as old, database(template) as target:
        if request.param == "postgres":
            bring(write_postgres(old, ROWS, half=True), target, folder)
        else:
            bring(write_sqlite(folder / "old.sqlite", ROWS, half=True), target, folder)
        yield target


def relationships(new: str) -> dict[str, dict[str, Any]]:
    return by_id(new, "relationships_tutorstudent")


def test_own_status_and_dates(new: str) -> None:
    """A connection keeps its id, status and dates; that it has ended its date says."""
    assert {
        key: (row["tutor_id"], row["status"], row["started_on"], row["ended_on"])
        for key, row in relationships(new).items()
        if row["student_id"] == "ana"
    } == {
        "c-ana-ben": ("ben", "active", date(2026, 2, 2), None),
        "c-ana-cara": ("cara", "paused", date(2026, 2, 9), None),
        "c-ana-dev": ("dev", "active", date(2026, 1, 12), date(2026, 4, 30)),
    }


def test_match_is_the_primary(new: str) -> None:
    """The connection that says what Student.tutorId says is the primary; else a row is made."""
    primary = {row["student_id"]: row for row in relationships(new).values() if row["is_primary"]}
    assert primary.keys() == {"ana", "eva", "solo", "two"}
    assert primary["ana"]["id"] == "c-ana-ben"
    assert (primary["eva"]["tutor_id"], len(primary["eva"]["id"])) == ("ben", 26)
    assert primary["two"]["id"] == "c-two-ben"
    assert len(relationships(new)) == 8 + 1


def test_unknown_status_pauses(new: str) -> None:
    """A status that is no word of Tandem's pauses the relationship, which stays the primary."""
    row = relationships(new)["c-solo"]
    assert (row["status"], row["is_primary"]) == ("paused", True)
    assert row["legacy_fault"] == "unknown_status"


def test_faults_of_relationships(new: str) -> None:
    """An end that nobody dated is not invented: the relationship is marked."""
    marked = {
        k: row["legacy_fault"] for k, row in relationships(new).items() if row["legacy_fault"]
    }
    assert marked == {"c-odd": "no_end_date", "c-solo": "unknown_status"}
    assert relationships(new)["c-odd"]["ended_on"] is None


def test_sessions_go_where_they_say(new: str) -> None:
    """A session goes to the connection it names, else to the tutor it names, else the primary."""
    found = {key: row["tutor_student_id"] for key, row in by_id(new, "lessons_session").items()}
    of_eva = next(row["id"] for row in relationships(new).values()
                  if row["student_id"] == "eva" and row["is_primary"])  # fmt: skip
    assert found == {**LINKED, "other": of_eva, "foreign": of_eva}


def test_own_facts_of_sessions(new: str) -> None:
    """Status, title, place and link are the session's own; an odd word counts by the clock."""
    rows = by_id(new, "lessons_session")
    assert {key: (row["status"], row["legacy_fault"]) for key, row in rows.items()} == {
        "named": ("scheduled", ""), "taught": ("completed", ""), "plain": ("scheduled", ""),
        "gone": ("cancelled", ""), "other": ("scheduled", "other_tutor_named"),
        "foreign": ("completed", "unknown_status"), "only": ("scheduled", ""),
    }  # fmt: skip
    assert (rows["only"]["location"], rows["only"]["meeting_link"]) == ("Room 1", "https://meet")
    assert (rows["gone"]["title"], rows["plain"]["title"]) == ("Gone", None)


def test_unplaced_sessions_are_kept_whole(new: str) -> None:
    """What no relationship can hold, and what could go to two, is listed with every column."""
    rows = {row["source_id"]: row for row in by_id(new, "upgrade_unlinkedlegacyrow").values()}
    assert {key: row["reason"] for key, row in rows.items()} == {
        "homeless": "no_relationship",
        "unsaid": "no_relationship",
    }
    row = rows["homeless"]["row"]
    assert (row["studentId"], row["notes"], row["title"]) == ("lone", "nobody\n", "Whose?")
    assert (row["startTime"], row["subject"]) == ("2026-03-08T16:00:00+00:00", "General")


def test_what_was_asked_stays(new: str) -> None:
    """The words of a request stay with the first event of its relationship."""
    events = query(new, "SELECT * FROM relationships_relationshipevent")
    details = {event["relationship_id"]: event["details"] for event in events}
    assert details["c-eva-cara"]["old"]["requestMessage"] == "May I?"
    assert relationships(new)["c-eva-cara"]["status"] == "pending"


def test_missing_facts_of_students(new: str) -> None:
    """No subject is no subject, no year is an empty one, and no token is none."""
    students = by_id(new, "people_student")
    assert (students["solo"]["year"], students["solo"]["parent_link_token"]) == ("", None)
    assert (students["eva"]["auth_subject"], students["eva"]["email"]) == ("auth-eva", "eva@x.org")


ENUM = """
CREATE TYPE "Status" AS ENUM ('pending', 'active', 'inactive', 'completed');
ALTER TABLE "StudentTutorConnection" ALTER status DROP DEFAULT,
  ALTER status TYPE "Status" USING status::"Status";
CREATE TYPE "SessionStatus" AS ENUM ('SCHEDULED', 'COMPLETED', 'CANCELLED');
ALTER TABLE "Session" ALTER status DROP DEFAULT,
  ALTER status TYPE "SessionStatus" USING upper(status)::"SessionStatus";
"""
NO_NAMES = """ALTER TABLE "Session" DROP "connectionId", DROP "tutorId", DROP subject, DROP status,
  DROP title"""
ONLY_TUTORS = """ALTER TABLE "Session" DROP "connectionId"; DROP TABLE "StudentTutorConnection" """
BARE = """
ALTER TABLE "StudentTutorConnection" DROP subject, DROP status, DROP "startDate", DROP "endDate",
  DROP "requestMessage";
DROP TABLE "Parent", "Subscription";
"""
ALWAYS = [tutor("ben"), tutor("cara"), student("ana", "ben")]
TWO = [*ALWAYS, connection("c", "ana", "cara"), session("s", "ana")]
BARE_CONNECTION = {"id": "c", "studentId": "ana", "tutorId": "cara", **MADE}
VARIANTS = {
    "enums": (ENUM, [*TWO[:-1], session("s", "ana", status="CANCELLED", connectionId="c")], "cara"),
    "no names of relationships": (NO_NAMES, TWO, "ben"),
    "only tutors": (ONLY_TUTORS, [*ALWAYS, session("s", "ana", tutorId="cara")], "ben"),
    "bare connections": (
        BARE,
        [*ALWAYS, ("StudentTutorConnection", BARE_CONNECTION), session("s", "ana", tutorId="cara")],
        "cara",
    ),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants(variant: str, old: str, target: str, tmp_path: Path) -> None:
    """Whatever optional tables and columns there are, each session finds its relationship."""
    shape, rows, taught_by = VARIANTS[variant]
    bring(write_postgres(old, rows, half=True, extra=shape), target, tmp_path)
    (held,) = query(target, "SELECT tutor_id FROM lessons_session")
    assert held["tutor_id"] == taught_by
    (primary,) = query(target, "SELECT tutor_id FROM relationships_tutorstudent WHERE is_primary")
    assert primary["tutor_id"] == "ben"
