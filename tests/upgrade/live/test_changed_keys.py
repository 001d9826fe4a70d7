"""A key that the old application changes is another in Tandem too, with all that hangs on it."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest

from tandem.lessons import actions as lessons
from tandem.people import actions as people
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tests.upgrade.live.joined import joined
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.live.test_changed_while_alone import parent
from tests.upgrade.live.test_tandem_writes import booked
from tests.upgrade.old_databases import (
    change,
    connection,
    run,
    session,
    student,
    subscription,
    tutor,
)

ROWS = (
    *(tutor(key) for key in ("t1", "t2")),
    *(student(key, "t1") for key in ("ana", "ben")),
    session("held", "ana"),
    session("next", "ana", "2099-03-02 16:00"),
    subscription("pays", "t1"),
)
HALF = (
    *ROWS,
    connection("c1", "ana", "t1"),
    connection("c2", "ana", "t2", subject="Physics"),
    session("with t2", "ana", "2026-04-02 16:00", connectionId="c2", tutorId="t2"),
    parent("pia", "ana"),
)
KEYS = {"Tutor": "t1", "Student": "ana", "Session": "held", "StudentTutorConnection": "c2"}
NEW = "a key"


def now() -> datetime:
    return datetime.now(UTC)


def rename(table: str, key: str = "") -> str:
    return f"""UPDATE "{table}" SET id = '{NEW}' WHERE id = '{key or KEYS[table]}'"""


def work_in_tandem(live: Live) -> None:
    """Leave what the old side cannot say: a further tutor, notes, marks, who changed what."""
    further = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Latin"
    )
    relationships.annotate(
        requester=Requester(None, now()), tutor_student_id=further.pk, notes="shy"
    )
    booked(further.pk, 4)
    lessons.edit(requester=Requester(None, now()), session_id="held", changes={"progress": 4})
    people.update_student(
        requester=Requester(None, now()), student_id="ana", changes={"phone": "0123"}
    )
    people.update_tutor(
        requester=Requester(None, now()), tutor_id="t1", changes={"full_name": "Tess"}
    )
    change(
        live.url,
        "INSERT INTO people_parentlink (student_id, last_day) VALUES ('ana', '2099-01-01')"
        " ON CONFLICT DO NOTHING",
    )


def everything(live: Live) -> Mapping[str, list[str]]:
    """Return every row of Tandem's as text, but for when it was written.

    The id of what a tutor teaches comes of the tutor's.
    """
    tables = live.rows(
        """SELECT c.relname AS name FROM pg_class c WHERE relkind = 'r'
        AND relnamespace = 'public'::regnamespace AND relname ~ '^(people|lessons|relationships)_'
        AND relname NOT LIKE '%requestcount' ORDER BY 1"""
    )
    return {
        table["name"]: sorted(
            row["whole"]
            for row in live.rows(
                "SELECT (to_jsonb(t) - 'updated_at' - CASE WHEN t.tableoid ="
                " 'people_tutorsubject'::regclass THEN 'id' ELSE '' END)::text AS whole"
                f" FROM {table['name']} t"
            )
        )
        for table in tables
    }


def by_another_name(rows: Mapping[str, list[str]], was: str) -> Mapping[str, list[str]]:
    return {
        table: sorted(one.replace(f'"{was}"', f'"{NEW}"') for one in found)
        for table, found in rows.items()
    }


@pytest.mark.parametrize("table", ["Tutor", "Student", "Session"])
def test_all_that_hangs_on_a_key(live: Live, tandem: None, table: str) -> None:
    """Every row of Tandem's is what it was, but for the name; no line of history is lost."""
    joined(live, *ROWS)
    work_in_tandem(live)
    before = everything(live)
    change(live.url, rename(table))
    assert everything(live) == by_another_name(before, KEYS[table])
    live.in_step()


@pytest.mark.parametrize("table", KEYS)
def test_all_that_hangs_on_a_key_of_a_half_moved_database(
    live: Live, tandem: None, table: str
) -> None:
    """Connections and parents follow as well."""
    joined(live, *HALF, half=True)
    work_in_tandem(live)
    before = everything(live)
    change(live.url, rename(table))
    assert everything(live) == by_another_name(before, KEYS[table])
    live.in_step()


@pytest.mark.parametrize("table", ["Parent", "Subscription"])
def test_keys_that_nothing_hangs_on(live: Live, table: str) -> None:
    """The row is there under the other name."""
    joined(live, *HALF, half=True)
    change(live.url, f"""UPDATE "{table}" SET id = '{NEW}'""")
    assert [r["id"] for r in live.rows(f"SELECT id FROM people_{table.lower()}")] == [NEW]
    live.in_step()


