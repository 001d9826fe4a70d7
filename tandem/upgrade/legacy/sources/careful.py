"""Reading one row value by value, for tables in which something cannot be read as it stands."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from tandem.upgrade.legacy.shapes import Column, Kind

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = range(1000, 3000)


def careful_line(columns: Sequence[Column], row: Mapping[str, Any]) -> bytes:
    """Return one CSV line for ``row`` (Prisma column name to raw value; text comes as bytes).

    ``columns`` are the known ones of the row; whatever else it has goes into ``extra``.
    """
    faults: set[str] = set()
    extra: dict[str, Any] = {}
    known = {column.name for column in columns}
    cells = [_cell(column, row.get(column.name), faults, extra) for column in columns]
    extra |= {name: _json_value(value) for name, value in row.items() if name not in known}
    cells.append(json.dumps(extra, ensure_ascii=False) if extra else None)
    cells.append(" ".join(sorted(faults)) or None)
    cells.append(None)  # no weight
    return (",".join(map(_quote, cells)) + "\n").encode()


def _cell(column: Column, value: Any, faults: set[str], extra: dict[str, Any]) -> str | None:
    if value is None:
        return None
    if column.kind is Kind.BOOLEAN:
        if (flag := _boolean(_decode(value)[0])) is None:
            faults.add("unreadable_flag")
            extra[column.name] = _json_value(value)
        return flag
    if column.kind is Kind.MOMENT:
        moment = read_moment(value)
        if moment is None:
            faults.add("unreadable_date")
            extra[column.name] = _json_value(value)
        return moment
    text, fault = _decode(value)
    if fault:
        faults.add(fault)
        extra[column.name] = {"hex": bytes(value).hex()}
    return text


def read_moment(value: Any) -> str | None:
    """Return ISO text of a moment in any of the forms Prisma leaves in SQLite, or None.

    Integers are Unix milliseconds; text without an offset is UTC.
    """
    try:
        if isinstance(value, int | float):
            moment = EPOCH + timedelta(milliseconds=value)
        else:
            text = _decode(value)[0]
            if text[10:11] in {"+", "-"}:  # a date with an offset; Python would read a time in it
                return None
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat() if moment.year in YEARS else None
    except (ValueError, OverflowError):
        return None


def _decode(value: Any) -> tuple[str, str | None]:
    """Return text that PostgreSQL can hold, and the name of what was wrong with it."""
    if not isinstance(value, bytes):
        return str(value), None
    try:
        text, fault = value.decode(), None
    except UnicodeDecodeError:
        text, fault = value.decode(errors="replace"), "bad_utf8"
    return (text.replace("\0", ""), "nul_character") if "\0" in text else (text, fault)


def _boolean(text: str) -> str | None:
    word = text.lower()
    return "t" if word in {"1", "true", "t"} else "f" if word in {"0", "false", "f"} else None


def _json_value(value: Any) -> Any:
    """Return ``value`` as JSON has it; infinity, which JSON has not, as a word."""
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return _decode(value)[0] if isinstance(value, bytes) else value


def _quote(cell: str | None) -> str:
    return "NULL" if cell is None else "'" + cell.replace("'", "''") + "'"
