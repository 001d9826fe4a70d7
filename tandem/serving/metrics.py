"""Numbers for Prometheus, on a port of their own: ``python -m tandem.serving.metrics PORT``.

Each worker writes its numbers into files of the folder PROMETHEUS_MULTIPROC_DIR; this process adds
them up. It is a process of its own so that scraping takes no time from requests.

The files are mapped into memory. What is mapped and has no room on the disk ends the process that
writes there, so the room is taken before anything is counted; without it nothing is.
"""

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import structlog

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
ROOM = {"counter": 4 * 1024 * 1024, "histogram": 1024 * 1024}
"""Bytes of a worker's files, by the package's word for their kind: more than all methods, address
patterns and statuses together need, so that none has to grow."""
AGAIN_AFTER = 60.0
"""Seconds until room is looked for once more."""
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
log = structlog.get_logger()


class Meters(NamedTuple):
    """What is counted of each request."""

    requests: "Counter"
    seconds: "Histogram"
    queries: "Counter"


def note(*, method: str, route: str | None, status: int, seconds: float, queries: int) -> None:
    """Count a request, where anybody collects such numbers."""
    meters, place = _kept.get() if FOLDER in os.environ else None, route or "none"
    if meters is None:
        return
    meters.requests.labels(method, place, str(status)).inc()
    meters.seconds.labels(place).observe(seconds)
    meters.queries.labels(place).inc(queries)


class _Kept:
    """A process' meters, made with its first request; none as long as there is no room for them."""

    def __init__(self) -> None:
        self._lock, self._again_at = threading.Lock(), 0.0
        self._meters: Meters | None = None

    def get(self) -> Meters | None:
        if self._meters is None and time.monotonic() >= self._again_at:
            with self._lock:
                self._meters = self._meters or self._made()
        return self._meters

    def _made(self) -> Meters | None:
        try:
            _take_room(Path(os.environ[FOLDER]))
        except OSError as error:
            self._again_at = time.monotonic() + AGAIN_AFTER
            log.error("requests not counted", why=error.strerror)  # noqa: TRY400 - it tells why
            return None
        return _meters()


_kept = _Kept()


def _take_room(folder: Path) -> None:
    """Write this process' files full of nothing, or leave none of them."""
    files = {folder / f"{kind}_{os.getpid()}.db": size for kind, size in ROOM.items()}
    try:
        for file, size in files.items():
            file.write_bytes(bytes(size))
    except OSError:
        for file in files:
            file.unlink(missing_ok=True)
        raise


def _meters() -> Meters:
    # The package looks for the folder when it is loaded, so it is loaded once there is one.
    from prometheus_client import Counter, Histogram  # noqa: PLC0415 - see above

    return Meters(
        Counter("tandem_requests", "Requests answered.", ["method", "route", "status"]),
        Histogram("tandem_request_seconds", "How long they took.", ["route"], buckets=SECONDS),
        Counter("tandem_queries", "Statements sent to the database.", ["route"]),
    )


def main() -> None:
    """Serve the sums at /metrics, on this machine alone, until told to stop."""
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415 - see above
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - see above

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the package forgot to
    start_http_server(int(sys.argv[1]), addr="127.0.0.1", registry=registry)
    parent = os.getppid()
    while os.getppid() == parent:
        threading.Event().wait(1)


if __name__ == "__main__":
    main()
