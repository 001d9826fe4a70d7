"""Numbers for Prometheus, on a port of their own: ``python -m tandem.serving.metrics PORT``.

Each worker writes its numbers into a file of the folder PROMETHEUS_MULTIPROC_DIR; this process adds
them up. It is a process of its own so that scraping takes no time from requests.
"""

import os
import sys
import threading
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Meters(NamedTuple):
    """What is counted of each request."""

    requests: "Counter"
    seconds: "Histogram"
    queries: "Counter"


def note(*, method: str, route: str | None, status: int, seconds: float, queries: int) -> None:
    """Count a request, where anybody collects such numbers."""
    if FOLDER not in os.environ:
        return
    meters, place = _meters(), route or "none"
    meters.requests.labels(method, place, str(status)).inc()
    meters.seconds.labels(place).observe(seconds)
    meters.queries.labels(place).inc(queries)


@cache
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
