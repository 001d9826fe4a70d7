"""A CSV file as somebody saved it: from Excel, Google Sheets or another program. No database."""

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _

MOST_BYTES, MOST_ROWS = 10_000_000, 20_000
MOST_COLUMNS = 100
DELIMITERS = (",", ";", "\t")
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of spreadsheets begin that are no text."""
FORMULA = tuple("=+-@")
NUL = "\x00"


@dataclass(frozen=True)
class Row:
    """One row by the number of its first line; a cell for each heading, trimmed."""

    line: int
    cells: Sequence[str]
    has_more: bool = False
    """Whether it had more cells than there are headings: where they belong nobody can tell."""


@dataclass(frozen=True)
class Table:
    """What a file says; ``is_old_text`` where it was no Unicode, so was taken for Windows'."""

    headings: Sequence[str]
    rows: Sequence[Row]
    is_old_text: bool = False


def read_table(content: bytes, known: Callable[[str], bool]) -> Table:
    """Return the table in a file; ``known`` tells a heading that is understood.

    InvalidError for what is no CSV file, holds nothing, or more than is taken at once.
    """
    if len(content) > MOST_BYTES:
        raise invalid("text", _("The file is too large: at most 10 MB. Divide it into several."))
    text, is_old_text = _decoded(content)
    lines = [*_parsed(text, _delimiter(text, known))]
    if not lines:
        raise invalid("text", _("The file is empty. Choose another."))
    headings, rows = lines[0].cells, lines[1:]
    if not rows:
        raise invalid("text", _("There is no row below the headings. Choose another file."))
    if len(rows) > MOST_ROWS:
        said = _("The file has {rows} rows: at most {most} at once. Divide it into several.")
        raise invalid("text", said.format(rows=len(rows), most=MOST_ROWS))
    if len(headings) > MOST_COLUMNS:
        said = _("The file has more than {most} columns. Leave out those that are not needed.")
        raise invalid("text", said.format(most=MOST_COLUMNS))
    return Table(headings, rows, is_old_text)


def _decoded(content: bytes) -> tuple[str, bool]:
    """Return a file's text, and whether it was read as Windows wrote it before UTF-8."""
    if content.startswith(WORKBOOKS):
        raise invalid(
            "text",
            _(
                "This is a workbook and no CSV file. Open it, choose “Save as” and "
                "“CSV UTF-8”, and choose that file here."
            ),
        )
    coding = next((name for bom, name in BOMS.items() if content.startswith(bom)), "utf-8")
    is_old_text = False
    try:
        text = content.decode(coding)
    except UnicodeDecodeError:
        text, is_old_text = _as_windows(content, coding), True
    if NUL in text:
        raise _unreadable()
    return text, is_old_text


def _as_windows(content: bytes, coding: str) -> str:
    if coding != "utf-8":  # it said itself what it is
        raise _unreadable()
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        raise _unreadable() from None


def _unreadable() -> Exception:
    said = _("This file cannot be read as text. Save it as “CSV UTF-8” and choose it again.")
    return invalid("text", said)


def _delimiter(text: str, known: Callable[[str], bool]) -> str:
    """Return what parts the cells: by what most headings are understood, then by what are most."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lower().startswith("sep=") and len(first) == len("sep=;"):  # Excel's own word for it
        return first[-1]

    def found(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader(StringIO(text.lstrip(), newline=""), delimiter=delimiter), [])
        except csv.Error:
            return 0, 0
        return sum(known(cell) for cell in cells), len(cells)

    return max(DELIMITERS, key=found)


def _parsed(text: str, delimiter: str) -> Iterator[Row]:
    """Yield each row that has something in it; the headings are the first."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, width = 1, 0
    try:
        for cells in reader:
            line, number = number, reader.line_num + 1
            cells = [_cell(one) for one in cells]  # noqa: PLW2901 - as they are meant
            if not any(cells) or _is_word_for_excel(cells, delimiter, line):
                continue
            while len(cells) > width and not cells[-1]:
                cells.pop()
            width = width or len(cells)
            yield Row(line, [*cells, *[""] * (width - len(cells))], len(cells) > width)
    except csv.Error:
        said = _(
            "Line {line} cannot be read: a quotation mark is open or in a wrong place, or a cell "
            "is far too long. Nothing was brought in."
        )
        raise invalid("text", said.format(line=number)) from None


def _is_word_for_excel(cells: Sequence[str], delimiter: str, line: int) -> bool:
    return line == 1 and delimiter.join(cells).lower().startswith("sep=")


def _cell(text: str) -> str:
    """Return what a cell says: neither ``="0170"`` nor ``'=`` is calculated, here or anywhere."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"') and len(text) > len('="'):
        return text[2:-1].strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text
