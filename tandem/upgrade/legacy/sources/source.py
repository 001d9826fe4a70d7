"""What the upgrade asks of a database to be read, whichever kind it is."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.shapes import Shape, Table

# How the rows are written for COPY. SQLite's %Q writes a text in just this way.
CSV = "FORMAT csv, QUOTE E'\\'', NULL 'NULL'"


class Block(NamedTuple):
    """Some whole rows as CSV lines, and how many they are."""

    rows: int
    csv: bytes


class Source(Protocol):
    """A one-tutor database held open in one snapshot. Nothing in it is ever changed."""

    @property
    def label(self) -> str:
        """Where it is, without a password."""

    @property
    def names(self) -> Names:
        """Which names it was read with."""

    @property
    def shape(self) -> Shape:
        """Which tables and columns it has."""

    @property
    def backup_suffix(self) -> str:
        """The ending of its backup file's name."""

    def count(self, table: Table) -> int:
        """Return the number of rows of ``table``."""

    def blocks(self, table: Table, *, careful: bool) -> Iterator[Block]:
        """Yield all rows as CSV: every present column in order, then ``extra``, ``read_fault`` and
        ``weight``.

        The quick way trusts that dates are dates and text is text, and makes the database refuse
        the rest; the careful way looks at each value and turns what cannot be read into null, a
        named fault and the raw value in ``extra``.

        A row weighs what stands in its present columns at the source: text its bytes in UTF-8, any
        other value one. The row that arrived must weigh the same: a value that was lost or cut on
        the way tells. What was read with care may differ, and has no weight.
        """

    def back_up(self, path: Path) -> "Source":
        """Write the whole database to ``path`` and return the source to read on from.

        The file is complete and on disk when this returns; a failure leaves none.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
