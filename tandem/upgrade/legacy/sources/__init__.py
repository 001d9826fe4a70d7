"""Reading a one-tutor database: one snapshot, rows as CSV lines that COPY takes as they are."""

from pathlib import Path

from tandem.kit.database_url import parse_database_url
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.sources.postgres import PostgresSource
from tandem.upgrade.legacy.sources.source import Source
from tandem.upgrade.legacy.sources.sqlite import SqliteSource

__all__ = ["Source", "open_source"]


def open_source(address: str, names: Names) -> Source:
    """Open the database at ``address``: a PostgreSQL URL, a SQLite file or Prisma's ``file:`` URL.

    Raises UpgradeRefusedError, in one sentence, when it cannot be reached or read.
    """
    if address.startswith(("postgresql://", "postgres://")) or "dbname=" in address:
        try:
            url = parse_database_url(address)
        except ValueError as error:
            raise UpgradeRefusedError(
                f"The address of the database is malformed: {error}."
            ) from error
        return PostgresSource.open(url, names)
    for prefix in ("sqlite:///", "file:"):
        if address.startswith(prefix):
            address = address.removeprefix(prefix).split("?")[0]
    return SqliteSource.open(Path(address), names)
