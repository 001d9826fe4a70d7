"""A one-tutor database in a SQLite file, as Prisma makes it.

A DATETIME column may hold integer milliseconds, ISO text and SQL text in one column; all are UTC.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Self

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.names import Names, recognise
from tandem.upgrade.legacy.shapes import Column, Kind, Shape, Table
from tandem.upgrade.legacy.sources.careful import careful_line
from tandem.upgrade.legacy.sources.encoding import damaged_name, shown_bytes
from tandem.upgrade.legacy.sources.source import Block

MAGIC = b"SQLite format 3\x00"
ROWS_AT_ONCE = 250  # a thousand blocks may wait for the server while SQLite reads on
PATIENCE = (
    60.0  # seconds; whoever writes all the while lets a reader in between two writes, not at once
)
MILLISECONDS = (-30_610_224_000_000, 32_503_680_000_000)  # the years 1000 to 2999


def quoted(name: str) -> str:
    """Return ``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


class SqliteSource:
    """See ``Source``. The file is opened read-only; an unmerged write-ahead log is read with it."""

    backup_suffix = ".sqlite"

    def __init__(
        self, path: Path, connection: sqlite3.Connection, names: Names, scratch: Path | None = None
    ) -> None:
        self.label = str(path)
        self.names, self.connection, self._scratch = names, connection, scratch
        self.shape: Shape = recognise(self._found(), names, str(path))

    @classmethod
    def open(cls, path: Path, names: Names) -> Self:
        """Open the file, or raise UpgradeRefusedError saying why it cannot be read."""
        with ExitStack() as stack, _sentences(str(path)):
            _refuse_unreadable(path)
            connection, scratch = _snapshot(path)
            stack.callback(_close, connection, scratch)
            source = cls(path, connection, names, scratch)
            stack.pop_all()
        return source

    def _found(self) -> dict[str, tuple[str, ...]]:
        tables = self._rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        try:
            return {
                table.decode(): tuple(
                    row[1].decode()
                    for row in self._rows(f"PRAGMA table_info({quoted(table.decode())})")
                )
                for (table,) in list(tables)
            }
        except UnicodeDecodeError as error:
            raise damaged_name(self.label, shown_bytes(error.object)) from error

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of ``query``; UpgradeRefusedError where the file is damaged."""
        with _sentences(self.label):
            yield from self.connection.execute(query)

    def count(self, table: Table) -> int:
        ((number,),) = self._rows(f"SELECT count(*) FROM {self._from(table)}")
        return int(number)

    def blocks(self, table: Table, *, careful: bool) -> Iterator[Block]:
        return self._careful_blocks(table) if careful else self._quick_blocks(table)

    def _quick_blocks(self, table: Table) -> Iterator[Block]:
        present = self.shape.present(table)
        cells = [*(self._cell(table, column) for column in present), self._extra(table)]
        forms = ",".join(form for form, _ in cells)
        values = ", ".join(value for _, value in cells)
        weight = " + ".join(self._weight(table, column) for column in present)
        found = self._rows(
            f"SELECT printf('{forms},NULL,%d\n', {values}, {weight}) FROM {self._from(table)}"
        )
        while rows := list(islice(found, ROWS_AT_ONCE)):
            yield Block(len(rows), b"".join([row[0] for row in rows]))

    def _careful_blocks(self, table: Table) -> Iterator[Block]:
        known = self.shape.present(table)
        unknown = self.shape.unknown(table)
        others = map(_with_hex, unknown.values())
        chosen = ", ".join([*(self._name(table, column) for column in known), *others])
        found = self._rows(f"SELECT {chosen} FROM {self._from(table)}")
        names = [*(column.name for column in known), *unknown]
        while rows := list(islice(found, ROWS_AT_ONCE)):
            lines = [careful_line(known, dict(zip(names, row, strict=True))) for row in rows]
            yield Block(len(lines), b"".join(lines))

    def back_up(self, path: Path) -> "SqliteSource":
        """Copy with SQLite's own backup, which takes one consistent state, log included.

        ``path`` is an empty file.
        """
        try:
            with closing(sqlite3.connect(path)) as copy:
                copy.execute("PRAGMA synchronous = OFF")  # the whole file is synced before its name
                self.connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            raise UpgradeRefusedError(
                f"The backup of {self.label} could not be written: {error}. Nothing was changed."
            ) from error
        self.connection.close()  # the old application may write again
        readable = type(self).open(path, self.names)
        readable.label = self.label
        return readable

    def _from(self, table: Table) -> str:
        return quoted(self.shape.names[table.name])

    def _name(self, table: Table, column: Column) -> str:
        return quoted(self.shape.columns[table.name][column.name])

    def _cell(self, table: Table, column: Column) -> tuple[str, str]:
        """Return printf's form of a cell and the SQL of its value."""
        value = self._name(table, column)
        if column.kind is Kind.TEXT:
            return "%Q", value
        return "%s", {Kind.BOOLEAN: _boolean, Kind.MOMENT: _moment}[column.kind](value)

    def _weight(self, table: Table, column: Column) -> str:
        value = self._name(table, column)
        if column.kind is Kind.TEXT:
            return f"coalesce(length(CAST({value} AS BLOB)), 0)"
        return f"({value} IS NOT NULL)"

    def _extra(self, table: Table) -> tuple[str, str]:
        """The JSON of the columns that Tandem does not know."""
        unknown = self.shape.unknown(table)
        if not unknown:
            return "%s", "'NULL'"
        pairs = ", ".join(
            f"'{key.replace(chr(39), chr(39) * 2)}', {_with_hex(name)}"
            for key, name in unknown.items()
        )
        return "%Q", f"json_object({pairs})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _close(self.connection, self._scratch)


