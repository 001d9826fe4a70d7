"""The database server that Tandem runs itself, for as long as it serves: it is started again."""

import time

import psycopg
import structlog

from tandem.kit import embedded

AGAIN_AFTER = 10.0
"""Seconds until a start that failed is tried once more."""
log = structlog.get_logger()


class OwnServer:
    """Looks after the server that this process brought along, if it did."""

    def __init__(self) -> None:
        self._wait_until = 0.0

    def look(self) -> None:
        """Start the server if it has ended; what stands in the way is told and tried again."""
        if time.monotonic() < self._wait_until:
            return
        try:
            if embedded.start_again():
                log.warning("database server started again")
        except (embedded.ServerError, psycopg.Error, OSError) as error:
            log.error("database server not started", why=str(error))  # noqa: TRY400 - it tells why
            self._wait_until = time.monotonic() + AGAIN_AFTER
