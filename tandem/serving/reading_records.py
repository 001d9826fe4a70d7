"""Which requests read one student's record, and the thread that writes down who did."""

import threading
from datetime import date
from multiprocessing.util import Finalize

import structlog
from django.db import DatabaseError, InterfaceError, connection

from tandem.kit.time import utc_now
from tandem.people.record_reads import noted

STUDENT = "<student_id>"
SHOWN = frozenset({200, 304})
READS = frozenset({"GET", "HEAD"})
SECONDS = 1.0
log = structlog.get_logger()


def note_read(
    *,
    method: str,
    route: str,
    path: str,
    status: int,
    account: str | None,
    day: date | None,
) -> None:
    """Note that ``account`` was shown an address that names a student; nothing of other requests.

    ``route`` is the pattern of the ``path``, ``day`` the date where the reader is. Parents have no
    account: a link's last opening is kept with the link.
    """
    if account is None or method not in READS or status not in SHOWN:
        return
    if student_id := student_of(route, path):
        noted.note(account, student_id, utc_now(), day)


def student_of(route: str, path: str) -> str:
    """Return the student's id that stands in a path, or ''."""
    words = route.replace("<str:", "<").strip("/").split("/")
    return path.strip("/").split("/")[words.index(STUDENT)] if STUDENT in words else ""


def begin() -> None:
    """Write what is noted every second, from a thread, and once more when the process ends."""
    stopped = threading.Event()
    writer = threading.Thread(target=_run, args=(stopped,), name="record reads", daemon=True)
    writer.start()

    def end() -> None:
        stopped.set()
        writer.join(SECONDS)

    Finalize(None, end, exitpriority=100)


def _run(stopped: threading.Event) -> None:
    while not stopped.wait(SECONDS):
        _write()
    _write()


def _write() -> None:
    try:
        noted.write()
    except (DatabaseError, InterfaceError) as error:
        log.warning("reads not written yet", exc_info=error)
    finally:
        connection.close()
