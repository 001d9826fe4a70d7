"""Parents of a student whom the old application deleted, and Tandem keeps for a further tutor."""

import psycopg
import pytest

from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_changed_while_alone import parent
from tests.upgrade.live.test_given_to_others import AGAIN, GONE, PEOPLE, with_a_further_tutor
from tests.upgrade.old_databases import change, student, subscription, tutor

PARENTS = "SELECT id, student_id AS student FROM people_parent ORDER BY 1"
HERS = {"id": "pia", "student": "ana"}
HIS = {"id": "paul", "student": "ben"}


@pytest.fixture
def kept(live: Live, tandem: None) -> Live:
    """Ana has a further tutor, of whom an old side without connections knows nothing."""
    live.fill(*PEOPLE, parent("pia", "ana"), parent("paul", "ben"), half=True)
    change(live.url, """DROP TABLE "StudentTutorConnection" CASCADE""")
    live.join()
    with_a_further_tutor()
    return live


def delete_ana(live: Live, *, alone: bool) -> None:
    if alone:
        live.rollback()
    change(live.url, GONE)
    if alone:
        live.join(deleted_there=True)
    live.in_step()
    assert live.rows("SELECT source_id AS id FROM upgrade_gonefromoldside") == [{"id": "ana"}]


@pytest.mark.parametrize("alone", [False, True])
def test_parents_stay_with_a_student_whom_tandem_keeps(kept: Live, *, alone: bool) -> None:
    """They went with the student, by cascade: nobody said that they are hers no longer."""
    delete_ana(kept, alone=alone)
    assert kept.rows(PARENTS) == [HIS, HERS]


@pytest.mark.parametrize("level", ["READ COMMITTED", "SERIALIZABLE"])
def test_parents_stay_where_the_writes_are_taken_at_commit(kept: Live, level: str) -> None:
    """Somebody has the student in hand meanwhile, or the writer sees the past."""
    with psycopg.connect(kept.url) as other, psycopg.connect(kept.url) as old_application:
        other.execute("SELECT FROM people_student WHERE id = 'ana' FOR NO KEY UPDATE")
        old_application.isolation_level = psycopg.IsolationLevel[level.replace(" ", "_")]
        old_application.execute(GONE)
        old_application.commit()
    kept.backfill()
    kept.in_step()
    assert kept.rows(PARENTS) == [HIS, HERS]


@pytest.mark.parametrize("alone", [False, True])
def test_a_parent_deleted_alone_goes(kept: Live, *, alone: bool) -> None:
    """The old application said so of the parent, whose student is there."""
    if alone:
        kept.rollback()
    change(kept.url, """DELETE FROM "Parent" WHERE id = 'pia'""")
    if alone:
        kept.join()
    kept.in_step()
    assert kept.rows(PARENTS) == [HIS]


def test_parents_of_a_student_who_goes_go_too(kept: Live) -> None:
    """Ben has nobody beside the tutor whom the old side knows."""
    change(kept.url, """DELETE FROM "Student" WHERE id = 'ben'""")
    kept.in_step()
    assert kept.rows(PARENTS) == [HERS]


def test_a_table_that_is_emptied(kept: Live) -> None:
    """What TRUNCATE takes with the students is theirs to settle."""
    change(kept.url, """TRUNCATE "Student" CASCADE""")
    kept.in_step()
    assert kept.rows(PARENTS) == [HERS]


@pytest.mark.parametrize("alone", [False, True])
def test_a_student_who_comes_back_without_the_parent(kept: Live, *, alone: bool) -> None:
    """What the old side says of the parents of a student whom it has is so in Tandem."""
    delete_ana(kept, alone=False)
    if alone:
        kept.rollback()
    change(kept.url, AGAIN[AGAIN.index('INSERT INTO "Student"') :])
    if alone:
        kept.join()
    kept.in_step()
    assert kept.rows(PARENTS) == [HIS]


def test_when_a_parent_was_made_follows(live: Live) -> None:
    """Alone, too: of parents and plans all that the old side says is Tandem's."""
    rows = (tutor("t1"), student("ana", "t1"), subscription("plan", "t1"), parent("eva", "ana"))
    live.fill(*rows, half=True).join()
    for table in ("Parent", "Subscription"):
        change(live.url, f"""UPDATE "{table}" SET "createdAt" = "createdAt" - interval '1 day'""")
    live.in_step()
