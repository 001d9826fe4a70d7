"""What is put into the SQL files where ``{word}`` stands: what they cannot know by themselves.

Of each old table, by its row name (``student``, ``session``, …):

- ``{old_student}``, ``{student_key}``: the table, and its column with the id.
- ``{same_student}``: the rows ``said`` and ``shown`` say the same in every column; and
  ``{same_student_subject}`` in that one.
- ``{whole_student}``: the row ``old`` as JSON.

``outbound_values.py`` and ``inbound_values.py`` say what is written where the two differ.

Of Tandem's own tables, by the row name of the old one: ``{made_student}``, the columns that the mapping
makes, and ``{made_student_of_v_made}``, those of the row ``v_made``; ``{student_as_made}`` sets all but the id.
Of a session ``{session_kept}``, the columns that are kept as they are, and the like.

Of one table each, and made of the columns that it has: ``{session_as_shown_of_there}``, ``{same_person}``,
``{made_of_said}``, ``{made_of_placed}``.

All others are one text, whatever the old tables are like.
"""

from collections.abc import Iterator, Mapping, Sequence

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import (
    CONNECTION,
    PARENT,
    SESSION,
    STUDENT,
    SUBSCRIPTION,
    TABLES,
    TUTOR,
    Table,
)
from tandem.upgrade.mapping import people
from tandem.upgrade.mapping.kept import kept_columns
from tandem.upgrade.mapping.terms import date_in, literal
from tandem.upgrade.triggers.facts import EPOCH, LiveFacts
from tandem.upgrade.triggers.inbound_values import (
    as_row,
    as_said,
    columns_of,
    kept_as_taken,
    same_person,
    texts_that_differ,
)
from tandem.upgrade.triggers.listing import whole_row
from tandem.upgrade.triggers.outbound_values import (
    as_shown,
    columns_of_new,
    same_or_unheard,
    values_of_new,
)
from tandem.upgrade.triggers.overlaps import clashes, overlapping
from tandem.upgrade.triggers.rights import rights
from tandem.upgrade.triggers.same import all_same, same
from tandem.upgrade.triggers.views_of_expected import (
    FROM_TANDEM,
    has_connection,
    session_cells,
    taught_person,
)
from tandem.upgrade.triggers.views_of_made import made_of_placed, made_of_said
from tandem.upgrade.triggers.waiting import (
    COUNT_WAIT,
    DO_NOT_WAIT,
    IN_HAND,
    ONE_WAIT,
    PATIENCE,
    SEES_THE_PRESENT,
    TO_BE_TRIED_AGAIN,
    WAIT_WHAT_IS_LEFT,
)

OTHERS_AT_COMMIT = 10
"""Students of other transactions' notes that a commit looks at: it should not pay for them all."""
SHOWN_OLD = (TUTOR, STUDENT, SESSION, CONNECTION)
ASKED_SINGLY: Mapping[Table, Sequence[str]] = {
    STUDENT: ("tutorId", "subject", "active", "userId", "email", "parentLinkToken"),
    CONNECTION: ("subject", "status", "startDate", "endDate"),
}
"""Columns whose ``{same_…}`` stands in a file by itself."""


def fragments(old: OldSide, zone: str, home: str) -> Mapping[str, str]:
    """Return the text for each ``{word}``.

    ``zone`` is the business's; ``home`` is the quoted schema of Tandem's tables.
    """
    return {
        "rights": rights(home),
        "today": date_in(zone, "now()"),
        "clashes": clashes("m"),
        "clashes_beyond": clashes("m", leaving="v_ids"),
        "overlapping_earlier": overlapping("m", "earlier"),
        "session_as_shown_of_there": session_cells(old, "there"),
        "same_person": same_person(old),
        "student_as_shown_of_before": taught_person("before"),
        "made_of_said": made_of_said(old, zone),
        "made_of_placed": made_of_placed(old, zone),
        "has_connection": has_connection("shown"),
        "from_tandem": literal(FROM_TANDEM),
        "in_hand": literal(IN_HAND),
        "count_wait": COUNT_WAIT,
        "do_not_wait": DO_NOT_WAIT,
        "wait_what_is_left": WAIT_WHAT_IS_LEFT,
        "sees_the_present": SEES_THE_PRESENT,
        "to_be_tried_again": TO_BE_TRIED_AGAIN,
        "one_wait": str(ONE_WAIT),
        "patience": literal(PATIENCE),
        "others_at_commit": str(OTHERS_AT_COMMIT),
        **{word: text for table in TABLES for word, text in _of_table(old, table)},
        **dict(_of_made(LiveFacts(old.shape, SYNC, zone, EPOCH))),
        **_of_kept_sessions(),
    }


def _of_made(facts: LiveFacts) -> Iterator[tuple[str, str]]:
    """Whom both sides change is written by ``v_made``; whom Tandem never changes, row by row."""
    for table, rows in ((TUTOR, people.tutors(facts)), (STUDENT, people.students(facts))):
        name = f"made_{table.row_name}"
        yield name, ", ".join(rows.columns)
        yield f"{name}_of_v_made", columns_of("v_made", rows.columns)
    for table, rows in (
        (PARENT, people.parents(facts)),
        (SUBSCRIPTION, people.subscriptions(facts)),
    ):
        name, others = f"made_{table.row_name}", rows.columns[1:]
        yield name, ", ".join(rows.columns)
        yield f"{table.row_name}_as_made", as_row("excluded", others)
        yield f"{name}_of_t", columns_of("t", others)
        yield f"{name}_of_excluded", columns_of("excluded", others)


def _of_kept_sessions() -> Mapping[str, str]:
    kept = kept_columns(SESSION)
    return {
        "session_kept": ", ".join(kept),
        "session_kept_of_m": columns_of("m", kept),
        "session_kept_of_x": columns_of("x", kept),
        "session_kept_as_made": as_row("m", kept),
        "session_kept_as_taken": kept_as_taken(),
        "session_texts_that_differ": texts_that_differ(),
    }


def _of_table(old: OldSide, table: Table) -> Iterator[tuple[str, str]]:
    """A table that the old side lacks is the view of it, which is empty."""
    name = table.row_name
    there = old.has(table)
    if table is not PARENT:  # a parent's row is left alone: the student is locked
        yield f"old_{name}", old.relation(table) if there else f"{SYNC}.{name}"
        yield f"{name}_key", old.column(table, "id") if there else "id"
    yield f"whole_{name}", whole_row(table, "old")
    if table in SHOWN_OLD:
        yield f"same_{name}", all_same(old, table) or "true"
    for column in table.columns:
        if column.name in ASKED_SINGLY.get(table, ()):
            is_there = old.has(table, column.name)
            yield f"same_{name}_{column.row_name}", same(table, column) if is_there else "true"
    if table in (TUTOR, STUDENT):
        yield f"{name}_as_said", as_said(old, table)
    if there and table in SHOWN_OLD:
        yield f"{name}_as_shown", as_shown(old, table)
        yield f"same_or_unheard_{name}", same_or_unheard(old, table)
        yield f"{name}_columns", columns_of_new(old, table)
        yield f"{name}_values", values_of_new(old, table)
