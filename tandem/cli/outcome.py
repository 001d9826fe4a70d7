"""What ended a command, as one sentence and an exit status."""

import json
import re
import sys
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.utils import DatabaseError
from psycopg import errors as pg

from tandem.kit.embedded import ServerError
from tandem.kit.errors import TandemError
from tandem.upgrade.disk_space import is_full, why_full
from tandem.upgrade.errors import NoRoomError

FOUND, USAGE, REFUSED = 1, 2, 3
STATUS_OF = {"differences-found": FOUND, "invalid": USAGE}

UNREACHABLE = (
    "The database cannot be reached: {}. Look at DATABASE_URL, or leave it out to use the "
    "server that Tandem brings along."
)
LOST = re.compile(
    "consuming input failed|flushing failed|sending (query|prepared query) failed|"
    "the connection is (lost|closed)|server closed the connection|terminating connection"
)
MAKE_ROOM = "Nothing was changed; make room there and run the same command again."
GONE = (
    "The database went away in the middle ({}). Nothing was left half done; when it answers again, "
    "run the same command, which goes on from what there is."
)
SENTENCES: dict[type[psycopg.Error], str] = {
    pg.DiskFull: "The disk of the database server is full ({}). Nothing was changed; make room "
    "there and run the same command again.",
    pg.InsufficientPrivilege: "The database role lacks a right ({}). Nothing was changed; use the "
    "role that owns the database.",
    pg.LockNotAvailable: "Somebody else uses these tables ({}). Nothing was changed; try again.",
    pg.InvalidSchemaName: "There is no schema to make tables in ({}). Nothing was changed; make "
    "one (CREATE SCHEMA public), or name another in the role's search_path.",
    pg.ReadOnlySqlTransaction: "The database can only be read ({}): it is a standby, or "
    "default_transaction_read_only is on. Nothing was changed; give the address of the server that "
    "can be written to, or switch that off.",
    pg.QueryCanceled: "The database cancelled the work ({}). Nothing was changed.",
}


def explain(error: Exception) -> tuple[str, int]:
    """Return the sentence for a person and the exit status for a program."""
    if isinstance(error, TandemError):
        more = f" {MAKE_ROOM}" if isinstance(error, NoRoomError) else ""
        return f"{error}{more}", STATUS_OF.get(error.code, REFUSED)
    if isinstance(error, ServerError | ImproperlyConfigured):
        return str(error), REFUSED
    if isinstance(error, OSError):
        return _of_the_system(error), REFUSED
    words = " ".join(str(error).split()).rstrip(".")
    for kind, sentence in SENTENCES.items():
        if isinstance(error, kind):
            return sentence.format(words), REFUSED
    if isinstance(error, psycopg.OperationalError):
        return (GONE if LOST.match(words) else UNREACHABLE).format(words), REFUSED
    return f"The database refused: {words}. Nothing was changed.", REFUSED


def of_the_database(error: Exception) -> psycopg.Error | None:
    """Return what the database said where Django or its migrations wrapped it up, or None.

    None as well where it says nothing of itself: then Tandem is at fault, and where is to be seen.
    """
    cause: BaseException | None = error
    if not isinstance(error, DatabaseError | MigrationSchemaMissing):
        return None
    while cause is not None and not isinstance(cause, psycopg.Error):
        cause = cause.__cause__ or cause.__context__
    return cause if isinstance(cause, (*SENTENCES, psycopg.OperationalError)) else None


def _of_the_system(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if is_full(error):
        return f"{where}{why_full(error)}. {MAKE_ROOM}"
    return f"{where}{error.strerror or error}. Nothing was changed."


def print_json(data: Any) -> None:
    """Print one JSON object on standard output."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")