@pytest.mark.parametrize("table", ["Tutor", "Student", "Session"])
def test_a_key_changed_before_tandem_has_the_row(live: Live, table: str) -> None:
    """A backfill is past that key, perhaps: whoever has another is brought at once."""
    live.fill(*ROWS).expand()
    change(live.url, rename(table))
    live.backfill()
    live.in_step()
    made = {"Tutor": "people_tutor", "Student": "people_student", "Session": "lessons_session"}
    assert NEW in {r["id"] for r in live.rows(f"SELECT id FROM {made[table]}")}


def test_many_keys_in_one_statement(live: Live, tandem: None) -> None:
    """Also where one takes the name that another has just given up."""
    joined(live, *HALF, half=True)
    work_in_tandem(live)
    change(
        live.url,
        """UPDATE "Student" SET id = id || '-x'; UPDATE "Tutor" SET id = id || '-x';
        UPDATE "Student" SET id = 'ben' WHERE id = 'ana-x'""",
    )
    assert {r["id"] for r in live.rows("SELECT id FROM people_student")} == {"ben", "ben-x"}
    assert len(live.links("ben")) == 3
    live.in_step()


@pytest.mark.parametrize("table", KEYS)
def test_a_row_in_hand(live: Live, tandem: None, table: str) -> None:
    """The write does not wait; the key follows later, and takes along what was written since."""
    joined(live, *HALF, half=True)
    work_in_tandem(live)
    before = everything(live)
    lock = {
        "Tutor": "people_tutor",
        "Student": "people_student",
        "StudentTutorConnection": "relationships_tutorstudent",
        "Session": "lessons_session",
    }[table]
    with connected(live.url) as in_hand, in_hand.transaction():
        in_hand.execute(f"SELECT FROM {lock} FOR NO KEY UPDATE".encode())
        with psycopg.connect(live.url, options="-c lock_timeout=400ms") as old:
            run(old, rename(table))
        assert live.missed() != []
        with psycopg.connect(live.url, options="-c lock_timeout=400ms") as old:
            run(old, """UPDATE "Session" SET notes = 'later' WHERE id = 'next'""")
    assert live.verify() == []
    live.in_step()
    assert live.one("SELECT notes FROM lessons_session WHERE id = 'next'") == {"notes": "later"}
    after = by_another_name(before, KEYS[table])
    assert (
        after["relationships_relationshipevent"]
        == everything(live)["relationships_relationshipevent"]
    )
    assert after["people_change"] == everything(live)["people_change"]


