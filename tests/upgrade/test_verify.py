"""Verification names every row that is not what the old database said, and excuses later work."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection as django_connection

from tandem.lessons.actions import complete, schedule
from tandem.lessons.models import Session
from tandem.lessons.transfers import transfer
from tandem.people.actions import create_tutor, set_subjects, update_student
from tandem.people.link_keys import SETTING, link_keys, opened
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.actions import Pairing, enrol, make_primary, pair
from tandem.relationships.models import TutorStudent
from tandem.upgrade.progress import Progress
from tandem.upgrade.replace.verify import Verified, last_replacement, source_of, verify
from tests.upgrade.old_databases import (
    address_of,
    bring,
    change,
    connection,
    query,
    run,
    session,
    student,
    tutor,
    write_sqlite,
)
from tests.upgrade.test_bad_input import said

ROWS = [
    tutor("ben"),
    tutor("cara"),
    student("ana", "ben"),
    student("eva", "cara"),
    connection("c", "ana", "cara", subject="Art"),
    *(session(f"s{n}", "ana", f"2026-03-{n + 1:02d} 16:00", notes=f"note {n}") for n in range(9)),
    session("next", "ana", "2099-03-02 16:00"),
    session("lone", "eva", "2026-03-01 16:00"),
    session("lost", "nobody"),
]


@pytest.fixture(scope="module")
def old_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sqlite(tmp_path_factory.mktemp("verify") / "old.sqlite", ROWS, half=True)


@pytest.fixture(scope="module")
def moved(old_file: Path, shared_target: str) -> str:
    bring(old_file, shared_target, old_file.parent / "backups")
    return shared_target


def verified(url: str, *spoiling: str) -> Verified:
    """Verify after some statements, in a transaction that is rolled back."""
    with (
        psycopg.connect(url, autocommit=True) as database,
        database.transaction(force_rollback=True),
        source_of(last := last_replacement(database), None, url) as source,
    ):
        for statement in spoiling:
            run(database, statement)
        return verify(database, source, last=last, progress=Progress(quiet=True))


def named(found: Verified) -> dict[str, str]:
    return {one.key: one.what for table in found.compared for one in table.differences}


PAIR = "tutor_student_id, tutor_id, student_id"
REST = "status, legacy_fault, created_at, updated_at"
OTHER_PAIR = f"""({PAIR}) =
  (SELECT id, tutor_id, student_id FROM relationships_tutorstudent WHERE id = 'c')"""
EXTRA = f"""INSERT INTO lessons_session (id, starts_at, ends_at, {PAIR}, {REST})
SELECT 'extra', starts_at - interval '3 h', ends_at - interval '3 h', {PAIR}, {REST}
FROM lessons_session WHERE id = 's3'"""
UNGUARDED = "SET LOCAL session_replication_role = replica; "
EVENTS = "relationships_relationshipevent"


def lesson(change: str) -> str:
    return f"UPDATE lessons_session SET {change} WHERE id = 's3'"


def link(change: str, which: str) -> str:
    return f"UPDATE relationships_tutorstudent SET {change} WHERE {which}"


SPOILT = {
    "wrong pair": (lesson(OTHER_PAIR), "s3", "tutor_student_id is c, should be "),
    "missing session": ("DELETE FROM lessons_session WHERE id = 's3'", "s3", "missing"),
    "extra session": (EXTRA, "extra", "extra"),
    "changed text": (lesson("notes = 'note 3 '"), "s3", "notes is note 3 , should be note 3"),
    "empty for none": (lesson("homework = ''"), "s3", "homework is , should be null"),
    "changed millisecond": (
        lesson("starts_at = starts_at + interval '1 ms'"),
        "s3",
        "starts_at is 2026-03-04 16:00:00.001+00, should be 2026-03-04 16:00:00+00",
    ),
    "changed status": (lesson("status = 'no_show'"), "s3", "status is no_show"),
    "no primary": (link("is_primary = false", "student_id = 'eva'"), "", "is_primary is false"),
    "wrong start": (
        link("started_on = started_on - 1", "id = 'c'"),
        "c",
        "started_on is 2026-01-04",
    ),
    "missing event": (
        f"{UNGUARDED} DELETE FROM {EVENTS} WHERE relationship_id = 'c'",
        "c",
        "missing",
    ),
    "changed event": (f"{UNGUARDED} UPDATE {EVENTS} SET on_date = on_date + 1", "c", "on_date is "),
    "changed token": (
        "UPDATE people_student SET parent_link_token = 'x' WHERE id = 'ana'",
        "ana",
        "parent_link_token is x, should be token-ana",
    ),
    "altered sealed token": (
        "UPDATE people_student SET parent_link_token = parent_link_token || 'A' WHERE id = 'ana'",
        "ana",
        "parent_link_token is aes-siv:",
    ),
    "changed name": ("UPDATE people_student SET full_name = 'X'", "ana", "full_name is X"),
    "changed address": (
        "UPDATE people_tutor SET email = 'x' WHERE id = 'ben'",
        "ben",
        "email is x",
    ),
    "lost subject": ("DELETE FROM people_tutorsubject WHERE tutor_id = 'cara'", "", "missing"),
    "forgotten row": ("DELETE FROM upgrade_unlinkedlegacyrow", "", "missing"),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_corruption(moved: str, spoilt: str) -> None:
    """A row spoilt on purpose is found, named, and told from what it should be."""
    statement, key, what = SPOILT[spoilt]
    found = verified(moved, "SET CONSTRAINTS ALL DEFERRED", statement)
    assert found.differing >= 1
    assert [one for k, one in named(found).items() if key in k and what in one] != []
    assert verified(moved).differing == 0


def test_a_link_is_the_same_however_it_is_kept(moved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealed by the replacement itself, sealed with a key that came later, or plain."""
    (row,) = query(moved, "SELECT parent_link_token AS token FROM people_student WHERE id = 'ana'")
    assert opened(row["token"]) == "token-ana"
    assert row["token"] != "token-ana"
    later = "a-key-that-came-later-than-the-replacement"
    monkeypatch.setenv(SETTING, f"{later} {os.environ[SETTING]}")
    for text in ("token-ana", link_keys().seal("token-ana")):
        same = f"UPDATE people_student SET parent_link_token = '{text}' WHERE id = 'ana'"
        assert verified(moved, same).differing == 0


