"""A transaction at work: a thread with connections of its own, which asks before each step.

Whatever a function sends over a connection of an actor passes through a gate, so that any function
of the product can be stepped through, whatever it is made of.
"""

import json
import queue
import threading
from collections.abc import Callable, Generator
from contextlib import nullcontext, suppress
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql
from psycopg.pq import TransactionStatus

from drills.interleavings.halts import SLOT

Work = Callable[["Actor"], object]
Seen = dict[str, Any]
"""What ``drills.footprint()`` tells."""


def footprint(connection: psycopg.Connection[Any]) -> Seen:
    """Return what the connection's transaction touched so far; asked past the gate."""
    told = connection.pgconn.exec_(b"SELECT drills.footprint()").get_value(0, 0)
    seen: Seen = json.loads(told or b"{}")
    return seen


class Gate:
    """Lets through one request at a time, when it is told to; or records what each one touched."""

    def __init__(self, changed: threading.Condition) -> None:
        self._changed = changed
        self.is_shut, self.is_waiting, self.permits = False, False, 0
        self.recording: list[tuple[str, Seen]] | None = None

    def guard(self, connection: psycopg.Connection[Any]) -> None:
        """Have every request over ``connection`` pass the gate. Nothing goes out in advance."""
        wait = connection.wait

        def gated(generator: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
            self._pass()
            try:
                return wait(generator, *args, **kwargs)
            finally:
                self._record(connection)

        for name, value in (("wait", gated), ("pipeline", nullcontext)):
            setattr(connection, name, value)
        connection.add_notice_handler(self._hear)

    def _pass(self) -> None:
        if not self.is_shut:
            return
        with self._changed:
            self.is_waiting = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.permits > 0 or not self.is_shut)
            self.is_waiting = False
            self.permits = max(0, self.permits - 1)

    def _record(self, connection: psycopg.Connection[Any]) -> None:
        """Only within a transaction is there anything to tell."""
        if self.recording is None:
            return
        seen: Seen = {}
        if connection.info.transaction_status is TransactionStatus.INTRANS:
            seen = footprint(connection)
        self.recording.append(("step", seen))

    def _hear(self, notice: psycopg.errors.Diagnostic) -> None:
        text = notice.message_primary or ""
        if self.recording is not None and text.startswith("drills "):
            self.recording.append(("halt", json.loads(text[7:])))


class Actor:
    """A thread that works for one transaction after another; its connections are kept."""

    def __init__(self, url: str, slot: int, changed: threading.Condition) -> None:
        self.url, self.slot, self._changed = url, slot, changed
        self.gate = Gate(changed)
        self.connection: psycopg.Connection[Any] | None = None
        self.kept: dict[str, Any] = {}
        self.is_done, self.inside = True, False
        self.error: BaseException | None = None
        self._jobs: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self.connection.info.backend_pid if self.connection else 0

    def use(self, connection: psycopg.Connection[Any]) -> None:
        """Work over ``connection`` from now on; called in the actor's own thread, before a step."""
        self.connection = connection
        recording, self.gate.recording = self.gate.recording, None
        slot = "record" if recording is not None else str(self.slot) if self.inside else ""
        connection.execute("SELECT set_config(%s, %s, false)", [SLOT, slot])
        if recording is None:
            self.gate.is_shut = True
        else:
            connection.pgconn.exec_(b"SELECT pg_stat_force_next_flush()")  # counts begin with none
            self.gate.recording = []

    def kept_connection(
        self, role: str, prepare: Callable[[psycopg.Connection[Any]], object]
    ) -> tuple[psycopg.Connection[Any], Any]:
        """Return the connection for a role, made when first asked for, and what it is kept with."""
        if role not in self.kept or self.kept[role][0].closed:
            connection = psycopg.connect(self.url, autocommit=True)
            made = prepare(connection)
            self.gate.guard(connection)
            self.kept[role] = connection, made
        found: tuple[psycopg.Connection[Any], Any] = self.kept[role]
        return found

    def begin(self, work: Work, *, inside: bool = False, recording: bool = False) -> None:
        """Have the thread do ``work`` as far as its first step."""
        self.gate.recording = [] if recording else None
        self.gate.permits, self.gate.is_shut = 0, False
        self.is_done, self.error, self.inside = False, None, inside
        self._jobs.put(work)

    def _work(self) -> None:
        while (work := self._jobs.get()) is not None:
            try:
                work(self)
            except Exception as error:  # noqa: BLE001 - whatever it is, the report names it
                self.error = error
            self.gate.is_shut = False
            self._leave()
            with self._changed:
                self.is_done = True
                self._changed.notify_all()
        connections.close_all()
        for connection, _ in self.kept.values():
            connection.close()

    def _leave(self) -> None:
        """Whoever failed in mid transaction gives it up, as an application's pool does."""
        if self.connection and not self.connection.closed:
            with suppress(psycopg.Error):
                if self.connection.info.transaction_status is not TransactionStatus.IDLE:
                    self.connection.execute(sql.SQL("ROLLBACK"))

    def forget_tandem(self) -> None:
        """Close Django's connection of this thread; the next action opens one."""

        def work(_: "Actor") -> None:
            self.kept.pop("tandem", None)
            connections.close_all()

        if "tandem" in self.kept:
            self.begin(work)
            with self._changed:
                self._changed.wait_for(lambda: self.is_done)

    def close(self) -> None:
        """End the thread, and its connections with it."""
        self._jobs.put(None)
        self._thread.join(10)
