"""What the old application does to a lesson stands in its history; an import does not."""

from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_old_writes import a_session, a_student, a_tutor
from tests.upgrade.old_databases import change


def lines(live: Live, key: str) -> list[str]:
    """Return what the history says of a session, oldest first; each line says where it was done."""
    rows = live.rows(
        "SELECT session_id, what, actor_id, details FROM lessons_sessionevent ORDER BY id"
    )
    found = [row for row in rows if row["session_id"] == key]
    assert all(row["details"]["source"] == "older application" for row in found)
    assert all(row["actor_id"] is None for row in found)
    return [row["what"] for row in found]


def test_each_change_is_a_line(live: Live, old: OldApplication) -> None:
    """Planned, moved, written about, cancelled, planned again; one write may leave several."""
    live.join()
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    a_session(old, "next", "ana", 10)
    a_session(old, "past", "ana", -10)
    a_session(old, "gone", "ana", 12)
    old.do("session", "update", where={"id": "next"}, data={"notes": "bring a ruler"})
    moved = {"startTime": "2031-03-03T15:00:00.000Z", "endTime": "2031-03-03T16:00:00.000Z"}
    old.do("session", "update", where={"id": "next"}, data={**moved, "homework": "p. 3"})
    old.do("session", "update", where={"id": "next"}, data={"notes": "bring a ruler"})
    old.do("session", "delete", where={"id": "gone"})
    assert lines(live, "next") == ["planned", "edited", "moved", "edited"]
    assert lines(live, "past") == ["recorded"]
    assert lines(live, "gone") == ["planned", "removed"]
    told = live.one("SELECT details FROM lessons_sessionevent WHERE what = 'moved'")["details"]
    assert told["to_start"].startswith("2031-03-03T15:00:00")
    live.in_step()


def test_a_change_of_tutor_hands_lessons_over(live: Live, old: OldApplication) -> None:
    """Those that are to come, and no other; the line names both relationships."""
    live.join()
    a_tutor(old, "t1")
    a_tutor(old, "t2")
    a_student(old, "ana", "t1")
    a_session(old, "past", "ana", -10)
    a_session(old, "next", "ana", 10)
    old.do("student", "update", where={"id": "ana"}, data={"tutorId": "t2"})
    assert lines(live, "next") == ["planned", "handed_over"]
    assert lines(live, "past") == ["recorded"]
    told = live.one("SELECT details FROM lessons_sessionevent WHERE what = 'handed_over'")[
        "details"
    ]
    assert [told["from"], told["to"]] == [row["id"] for row in live.links("ana")]


def test_what_is_brought_over_leaves_none(live: Live, old: OldApplication) -> None:
    """A backfill is no change of anybody's; what is undone leaves nothing either."""
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    a_session(old, "next", "ana", 10)
    live.join()
    assert lines(live, "next") == []
    change(live.url, """BEGIN; UPDATE "Session" SET notes = 'x'; ROLLBACK""")
    assert lines(live, "next") == []
    change(live.url, """UPDATE "Session" SET notes = 'x'""")
    assert lines(live, "next") == ["edited"]


def test_who_is_deleted_leaves_no_line(live: Live, old: OldApplication) -> None:
    """With a student goes the history of their lessons."""
    live.join()
    a_tutor(old, "t1")
    a_student(old, "ana", "t1")
    a_session(old, "next", "ana", 10)
    old.do("student", "delete", where={"id": "ana"})
    assert lines(live, "next") == []
