"""Sessions that come to hours which others of the set leave, or which somebody takes meanwhile."""

from concurrent.futures import ThreadPoolExecutor

from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_in_turn import impatient
from tests.upgrade.old_databases import change, session, student, tutor

HOURS = tuple(session(f"x{n}", "ana", f"2027-03-01 {10 + n}:00") for n in range(5))


def faults(live: Live) -> dict[str, str]:
    return {
        r["id"]: r["legacy_fault"]
        for r in live.rows("SELECT id, legacy_fault FROM lessons_session")
    }


def test_a_row_of_lessons_moves_by_an_hour(live: Live) -> None:
    """Each comes to the hour that the next one leaves: in the end nobody is in two places."""
    live.fill(tutor("t1"), student("ana", "t1"), *HOURS).join()
    change(
        live.url,
        """UPDATE "Session" SET "startTime" = "startTime" + interval '1 hour',
           "endTime" = "endTime" + interval '1 hour'""",
    )
    assert faults(live) == {f"x{n}": "" for n in range(5)}
    live.in_step()


def test_lessons_of_one_statement_that_overlap_each_other(live: Live) -> None:
    """All but the first bear the fault, as where they come one by one."""
    live.fill(tutor("t1"), student("ana", "t1"), student("ben", "t1")).join()
    change(
        live.url,
        """INSERT INTO "Session" (id, "studentId", "startTime", "endTime", "updatedAt")
           SELECT 'y' || n, CASE n WHEN 2 THEN 'ben' ELSE 'ana' END, timestamp '2027-03-01 10:00',
             timestamp '2027-03-01 11:00', now() FROM generate_series(1, 3) n""",
    )
    assert faults(live) == {"y1": "", "y2": "overlap", "y3": "overlap"}
    live.in_step()


def test_an_hour_that_another_transaction_takes_at_the_same_moment(live: Live) -> None:
    """The second waits for the first to end, and then bears the fault; neither write fails."""
    live.fill(tutor("t1"), student("ana", "t1"), student("ben", "t1")).join()
    insert = """INSERT INTO "Session" (id, "studentId", "startTime", "endTime", "updatedAt")
      VALUES (%s, %s, '2027-03-01 10:00', '2027-03-01 11:00', now())"""
    with impatient(live) as one, impatient(live) as other, ThreadPoolExecutor(1) as threads:
        one.execute(insert, ["of ana", "ana"])
        waiting = threads.submit(other.execute, insert, ["of ben", "ben"])
        one.commit()
        waiting.result(10)
        other.commit()
    assert faults(live) == {"of ana": "", "of ben": "overlap"}
    live.in_step()
