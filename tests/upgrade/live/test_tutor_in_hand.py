"""Tandem has a tutor in hand: an old write that names the tutor waits no longer than it may."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import transaction

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.lessons.transfers import transfer
from tandem.people.accounts import invite
from tandem.people.requester import Requester
from tests.upgrade.live.joined import joined
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import run, session, student, tutor

ROWS = (
    *(tutor(key) for key in ("t1", "t2")),
    student("ana", "t1"),
    session("next", "ana", "2099-03-02 16:00"),
)
FACTS = """'Ben', 'Maths', '10', 'token-ben', true, now(), now()"""
COLUMNS = """(id, "tutorId", "fullName", subject, year, "parentLinkToken", active, "createdAt",
  "updatedAt")"""
ENROLS = f"""INSERT INTO "Student" {COLUMNS} VALUES ('ben', 't2', {FACTS})"""
GIVES = """UPDATE "Student" SET "tutorId" = 't2'"""
GIVES_WITH_A_SUBJECT = """UPDATE "Student" SET "tutorId" = 't2', subject = 'Latin'"""
PAYS = """INSERT INTO "Subscription"
  VALUES ('pays', 't2', 'active', 'c1', 's1', '2099-01-01', now(), now())"""


def write_without_waiting(url: str, statement: str) -> None:
    """Run a write of the old application, which would rather fail than wait for a lock so long."""
    with psycopg.connect(url, options="-c lock_timeout=500ms") as old:
        run(old, statement)


@pytest.mark.parametrize("statement", [ENROLS, GIVES, GIVES_WITH_A_SUBJECT, PAYS])
def test_a_tutor_who_is_invited_just_now(live: Live, tandem: None, statement: str) -> None:
    """The account's name in the tutor's row is a key of its own, and locks the row like one."""
    joined(live, *ROWS)
    with transaction.atomic():
        invite(requester=Requester(None, datetime.now(UTC)), tutor_id="t2")
        write_without_waiting(live.url, statement)
    live.verify()
    live.in_step()
    named = 'SELECT "tutorId" AS tutor FROM "Student" UNION SELECT "tutorId" FROM "Subscription"'
    assert {"tutor": "t2"} in live.rows(named)


def test_looking_at_a_tutor_leaves_the_key_free(live: Live, tandem: None) -> None:
    """Who only looks at the tutor's row, and changes no key, is in no foreign key's way."""
    joined(live, *ROWS)
    account = invite(requester=Requester(None, datetime.now(UTC)), tutor_id="t2")
    with transaction.atomic():
        assert invite(requester=Requester(None, datetime.now(UTC)), tutor_id="t2") == account
        write_without_waiting(live.url, ENROLS)
        assert live.missed() == []
    live.in_step()


@pytest.mark.parametrize("taught", [True, False])
def test_a_tutor_who_was_deleted_unheard(live: Live, tandem: None, *, taught: bool) -> None:
    """By a transaction that sees the past: it is heard, and then Tandem says what came of it."""
    live.fill(*ROWS, student("ben", "t2")).join()
    run_as_old(live, """UPDATE "Student" SET "tutorId" = 't1' WHERE id = 'ben'""")
    if not taught:
        run_as_old(live, """DELETE FROM "Student" WHERE id = 'ben'""")
    with psycopg.connect(live.url) as old:
        old.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        run(old, """DELETE FROM "Tutor" WHERE id = 't2'""")
    assert len(live.missed()) == 1
    why = "This tutor is inactive" if taught else "There is no tutor 't2'"
    with pytest.raises((ConflictError, NotFoundError), match=why):
        give("t2")
    named = live.one("""SELECT "tutorId" AS tutor FROM "Student" WHERE id = 'ana'""")
    assert named["tutor"] == "t1"
    live.in_step()


@pytest.mark.parametrize("statement", [GIVES, """UPDATE "Student" SET year = '11'"""])
def test_a_student_who_is_still_to_come_needs_no_tutor(live: Live, statement: str) -> None:
    """Before a batch brings the student, nothing is taken, so who has the tutor is no matter."""
    live.fill(*ROWS).expand()
    with psycopg.connect(live.url) as open_one:
        run(open_one, """UPDATE "Tutor" SET "updatedAt" = now()""")  # which brings both
        write_without_waiting(live.url, statement)
        assert live.missed() == []
        run(open_one, "COMMIT")
    live.backfill()
    live.in_step()


def run_as_old(live: Live, statement: str) -> None:
    with psycopg.connect(live.url) as old:
        run(old, statement)


def give(to: str) -> None:
    moment = datetime.now(UTC)
    transfer(
        requester=Requester(None, moment), student_id="ana", to_tutor_id=to, on=moment.date(),
        future_sessions="move",
    )  # fmt: skip
