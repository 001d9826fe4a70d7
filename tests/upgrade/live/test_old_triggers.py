"""Triggers that the old database has of its own: they fire for what Tandem shows as well."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tandem.kit.errors import TandemError
from tandem.lessons import actions as lessons
from tandem.lessons.erasure import delete_student
from tandem.people import actions as people
from tandem.people.requester import Requester
from tests.upgrade.live.playing import OldApplication, OldApplicationError
from tests.upgrade.live.rows import write
from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import change, session, student, tutor

pytestmark = pytest.mark.usefixtures("tandem")
ROWS = (tutor("t1"), student("ana", "t1"), student("ben", "t1"), session("one", "ana"))
# One alters what is written, one writes to another old table, one refuses.
TRIGGERS = """
CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW."fullName" := trim(NEW."fullName"); NEW.year := upper(NEW.year); RETURN NEW; END $$;
CREATE TRIGGER tidy BEFORE INSERT OR UPDATE ON "Student" FOR EACH ROW EXECUTE FUNCTION tidy();
CREATE FUNCTION recount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE public."Student" SET "parentEmail" = 'changed@home.example' WHERE id = NEW."studentId";
RETURN NULL; END $$;
CREATE TRIGGER recount AFTER INSERT OR UPDATE OF notes ON "Session" FOR EACH ROW
  EXECUTE FUNCTION recount();
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'homework is closed'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE OF homework ON "Session" FOR EACH ROW
  WHEN (NEW.homework = 'late') EXECUTE FUNCTION refuse();
CREATE TABLE "Invoice" (id text PRIMARY KEY, "studentId" text NOT NULL REFERENCES "Student"(id));
INSERT INTO "Invoice" VALUES ('i1', 'ben');
"""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def triggered(live: Live, old: OldApplication) -> Iterator[Live]:
    """Both sides joined, over old tables with triggers of their own."""
    write(live.url, ROWS)
    change(live.url, TRIGGERS)
    live.join()
    yield live
    change(live.url, "DROP FUNCTION tidy, recount, refuse CASCADE")


def test_a_trigger_that_alters_what_is_written(triggered: Live, old: OldApplication) -> None:
    """What the old side made of it counts on both, whoever wrote it."""
    old.do("student", "update", where={"id": "ana"}, data={"fullName": " Ana ", "year": "y9"})
    assert triggered.one("SELECT full_name, year FROM people_student WHERE id = 'ana'") == {
        "full_name": "Ana",
        "year": "Y9",
    }
    triggered.in_step()
    people.update_student(
        requester=Requester(None, now()), student_id="ana", changes={"year": "y10"}
    )
    assert old.do("student", "findUnique", where={"id": "ana"})["year"] == "Y10"
    triggered.in_step()
    assert triggered.one("SELECT year FROM people_student WHERE id = 'ana'") == {"year": "Y10"}


def test_a_trigger_that_writes_to_another_table(triggered: Live, old: OldApplication) -> None:
    """Its write reaches Tandem like any other, whoever set it off."""
    old.do("session", "update", where={"id": "one"}, data={"notes": "a"})
    mail = "SELECT parent_email FROM people_student WHERE id = 'ana'"
    assert triggered.one(mail) == {"parent_email": "changed@home.example"}
    triggered.in_step()
    people.update_student(
        requester=Requester(None, now()),
        student_id="ana",
        changes={"parent_email": "other@home.example"},
    )
    lessons.edit(requester=Requester(None, now()), session_id="one", changes={"notes": "b"})
    assert triggered.one(mail) == {"parent_email": "changed@home.example"}
    triggered.in_step()
    triggered.switch()
    lessons.edit(requester=Requester(None, now()), session_id="one", changes={"notes": "c"})
    triggered.in_step()
    with pytest.raises(OldApplicationError, match="moved to Tandem"):
        old.do("session", "update", where={"id": "one"}, data={"notes": "d"})


def test_what_the_old_side_refuses_is_refused_in_tandem(
    triggered: Live, old: OldApplication
) -> None:
    """A trigger that raises, and a key that holds a row: Tandem says so; nothing is half done."""
    with pytest.raises(TandemError, match=r"homework is closed.*Nothing was changed"):
        lessons.edit(
            requester=Requester(None, now()), session_id="one", changes={"homework": "late"}
        )
    assert triggered.one("SELECT homework FROM lessons_session") == {"homework": None}
    with pytest.raises(TandemError, match=r"Invoice.*Nothing was changed"):
        delete_student(requester=Requester(None, now()), student_id="ben")
    assert len(triggered.rows("SELECT FROM people_student")) == 2
    triggered.in_step()
    with pytest.raises(OldApplicationError, match="homework is closed"):
        old.do("session", "update", where={"id": "one"}, data={"homework": "late"})
    triggered.in_step()
    notes = command(triggered.url, "check")[1]["notes"]
    assert {note.split(",")[1].strip().split(":")[0] for note in notes if "trigger" in note} == {
        "recount", "refuse", "tidy",
    }  # fmt: skip