def _with_hex(name: str) -> str:
    """Return SQL for a column that Tandem does not know: JSON has no bytes."""
    return (
        f"CASE typeof({quoted(name)}) WHEN 'blob' THEN hex({quoted(name)}) ELSE {quoted(name)} END"
    )


def _boolean(value: str) -> str:
    return (
        f"CASE WHEN lower({value}) IN ('1', 'true', 't') THEN 't' "
        f"WHEN lower({value}) IN ('0', 'false', 'f') THEN 'f' ELSE 'NULL' END"
    )


def _moment(value: str) -> str:
    """ISO or SQL text as it is; integers as SQL text; anything else as a word COPY refuses.

    The second and the millisecond are taken apart in integers, so no digit is rounded. The plus
    keeps SQLite from turning the bounds into numbers, as a DATETIME column would have it.
    """
    low, high = MILLISECONDS
    thousandth = f"((({value}) % 1000 + 1000) % 1000)"
    return (
        f"CASE WHEN +{value} BETWEEN '1' AND '3' AND substr({value}, 5, 1) = '-' THEN {value} "
        f"WHEN typeof({value}) = 'integer' AND {value} BETWEEN {low} AND {high} THEN "
        f"strftime('%Y-%m-%d %H:%M:%S', ({value} - {thousandth}) / 1000, 'unixepoch') "
        f"|| printf('.%03d', {thousandth}) "
        f"WHEN {value} IS NULL THEN 'NULL' ELSE 'unreadable' END"
    )


def _snapshot(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """Open the file as it is, or a copy in a folder of its own where reading would change it.

    A log that a crash left would be merged, and beside a file in write-ahead mode that nobody has
    open SQLite makes new files. Somebody who has it open keeps an index ("-shm") beside it.
    """
    if not (_is_in_wal_mode(path) and not path.with_name(path.name + "-shm").exists()):
        try:
            return _connect(path, "ro"), None
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
    scratch = Path(tempfile.mkdtemp(prefix="tandem-"))
    try:
        return _connect(_copy_with_log(path, scratch), "rw"), scratch
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=PATIENCE,
    )
    try:
        connection.text_factory = bytes
        # A view, a default or a virtual table of a foreign file calls nothing that has effects.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _close(connection: sqlite3.Connection, scratch: Path | None) -> None:
    connection.close()
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _sentences(label: str) -> Iterator[None]:
    """Turn what SQLite says about a file into a refusal."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise UpgradeRefusedError(
                f"{label} was locked by another program for {PATIENCE:.0f} seconds, so nothing was "
                "read and nothing was changed. Stop what writes to it, and start again."
            ) from error
        raise UpgradeRefusedError(
            f"{label} cannot be read as a SQLite database: {error}."
        ) from error


def _refuse_unreadable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(MAGIC))
    except OSError as error:
        raise UpgradeRefusedError(
            f"{path} cannot be read: {error.strerror}. Give the path of the old application's "
            "SQLite file, or a postgresql:// address."
        ) from error
    if head not in {MAGIC, b""}:
        raise UpgradeRefusedError(f"{path} is not a SQLite database; nothing was read from it.")


def _is_in_wal_mode(path: Path) -> bool:
    """Read the header's "read version": https://sqlite.org/fileformat.html#file_format_version_numbers."""
    with path.open("rb") as file:
        return file.read(20)[19:] == b"\x02"


def _copy_with_log(path: Path, folder: Path) -> Path:
    """Copy file and log: merging the log into the original would change the source."""
    for end in ("", "-wal", "-journal"):
        part = path.with_name(path.name + end)
        if part.exists():
            shutil.copyfile(part, folder / ("source.sqlite" + end))
    return folder / "source.sqlite"
