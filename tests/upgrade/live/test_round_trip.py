"""The long way there and back: every step can be gone back on until the last, and that one too."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from tandem.lessons.transfers import transfer
from tandem.people import actions as people
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.relationships.actions import Pairing
from tandem.upgrade.backups.restore import restore
from tandem.upgrade.errors import UpgradeRefusedError
from tests.upgrade.live.playing import OldApplication, OldApplicationError
from tests.upgrade.live.rows import typed_weight
from tests.upgrade.live.steering import Live, command
from tests.upgrade.live.test_old_writes import a_session, a_student, a_tutor
from tests.upgrade.old_databases import change, owned_database, session, student, tutor

OLD_TABLES = ("Tutor", "Student", "Session", "Subscription", "_prisma_migrations")


def now() -> datetime:
    return datetime.now(UTC)


def test_there_and_back_and_there_for_good(
    live: Live, old: OldApplication, tandem: None, tmp_path: Path
) -> None:
    """Expand to switch, work in Tandem, go back, work in the old application, go on to the end."""
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    a_student(old, "ana", "t1")
    a_student(old, "ben", "t1")
    a_session(old, "past", "ana", -5)
    a_session(old, "next", "ana", 5)
    live.join()
    assert live.verify() == []
    live.switch()
    with pytest.raises(OldApplicationError, match="moved to Tandem"):
        old.do("student", "update", where={"id": "ana"}, data={"year": "12"})
    assert old.do("student", "count") == 2

    relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ben", subject="Physics"
    )
    transfer(requester=Requester(None, now()), student_id="ana", to_tutor_id="t2", on=now().date())
    people.update_student(
        requester=Requester(None, now()), student_id="ben", changes={"full_name": "Benedict"}
    )
    live.in_step()

    kept = {kept.what.split(",")[0]: kept.rows for kept in live.rollback().kept}
    assert kept == {
        "further tutors of a student": 1,
        "sessions with another tutor than the primary one": 1,
    }
    assert live.rows("SELECT FROM pg_namespace WHERE nspname = 'tandem_sync'") == []
    assert live.rows("SELECT FROM pg_trigger WHERE tgname LIKE 'tandem_sync%'") == []
    students = {s["id"]: s for s in old.do("student", "findMany")}
    assert (students["ana"]["tutorId"], students["ben"]["fullName"]) == ("t2", "Benedict")

    old.do("student", "update", where={"id": "ana"}, data={"tutorId": "t1", "year": "13"})
    a_student(old, "cleo", "t2")
    a_session(old, "of cleo", "cleo", 3)
    a_session(old, "later", "ben", 9)
    old.do("session", "delete", where={"id": "past"})
    live.join()
    live.in_step()
    assert [link["tutor_id"] for link in live.links("ana") if link["is_primary"]] == ["t1"]
    assert [link["subject"] for link in live.links("ben")] == ["maths", "physics"]
    assert {r["id"] for r in live.rows("SELECT id FROM lessons_session")} == {
        "next",
        "of cleo",
        "later",
    }

    live.switch()
    with pytest.raises(UpgradeRefusedError, match="is missing in this phase"):
        live.contract(tmp_path)
    assert live.verify() == []
    with psycopg.connect(live.url) as connection:
        before = {table: typed_weight(connection, "public", table) for table in OLD_TABLES}
    done = live.contract(tmp_path)
    archived = {r["relname"] for r in live.rows("SELECT relname FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'legacy_archive'::regnamespace")}  # fmt: skip
    assert archived == {"Tutor", "Student", "Session", "Subscription"}
    with owned_database() as elsewhere:
        restore(done.backup, elsewhere)
        with psycopg.connect(elsewhere) as connection:
            assert {
                table: typed_weight(connection, "public", table) for table in OLD_TABLES
            } == before
        with OldApplication(old.stage, elsewhere) as again:
            again.do("student", "update", where={"id": "ana"}, data={"fullName": "Ana again"})
    people.update_student(
        requester=Requester(None, now()), student_id="ana", changes={"year": "14"}
    )


def test_what_tandem_made_while_the_old_application_was_alone_stays(
    live: Live, old: OldApplication, tandem: None
) -> None:
    """People made, and taught for the first time, between rollback and expand are shown then."""
    a_tutor(old, "t1")
    a_student(old, "gone", "t1")
    live.join()
    early = people.create_student(requester=Requester(None, now()), full_name="Early")
    live.rollback()
    relationships.pair(
        requester=Requester(None, now()), tutor_id="t1", student_id=early.pk, subject="Maths"
    )
    late = relationships.enrol(
        requester=Requester(None, now()), full_name="Late", tutors=[Pairing("t1", "Maths", None)]
    )
    old.do("student", "delete", where={"id": "gone"})
    live.join(deleted_there=True)
    assert {s["id"] for s in old.do("student", "findMany")} == {early.pk, late.pk}
    assert {r["id"] for r in live.rows("SELECT id FROM people_student")} == {early.pk, late.pk}
    live.in_step()


def test_contract_can_remove_the_old_tables(live: Live, tmp_path: Path) -> None:
    """With --drop nothing of the old side is left but the backup."""
    live.fill(tutor("t1"), student("ana", "t1")).join()
    live.verify()
    live.switch()
    live.verify()
    done = live.contract(tmp_path, drop=True)
    assert done.backup.exists()
    assert live.rows("SELECT FROM pg_class WHERE relname = 'Student'") == []
    for name in ("check", "verify", "rollback", "expand"):
        status, _, told = command(live.url, name)
        assert (status, "The upgrade is finished" in told) == (3, True), (name, told)


def test_contract_waits_for_every_decision(live: Live, tmp_path: Path) -> None:
    """A row that fits nowhere keeps the old tables where they are, until somebody leaves it so."""
    nullable = """ALTER TABLE "Student" ALTER "tutorId" DROP NOT NULL"""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana"), extra=nullable)
    change(live.url, """UPDATE "Student" SET "tutorId" = NULL""")
    live.join()
    assert live.verify() == []
    live.switch()
    assert live.verify() == []
    with pytest.raises(UpgradeRefusedError, match="1 old rows fit nowhere yet"):
        live.contract(tmp_path)
    change(live.url, "UPDATE upgrade_unlinkedlegacyrow SET decided_at = now()")
    assert live.verify() == []
    assert live.contract(tmp_path).backup.exists()
    assert len(live.rows("SELECT FROM upgrade_unlinkedlegacyrow")) == 1


@pytest.mark.parametrize("phase", ["expanded", "backfilled", "switched"])
def test_rollback_from_every_phase(live: Live, old: OldApplication, phase: str) -> None:
    """Whichever phase it is taken back from, the old application writes as before."""
    a_tutor(old, "t1")
    live.expand()
    if phase != "expanded":
        live.backfill()
    if phase == "switched":
        live.verify()
        live.switch()
    live.rollback()
    a_student(old, "ana", "t1")
    assert live.rollback().kept == []
    live.join()
    live.in_step()


def test_steps_out_of_turn_are_refused(live: Live, tmp_path: Path) -> None:
    """Each refusal says what to do instead, and changes nothing."""
    live.fill(tutor("t1"))
    for step, words in (
        (live.backfill, "Begin with `tandem upgrade expand`"),
        (live.switch, "Run `tandem upgrade expand`"),
        (live.rollback, "There is nothing to take back"),
        (
            live.verify,
            "nothing to compare.*once `tandem upgrade expand` and `tandem upgrade backfill`",
        ),
        (lambda: live.contract(tmp_path), "begin with `tandem upgrade expand`"),
    ):
        with pytest.raises(UpgradeRefusedError, match=words):
            step()
    live.join()
    with pytest.raises(UpgradeRefusedError, match="needs a verification, which is missing"):
        live.switch()
    with pytest.raises(UpgradeRefusedError, match="cannot follow here"):
        live.expand()
