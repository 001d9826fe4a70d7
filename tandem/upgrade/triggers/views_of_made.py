"""The views of what the mapping makes of the old side's rows, under the names of Tandem's columns."""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import PARENT, SESSION, STUDENT, SUBSCRIPTION, TUTOR
from tandem.upgrade.mapping import people, relationships, sessions
from tandem.upgrade.mapping.terms import Rows
from tandem.upgrade.triggers.facts import EPOCH, LiveFacts, some_rows


def made_views(old: OldSide, zone: str) -> Iterator[str]:
    """Yield a view for each table of people, and two of what their rows alone say of relationships.

    What is wrong with a tutor beside others, who takes them looks at: of one row, nothing.
    """
    facts = LiveFacts(old.shape, SYNC, zone, EPOCH)
    for table, rows in (
        (TUTOR, people.tutors(facts, fault="coalesce(old.read_fault, '')")),
        (STUDENT, people.students(facts)),
        (PARENT, people.parents(facts)),
        (SUBSCRIPTION, people.subscriptions(facts)),
    ):
        yield f"CREATE OR REPLACE VIEW {SYNC}.made_{table.row_name} AS\n{named(rows)}"
    columns = ", ".join(relationships.PAIRING)
    for name, select in (
        ("primary", relationships.of_students(facts)),
        ("connection", relationships.of_connections(facts)),
    ):
        yield (
            f"CREATE OR REPLACE VIEW {SYNC}.made_{name} AS\n"
            f"SELECT * FROM (\n{select}\n) AS made ({columns})"
        )


def named(rows: Rows) -> str:
    """SQL: the mapping's rows under the names of Tandem's columns."""
    return f"SELECT * FROM (\n{rows.select}\n) AS made ({', '.join(rows.columns)})"


def made_of_said(old: OldSide, zone: str) -> str:
    """SQL: what is made of the old student ``said``, in a join with it."""
    return named(people.students(some_rows(old, zone, STUDENT, "(SELECT said.*)")))


def made_of_placed(old: OldSide, zone: str) -> str:
    """SQL: what is made of the old sessions ``placed``, each of which says where it ``goes_to``.

    With what is wrong with each, but for those that clash.
    """
    relationships = "relationships_tutorstudent"
    facts = some_rows(old, zone, SESSION, "placed", link="goes_to", pairing=relationships)
    day = facts.on_date("old.start_time")
    outside = f"NOT (pairing.started_on <= {day} AND coalesce(pairing.ended_on >= {day}, true))"
    fault = f"""concat_ws(' ', old.read_fault, nullif({sessions.own_faults(facts)}, ''),
    CASE WHEN {outside} THEN 'outside_relationship' END)"""
    return named(sessions.sessions(facts, fault=fault))
