"""A write of the old application goes through whatever becomes of it in Tandem."""

import pytest

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.live.status import status
from tests.upgrade.live.joined import joined
from tests.upgrade.live.steering import Live, connected
from tests.upgrade.old_databases import change, session, student, tutor

ROWS = (tutor("t1"), tutor("t2"), student("ana", "t1"), session("one", "ana"))


@pytest.mark.parametrize(
    ("table", "rule", "write"),
    [
        (
            "lessons_session",
            "notes IS DISTINCT FROM 'boom'",
            """UPDATE "Session" SET notes = 'boom'""",
        ),
        ("people_student", "year <> '99'", """UPDATE "Student" SET year = '99'"""),
        ("people_tutor", "email <> 'no@x.org'", """UPDATE "Tutor" SET email = 'no@x.org'
            WHERE id = 't2'"""),
        (
            "relationships_tutorstudent",
            "tutor_id <> 't2'",
            """UPDATE "Student" SET "tutorId" = 't2'""",
        ),
    ],
)  # fmt: skip
def test_what_tandem_refuses_is_noted_and_made_up_for(
    live: Live, table: str, rule: str, write: str
) -> None:
    """The write stands, `status` counts it, `switch` is refused, the next backfill follows it."""
    joined(live, *ROWS)
    change(live.url, f"ALTER TABLE {table} ADD CONSTRAINT new_rule CHECK ({rule})")
    try:
        change(live.url, write)
    finally:
        change(live.url, f"ALTER TABLE {table} DROP CONSTRAINT new_rule")
    assert ["new_rule" in why for why in live.missed()] == [True]
    with connected(live.url) as connection:
        assert status(connection).as_data()["missed"] == 1
    assert live.verify() != []
    with pytest.raises(UpgradeRefusedError):
        live.switch()
    live.backfill()
    live.in_step()


def test_two_rows_that_swap_what_only_one_can_have(live: Live) -> None:
    """A parent's link that two students exchange ends with each on both sides."""
    live.fill(*ROWS, student("ben", "t1")).join()
    change(
        live.url,
        """UPDATE "Student" SET "parentLinkToken" = 'x' WHERE id = 'ana';
        UPDATE "Student" SET "parentLinkToken" = 'token-ana' WHERE id = 'ben';
        UPDATE "Student" SET "parentLinkToken" = 'token-ben' WHERE id = 'ana'""",
    )
    tokens = {r["id"]: r["parent_link_token"] for r in live.rows("SELECT * FROM people_student")}
    assert tokens == {"ana": "token-ben", "ben": "token-ana"}
    live.in_step()


def test_a_day_long_session_written_on_a_clock_that_goes_forward(live: Live) -> None:
    """24 hours are no fault wherever the old application's connection thinks it is."""
    joined(live, *ROWS)
    change(
        live.url,
        """SET timezone = 'Europe/Berlin';
        UPDATE "Session" SET "startTime" = '2027-03-27 12:00', "endTime" = '2027-03-28 12:00'""",
    )
    assert live.missed() == []
    assert live.one("SELECT legacy_fault AS fault FROM lessons_session") == {"fault": ""}
    live.in_step()


def test_parents_and_subscriptions_follow(live: Live) -> None:
    """What Tandem never changes follows the old side: made, changed, deleted."""
    joined(live, *ROWS, half=True)
    moment = "'2026-01-05', '2026-01-05'"
    change(
        live.url,
        f"""INSERT INTO "Parent" (id, "userId", email, "fullName", "studentId", "createdAt",
          "updatedAt") VALUES ('p1', 'pu', 'p@x.org', 'Pia', 'ana', {moment});
        INSERT INTO "Subscription"
          VALUES ('b1', 't1', 'active', 'c1', 's1', '2027-01-01', {moment});
        UPDATE "Parent" SET "fullName" = 'Pia Ruiz';
        UPDATE "Subscription" SET status = 'past_due'""",
    )
    assert live.one("SELECT full_name FROM people_parent") == {"full_name": "Pia Ruiz"}
    assert live.one("SELECT status FROM people_subscription") == {"status": "past_due"}
    live.in_step()
    change(live.url, """DELETE FROM "Parent"; DELETE FROM "Subscription" """)
    assert live.rows("SELECT FROM people_parent UNION ALL SELECT FROM people_subscription") == []
    live.in_step()


def test_the_same_mapping_as_a_replacement(live: Live) -> None:
    """A relationship and its first event are alike, whether a trigger or a backfill made them."""
    live.fill(*ROWS, student("ben", "t2", active=False), session("two", "ben", "2025-12-01 10:00"))
    live.join()
    query = """SELECT r.id, r.started_on, r.status, r.is_primary, r.created_at, r.updated_at,
        e.what, e.details -> 'set' ->> 'started_on' AS began FROM relationships_tutorstudent r
        JOIN LATERAL (SELECT * FROM relationships_relationshipevent e WHERE e.relationship_id = r.id
          ORDER BY e.id DESC LIMIT 1) e ON true ORDER BY 1"""
    by_backfill = live.rows(query)
    change(
        live.url,
        """CREATE TEMP TABLE kept AS SELECT * FROM "Student"; CREATE TEMP TABLE held AS
        SELECT * FROM "Session"; DELETE FROM "Student"; INSERT INTO "Student" SELECT * FROM kept;
        INSERT INTO "Session" SELECT * FROM held""",
    )
    assert live.rows(query) == by_backfill

    live.in_step()
