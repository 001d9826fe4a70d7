"""Files that spreadsheets open: no cell of which is calculated, whatever somebody is called."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

MARK = "\ufeff"
"""At the beginning of a file, by which spreadsheets know UTF-8."""
FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
"""What a spreadsheet would carry out at the beginning of a cell; the wide ones in Japan."""


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV text.

    Every text is quoted: where a semicolon parts cells, as in a German spreadsheet, a name with one
    in it would else begin another cell, and that could be a formula.
    """
    text = StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([_cell(one) for one in row] for row in rows)
    return MARK + text.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
