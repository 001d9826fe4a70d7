"""Several people who do something at the same moment, each over a connection of their own."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from tandem.kit.errors import TandemError


def together(*deeds: Callable[[], Any]) -> list[Any]:
    """Do all ``deeds`` at once; return what each returned, or the refusal it met."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            return deed()
        except TandemError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as people:
        return list(people.map(run, deeds, timeout=60))


def wait_until_somebody_waits(seconds: float = 10) -> None:
    """Return once another connection waits for a lock; fail when none does in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
                " AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
            )
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.01)
    raise AssertionError("Nobody waits.")


def refusals(results: Sequence[Any]) -> list[TandemError]:
    """Keep the refusals."""
    return [result for result in results if isinstance(result, TandemError)]
