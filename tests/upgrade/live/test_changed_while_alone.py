"""What the old application changed after a rollback, while no trigger told of it, comes later."""

from datetime import UTC, datetime, timedelta

import pytest

from tandem.lessons import actions as lessons
from tandem.people import actions as people
from tandem.people.requester import Requester
from tests.upgrade.live.joined import joined
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import (
    MADE,
    Row,
    change,
    connection,
    session,
    student,
    subscription,
    tutor,
)


def parent(key: str, of: str, **more: str) -> Row:
    facts = {"userId": f"user-{key}", "email": f"{key}@x.org", "fullName": key.title()}
    return "Parent", {"id": key, "studentId": of, **facts, **MADE, **more}


ROWS = (
    *(tutor(key) for key in ("t1", "t2")),
    *(student(key, "t1") for key in ("ana", "ben")),
    student("cleo", None),
    session("one", "ana"),
    session("nobody's", "cleo"),
    parent("pia", "ana"),
    parent("paul", "ben"),
    subscription("pays", "t1"),
)


@pytest.fixture
def alone(live: Live) -> Live:
    """Both were in step once, and the old application is alone again."""
    joined(live, *ROWS, half=True)
    live.rollback()
    return live


def back_in_step(live: Live) -> None:
    live.join(deleted_there=True)
    live.in_step()
    live.switch()


def ids(live: Live, table: str) -> set[str]:
    return {row["id"] for row in live.rows(f"SELECT id FROM {table}")}


def test_parents_and_payment_plans_deleted_meanwhile(alone: Live) -> None:
    """They go from Tandem too, and nothing keeps anybody from switching."""
    change(alone.url, """DELETE FROM "Parent" WHERE id = 'pia'; DELETE FROM "Subscription" """)
    back_in_step(alone)
    assert ids(alone, "people_parent") == {"paul"}
    assert ids(alone, "people_subscription") == set()


def test_others_in_their_place(alone: Live) -> None:
    """Who has the account, or the tutor, of one that was deleted is no twin of it."""
    change(
        alone.url,
        """UPDATE "Parent" SET id = 'pina' WHERE id = 'pia';
        UPDATE "Subscription" SET id = 'pays again'""",
    )
    back_in_step(alone)
    assert ids(alone, "people_parent") == {"pina", "paul"}
    assert ids(alone, "people_subscription") == {"pays again"}
    assert ids(alone, "upgrade_unlinkedlegacyrow WHERE source_table <> 'Session'") == set()


def test_rows_that_swapped_what_only_one_can_have(alone: Live) -> None:
    """Addresses, accounts and links end with those who have them now: none is taken for a twin."""
    swaps = "".join(
        f"""UPDATE "{table}" SET "{column}" = 'x' WHERE id = '{one}';
        UPDATE "{table}" SET "{column}" = '{value}{one}{end}' WHERE id = '{other}';
        UPDATE "{table}" SET "{column}" = '{value}{other}{end}' WHERE id = '{one}';"""
        for table, column, value, end, one, other in (
            ("Student", "parentLinkToken", "token-", "", "ana", "ben"),
            ("Tutor", "userId", "user-", "", "t1", "t2"),
            ("Tutor", "email", "", "@x.org", "t1", "t2"),
            ("Parent", "email", "", "@x.org", "pia", "paul"),
        )
    )
    change(alone.url, swaps)
    back_in_step(alone)
    assert alone.rows(
        "SELECT id, parent_link_token AS t FROM people_student ORDER BY 1 LIMIT 2"
    ) == [
        {"id": "ana", "t": "token-ben"},
        {"id": "ben", "t": "token-ana"},
    ]
    assert alone.rows("SELECT id, auth_subject AS u, email FROM people_tutor ORDER BY 1") == [
        {"id": "t1", "u": "user-t2", "email": "t2@x.org"},
        {"id": "t2", "u": "user-t1", "email": "t1@x.org"},
    ]
    assert alone.rows("SELECT id, email FROM people_parent ORDER BY 1") == [
        {"id": "paul", "email": "pia@x.org"},
        {"id": "pia", "email": "paul@x.org"},
    ]
    for table in ("people_tutor", "people_student"):
        assert alone.rows(f"SELECT FROM {table} WHERE legacy_fault <> ''") == []


def test_what_fits_nowhere_deleted_meanwhile(alone: Live) -> None:
    """It is listed no longer."""
    assert ids(alone, "upgrade_unlinkedlegacyrow") != set()
    change(alone.url, """DELETE FROM "Session" WHERE id = 'nobody''s'""")
    back_in_step(alone)
    assert ids(alone, "upgrade_unlinkedlegacyrow") == set()


def test_a_connection_deleted_meanwhile(live: Live) -> None:
    """As the triggers would have taken it."""
    live.fill(*ROWS, connection("c1", "ana", "t2", subject="Latin"), half=True).join()
    live.rollback()
    change(live.url, """DELETE FROM "StudentTutorConnection" """)
    back_in_step(live)
    assert [link["tutor_id"] for link in live.links("ana")] == ["t1"]


def test_whom_nobody_ever_taught(alone: Live, tandem: None) -> None:
    """Deleted meanwhile they go; made in Tandem meanwhile they are shown."""
    made = people.create_student(requester=Requester(None, datetime.now(UTC)), full_name="Dina")
    change(alone.url, """DELETE FROM "Student" WHERE id = 'cleo'""")
    back_in_step(alone)
    assert ids(alone, "people_student") == ids(alone, '"Student"') == {"ana", "ben", made.pk}


def test_what_was_cancelled_while_tandem_was_alone_is_so_after_two_returns(
    live: Live, tandem: None
) -> None:
    """The old side has no word for it, and its row bears the old side's moment: a line says so."""
    starts = datetime.now(UTC) + timedelta(days=3)
    live.fill(tutor("t1"), student("ana", "t1"), session("x", "ana", f"{starts:%Y-%m-%d %H:00}"))
    live.join()
    live.rollback()
    lessons.cancel(requester=Requester(None, datetime.now(UTC)), session_id="x")
    for _ in range(2):
        live.join()
        live.in_step()
        live.rollback()
    assert live.one("SELECT status FROM lessons_session") == {"status": "cancelled"}