@pytest.mark.parametrize("table", ["Student", "Tutor"])
def test_tandem_gives_way_to_a_key_that_is_only_noted(live: Live, tandem: None, table: str) -> None:
    """What Tandem makes meanwhile waits for the name: shown by the former one, it would be lost."""
    joined(live, *HALF, half=True)
    (main,) = [link["id"] for link in live.links("ana") if link["is_primary"]]
    change(live.url, f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; {rename(table)}")
    assert live.missed() != []
    made = booked(main, 5)  # gives way, has the note taken, and goes on
    assert [r["id"] for r in live.rows("""SELECT id FROM "Session" WHERE "startTime" > now()""")]
    assert made.pk in {r["id"] for r in live.rows("""SELECT id FROM "Session" """)}
    live.verify()
    live.in_step()


def test_whoever_sees_the_past(live: Live, tandem: None) -> None:
    """Under REPEATABLE READ it is noted, and others rename."""
    joined(live, *ROWS)
    work_in_tandem(live)
    before = everything(live)
    change(live.url, f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; {rename('Student')}")
    assert live.verify() == []
    assert everything(live) == by_another_name(before, "ana")
    live.in_step()


def test_a_name_of_somebody_whom_tandem_alone_keeps(live: Live, tandem: None) -> None:
    """Who went from the old side stays in Tandem, under a name of Tandem's."""
    joined(live, *ROWS)
    work_in_tandem(live)
    change(live.url, """DELETE FROM "Student" WHERE id = 'ana'""")
    change(live.url, """UPDATE "Student" SET id = 'ana' WHERE id = 'ben'""")
    names = {r["id"]: r["full_name"] for r in live.rows("SELECT * FROM people_student")}
    assert names.pop("ana") == "Ben"
    ((kept, name),) = names.items()
    assert name == "Ana"
    assert [link["subject"] for link in live.links(kept)] == ["latin"]
    live.in_step()


def test_a_key_taken_back(live: Live, tandem: None) -> None:
    """What a transaction gives up was never noted."""
    joined(live, *ROWS)
    before = everything(live)
    with psycopg.connect(live.url) as old:
        run(old, rename("Student"))
        old.rollback()
    assert everything(live) == before
    live.in_step()


def test_every_foreign_key_is_followed(live: Live) -> None:
    """Whatever names a person, a relationship or a session is renamed in one statement with it."""
    live.fill(*ROWS).expand()
    found = live.rows(
        """SELECT conrelid::regclass::text AS of, attname::text AS name FROM pg_constraint
        JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
        WHERE contype = 'f' AND confrelid IN ('people_tutor'::regclass, 'people_student'::regclass,
          'relationships_tutorstudent'::regclass, 'lessons_session'::regclass)"""
    )
    text = " ".join(
        r["prosrc"] for r in live.rows(
            "SELECT prosrc FROM pg_proc WHERE pronamespace = 'tandem_sync'::regnamespace"
            " AND proname LIKE 'rename_%'"
        )
    )  # fmt: skip
    assert found != []
    for key in found:
        assert f"UPDATE {key['of']}" in text, key
        assert f"{key['name']} = " in text, key


TUTORS = "SELECT id, email, auth_subject AS who, legacy_fault AS fault FROM people_tutor ORDER BY 1"
PAST = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"


@pytest.mark.parametrize("table", ["Tutor", "Student", "Session"])
def test_a_key_changed_again_and_again(live: Live, table: str) -> None:
    """Each change follows those before it that are only noted: nobody stays under a former name."""
    joined(live, *ROWS)
    key = KEYS[table]
    for was, becomes in ((key, "b"), ("b", "c"), ("c", "d")):
        change(live.url, f"""{PAST}; UPDATE "{table}" SET id = '{becomes}' WHERE id = '{was}'""")
    change(live.url, f"""UPDATE "{table}" SET id = 'e' WHERE id = 'd'""")
    assert live.verify() == []
    live.in_step()
    made = {"Tutor": "people_tutor", "Student": "people_student", "Session": "lessons_session"}
    ids = {r["id"] for r in live.rows(f"SELECT id FROM {made[table]}")}
    assert ids == {r["id"] for r in live.rows(f'SELECT id FROM "{table}"')}
    assert {r["fault"] for r in live.rows(TUTORS)} == {""}


def test_a_backfill_after_a_tutors_key_changed(live: Live) -> None:
    """What is only noted is renamed before anybody is brought under the new name."""
    joined(live, *ROWS)
    before = live.rows(TUTORS)
    change(live.url, f"{PAST}; {rename('Tutor')}")
    live.backfill()
    assert live.rows(TUTORS) == [{**before[0], "id": NEW}, *before[1:]]
    live.in_step()


@pytest.mark.parametrize("first", ["rename", "session"])
def test_a_session_written_while_the_tutors_key_changes(live: Live, first: str) -> None:
    """Whoever commits last takes both; nothing waits for a backfill."""
    joined(live, *ROWS)
    insert = """INSERT INTO "Session" (id, "studentId", "startTime", "endTime", "updatedAt")
      VALUES ('new', 'ana', '2099-05-02 16:00', '2099-05-02 17:00', now())"""
    statements = [rename("Tutor"), insert]
    if first == "session":
        statements.reverse()
    with psycopg.connect(live.url) as one, ThreadPoolExecutor(1) as pool:
        run(one, statements[0])
        other = pool.submit(change, live.url, statements[1])
        time.sleep(0.05)
        one.commit()
        other.result(10)
    assert set(live.missed()) <= {"the student was in hand"}
    assert live.verify() == []
    live.in_step()


def test_who_is_gone_gives_way(live: Live, tandem: None) -> None:
    """A tutor deleted there, and kept for their history, keeps no address from who is there now."""
    joined(live, *ROWS)
    work_in_tandem(live)
    (was,) = live.rows("""SELECT email, "userId" AS who FROM "Tutor" WHERE id = 't2'""")
    change(
        live.url,
        f"""DELETE FROM "Tutor" WHERE id = 't2';
        INSERT INTO "Tutor" (id, "userId", email, "updatedAt")
        VALUES ('t3', '{was["who"]}', '{was["email"]}', now())""",
    )
    found = {r.pop("id"): r for r in live.rows(TUTORS)}
    assert found["t3"] == {**was, "fault": ""}
    assert (found["t2"]["who"], found["t2"]["fault"]) == (None, "duplicate_email")
    live.in_step()


def test_verify_sees_a_tutor_kept_under_a_former_name(live: Live) -> None:
    """It keeps the address and the account of somebody who is there; a backfill gives them back."""
    joined(live, *ROWS)
    change(
        live.url,
        """SET tandem.quiet = 'on';
        CREATE TEMP TABLE was AS SELECT * FROM people_tutor WHERE id = 't1';
        UPDATE people_tutor SET legacy_fault = 'duplicate_email duplicate_value',
          auth_subject = NULL WHERE id = 't1';
        UPDATE was SET id = 'former'; INSERT INTO people_tutor SELECT * FROM was;
        INSERT INTO upgrade_gonefromoldside (source_table, source_id, at)
          VALUES ('Tutor', 'former', now())""",
    )
    assert any("t1" in line for line in live.verify())
    live.backfill()
    live.in_step()
    assert live.one("SELECT legacy_fault AS fault FROM people_tutor WHERE id = 't1'") == {
        "fault": ""
    }
