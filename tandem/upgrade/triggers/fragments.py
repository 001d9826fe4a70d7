"""What is put into the SQL files where ``{word}`` stands: what they cannot know by themselves.

Of each old table, by its row name (``student``, ``session``, …):

- ``{old_student}``, ``{student_key}``: the table, and its column with the id.
- ``{same_student}``: the rows ``said`` and ``shown`` say the same in every column; and
  ``{same_student_subject}`` in that one.
- ``{whole_student}``: the row ``old`` as JSON.

``outbound_values.py`` and ``inbound_values.py`` say what is written where the two differ.

Of one table each, and made of the columns that it has: ``{session_as_shown_of_there}``, ``{same_person}``,
``{made_of_said}``, ``{made_of_placed}``.

All others are one text, whatever the old tables are like.
"""

from collections.abc import Iterator, Mapping, Sequence

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, PARENT, SESSION, STUDENT, TABLES, TUTOR, Table
from tandem.upgrade.mapping.terms import date_in, literal
from tandem.upgrade.triggers.inbound_values import TAKEN_COLUMNS, as_said, same_person
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
    if table in TAKEN_COLUMNS:
        yield f"{name}_as_said", as_said(old, table)
    if there and table in SHOWN_OLD:
        yield f"{name}_as_shown", as_shown(old, table)
        yield f"same_or_unheard_{name}", same_or_unheard(old, table)
        yield f"{name}_columns", columns_of_new(old, table)
        yield f"{name}_values", values_of_new(old, table)
