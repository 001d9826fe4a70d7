"""The functions of the sync that stand in ``.sql`` files: all that no old table's shape decides.

A file is a list of statements as ``psql`` reads it. Where ``{word}`` stands, a fragment is put in:
what the old table of students is called, how long is waited, which sessions clash.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, STUDENT
from tandem.upgrade.mapping.terms import date_in, literal
from tandem.upgrade.triggers.functions import dollar_quote, rights
from tandem.upgrade.triggers.overlaps import clashes, overlapping
from tandem.upgrade.triggers.waiting import (
    COUNT_WAIT,
    DO_NOT_WAIT,
    IN_HAND,
    ONE_WAIT,
    SEES_THE_PRESENT,
    TO_BE_TRIED_AGAIN,
    WAIT_WHAT_IS_LEFT,
)

FOLDER = Path(__file__).parent
BEFORE_THE_VIEWS = ("shown_days",)
"""What the views of both sides read."""
FILES = (
    "notes",
    "unheard",
    "showing",
    "renaming",
    "following",
    "relationships",
    "people",
    "sessions",
    "transferring",
    "connections",
    "deletes",
)
WORD = re.compile(r"\{([a-z_]+)\}")
QUOTE = "$$"
OTHERS_AT_COMMIT = 10
"""Students of other transactions' notes that a commit looks at: it should not pay for them all."""


def static_functions(
    old: OldSide, zone: str, home: str, files: Sequence[str] = FILES
) -> Iterator[str]:
    """Yield the statements of ``files``.

    ``zone`` is the business's; ``home`` is the quoted schema of Tandem's tables.
    """
    words = {
        "rights": rights(home),
        "today": date_in(zone, "now()"),
        "old_student": old.relation(STUDENT),
        "student_id": old.column(STUDENT, "id"),
        "clashes": clashes("m"),
        "clashes_beyond": clashes("m", leaving="v_ids"),
        "overlapping_earlier": overlapping("m", "earlier"),
        "in_hand": literal(IN_HAND),
        "count_wait": COUNT_WAIT,
        "do_not_wait": DO_NOT_WAIT,
        "wait_what_is_left": WAIT_WHAT_IS_LEFT,
        "sees_the_present": SEES_THE_PRESENT,
        "to_be_tried_again": TO_BE_TRIED_AGAIN,
        "one_wait": str(ONE_WAIT),
        "others_at_commit": str(OTHERS_AT_COMMIT),
    }
    for name in files:
        if name != "connections" or old.has(CONNECTION):
            for text in statements((FOLDER / f"{name}.sql").read_text()):
                quote = dollar_quote()  # names of the old side may stand in it
                yield WORD.sub(lambda found: words[found[1]], text.replace(QUOTE, quote))


def statements(text: str) -> Iterator[str]:
    """Yield the statements of an SQL file, each with the comment above it and without its ``;``.

    A statement ends with a line that ends with ``;``, outside of what stands between two ``$$``.
    """
    lines: list[str] = []
    quoted = False
    for line in text.splitlines():
        lines.append(line)
        quoted ^= line.count(QUOTE) % 2 == 1
        if line.endswith(";") and not quoted:
            yield "\n".join(lines).strip().removesuffix(";")
            lines = []
