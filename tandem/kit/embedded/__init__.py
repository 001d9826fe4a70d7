"""The PostgreSQL server that Tandem runs itself, in its data folder, without a DATABASE_URL.

with running(default_home()) as server:
    psycopg.connect(server.url())
"""

from tandem.kit.embedded.errors import (
    DiskFullError,
    FolderBlockedError,
    FolderNotWritableError,
    InUseElsewhereError,
    NoAccountError,
    NoProgramsError,
    NotADataFolderError,
    NotStartedError,
    NotStoppedError,
    RootOwnsDataError,
    ServerError,
    SocketFolderTakenError,
    WrongVersionError,
)
from tandem.kit.embedded.folders import default_home, make_home
from tandem.kit.embedded.programs import binaries
from tandem.kit.embedded.server import Server, running, start_again
from tandem.kit.embedded.signals import asked_to_end, exit_on_terminate

__all__ = [
    "DiskFullError",
    "FolderBlockedError",
    "FolderNotWritableError",
    "InUseElsewhereError",
    "NoAccountError",
    "NoProgramsError",
    "NotADataFolderError",
    "NotStartedError",
    "NotStoppedError",
    "RootOwnsDataError",
    "Server",
    "ServerError",
    "SocketFolderTakenError",
    "WrongVersionError",
    "asked_to_end",
    "binaries",
    "default_home",
    "exit_on_terminate",
    "make_home",
    "running",
    "start_again",
]
