"""One PostgreSQL data folder: made, started, stopped. Its caller holds the start lock."""

import errno
import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tandem.kit.embedded.account import Account, account_for
from tandem.kit.embedded.elsewhere import listens, this_place
from tandem.kit.embedded.errors import (
    DiskFullError,
    InUseElsewhereError,
    NoProgramsError,
    NotADataFolderError,
    NotStartedError,
    NotStoppedError,
    ServerError,
    WrongVersionError,
)
from tandem.kit.embedded.folders import (
    SOCKET_NAME,
    Folders,
    make_private,
    make_socket_folder,
    writing,
)
from tandem.kit.embedded.programs import (
    Programs,
    find_programs,
    forget_copies,
    programs_in,
    reachable,
)

SUPERUSER, APPLICATION = "tandem", "tandem_app"
"""Who makes and changes tables, and who has their rows to do with."""
START_SECONDS = 300  # replaying the log of a crash takes its time; a start that fails ends at once
STOP_SECONDS = 120
_LOG_LINES = 15
_BUILTIN_LOCALE_MAJOR = 17


def _buffers_mb(memory: int) -> int:
    """An eighth of the machine's memory (bytes), between 128 MB and 2 GB."""
    return min(max(memory // 8 // 2**20, 128), 2048)


def _workers(cores: int) -> int:
    """As many as leave one core to the process that they work for, but not more than two."""
    return min(cores - 1, 2)


WORKERS = str(_workers(os.cpu_count() or 1))
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": "5432",  # names the socket; PGPORT must not
    "unix_socket_permissions": "0700",
    "shared_buffers": f"{_buffers_mb(psutil.virtual_memory().total)}MB",
    "maintenance_work_mem": "256MB",
    "max_parallel_workers_per_gather": WORKERS,
    "max_parallel_maintenance_workers": WORKERS,
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",  # nobody replicates from it
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "logging_collector": "on",  # one file for each day of the week, written over a week later
    "log_filename": "%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    # What fails is told to who asked. Its message, detail and statement hold people's values, and a
    # log is read by others: it says no more than what became of the server itself.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}
# Commits still reach the system, so that a killed server loses nothing; a power cut may.
FAST_SETTINGS: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Cluster:
    folders: Folders
    programs: Programs
    account: Account

    @classmethod
    def find(cls, folders: Folders, bin_dir: Path | None) -> "Cluster":
        """The cluster of `folders`, not made yet where its data folder is empty.

        Raises ServerError where the data, the programs and the account do not fit together.
        """
        major = _major_of(folders.data)
        programs = programs_in(bin_dir.absolute()) if bin_dir else find_programs(major)
        if programs is None:
            raise NoProgramsError(bin_dir)
        if major not in {None, programs.major}:
            raise WrongVersionError(folders.data, str(major), str(programs.major))
        account = account_for(folders.data)
        account.require_entry(folders.server, folders.home)
        with writing(folders.server):
            return cls(folders, reachable(programs, account, folders.server), account)

    @property
    def socket_dir(self) -> Path:
        return self.folders.socket(self.account)

    def postmaster(self) -> psutil.Process | None:
        """The running server's main process."""
        try:
            pid = int((self.folders.data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None
        return process if self._serves_here(process) else None

    def is_running(self) -> bool:
        """Whether a server runs on this folder, here or where its processes cannot be seen."""
        return self.postmaster() is not None or listens(self.socket_dir / SOCKET_NAME)

    def require_started_here(self) -> None:
        """Raises InUseElsewhereError where what a server left behind was not started from here.

        To be asked when others use the folder: theirs may run, only not for us to see.
        """
        if not (self.folders.data / "postmaster.pid").exists():
            return
        place = self.folders.started_at.read_text() if self.folders.started_at.exists() else ""
        if place != this_place():
            raise InUseElsewhereError(self.folders.data, place.split(" ", maxsplit=1)[0])

    def start(self, settings: Mapping[str, str]) -> None:
        """Start the server, made first if need be. Raises NotStartedError, DiskFullError."""
        if not (self.folders.data / "PG_VERSION").exists():
            self._create(sync=settings.get("fsync") != "off")
        self._clear_remains()
        forget_copies(self.folders.server, self.programs)
        self._prepare_folders()
        with writing(self.folders.server):
            self.folders.started_at.write_text(this_place())
        places = {
            "unix_socket_directories": '"{}"'.format(str(self.socket_dir).replace('"', '""')),
            "log_directory": str(self.folders.log),
        }
        options = shlex.join(f"--{name}={value}" for name, value in {**settings, **places}.items())
        # Paths are given from the working folder on: pg_ctl passes them to a shell unquoted.
        command = (self.programs.folder / "pg_ctl", "start", "--wait", "-t", str(START_SECONDS))
        arguments = ("-D", self.folders.data.name, "-l", "log/start.log", "-o", options)
        try:
            done = self.account.run(*command, *arguments, cwd=self.folders.server)
        except BaseException:
            # Interrupted: what was set off goes on, and can be stopped once its number is known.
            _happens(lambda: self.postmaster() is not None, seconds=1)
            raise
        if done.returncode != 0:
            raise self.failure(self.last_words())

    def stop(self) -> None:
        """Stop the server and wait until all its processes have ended. Raises NotStoppedError."""
        postmaster = self.postmaster()
        if postmaster is None:
            return
        family = [postmaster, *postmaster.children(recursive=True)]
        with suppress(psutil.NoSuchProcess):
            postmaster.send_signal(signal.SIGINT)  # fast shutdown: clients are cut off, data safe
        if not _ended(family, seconds=STOP_SECONDS):
            raise NotStoppedError(self.folders.data, postmaster.pid)
        if self.socket_dir.parent != self.folders.server:
            with suppress(OSError):  # it is checked again before its next use
                self.socket_dir.rmdir()

    def last_words(self) -> str:
        """The end of the server's log."""
        log = self.folders.log / "start.log"
        words = log.read_text(errors="replace") if log.exists() else ""
        if "redirecting log output" in words:
            log = max(self.folders.log.glob("???.log"), key=lambda path: path.stat().st_mtime)
            words = log.read_text(errors="replace")
        return "\n".join(words.splitlines()[-_LOG_LINES:])

    def failure(self, words: str) -> ServerError:
        """The error for a server that could not start and said `words`."""
        if os.strerror(errno.ENOSPC) in words:
            return DiskFullError(self.folders.data)
        return NotStartedError(self.folders.data, words)

    def _create(self, *, sync: bool) -> None:
        """Make the cluster beside its place and move it there, so that half of one never counts."""
        new = self.folders.data.with_name("data.new")
        with writing(new):
            shutil.rmtree(new, ignore_errors=True)
            make_private(new, self.account)
        ctype = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        options = ["--encoding=UTF8", "--locale=C", f"--lc-ctype={ctype}", "--data-checksums"]
        if self.programs.major >= _BUILTIN_LOCALE_MAJOR:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not sync:
            options += ["--no-sync"]
        # Everyone who can reach the socket is trusted: its folder lets in one account only.
        access = (f"--username={SUPERUSER}", "--auth-local=trust", "--auth-host=reject")
        initdb = self.programs.folder / "initdb"
        made = self.account.run(initdb, "-D", new, *access, *options, cwd=self.folders.server)
        if made.returncode != 0:
            raise self.failure("\n".join(made.stdout.splitlines()[-_LOG_LINES:]))
        with writing(self.folders.data):
            new.rename(self.folders.data)

    def _clear_remains(self) -> None:
        """Remove what a server that was killed left behind.

        Its process number may be another program's by now, which PostgreSQL would take for a
        server of its own; its last children may still hold the shared memory.
        """
        remains = self.folders.data / "postmaster.pid"
        if not remains.exists():
            return
        orphans = [process for process in psutil.process_iter() if self._serves_here(process)]
        for orphan in orphans:
            orphan.kill()
        _ended(orphans, seconds=10)
        for path in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (self.socket_dir / path).unlink(missing_ok=True)
        remains.unlink()

    def _prepare_folders(self) -> None:
        make_private(self.folders.log, self.account)
        make_socket_folder(self.socket_dir, self.account)
        with writing(self.folders.data):
            self.folders.data.chmod(0o700)  # a restored or mounted copy may be open to a group
            (self.folders.log / "start.log").unlink(missing_ok=True)

    def _serves_here(self, process: psutil.Process) -> bool:
        """Whether `process` is a live PostgreSQL process of this data folder."""
        try:
            return (
                process.name() in {"postgres", "postmaster"}
                and process.status() != psutil.STATUS_ZOMBIE
                and Path(process.cwd()).samefile(self.folders.data)
            )
        except (psutil.Error, OSError):
            return False


def _major_of(data: Path) -> int | None:
    """The major version that made `data`, None where it is empty. Raises NotADataFolderError."""
    with writing(data):
        if not data.exists() or not any(data.iterdir()):
            return None
        version = data / "PG_VERSION"
        words = version.read_text().strip() if version.exists() else ""
    major = words.partition(".")[0]  # up to 9.6 two numbers made the major version
    if not major.isdecimal():
        raise NotADataFolderError(data)
    return int(major)


def _ended(processes: Iterable[psutil.Process], *, seconds: float) -> bool:
    """Wait until all have ended; a zombie has, though in a container nobody may collect it."""
    return _happens(lambda: not any(map(_lives, processes)), seconds=seconds)


def _happens(condition: Callable[[], bool], *, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
