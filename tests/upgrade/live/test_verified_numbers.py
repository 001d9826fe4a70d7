"""What `verify` prints: how much of everything there should be, and how much there is."""

from tests.cli.forked import forked
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, connection, session, student, tutor


def test_both_numbers_are_of_the_same_thing(live: Live) -> None:
    """Of what one side has no place for neither counts: a tutor's own row, a row that fits nowhere.

    The table calls them as people do, with the name of the table beside, and says what they are.
    """
    rows = [tutor("t1"), tutor("t2"), *(student(name, "t1") for name in ("ana", "ben"))]
    lost = student("cy", None, subject=None)
    live.fill(
        *(*rows, lost, session("one", "ana"), session("nobody's", "cy")),
        *(connection("c", "ana", "t2"), connection("asked", "ben", "t2", status="pending")),
        half=True,
    )
    live.join()
    counted = {one.table: (one.expected, one.found, one.differing) for one in live.compared()}
    assert counted["StudentTutorConnection"] == (2, 2, 0)
    assert counted["Session"] == (1, 1, 0)
    assert counted["Row that fits nowhere"] == (1, 1, 0)
    assert {one: n for one, n in counted.items() if n[0] != n[1] or n[2]} == {}
    done = forked("upgrade", "verify", DATABASE_URL=live.url)
    told = " ".join(done.stdout.split())
    assert "What Expected Found Differ Tutors (Tutor) 2 2 0 Students (Student) 3 3 0" in told
    assert "Parents (people_parent) 0 0 0" in told
    assert "Connections (StudentTutorConnection) 2 2 0" in told
    assert "Expected is what should be there" in told
    change(live.url, "SET tandem.quiet = 'on'; DELETE FROM lessons_session")
    assert {one.table: (one.expected, one.found, one.differing) for one in live.compared()}[
        "Session"
    ] == (1, 0, 1)