def test_many_differences(moved: str) -> None:
    """All differences are counted, and the first few named."""
    found = verified(moved, "UPDATE lessons_session SET title = 'x'")
    assert (found.differing, len(named(found))) == (11, 5)


def test_another_server_zone(moved: str) -> None:
    """In what zone the session is, makes no difference to the comparison."""
    assert verified(moved, "SET LOCAL timezone = 'Asia/Kolkata'").differing == 0


def test_command(moved: str, old_file: Path) -> None:
    """The command ends with 0, and with 1 and the row's name where one differs."""
    status, _, output = said("upgrade", "verify", "--from", old_file, DATABASE_URL=moved)
    assert (status, "No difference" in output) == (0, True)
    as_tandem = "SET LOCAL tandem.application = 'on'"  # else the database notes when
    spoil = as_tandem + "; UPDATE people_student SET year = '{}' WHERE id = 'ana'"
    change(moved, spoil.format(11))
    try:
        status, _, output = said("upgrade", "verify", "--json", DATABASE_URL=moved)
    finally:
        change(moved, spoil.format(10))
    assert status == 1
    assert '"what": "year is 11, should be 10"' in output


@pytest.mark.django_db(transaction=True)
def test_work_since(old_file: Path, tmp_path: Path) -> None:
    """What people did in Tandem after the move counts as changed since, and is no difference."""
    url = address_of(str(django_connection.settings_dict["NAME"]))
    bring(old_file, url, tmp_path)
    now = datetime.now(UTC) + timedelta(seconds=1)
    ana = Student.objects.get(pk="ana")
    dev = create_tutor(requester=Requester(None, now), full_name="Dev", email="dev@x.org")
    update_student(
        requester=Requester(None, now), student_id="eva", changes={"full_name": "Evaline"}
    )
    complete(requester=Requester(None, now), session_id="s3", notes="better")
    set_subjects(
        requester=Requester(None, now),
        tutor_id="ben",
        subjects=[Taught("maths", "expert"), Taught("Latin")],
    )
    enrol(requester=Requester(None, now), full_name="New", tutors=[Pairing(dev.pk, "Greek")])
    made = pair(requester=Requester(None, now), student_id="eva", tutor_id="ben", subject="Latin")
    make_primary(requester=Requester(None, now), tutor_student_id=made.pk)
    transfer(requester=Requester(None, now), student_id=ana.pk, to_tutor_id=dev.pk, on=now.date())
    schedule(
        requester=Requester(None, now),
        tutor_student_id=made.pk,
        starts_at=now,
        ends_at=now + timedelta(hours=1),
    )
    found = verified(url)
    assert (named(found), found.differing) == ({}, 0)
    changed = {table.table: table.changed_since for table in found.compared}
    assert changed["lessons_session"] == 3
    assert changed["relationships_tutorstudent"] == 5
    assert changed["people_tutorsubject"] == 2
    assert Session.objects.get(pk="next").tutor_id == dev.pk
    assert TutorStudent.objects.filter(student="eva").count() == 2
