"""The functions of the sync, which stand in ``.sql`` files.

A file is a list of statements as ``psql`` reads it. Where ``{word}`` stands, a fragment is put in:
what the old table of students is called, how long is waited, which sessions clash. ``fragments.py``
has them all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import CONNECTION
from tandem.upgrade.triggers.fragments import fragments
from tandem.upgrade.triggers.rights import dollar_quote
from tandem.upgrade.triggers.triggers import told_statements

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
    "listing",
    "people",
    "inbound_students",
    "sessions",
    "unknown_tutors",
    "inbound_sessions",
    "transferring",
    "connections",
    "inbound_connections",
    "deletes",
    "outbound",
    "outbound_connections",
    "outbound_triggers",
    "read_only",
)
"""In the order in which they are made, not read: what is a variable's type has to be there before.

So ``sessions`` comes before those that keep a ``made_session``. A function is looked for when it is
called. In which order they are read best, ``docs/concepts/architecture.md`` says.
"""
FOR_EACH_STATEMENT = "inbound_triggers"
"""What is made for each old table and kind of statement."""
RUN_BY_ITSELF = "list_unheard"
"""What is no function: ``unheard.py`` puts its words in, for each old table."""
WITH_CONNECTIONS = ("connections", "inbound_connections", "outbound_connections")
"""What only an old side with connections has a use for."""
WORD = re.compile(r"--.*|\{([a-z_]+)\}")
"""Where a fragment is put in, or a comment, which may name some."""
QUOTE = "$$"


def static_functions(
    old: OldSide, zone: str, home: str, files: Sequence[str] = FILES
) -> Iterator[str]:
    """Yield the statements of ``files``.

    ``zone`` is the business's; ``home`` is the quoted schema of Tandem's tables.
    """
    words = fragments(old, zone, home)
    for name in files:
        if name not in WITH_CONNECTIONS or old.has(CONNECTION):
            for text in statements((FOLDER / f"{name}.sql").read_text()):
                yield filled(text, words)


def telling_functions(old: OldSide, zone: str, home: str) -> Iterator[str]:
    """Yield what the triggers of the old tables call: one text for all of them."""
    words = fragments(old, zone, home)
    (text,) = statements((FOLDER / f"{FOR_EACH_STATEMENT}.sql").read_text())
    for more in told_statements(old):
        yield filled(text, {**words, **more})


def filled(text: str, words: Mapping[str, str]) -> str:
    """Put a fragment in wherever ``{word}`` stands, but in comments; the ``$$`` are ours alone.

    Names of the old side may stand in it, and end no quote.
    """
    quoted = text.replace(QUOTE, dollar_quote())
    return WORD.sub(lambda found: words[found[1]] if found[1] else found[0], quoted)


def statements(text: str) -> Iterator[str]:
    """Yield the statements of an SQL file, each with the comment above it and without its ``;``.

    A statement ends with a line that ends with ``;``, outside of comments and of what stands between
    two ``$$``.
    """
    lines: list[str] = []
    quoted = False
    for line in text.splitlines():
        lines.append(line)
        quoted ^= line.count(QUOTE) % 2 == 1
        if line.endswith(";") and not quoted and not line.startswith("--"):
            yield "\n".join(lines).strip().removesuffix(";")
            lines = []
