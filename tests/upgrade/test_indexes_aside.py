"""What a replacement sets aside while it fills the tables, and what its own triggers need."""

import psycopg

from tandem.upgrade.replace.bulk import drop_indexes, recreate_indexes
from tandem.upgrade.replace.replacement import FILLED

LEFT = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY (%s::regclass[]) AND indpred IS NULL ORDER BY 1
"""
BY_STUDENT = """
EXPLAIN (COSTS OFF) SELECT FROM relationships_tutorstudent WHERE student_id = ANY (ARRAY['a', 'b'])
"""


def test_the_students_of_relationships_are_found_by_an_index(target: str) -> None:
    """A trigger looks new students up by it: else each row would be held against each of them."""
    with psycopg.connect(target) as connection:
        before = connection.execute(LEFT, [list(FILLED)]).fetchall()
        aside = drop_indexes(connection, FILLED)
        left = [row[0] for row in connection.execute(LEFT, [list(FILLED)])]
        connection.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(row[0] for row in connection.execute(BY_STUDENT))
        recreate_indexes(connection, aside)
        assert connection.execute(LEFT, [list(FILLED)]).fetchall() == before
        connection.rollback()
    assert [one.partition(" USING ")[2] for one in left] == ["btree (student_id)"]
    assert "Index" in plan
